import Foundation
import ModelRuntime
import Rondo
import Testing

/// A definition in `graphs`, and what its head comment says of it: the command that trains it, and
/// what is to be expected of that.
struct Example: Sendable, CustomTestStringConvertible {
  /// A figure that training must come to.
  struct Expectation: Sendable, CustomStringConvertible {
    /// How a figure is compared.
    enum Relation: String, Sendable {
      /// It is less.
      case below
      /// It is more.
      case above
      /// It is the same in all digits that are written.
      case equal = "of"
    }

    /// Whether it is about the data that is only looked at.
    var isValidation: Bool
    /// The loss or a metric.
    var measure: String
    /// How it is compared.
    var relation: Relation
    /// What it is compared with.
    var figure: Double
    /// The place of the last digit that is written.
    var digit: Double
    /// The words.
    var description: String

    /// Whether a value is as expected.
    func holds(_ value: Double) -> Bool {
      switch relation {
      case .below: value < figure
      case .above: value > figure
      case .equal: abs(value - figure) <= digit / 2
      }
    }
  }

  /// Where the package is.
  static let topLevel: String = {
    let target = Platform.split(#filePath).folder
    return Platform.split(Platform.split(target).folder).folder
  }()

  /// All of them.
  static let all: [Example] = {
    let folder = Platform.join(topLevel, "graphs")
    let files = (try? Platform.list(folder).filter { $0.hasSuffix(".graph") }.sorted()) ?? []
    return files.compactMap { try? Example(String($0.dropLast(6))) }
  }()

  /// The model's name, which is the file's.
  let name: String
  /// The definition.
  let definition: Definition
  /// The words after `rondo` that train it, as the comment has them.
  let command: [String]
  /// Those of the commands after it, which use what was trained.
  let uses: [[String]]
  /// What the comment expects, in the order of its words.
  let expectations: [Expectation]

  var testDescription: String { name }

  /// Reads a definition's file.
  init(_ name: String) throws {
    self.name = name
    let path = Platform.join(Self.topLevel, "graphs/\(name).graph")
    definition = try Definition(path: path)
    let text = String(decoding: definition.bytes, as: UTF8.self)
    let comment = text.split(separator: "\n", omittingEmptySubsequences: false)
      .prefix { $0.hasPrefix("#") }.map { $0.dropFirst(2) }
    let commands = comment.filter { $0.hasPrefix("    rondo ") }
      .map { Self.words(of: String($0.dropFirst("    rondo ".count))) }
    command = commands.first ?? []
    uses = Array(commands.dropFirst())
    let promise = comment.drop { !$0.hasPrefix("Expect ") }.joined(separator: " ")
    expectations =
      promise.matches(
        of: /(training|validation) (\w+) (below|above|of) ([0-9]+(?:\.([0-9]+))?)/
      )
      .compactMap { match in
        guard let relation = Expectation.Relation(rawValue: String(match.output.3)),
          let figure = Double(match.output.4)
        else { return nil }
        return Expectation(
          isValidation: match.output.1 == "validation",
          measure: String(match.output.2),
          relation: relation,
          figure: figure,
          digit: pow(0.1, Double(match.output.5?.count ?? 0)),
          description: String(match.output.0)
        )
      }
  }

  /// A command's words, as a shell takes them.
  private static func words(of line: String) -> [String] {
    line.matches(of: /"([^"]*)"|(\S+)/).compactMap { match in
      (match.output.1 ?? match.output.2).map(String.init)
    }
  }

  /// The command's words for a folder.
  ///
  /// - Parameter data: another file to train on.
  func words(data: String? = nil, folder: String) -> [String] {
    var words = command
    if let data, let place = words.firstIndex(of: "--data") { words[place + 1] = data }
    return words.map(Self.found) + ["-o", folder]
  }

  /// A word of a command, the package's files found from anywhere.
  static func found(_ word: String) -> String {
    word.hasPrefix("graphs/") ? Platform.join(topLevel, word) : word
  }
}
