package import ModelRuntime

/// What `log.jsonl` says of a run: one entry for each epoch that is done.
package struct EpochLog: Hashable, Sendable {
  /// A named number.
  package struct Measure: Hashable, Sendable {
    /// `loss`, or a metric's name.
    package var name: String
    /// Its value.
    package var value: Double

    /// Names a number.
    package init(name: String, value: Double) {
      self.name = name
      self.value = value
    }
  }

  /// An epoch that is done.
  package struct Epoch: Hashable, Sendable {
    /// Its number, from 1.
    package var number: Int
    /// The rate it was trained at.
    package var rate: Double?
    /// The mean loss while it was trained.
    package var loss: Double?
    /// Other measures while it was trained, by name.
    package var training: [Measure]
    /// The loss and metrics on the validation data, the loss first, then by name.
    package var validation: [Measure]
    /// Whether its weights were the best so far.
    package var isBest: Bool
    /// How long it took.
    package var seconds: Double?

    /// Puts an epoch together.
    package init(
      number: Int,
      rate: Double? = nil,
      loss: Double?,
      training: [Measure] = [],
      validation: [Measure] = [],
      isBest: Bool = false,
      seconds: Double? = nil
    ) {
      self.number = number
      self.rate = rate
      self.loss = loss
      self.training = training
      self.validation = validation
      self.isBest = isBest
      self.seconds = seconds
    }
  }

  /// The epochs in their order.
  package var epochs: [Epoch]

  /// Takes epochs.
  package init(epochs: [Epoch]) {
    self.epochs = epochs
  }

  /// A line; what it has beside these is for other readers.
  private struct Line: Decodable {
    var epoch: Int
    var rate: Double?
    var loss: Double?
    var training: [String: Double]?
    var validation: [String: Double]?
    var best: Bool?
    var seconds: Double?
  }

  /// Reads the lines of a log; throws, naming the line that is none.
  package init(json: [UInt8]) throws(RuntimeError) {
    epochs = []
    for (index, bytes) in json.split(separator: 10).enumerated() {
      guard let line = try? JSON.decode(Line.self, from: bytes),
        (1...1_000_000_000).contains(line.epoch)
      else {
        throw RuntimeError("line \(index + 1) of the log is no entry of an epoch")
      }
      epochs.append(
        Epoch(
          number: line.epoch,
          rate: line.rate,
          loss: line.loss,
          training: Self.measures(line.training),
          validation: Self.measures(line.validation),
          isBest: line.best ?? false,
          seconds: line.seconds
        )
      )
    }
  }

  /// Named numbers in one order: the loss first, then by name.
  private static func measures(_ values: [String: Double]?) -> [Measure] {
    (values ?? [:]).map { Measure(name: $0.key, value: $0.value) }.sorted {
      ($0.name == "loss" ? 0 : 1, $0.name) < ($1.name == "loss" ? 0 : 1, $1.name)
    }
  }

  /// The best epoch: the last whose weights were the best so far.
  package var best: Epoch? { epochs.last { $0.isBest } }

  /// How long the epochs took in all, as far as they say.
  package var seconds: Double { epochs.reduce(0) { $0 + ($1.seconds ?? 0) } }
}

extension EpochLog.Epoch {
  /// The loss that weights are chosen by: on the validation data where there is some.
  package var decisive: Double? { validation.first { $0.name == "loss" }?.value ?? loss }
}

extension EpochLog {
  /// The curves: the loss, then each metric, and the rate where it changes.
  package var charts: [LineChart] {
    guard !epochs.isEmpty else { return [] }
    let first = epochs.map(\.number).min() ?? 1
    /// A number of each epoch, gaps where one has none.
    func series(
      _ name: String,
      _ colour: Int = 0,
      _ value: (Epoch) -> Double?
    ) -> LineChart.Series? {
      var values = [Double?](
        repeating: nil,
        // A log may begin anywhere, but it has no million empty epochs.
        count: min((epochs.map(\.number).max() ?? first) - first + 1, 1_000_000)
      )
      for epoch in epochs where values.indices.contains(epoch.number - first) {
        values[epoch.number - first] = value(epoch)
      }
      return values.contains { $0 != nil }
        ? LineChart.Series(name: name, first: first, values: values, role: .colour(colour)) : nil
    }
    let mark = best.flatMap { best in
      best.decisive.map {
        LineChart.Mark(place: best.number, label: "best \(Scale.figure($0)), epoch \(best.number)")
      }
    }
    var names: [String] = []
    for epoch in epochs {
      for measure in epoch.validation + epoch.training
      where measure.name != "loss" && !names.contains(measure.name) { names.append(measure.name) }
    }
    func value(_ name: String, among measures: [Measure]) -> Double? {
      measures.first { $0.name == name }?.value
    }
    var charts = [
      LineChart(
        title: "loss",
        xTitle: "epoch",
        series: [
          series("training") { $0.loss },
          series("validation", 1) { value("loss", among: $0.validation) },
        ].compactMap(\.self),
        mark: mark
      )
    ]
    for name in names.sorted() {
      let lines = [
        series("training") { value(name, among: $0.training) },
        series("validation", 1) { value(name, among: $0.validation) },
      ].compactMap(\.self)
      // Shares are compared with 1, not with each other's powers of ten.
      let isShare = lines.allSatisfy { $0.values.allSatisfy { $0.map { $0 <= 1 } ?? true } }
      charts.append(
        LineChart(
          title: name,
          xTitle: "epoch",
          series: lines,
          mark: best.map { LineChart.Mark(place: $0.number, label: "epoch \($0.number)") },
          mayBeLogarithmic: !isShare
        )
      )
    }
    if let rate = series("learning rate", 2, \.rate), Set(rate.values.compactMap(\.self)).count > 1
    {
      charts.append(LineChart(title: "learning rate", xTitle: "epoch", series: [rate]))
    }
    return charts
  }
}
