package import ModelRuntime
package import Rondo

/// Where an entry's time goes, for a person.
package struct ProfileTable: Sendable {
  /// What ran between two looks at the clocks, the longest first.
  private let sites: [ProfileSite]
  /// How many calls of the entry that were.
  private let calls: Int
  /// What one core can do at most.
  private let peak: Peak
  /// The definition's lines, and the library's.
  private let lines: (definition: [Substring], library: [Substring])

  /// Subtracts what had run before from what has run after.
  package init(
    before: [ProfileSite],
    after: [ProfileSite],
    calls: Int,
    peak: Peak,
    definition: Definition
  ) {
    struct Place: Hashable {
      var entry: String, what: String, line: Int, isInLibrary: Bool
    }
    // A statement that is written in several places of the C is one to the reader.
    var places: [Place] = []
    var sums: [Place: ProfileSite] = [:]
    func add(_ site: ProfileSite, _ sign: Double) {
      let place = Place(
        entry: site.entry,
        what: site.what,
        line: site.line,
        isInLibrary: site.isInLibrary
      )
      if sums[place] == nil { places.append(place) }
      var sum = sums[place] ?? site
      if sums[place] == nil {
        (sum.calls, sum.seconds, sum.operations, sum.bytes) = (0, 0, 0, 0)
      }
      sum.calls += Int(sign) * site.calls
      sum.seconds += sign * site.seconds
      sum.operations += sign * site.operations
      sum.bytes += sign * site.bytes
      sums[place] = sum
    }
    for site in after { add(site, 1) }
    for site in before { add(site, -1) }
    sites = places.compactMap { sums[$0] }.filter { $0.calls > 0 }
      .sorted { ($1.seconds, $0.line, $0.what) < ($0.seconds, $1.line, $1.what) }
    self.calls = max(1, calls)
    self.peak = peak
    lines = (
      String(decoding: definition.bytes, as: UTF8.self)
        .split(separator: "\n", omittingEmptySubsequences: false),
      Compiler.libraryText.split(separator: "\n", omittingEmptySubsequences: false)
    )
  }

  /// A line for each statement: its share of the time, what a call of the entry spends in it and how often
  /// it runs, its rates and what part of the machine's they are, and what it is.
  package var text: String {
    let total = max(sites.reduce(0) { $0 + $1.seconds }, 1e-12)
    var rows = [["share", "time", "runs", "GF/s", "of peak", "GB/s", "of L2", "what"]]
    for site in sites {
      let seconds = max(site.seconds, 1e-12)
      rows.append([
        NumberText.fixed(100 * site.seconds / total, 1) + " %",
        NumberText.seconds(site.seconds / Double(calls)),
        NumberText.grouped(site.calls / calls),
        NumberText.fixed(site.operations / seconds / 1e9, 1),
        NumberText.fixed(100 * site.operations / seconds / peak.flops, 0) + " %",
        NumberText.fixed(site.bytes / seconds / 1e9, 1),
        NumberText.fixed(100 * site.bytes / seconds / peak.second, 0) + " %",
        what(site),
      ])
    }
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = row.indices.map { column in
        let gap = String(repeating: " ", count: widths[column] - row[column].count)
        return column == row.count - 1 ? row[column] : gap + row[column]
      }
      return cells.joined(separator: "  ") + "\n"
    }.joined()
  }

  /// What a statement calculates, and the line that asks for it.
  private func what(_ site: ProfileSite) -> String {
    let lines = site.isInLibrary ? lines.library : lines.definition
    guard site.line > 0, site.line <= lines.count else { return site.what }
    let line = lines[site.line - 1].drop { $0 == " " }
    return "\(site.what)  <- \(site.isInLibrary ? "library " : "")\(site.line): \(line)"
  }
}
