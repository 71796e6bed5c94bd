import TestSupport

extension ExampleData {
  /// Short sentences of which two words tell the rest.
  private static let sentences = [
    "the cat sleeps on the warm stove",
    "the dog barks at the postman",
    "my brother repairs old clocks",
    "my sister plays the violin",
    "our neighbour grows tall sunflowers",
    "our teacher explains the hard words twice",
    "a fisherman mends his nets in winter",
    "a baker gets up before the sun",
    "in autumn the leaves turn red",
    "in spring the river carries melted snow",
    "every morning grandmother feeds the hens",
    "every ship needs a good captain",
    "two boys climb over the wall",
    "two moons shine over that planet",
    "when it rains we stay inside",
    "when night falls the owls wake up",
    "nobody knows where the key is",
    "nobody saw the thief run away",
    "bread tastes best with salt and butter",
    "bread rises slowly in a cold kitchen",
  ]

  /// The beginnings of the sentences, of two words and more, and the word after each.
  static let nextWord: String = {
    let lines = sentences.flatMap { sentence in
      let words = sentence.split(separator: " ")
      return (2..<words.count).map { count in
        "\(words.prefix(count).joined(separator: " "))\t\(words[count])"
      }
    }
    return table("before\tcoming", lines)
  }()

  /// A story to learn by heart.
  static let story = """
    once upon a time an old miller lived beside a narrow river
    every day he opened the gate and the water turned his wheel
    one summer no rain fell and the river became a thin thread
    the wheel stood still and the miller had nothing to grind
    then a grey heron came and sat down on the silent wheel
    do not be sad said the bird for I know where clouds sleep
    the heron flew over three hills and called with a loud voice
    at night the first drops knocked on the roof of the mill
    in the morning the wheel was turning faster than ever before
    since then there is always a bowl of fish behind that house

    """

  /// Sentences of a small grammar with a tag for each word; some words are nouns here and verbs there.
  static func tags(rows: Int, seed: UInt64) -> String {
    var grammar = TagGrammar(random: SmallRandom(seed: seed))
    return table("text\ttag", (0..<rows).map { _ in grammar.sentence() })
  }

  /// Sentences that praise or blame; `not` and `never` turn a word round, and what comes after `but` decides.
  static func moods(rows: Int, seed: UInt64) -> String {
    var grammar = MoodGrammar(random: SmallRandom(seed: seed))
    return table("text\tmood", (0..<rows).map { _ in grammar.sentence() })
  }
}

/// A grammar that knows the part of speech of what it says.
private struct TagGrammar {
  /// What chooses.
  var random: SmallRandom
  /// The sentence so far.
  private var words: [(text: String, tag: String)] = []

  /// Begins with no word.
  init(random: SmallRandom) { self.random = random }

  /// A sentence, a tabulator and its tags.
  mutating func sentence() -> String {
    words = []
    subject()
    add(["plants", "watches", "plays", "drinks", "walks", "sees", "finds", "loves"], "verb")
    switch random.below(4) {
    case 0: add(["slowly", "often", "again", "fast"], "adverb")
    case 1: object()
    case 2: place()
    default:
      object()
      place()
    }
    let texts = words.map(\.text).joined(separator: " ")
    return "\(texts)\t\(words.map(\.tag).joined(separator: " "))"
  }

  private mutating func subject() {
    guard random.below(3) > 0 else { return add(["she", "he", "nobody"], "pronoun") }
    add(["the", "a", "this"], "article")
    if random.below(2) == 0 { add(["old", "small", "fast", "new"], "adjective") }
    add(["child", "farmer", "dog", "woman", "king"], "noun")
  }

  private mutating func object() {
    if random.below(2) == 0 { add(["the", "some", "these"], "article") }
    if random.below(3) == 0 { add(["old", "small", "green", "new"], "adjective") }
    add(["plants", "watches", "plays", "drinks", "walks", "boats", "birds"], "noun")
  }

  private mutating func place() {
    add(["in", "near", "behind", "with"], "preposition")
    add(["the", "a", "this"], "article")
    add(["garden", "house", "river", "child", "dog"], "noun")
  }

  private mutating func add(_ choices: [String], _ tag: String) {
    words.append((random.pick(choices) ?? "", tag))
  }
}

/// A grammar that knows what it thinks.
private struct MoodGrammar {
  /// What chooses.
  var random: SmallRandom

  /// A sentence, a tabulator and its mood.
  mutating func sentence() -> String {
    var (text, isGood) = clause()
    if random.below(3) == 0 {
      let (more, decides) = clause()
      text += " but \(more)"
      isGood = decides
    }
    return "\(text)\t\(isGood ? "good" : "bad")"
  }

  /// A part of a sentence and whether it praises.
  private mutating func clause() -> (text: String, isGood: Bool) {
    let thing = pick(["film", "book", "song", "meal", "play", "hotel", "story", "game"])
    let isGood = random.below(2) == 0
    let turns = random.below(3) == 0
    if random.below(4) == 0 {
      let verb = isGood ? pick(["loved", "enjoyed"]) : pick(["hated", "regretted"])
      return turns
        ? ("i never \(verb) the \(thing)", !isGood) : ("i \(verb) the \(thing)", isGood)
    }
    let word =
      isGood
      ? pick(["wonderful", "good", "funny", "beautiful", "clever", "exciting"])
      : pick(["boring", "bad", "dull", "ugly", "silly", "terrible"])
    let before = pick(["", "", "very ", "really ", "so "])
    let turned = turns ? pick(["not ", "never "]) : ""
    return ("the \(thing) was \(turned)\(before)\(word)", isGood != turns)
  }

  private mutating func pick(_ choices: [String]) -> String { random.pick(choices) ?? "" }
}
