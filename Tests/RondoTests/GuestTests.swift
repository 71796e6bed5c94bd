import Foundation
import ModelRuntime
import Rondo
import TestSupport
import Testing

/// A loaded model is a guest in its host's process: it leaves everything as it was.
@Suite("A model as a guest") struct GuestTests {
  /// Compilers of the library, of those that are installed.
  private static let compilers = ["gcc", "clang"].compactMap {
    try? CCompiler.find(option: $0, environment: Platform.environment)
  }

  @Test("asks for no memory in any entry, after its blocks are there", arguments: ["char-lm.graph"])
  func memory(_ name: String) throws {
    let exercise = try #require(ModelExercise(.allocation, environment: Platform.environment))
    let hash = try exercise.run(DefinitionFilesTests.harness(name, .fast).generated())
    #expect(hash.utf8.count == 16)
  }

  @Test("leaves the process as it was: loaded, run and unloaded", arguments: compilers)
  func state(_ compiler: CCompiler) throws {
    let folder = try Platform.makePrivateFolder(in: "/tmp")
    defer { try? Platform.remove(folder) }
    let model = try DefinitionFilesTests.harness("char-lm.graph", .fast).generated()
    let library = try compiler.compile(
      model.source,
      header: model.header,
      name: model.name,
      options: .init(optimization: 1),
      scratch: folder
    )
    try Artifact(model, library).write(to: folder)
    let host = Platform.join(folder, "host.c")
    let program = Platform.join(folder, "host")
    let named = HostProgram.text.replacing("rondo_", with: model.name + "_")
      .replacing("RONDO_", with: model.name.uppercased() + "_")
    try Platform.replace(host, with: Array("#include \"\(model.name).h\"\n\(named)".utf8))
    let flags = [
      "-std=gnu11", "-D_GNU_SOURCE", "-Wall", "-Werror", host, "-o", program, "-ldl", "-lm",
    ]
    let built = try Platform.run(
      compiler.path,
      compiler.leading + flags,
      environment: [("PATH", "/usr/bin:/bin"), ("TMPDIR", folder)],
      seconds: 60
    )
    try #require(built.ending == .exited(0), "\(String(decoding: built.output, as: UTF8.self))")
    let run = try Platform.run(
      program,
      [Platform.join(folder, "lib\(model.name).so")],
      environment: [("PATH", "/usr/bin:/bin")],
      seconds: 60
    )
    #expect(run.ending == .exited(0))
    // The host's own last line and nothing of the model's.
    #expect(String(decoding: run.output, as: UTF8.self) == "nothing changed\n")
  }
}

/// A host that looks at its own process before a model is loaded, and after each thing done with it.
private enum HostProgram {
  /// Its C, behind the model's header, with `rondo_` for the model's prefix.
  static let text = #"""
    #include <dirent.h>
    #include <dlfcn.h>
    #include <errno.h>
    #include <fenv.h>
    #include <locale.h>
    #include <signal.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>
    #include <sys/resource.h>
    #include <sys/stat.h>
    #include <unistd.h>

    extern char **environ;

    typedef struct properties {
      uint32_t vector_control;
      int rounding;
      int exceptions_unmasked;
      uint16_t float_control;
      void (*handlers[32])(int);
      sigset_t blocked;
      char locale[256];
      char folder[1024];
      mode_t mask;
      uint64_t environment;
      int files;
      int threads;
      int error;
      struct rlimit stack;
    } properties;

    static int count(const char *path) {
      DIR *folder = opendir(path);
      int entries = 0;
      while (readdir(folder)) {
        entries += 1;
      }
      closedir(folder);
      return entries;
    }

    static void look(properties *p) {
      const int error = errno;
      memset(p, 0, sizeof *p);
      p->error = error;
    #if defined(__x86_64__)
      __asm__ volatile("stmxcsr %0" : "=m"(p->vector_control));
      /* The low six bits are flags of what happened, which any arithmetic sets. */
      p->vector_control &= ~0x3fu;
      __asm__ volatile("fnstcw %0" : "=m"(p->float_control));
    #endif
      p->rounding = fegetround();
      p->exceptions_unmasked = fegetexcept();
      for (int i = 1; i < 32; i++) {
        struct sigaction action;
        if (sigaction(i, NULL, &action) == 0) {
          p->handlers[i] = action.sa_handler;
        }
      }
      sigprocmask(SIG_SETMASK, NULL, &p->blocked);
      snprintf(p->locale, sizeof p->locale, "%s", setlocale(LC_ALL, NULL));
      if (!getcwd(p->folder, sizeof p->folder)) {
        abort();
      }
      p->mask = umask(0);
      umask(p->mask);
      for (char **entry = environ; *entry; entry++) {
        for (const char *at = *entry; *at; at++) {
          p->environment = (p->environment ^ (unsigned char)*at) * 0x100000001b3u;
        }
      }
      p->files = count("/proc/self/fd");
      p->threads = count("/proc/self/task");
      getrlimit(RLIMIT_STACK, &p->stack);
    }

    static void same(const properties *before, const char *when) {
      properties now;
      look(&now);
      if (memcmp(before, &now, sizeof now) != 0) {
        for (size_t i = 0; i < sizeof now; i++) {
          if (((const char *)before)[i] != ((const char *)&now)[i]) {
            printf("byte %zu of the properties is another %s\n", i, when);
            exit(1);
          }
        }
      }
    }

    int main(int words, char **word) {
      static properties before;
      (void)words;
      errno = 77;
      look(&before);
      {
        void *const library = dlopen(word[1], RTLD_NOW | RTLD_LOCAL);
        rondo_context *(*create)(void);
        void (*destroy)(rondo_context *);
        const rondo_model *model;
        rondo_context *context;
        if (!library) {
          return 1;
        }
        errno = 77; /* dlopen's own business */
        same(&before, "after loading");
        *(void **)&create = dlsym(library, "rondo_create");
        *(void **)&destroy = dlsym(library, "rondo_destroy");
        model = (const rondo_model *)dlsym(library, "rondo_model_table");
        context = create();
        for (int32_t i = 0; i < model->entry_count; i++) {
          const rondo_entry *const entry = &model->entries[i];
          const void *inputs[64];
          void *outputs[64];
          rondo_call call;
          int32_t j;
          if (!entry->run) {
            continue;
          }
          for (j = 0; j < entry->input_count; j++) {
            inputs[j] = calloc(1, 1 << 20);
          }
          for (j = 0; j < entry->output_count; j++) {
            outputs[j] = calloc(1, 1 << 20);
          }
          memset(&call, 0, sizeof call);
          call.size = sizeof call;
          call.batch = 1;
          call.inputs = inputs;
          call.outputs = outputs;
          if (entry->run(context, &call) != RONDO_OK) {
            printf("%s fails\n", entry->name);
            return 1;
          }
          same(&before, entry->name);
        }
        destroy(context);
        dlclose(library);
        errno = 77;
      }
      same(&before, "after unloading");
      /* Had the model left something to be run at exit, it would be gone, and the process end badly. */
      printf("nothing changed\n");
      return 0;
    }
    """#
}
