package import Rondo

/// What the page of a run shows; each part is there as far as there is something to show.
///
/// It knows nothing of files and models: whoever has predictions, weights of attention or norms of
/// gradients puts them in as plain values, and `page` and `pictures` draw them.
package struct RunReport: Sendable {
  /// What was predicted for one series, beside what came.
  package struct Forecast: Hashable, Sendable {
    /// What it is a series of, such as a column's name.
    package var title: String
    /// A line below the title, such as the error.
    package var note: String?
    /// What the lower scale counts.
    package var xTitle: String
    /// The number of the first step.
    package var first: Int
    /// What came; gaps are nil.
    package var truth: [Double?]
    /// What was predicted for the same steps; gaps are nil.
    package var guess: [Double?]
    /// What the steps are called, such as dates; empty for their numbers.
    package var names: [String]

    /// Puts a forecast together.
    package init(
      title: String,
      note: String? = nil,
      xTitle: String = "step",
      first: Int = 1,
      truth: [Double?],
      guess: [Double?],
      names: [String] = []
    ) {
      self.title = title
      self.note = note
      self.xTitle = xTitle
      self.first = first
      self.truth = truth
      self.guess = guess
      self.names = names
    }
  }

  /// What was taken for what among the classes of a target.
  package struct Classes: Hashable, Sendable {
    /// The target's name.
    package var title: String
    /// The counts.
    package var confusion: Confusion

    /// Names counts.
    package init(title: String, confusion: Confusion) {
      self.title = title
      self.confusion = confusion
    }
  }

  /// What one sequence looked at while it made another.
  package struct Attention: Hashable, Sendable {
    /// The output's name, and the example's.
    package var title: String
    /// What the rows are, such as `answer`.
    package var rowTitle: String
    /// What the columns are, such as `question`.
    package var columnTitle: String
    /// The rows' tokens.
    package var rows: [String]
    /// The columns' tokens.
    package var columns: [String]
    /// A list a row, a weight a column.
    package var weights: [[Double]]

    /// Puts a map together.
    package init(
      title: String,
      rowTitle: String,
      columnTitle: String,
      rows: [String],
      columns: [String],
      weights: [[Double]]
    ) {
      self.title = title
      self.rowTitle = rowTitle
      self.columnTitle = columnTitle
      self.rows = rows
      self.columns = columns
      self.weights = weights
    }

    /// Reads a map off an output's values for one example, of which there is one for each pair of
    /// positions, the second axis fastest; nil when they are not of two axes and as many as that.
    ///
    /// - Parameters:
    ///   - axes: the two axes in the output's order.
    ///   - names: by axis, what stands at its positions.
    ///   - rowAxis: the axis whose positions are the rows, whichever comes first.
    package init?(
      title: String,
      values: [Float],
      axes: [String],
      names: [String: [String]],
      rowAxis: String
    ) {
      guard axes.count == 2, axes.contains(rowAxis), let first = names[axes[0]],
        let second = names[axes[1]], values.count == first.count * second.count
      else { return nil }
      let isTurned = axes[0] != rowAxis
      let (rows, columns) = isTurned ? (second, first) : (first, second)
      self.init(
        title: title,
        rowTitle: rowAxis,
        columnTitle: isTurned ? axes[0] : axes[1],
        rows: rows,
        columns: columns,
        weights: rows.indices.map { row in
          columns.indices.map { column in
            let (a, b) = isTurned ? (column, row) : (row, column)
            return Double(values[a * second.count + b])
          }
        }
      )
    }
  }

  /// The norm of the loss's gradient by a state, after each step.
  package struct GradientFlow: Hashable, Sendable {
    /// The state's path, such as `rnn.l0.h`.
    package var state: String
    /// The axis that is gone along.
    package var axis: String
    /// The norm after each step, from the first on.
    package var norms: [Double]

    /// Puts norms together.
    package init(state: String, axis: String, norms: [Double]) {
      self.state = state
      self.axis = axis
      self.norms = norms
    }
  }

  /// Something that the model made or answered.
  package struct Sample: Hashable, Sendable {
    /// How it was made, such as `temperature 0.7, seed 0`.
    package var title: String
    /// What the model was given.
    package var prompt: String
    /// What it made of it.
    package var text: String
    /// What should have come; nil when nobody knows.
    package var truth: String?

    /// Puts a sample together.
    package init(title: String, prompt: String = "", text: String, truth: String? = nil) {
      self.title = title
      self.prompt = prompt
      self.text = text
      self.truth = truth
    }
  }

  /// The model's name.
  package var model: String
  /// The definition's text.
  package var definition: Definition?
  /// What the text says, name by name.
  package var outline: Outline?
  /// Sizes, weights, memory.
  package var facts: ModelFacts?
  /// The compiler's picture of the work memory, as SVG that stands alone.
  package var memoryPlan: String?
  /// The epochs.
  package var log: EpochLog?
  /// How the model does on the data that was given.
  package var figures: [ModelFacts.Fact] = []
  /// What was predicted, beside what came.
  package var forecasts: [Forecast] = []
  /// What was taken for what.
  package var confusions: [Classes] = []
  /// What was looked at.
  package var attentions: [Attention] = []
  /// How gradients grow or vanish on their way back.
  package var gradientFlows: [GradientFlow] = []
  /// What the model makes.
  package var samples: [Sample] = []

  /// A report that has nothing to show yet.
  package init(model: String) {
    self.model = model
  }
}

