import Foundation
import Testing

/// A C program made of Functions.h and `main`s that answer questions about it.
///
/// The folder it is made in goes with it.
final class CDriver: Sendable {
  /// How it is compiled: which mode, how wide, by how careful a compiler.
  struct Build: Hashable, Sendable, CustomTestStringConvertible {
    /// 1 iff multiply-adds are fused.
    var fused = 0
    /// What else the compiler is told.
    var flags = ["-O2", "-march=native"]

    /// The options as one writes them.
    var testDescription: String { "fused \(fused) \(flags.joined(separator: " "))" }
  }

  private let folder: URL
  private var program: URL { folder.appendingPathComponent("functions") }

  /// Compiles the program; the system's `cc` is required.
  init(_ build: Build) throws {
    folder = try Self.newFolder()
    let source = folder.appendingPathComponent("functions.c")
    try Self.source.write(to: source, atomically: true, encoding: .utf8)
    _ = try Self.output(
      "cc",
      build.flags + [
        "-DRONDO_FUSED=\(build.fused)", "-I", Self.headers.path, source.path, "-o", program.path,
        "-lm",
      ]
    )
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// A new folder among the temporary ones.
  static func newFolder() throws -> URL {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("rondo-functions-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }

  /// The folder that Functions.h is in.
  static let headers = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Sources/CBackend/Resources")

  /// What the program prints when asked.
  func ask(_ question: [String]) throws -> Data { try Self.output(program.path, question) }

  /// The words of what the program prints.
  func words(_ question: [String]) throws -> [Substring] {
    String(decoding: try ask(question), as: UTF8.self).split { $0 == " " || $0 == "\n" }
  }

  /// Runs a program to its end and gives what it prints.
  static func output(_ program: String, _ arguments: [String]) throws -> Data {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "\(program) failed")
    return data
  }

  /// The program.
  ///
  /// `bits F STRIDE`: the bits of every so many floats' value, NaN as 7fc00000, in binary.
  /// `twins STRIDE`: how many values of a scalar function differ from the vector's.
  /// `philox N`: N uniform and N normal numbers, in binary. `parts`: how many part loads fail.
  /// `fma N`: how many of N random products differ from the C library's fmaf.
  /// `draw T K P N LOGITS..`: tokens drawn at N even steps, each with its log probability.
  private static let source = #"""
    #include <math.h>
    #include <stddef.h>
    #include <stdint.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>

    #include "Functions.h"

    #define FUNCTION(name)                                                                   \
      static void vectors_##name(float *to, const float *from) {                             \
        store(to, vector_##name(load(from)));                                                \
      }                                                                                      \
      static void scalars_##name(float *to, const float *from) {                             \
        for (int i = 0; i < LANES; i++) to[i] = scalar_##name(from[i]);                      \
      }
    FUNCTION(exp) FUNCTION(log) FUNCTION(log1p) FUNCTION(sqrt)
    FUNCTION(tanh) FUNCTION(sigmoid) FUNCTION(sin) FUNCTION(cos)

    #define ROW(name) {#name, vectors_##name, scalars_##name}
    static const struct {
      const char *name;
      void (*vectors)(float *, const float *);
      void (*scalars)(float *, const float *);
    } functions[] = {ROW(exp),  ROW(log),     ROW(log1p), ROW(sqrt),
                     ROW(tanh), ROW(sigmoid), ROW(sin),   ROW(cos)};

    static uint32_t canonical(float x) { return x != x ? 0x7fc00000u : bits_of(x); }

    static void bits_command(int f, uint64_t stride) {
      float from[LANES], to[LANES];
      for (uint64_t first = 0; first >> 32 == 0; first += stride * LANES) {
        for (int i = 0; i < LANES; i++) from[i] = float_of((uint32_t)(first + stride * (uint64_t)i));
        functions[f].vectors(to, from);
        for (int i = 0; i < LANES && (first + stride * (uint64_t)i) >> 32 == 0; i++) {
          uint32_t word = canonical(to[i]);
          fwrite(&word, sizeof word, 1, stdout);
        }
      }
    }

    static void twins_command(uint64_t stride) {
      float from[LANES], vectors[LANES], scalars[LANES];
      long different = 0;
      for (int f = 0; f < 8; f++) {
        for (uint64_t first = 0; first >> 32 == 0; first += stride * LANES) {
          for (int i = 0; i < LANES; i++)
            from[i] = float_of((uint32_t)(first + stride * (uint64_t)i));
          functions[f].vectors(vectors, from);
          functions[f].scalars(scalars, from);
          for (int i = 0; i < LANES; i++)
            different += canonical(vectors[i]) != canonical(scalars[i]);
        }
      }
      printf("%ld\n", different);
    }

    static void philox_command(uint32_t n) {
      for (int normal = 0; normal < 2; normal++) {
        for (uint32_t i = 0; i < n; i++) {
          uint64_t seed = i * 0x123456789abcdefull;
          float x = normal ? philox_normal(seed, i, i * 3, i * 5, i * 7)
                           : philox_uniform(seed, i, i * 3, i * 5, i * 7);
          fwrite(&x, sizeof x, 1, stdout);
        }
      }
    }

    static void parts_command(void) {
      float from[LANES + 1], to[LANES + 1];
      int32_t tokens[LANES + 1], copies[LANES + 1];
      int wrong = 0;
      for (int n = 0; n < LANES; n++) {
        for (int i = 0; i <= LANES; i++) {
          from[i] = (float)(i + 1);
          tokens[i] = i + 1;
          to[i] = -1;
          copies[i] = -1;
        }
        store(to, load_part(from + 1, n));
        store_integers(copies, load_integers_part(tokens + 1, n));
        for (int i = 0; i < LANES; i++) {
          wrong += to[i] != (i < n ? (float)(i + 2) : 0.0f);
          wrong += copies[i] != (i < n ? i + 2 : 0);
        }
        to[n] = -1;
        copies[n] = -1;
        store_part(to, load(from), n);
        store_integers_part(copies, load_integers(tokens), n);
        for (int i = 0; i <= n; i++) {
          wrong += to[i] != (i < n ? (float)(i + 1) : -1.0f);
          wrong += copies[i] != (i < n ? i + 1 : -1);
        }
      }
      printf("%d\n", wrong);
    }

    static void fma_command(uint32_t n) {
      long wrong = 0;
      for (uint32_t i = 0; i < n; i++) {
        uint32_t word[4] = {i, 0, 0, 0};
        float a, b, c, want;
        philox(7, word);
        a = float_of(word[0]);
        /* Half of the sums are near cancellation, where one rounding and two differ most. */
        b = i & 1 ? float_of(word[1]) : float_of((word[1] & 0x807fffffu) | 0x3f800000u);
        c = i & 1 ? float_of(word[2]) : -(a * b) * (i & 2 ? 1.0f : 1.5f);
        want = fmaf(a, b, c);
        wrong += canonical(scalar_fused(a, b, c)) != canonical(want);
        want = RONDO_FUSED ? want : a * b + c;
        wrong += canonical(first_lane(multiply_add(splat(a), splat(b), splat(c)))) !=
                 canonical(want);
        wrong += canonical(scalar_multiply_add(a, b, c)) != canonical(want);
      }
      printf("%ld\n", wrong);
    }

    static void draw_command(int count, char **words) {
      float logits[4096], log_probability;
      int n = count - 4;
      for (int i = 0; i < n; i++) logits[i] = strtof(words[4 + i], NULL);
      for (int i = 0, draws = atoi(words[3]); i < draws; i++) {
        int32_t token = draw_token(logits, n, strtof(words[0], NULL), atoi(words[1]),
                                   strtof(words[2], NULL), (float)i / (float)draws,
                                   &log_probability);
        printf("%d %.9g\n", (int)token, (double)log_probability);
      }
    }

    int main(int count, char **words) {
      int f = 0;
      while (f < 7 && count > 2 && strcmp(words[2], functions[f].name)) f++;
      if (!strcmp(words[1], "bits")) bits_command(f, strtoull(words[3], NULL, 10));
      if (!strcmp(words[1], "twins")) twins_command(strtoull(words[2], NULL, 10));
      if (!strcmp(words[1], "philox")) philox_command((uint32_t)atoi(words[2]));
      if (!strcmp(words[1], "parts")) parts_command();
      if (!strcmp(words[1], "fma")) fma_command((uint32_t)atoi(words[2]));
      if (!strcmp(words[1], "draw")) draw_command(count - 2, words + 2);
      return 0;
    }
    """#
}
