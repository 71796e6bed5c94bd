/// Ways to make a model simpler; each gives nothing where there is no such place.
extension FuzzModel {
  /// Where each statement stands: its place, or that of a scan and the place in its step, and so on.
  var paths: [[Int]] { Self.paths(parts) }

  private static func paths(_ parts: [Part]) -> [[Int]] {
    parts.indices.flatMap { place in
      [[place]] + paths(parts[place].parts).map { [place] + $0 }
    }
  }

  /// The statement at a path.
  subscript(_ path: [Int]) -> Part? {
    var found: Part?
    var here = parts
    for place in path {
      guard here.indices.contains(place) else { return nil }
      found = here[place]
      here = here[place].parts
    }
    return found
  }

  /// The model with the statement at a path replaced by others.
  func replacing(_ path: [Int], with others: [Part]) -> FuzzModel {
    func replaced(_ parts: [Part], _ path: ArraySlice<Int>) -> [Part] {
      guard let place = path.first, parts.indices.contains(place) else { return parts }
      var parts = parts
      if path.count == 1 {
        parts.replaceSubrange(place...place, with: others)
      } else {
        parts[place].parts = replaced(parts[place].parts, path.dropFirst())
      }
      return parts
    }
    return FuzzModel(parts: replaced(parts, path[...]))
  }

  /// The model with every statement changed.
  func mapping(_ change: (Part) -> Part) -> FuzzModel {
    func mapped(_ parts: [Part]) -> [Part] {
      parts.map {
        var part = change($0)
        part.parts = mapped(part.parts)
        return part
      }
    }
    return FuzzModel(parts: mapped(parts))
  }

  /// The model with every text changed.
  func mappingTexts(_ change: (String) -> String) -> FuzzModel {
    mapping {
      var part = $0
      part.text = change(part.text)
      part.next = change(part.next)
      part.type = change(part.type)
      return part
    }
  }

  // MARK: Edits

  /// Without the statement at a place, among those that nothing is bound to.
  func droppingRoot(_ place: Int) -> FuzzModel? {
    let roots = parts.indices.filter { parts[$0].kind == .root }
    guard roots.indices.contains(place), roots.count > 1 else { return nil }
    return replacing([roots[place]], with: [])
  }

  /// With an input in place of what is bound at a place; of a scan, inputs for all it binds.
  func givingInstead(_ place: Int) -> FuzzModel? {
    guard let part = self[paths[place]] else { return nil }
    let given: [Part]
    switch part.kind {
    case .declaration, .root: return nil
    case .binding, .lateBinding, .state: given = [part]
    case .scan: given = part.parts.filter { $0.kind != .scan }
    }
    guard given.allSatisfy({ !$0.type.isEmpty }) else { return nil }
    let inputs = given.map {
      Part(.declaration, $0.name, "input \($0.name): \($0.type)", type: "")
    }
    var model = replacing(paths[place], with: [])
    model.parts.insert(contentsOf: inputs, at: paths[place][0])
    return model
  }

  /// With one of the names that an expression reads in place of what is bound to it.
  func substituting(_ place: Int, _ operand: Int) -> FuzzModel? {
    guard let part = self[paths[place]], part.kind == .binding || part.kind == .lateBinding
    else { return nil }
    let bound = Set(Self.bound(parts))
    let operands = Part.names(part.text).map(String.init).filter(bound.contains)
    guard operands.indices.contains(operand) else { return nil }
    return replacing(paths[place], with: [])
      .mappingTexts { Self.renamed($0, part.name, operands[operand]) }
  }

  private static func bound(_ parts: [Part]) -> [String] {
    parts.flatMap { [$0.name] + bound($0.parts) }
  }