/// A drawing of a report with the name of its file.
package struct ReportFigure: Sendable {
  /// The file's name without its ending; no other drawing of the report has it.
  package var name: String
  /// The drawing.
  package var drawing: any Drawable
}

extension RunReport {
  /// The curves over epochs.
  var curves: [ReportFigure] {
    Self.figures("curve", log?.charts ?? []) { $0.title }
  }

  /// The forecasts as lines beside the truth.
  var forecastFigures: [ReportFigure] {
    let charts = forecasts.map { forecast in
      LineChart(
        title: forecast.title,
        note: forecast.note,
        xTitle: forecast.xTitle,
        series: [
          .init(name: "truth", first: forecast.first, values: forecast.truth, role: .truth),
          .init(name: "predicted", first: forecast.first, values: forecast.guess, role: .colour(1)),
        ],
        mayBeLogarithmic: false,
        names: forecast.names
      )
    }
    return Self.figures("forecast", charts) { $0.title }
  }

  /// The confusion matrices.
  var confusionFigures: [ReportFigure] {
    let charts = confusions.map { MatrixChart(confusion: $0.confusion, title: $0.title) }
    return Self.figures("confusion", charts) { $0.title }
  }

  /// The maps of attention.
  var attentionFigures: [ReportFigure] {
    let charts = attentions.map { map in
      MatrixChart(
        attention: map.weights,
        title: map.title,
        rowTitle: map.rowTitle,
        columnTitle: map.columnTitle,
        rows: map.rows,
        columns: map.columns
      )
    }
    return Self.figures("attention", charts) { $0.title }
  }

  /// The norms of gradients by step.
  var gradientFigures: [ReportFigure] {
    let charts = gradientFlows.enumerated().map { index, flow in
      BarChart(
        title: flow.state,
        note: "norm of the loss's gradient by this state, after each step",
        xTitle: flow.axis,
        values: flow.norms,
        colour: index % PictureStyle.colours
      )
    }
    return Self.figures("gradient", charts) { $0.title }
  }

  /// The blocks of the definition as boxes.
  var graphs: [ReportFigure] {
    let blocks = (outline?.blocks ?? []).map { DefinitionGraph($0) }.filter(\.isDrawn)
    return Self.figures("graph", blocks) { $0.block.name }
  }

  /// All drawings, in the page's order.
  package var drawings: [ReportFigure] {
    curves + forecastFigures + confusionFigures + attentionFigures + gradientFigures + graphs
  }

  /// Drawings with names of files: what they are and what they show, a number where that is not enough.
  private static func figures<Drawing: Drawable>(
    _ kind: String,
    _ drawings: [Drawing],
    _ title: (Drawing) -> String
  ) -> [ReportFigure] {
    var taken: Set<String> = []
    return drawings.map { drawing in
      let letters = title(drawing).lowercased().unicodeScalars.prefix(48).map { scalar in
        ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar) || scalar == "_"
          ? Character(scalar) : "-"
      }
      let base = kind + "-" + String(letters)
      var (name, number) = (base, 1)
      while !taken.insert(name).inserted {
        number += 1
        name = "\(base)-\(number)"
      }
      return ReportFigure(name: name, drawing: drawing)
    }
  }
}
