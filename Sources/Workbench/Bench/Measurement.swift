package import ModelRuntime

/// How fast an entry of a model is.
package struct Measurement: Hashable, Sendable, Encodable {
  /// The model's name.
  package var model: String
  /// The entry.
  package var entry: String
  /// Rows of a call.
  package var batch: Int
  /// Threads of a call.
  package var threads: Int
  /// The median time of a call, in seconds.
  package var medianSeconds: Double
  /// The least time of a call.
  package var minSeconds: Double
  /// How many calls were timed.
  package var calls: Int
  /// How long it took to come from the definition to the library.
  package var compileSeconds: Double
  /// The size of the C text.
  package var sourceBytes: Int
  /// The size of the library.
  package var libraryBytes: Int
  /// The size of the arena.
  package var workBytes: Int

  /// The names in the text.
  private enum CodingKeys: String, CodingKey {
    case model, entry, batch, threads, calls
    case medianSeconds = "median_s"
    case minSeconds = "min_s"
    case compileSeconds = "compile_s"
    case sourceBytes = "c_bytes"
    case libraryBytes = "library_bytes"
    case workBytes = "work_bytes"
  }

  /// Puts a measurement together from the times of its calls; there is at least one.
  package init(
    of manifest: Manifest,
    entry: String,
    threads: Int = 1,
    times: [Double],
    compileSeconds: Double,
    sourceBytes: Int,
    libraryBytes: Int
  ) {
    let times = times.sorted()
    model = manifest.model
    self.entry = entry
    batch = manifest.batch
    self.threads = threads
    let middle = times.count / 2
    medianSeconds =
      times.count % 2 == 1 ? times[middle] : (times[middle - 1] + times[middle]) / 2
    minSeconds = times.first ?? .nan
    calls = times.count
    self.compileSeconds = compileSeconds
    self.sourceBytes = sourceBytes
    self.libraryBytes = libraryBytes
    workBytes = manifest.blocks.work
  }

  /// One line of JSON.
  package var json: String {
    get throws(RuntimeError) {
      String(decoding: try JSON.encode(self, what: "a measurement"), as: UTF8.self)
    }
  }

  /// One line for a person.
  package var line: String {
    "\(model).\(entry), \(NumberText.counted(batch, "row"))"
      + (threads == 1 ? "" : ", \(threads) threads") + ": median "
      + "\(NumberText.seconds(medianSeconds)), least \(NumberText.seconds(minSeconds)) of "
      + "\(NumberText.counted(calls, "call")); compiled in \(NumberText.seconds(compileSeconds)), C "
      + "\(NumberText.bytes(sourceBytes)), library \(NumberText.bytes(libraryBytes)), arena "
      + NumberText.bytes(workBytes)
  }
}

extension Session {
  /// Times calls of an entry on random inputs, from a seed, for about that many seconds.
  ///
  /// Calls too short for the clock are timed some in a row. `fill` is the part of the positions that count:
  /// below 1, rows have lengths of their own.
  ///
  /// - Returns: the times of the calls after a warm-up, in seconds; at least five.
  /// - Throws: `RuntimeError` when the model has no such entry, or refuses a call.
  package func time(_ entry: String, seconds: Double, fill: Double = 1) throws(RuntimeError)
    -> [Double]
  {
    let call = try randomCall(entry, fill)
    // First calls touch memory for the first time and raise the processor's clock.
    let warm = Platform.now + min(1, seconds / 10)
    var once = 0.0
    repeat { once = try clock(call, repeats: 1) } while Platform.now < warm
    let repeats = max(1, Int(1e-3 / max(once, 1e-8)))
    var times: [Double] = []
    let end = Platform.now + seconds
    while times.count < 5 || Platform.now < end {
      times.append(try clock(call, repeats: repeats) / Double(repeats))
    }
    return times
  }

  /// Runs an entry on random inputs for about that many seconds; gives how many calls that were, and what
  /// the statements had taken before and after.
  ///
  /// - Throws: `RuntimeError` when the model was not compiled to be profiled.
  package func profile(_ entry: String, seconds: Double, fill: Double = 1) throws(RuntimeError) -> (
    calls: Int, before: [ProfileSite], after: [ProfileSite]
  ) {
    let call = try randomCall(entry, fill)
    try run(call)
    guard let before = model.profile else {
      throw RuntimeError(.unsupported, "\(model.name) was not compiled to be profiled")
    }
    var calls = 0
    let end = Platform.now + seconds
    while calls < 5 || Platform.now < end {
      try run(call)
      calls += 1
    }
    return (calls, before, model.profile ?? [])
  }

  /// A call with weights and inputs from a seed; a stream has begun.
  private func randomCall(_ entry: String, _ fill: Double) throws(RuntimeError) -> EntryCall {
    if model.manifest.entry("initialize") != nil { try initialize(seed: 1) }
    var random = SplitMix(seed: 1)
    if entry == "step" {
      let begin = try EntryCall(model, entry: "begin")
      try begin.fillAtRandom(using: &random)
      try run(begin)
    }
    let call = try EntryCall(model, entry: entry)
    try call.fillAtRandom(using: &random)
    if fill < 1 { try setLengths(of: call, fill, using: &random) }
    return call
  }

  /// Draws each row's lengths evenly from a range whose middle is that part of the bound.
  private func setLengths(of call: EntryCall, _ fill: Double, using random: inout SplitMix)
    throws(RuntimeError)
  {
    for axis in model.manifest.axes where axis.given == 1 {
      let middle = max(1, fill * Double(axis.bound))
      let most = min(Double(axis.bound), 2 * middle - 1)
      let (least, span) = (Int(2 * middle - most), UInt64(2 * (most - middle)) + 1)
      let lengths = (0..<model.manifest.batch).map { _ in
        Int32(clamping: least + Int(random.next() % span))
      }
      try call.setLengths(lengths, axis: axis.name)
    }
  }
}

extension EntryCall {
  /// Fills all inputs with what the entry takes: tokens that exist, numbers between -1 and 1, the
  /// definition's rate; rows go on from their states.
  package func fillAtRandom(using random: inout SplitMix) throws(RuntimeError) {
    for (index, tensor) in entry.inputs.enumerated() where tensor.role == .data {
      if tensor.element == .int32 {
        let count = UInt64(max(tensor.tokens, 1))
        try withInput(index, as: Int32.self) { elements in
          for place in elements.indices { elements[place] = Int32(clamping: random.next() % count) }
        }
      } else {
        try withInput(index, as: Float.self) { elements in
          for place in elements.indices {
            elements[place] = Float(random.next() >> 40) / Float(1 << 23) - 1
          }
        }
      }
    }
    let seed: UInt64 = 1
    try set(.seed, to: seed)
  }
}
