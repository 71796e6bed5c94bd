import Foundation

@testable import Workbench

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// An element of a drawing.
struct DrawnElement: Equatable {
  /// What it is, such as `rect`.
  var name: String
  /// Its attributes.
  var attributes: [String: String]
  /// The letters in it, its title's among them.
  var text = ""

  /// A number that it has.
  func number(_ name: String) -> Double { attributes[name].flatMap(Double.init) ?? .nan }

  /// Whether it is of a class.
  func has(_ name: String) -> Bool {
    attributes["class"]?.split(separator: " ").contains(Substring(name)) == true
  }
}

/// A drawing or page as an XML parser sees it.
struct Drawn {
  /// The elements in their order, as they begin.
  let elements: [DrawnElement]
  /// What is wrong with it; nil when it is XML.
  let error: String?

  /// Parses a text.
  init(_ text: String) {
    let reader = Reader()
    let parser = XMLParser(data: Data(text.utf8))
    parser.delegate = reader
    let isXML = parser.parse()
    error = isXML ? nil : "line \(parser.lineNumber): \(String(describing: parser.parserError))"
    elements = reader.elements
  }

  /// All elements of a name.
  func all(_ name: String) -> [DrawnElement] { elements.filter { $0.name == name } }

  /// What is written: the texts without what is told to who points at them.
  var words: [String] { all("text").map(\.text) }

  /// What is told to who points at something.
  var titles: [String] { all("title").map(\.text) }

  /// Collects elements.
  private final class Reader: NSObject, XMLParserDelegate {
    var elements: [DrawnElement] = []
    private var open: [Int] = []

    func parser(
      _ parser: XMLParser,
      didStartElement name: String,
      namespaceURI: String?,
      qualifiedName: String?,
      attributes: [String: String]
    ) {
      open.append(elements.count)
      elements.append(DrawnElement(name: name, attributes: attributes))
    }

    func parser(
      _ parser: XMLParser,
      didEndElement name: String,
      namespaceURI: String?,
      qualifiedName: String?
    ) {
      open.removeLast()
    }

    func parser(_ parser: XMLParser, foundCharacters text: String) {
      if let last = open.last { elements[last].text += text }
    }
  }
}