  /// With a plain number as what a state becomes, or begins with, or as an expression.
  func plain(_ place: Int) -> FuzzModel? {
    guard var part = self[paths[place]] else { return nil }
    switch part.kind {
    case .state:
      if part.next != "0.5 * \(part.name)" {
        part.next = "0.5 * \(part.name)"
      } else if let equals = part.text.firstRange(of: " = "),
        part.text[equals.upperBound...] != "0"
      {
        part.text = part.text[..<equals.lowerBound] + " = 0"
      } else {
        return nil
      }
    case .root:
      guard part.text.hasPrefix("train"), part.text != "train sgd(rate: 0.1)" else { return nil }
      part.text = "train sgd(rate: 0.1)"
    case .scan where part.text.contains("reverse "):
      part.text = part.text.replacing("reverse ", with: "")
    case .declaration where part.text.hasPrefix("param"):
      let parts = part.text.split(separator: " ~ ")
      guard parts.count == 2, parts[1] != "0" else { return nil }
      part.text = parts[0] + " ~ 0"
    case .declaration where part.text.hasPrefix("layer"):
      guard let layer = part.text.firstRange(of: " = ") else { return nil }
      let plain = part.text[..<layer.upperBound] + "rnn_tanh(1)"
      guard plain != part.text else { return nil }
      part.text = String(plain)
    case .scan, .declaration, .binding, .lateBinding: return nil
    }
    return replacing(paths[place], with: [part])
  }

  /// Without the last labelled argument of a statement.
  func droppingLabel(_ place: Int) -> FuzzModel? {
    guard var part = self[paths[place]], part.kind != .scan else { return nil }
    let characters = Array(part.text)
    var end = characters.count
    while let comma = characters[..<end].lastIndex(of: ",") {
      let after = characters[(comma + 1)...]
      let label = after.drop { $0 == " " }.prefix { $0.isLetter || $0 == "_" || $0 == "." }
      let close = Self.close(characters, comma)
      if !label.isEmpty, characters[label.endIndex...].first == ":", let close {
        part.text = String(characters[..<comma] + characters[close...])
        return replacing(paths[place], with: [part])
      }
      end = comma
    }
    return nil
  }

  /// Where an argument ends.
  private static func close(_ characters: [Character], _ comma: Int) -> Int? {
    var depth = 0
    for place in (comma + 1)..<characters.count {
      switch characters[place] {
      case "(", "[": depth += 1
      case ")", "]":
        if depth == 0 { return place }
        depth -= 1
      case "," where depth == 0: return place
      default: continue
      }
    }
    return nil
  }

  /// Without an axis, wherever it stands.
  func droppingAxis(_ place: Int) -> FuzzModel? {
    guard let part = self[paths[place]], part.kind == .declaration, part.text.hasPrefix("axis ")
    else { return nil }
    return replacing(paths[place], with: []).mappingTexts {
      let words = $0.replacing(" over \(part.name) ", with: " ")
        .replacing(" over \(part.name))", with: ")").replacing(" over \(part.name),", with: ",")
      return words.hasSuffix(" over \(part.name)")
        ? String(words.dropLast(6 + part.name.count)) : words
    }
  }

  /// The whole numbers above 1 that stand in the model, each once, the greatest first.
  var sizes: [Int] {
    let texts = paths.compactMap { self[$0] }.flatMap { [$0.text, $0.next] }
    return Set(texts.flatMap { Part.numbers($0) }.filter { $0 > 1 }).sorted(by: >)
  }

  /// With another number in place of a whole number.
  func replacing(size: Int, by other: Int) -> FuzzModel {
    mappingTexts { Self.tokens($0).map { $0 == "\(size)" ? "\(other)" : $0 }.joined() }
  }

  private static func renamed(_ text: String, _ name: String, _ other: String) -> String {
    tokens(text).map { $0 == name ? other : $0 }.joined()
  }

  /// A text cut into words, where a number with its point is one, and what is between them.
  fileprivate static func tokens(_ text: String) -> [String] {
    var tokens: [String] = []
    var isWord = false
    for character in text {
      let belongs =
        character.isLetter || character.isNumber || character == "_"
        || character == "." && (tokens.last?.first?.isNumber ?? false)
      if belongs, isWord, !tokens.isEmpty {
        tokens[tokens.count - 1].append(character)
      } else {
        tokens.append(String(character))
      }
      isWord = belongs
    }
    return tokens
  }
}

extension FuzzModel.Part {
  /// The whole numbers in a text.
  fileprivate static func numbers(_ text: String) -> [Int] {
    FuzzModel.tokens(text).compactMap { Int($0) }
  }
}
