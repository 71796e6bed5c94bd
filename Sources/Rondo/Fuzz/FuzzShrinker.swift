internal import ModelRuntime

/// Makes a failing model small: leaves out, replaces and lessens what it can while it still fails alike.
package struct FuzzShrinker {
  /// A model, what it is run on, and how it fails.
  package struct Found: Sendable {
    /// The model.
    package var model: FuzzModel
    /// What it is run on; its text is the model's.
    package var item: FuzzCase
    /// How it fails.
    package var failure: FuzzFailure

    /// Says what was found.
    package init(model: FuzzModel, item: FuzzCase, failure: FuzzFailure) {
      self.model = model
      self.item = item
      self.failure = failure
    }
  }

  private let run: FuzzRun
  private let end: Double
  private var found: Found

  /// Shrinks what was found, for so many seconds at most.
  package static func shrink(_ found: Found, by run: FuzzRun, seconds: Double) -> Found {
    var shrinker = FuzzShrinker(run: run, end: Platform.now + seconds, found: found)
    while shrinker.round(), Platform.now < shrinker.end {}
    return shrinker.found
  }

  /// Tries every edit at every place; gives whether one helped.
  private mutating func round() -> Bool {
    var helped = tryAll { $0.droppingRoot($1) }
    helped = tryAll { model, place in model.givingInstead(model.paths.count - 1 - place) } || helped
    for operand in 0..<3 {
      helped = tryAll { $0.substituting($1, operand) } || helped
    }
    helped = tryAll { $0.plain($1) } || helped
    helped = tryAll { $0.droppingLabel($1) } || helped
    helped = tryAll { $0.droppingAxis($1) } || helped
    for size in found.model.sizes {
      for other in [1, 2, size / 2, size - 1] where other >= 1 && other < size {
        if attempt(found.model.replacing(size: size, by: other), found.item) {
          helped = true
          break
        }
      }
    }
    return lessen() || helped
  }

  /// Tries an edit at each place; where it helps, at the same place again.
  private mutating func tryAll(_ edit: (FuzzModel, Int) -> FuzzModel?) -> Bool {
    var helped = false
    var place = 0
    while place < found.model.paths.count, Platform.now < end {
      if let model = edit(found.model, place), attempt(model, found.item) {
        helped = true
      } else {
        place += 1
      }
    }
    return helped
  }

  /// Tries fewer rows and shorter lengths.
  private mutating func lessen() -> Bool {
    var helped = false
    for batch in 1..<max(2, found.item.batch) where batch < found.item.batch {
      var item = found.item
      item.batch = batch
      item.lengths = item.lengths.mapValues {
        Array($0.prefix($0.count * batch / found.item.batch))
      }
      if attempt(found.model, item) {
        helped = true
        break
      }
    }
    for axis in found.item.lengths.keys.sorted() {
      let lengths = found.item.lengths[axis] ?? []
      let longest = lengths.max() ?? 1
      let candidates =
        [1, longest].map { Array(repeating: $0, count: lengths.count) }
        + lengths.indices.map { place in
          lengths.enumerated().map { $0.offset == place ? 1 : $0.element }
        }
      for candidate in candidates where candidate != lengths && lengths.contains(where: { $0 > 1 })
      {
        // All at the longest is simpler than ragged, but not than itself.
        guard
          Set(candidate).count < Set(lengths).count
            || candidate.reduce(0, +) < (found.item.lengths[axis] ?? []).reduce(0, +)
        else { continue }
        var item = found.item
        item.lengths[axis] = candidate
        if attempt(found.model, item) {
          helped = true
          break
        }
      }
    }
    return helped
  }

  /// Takes a candidate if it fails alike.
  private mutating func attempt(_ model: FuzzModel, _ item: FuzzCase) -> Bool {
    let model = model.trimmed
    var item = item
    item.text = model.text
    guard Platform.now < end, item != found.item else { return false }
    var report = FuzzReport()
    let failures = run.failures(of: item, only: found.failure.check, report: &report)
    guard let failure = failures.first(where: { $0.isLike(found.failure) }) else { return false }
    found = Found(model: model, item: item, failure: failure)
    return true
  }
}
