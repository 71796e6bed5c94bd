internal import GraphIR
internal import Lowering

/// What a profiled model's C has beside: a clock around every statement, and sites that add up.
extension ProgramEmitter {
  /// Writes a statement; where the model is profiled, with a clock around it.
  func profiled(
    _ note: String,
    _ origin: SourceSpan,
    _ work: StatementWork,
    into writer: inout CWriter,
    _ body: (inout CWriter) -> Void
  ) {
    guard model.isProfiled else { return body(&writer) }
    let entry = program.entry.rawValue
    let what = CText.commentary(note)
    writer.block("{") { writer in
      writer.line(
        "static profile_site site = {\"\(entry)\", \"\(what)\", \(origin.line), "
          + "\(origin.source == .library ? 1 : 0), NULL, 0, 0.0, 0.0, 0.0};"
      )
      writer.line("const double start = profile_clock();")
      body(&writer)
      writer.list(
        "profile_add(",
        ["&site", "profile_clock() - start", Self.sum(work.operations), Self.sum(work.bytes)],
        ");"
      )
    }
  }

  /// So many operations or bytes, as an expression.
  private static func sum(_ terms: [StatementWork.Term]) -> String {
    let texts = terms.filter { $0.amount > 0 }.map { term in
      term.extents.reduce("\(term.amount).0") { $0 + " * (double)(\(CText.extent($1)))" }
    }
    return texts.isEmpty ? "0.0" : texts.joined(separator: " + ")
  }

  /// Writes what the clocks need, and the function that shows the sites.
  static func emitProfile(_ model: ModelPlan, into writer: inout CWriter) {
    guard model.isProfiled else { return }
    writer.section("profile")
    writer.verbatim(
      """
      /* What a statement took; in a list once it has run. For one thread. */
      typedef struct profile_site {
        const char *entry, *what;
        int32_t line, is_library;
        struct profile_site *next;
        uint64_t calls;
        double seconds, operations, bytes;
      } profile_site;
      static profile_site *profile_sites;

      UNUSED static double profile_clock(void) {
        struct timespec time;
        clock_gettime(CLOCK_MONOTONIC, &time);
        return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
      }

      UNUSED static void profile_add(
          profile_site *site, double seconds, double operations, double bytes) {
        if (site->calls == 0) {
          site->next = profile_sites;
          profile_sites = site;
        }
        site->calls += 1;
        site->seconds += seconds;
        site->operations += operations;
        site->bytes += bytes;
      }

      /* The sites so far. */
      \(model.macro)_SHOWN const void *\(model.prefix)_profile(void);
      const void *\(model.prefix)_profile(void) { return profile_sites; }
      """
    )
  }
}
