internal import ModelRuntime
internal import Rondo

/// The values of the sizes and axes that a definition leaves open, found in its data.
struct SizeBinding {
  /// The values.
  let sizes: [String: Int]

  /// Binds them; throws when two inputs disagree, or the data does not say.
  init(
    _ declarations: Declarations,
    _ survey: DataSurvey,
    given: [String: Int]
  ) throws(RuntimeError) {
    var sizes = given
    var sources: [String: String] = [:]
    func bind(_ name: String, _ value: Int, _ input: String) throws(RuntimeError) {
      guard declarations.openSizes.contains(name), given[name] == nil else { return }
      if let other = sizes[name], other != value {
        throw RuntimeError(
          "the size \(name) is \(other) by \(quoted(sources[name] ?? "")), and \(value) by "
            + "\(quoted(input))",
          hint: "give each a size of its own, or --size \(name)=N"
        )
      }
      sizes[name] = value
      sources[name] = input
    }
    for (index, input) in declarations.inputs.enumerated() {
      if case .size(let name)? = input.tokens {
        if let vocabulary = survey.form.vocabulary(of: input.name) {
          try bind(name, vocabulary.count, input.name)
        } else if declarations.openSizes.contains(name), given[name] == nil {
          // Of several inputs whose tokens are numbers, the greatest decides.
          sizes[name] = max(sizes[name] ?? 0, survey.greatest[index])
          sources[name] = input.name
        }
      }
      for (place, extent) in input.shape.enumerated() {
        if case .size(let name) = extent, let value = survey.fields[index].shape[place] {
          try bind(name, value, input.name)
        }
      }
    }
    let lengths = survey.training.greatest.merging(survey.validation?.greatest ?? [:]) {
      max($0, $1)
    }
    for axis in declarations.axes where axis.isOpen && given[axis.name] == nil {
      guard let length = lengths[axis.name] else {
        throw RuntimeError(
          "the axis \(axis.name) has no bound",
          hint: "give one by --size \(axis.name)=N"
        )
      }
      sizes[axis.name] = length
    }
    if let name = declarations.openSizes.first(where: { sizes[$0] == nil }) {
      throw RuntimeError(
        "the size \(name) has no value, and the data does not say it",
        hint: "give one by --size \(name)=N"
      )
    }
    self.sizes = sizes
  }
}
