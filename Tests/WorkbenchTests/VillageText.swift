/// The rule behind `graphs/data/village.txt`: a small grammar and chance that chooses among its words.
///
/// Same rule, same text; a test compares the two. What there is to learn, from easy to hard: letters
/// in words; words in sentences; that `is` goes with one and `are` with several; that a quotation
/// that is opened is closed; that whoever is spoken of as Anna is `she` in the next sentence; that
/// days follow one another; that sums are right.
struct VillageText {
  /// Where the generator of numbers is.
  private var state: UInt64 = 2024
  /// The text so far.
  private var text = ""

  /// How many letters the text has at least.
  static let length = 160_000

  /// The whole text.
  static func make() -> String {
    var maker = VillageText()
    var day = 0
    while maker.text.utf8.count < length {
      maker.paragraph(day: day)
      day += 1
    }
    return maker.text
  }

  // MARK: - Words

  /// Someone, and the word for the one spoken of before.
  private struct Person {
    let name: String
    let pronoun: String
    let trade: String
  }

  /// A thing, alone and in number, and what it can be.
  private struct Thing {
    let one: String
    let many: String
    let qualities: [String]
  }

  /// Who lives there.
  private static let people = [
    Person(name: "Anna", pronoun: "She", trade: "baker"),
    Person(name: "Bruno", pronoun: "He", trade: "miller"),
    Person(name: "Clara", pronoun: "She", trade: "weaver"),
    Person(name: "David", pronoun: "He", trade: "smith"),
    Person(name: "Edith", pronoun: "She", trade: "teacher"),
    Person(name: "Felix", pronoun: "He", trade: "gardener"),
    Person(name: "Greta", pronoun: "She", trade: "shepherd"),
    Person(name: "Henry", pronoun: "He", trade: "carpenter"),
  ]
  /// What they have.
  private static let things = [
    Thing(one: "apple", many: "apples", qualities: ["red", "ripe", "sweet"]),
    Thing(one: "loaf", many: "loaves", qualities: ["warm", "brown", "fresh"]),
    Thing(one: "goose", many: "geese", qualities: ["white", "loud", "fat"]),
    Thing(one: "candle", many: "candles", qualities: ["tall", "white", "thin"]),
    Thing(one: "basket", many: "baskets", qualities: ["heavy", "round", "empty"]),
    Thing(one: "lamb", many: "lambs", qualities: ["small", "white", "shy"]),
    Thing(one: "chair", many: "chairs", qualities: ["old", "oaken", "broken"]),
    Thing(one: "knife", many: "knives", qualities: ["sharp", "old", "short"]),
    Thing(one: "letter", many: "letters", qualities: ["long", "short", "kind"]),
    Thing(one: "shirt", many: "shirts", qualities: ["blue", "clean", "warm"]),
  ]
  /// Where things are.
  private static let places = [
    "in the barn", "on the table", "by the river", "under the oak", "behind the mill",
    "at the market", "near the well", "on the hill",
  ]
  /// The days in their order.
  private static let days = [
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
  ]
  /// What a day is like.
  private static let weathers = [
    ("it rained", "stayed at home"), ("the sun shone", "went to the river"),
    ("the wind blew", "closed the shutters"), ("it snowed", "lit a fire"),
    ("there was fog", "walked slowly"),
  ]
  /// Numbers as words.
  private static let numbers = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
  ]

  // MARK: - Sentences

  /// A day: what it was like, and some sentences about it.
  private mutating func paragraph(day: Int) {
    let (weather, deed) = choose(Self.weathers)
    let person = choose(Self.people)
    let name = Self.days[day % 7]
    text += "On \(name) \(weather), and \(person.name) the \(person.trade) \(deed)."
    for _ in 0..<3 + below(4) {
      text += " "
      switch below(6) {
      case 0: possession()
      case 1: placement()
      case 2: talk()
      case 3: sum()
      case 4: gift()
      default: work()
      }
    }
    text += " The next day was \(Self.days[(day + 1) % 7]).\n"
    if day % 7 == 6 { text += "\n" }
  }

  /// Someone has things; the pronoun agrees.
  private mutating func possession() {
    let person = choose(Self.people)
    let thing = choose(Self.things)
    let count = 1 + below(9)
    let (first, second) = (choose(thing.qualities), choose(Self.places))
    text += "\(person.name) has \(amount(count, thing))."
    text += " \(person.pronoun) keeps \(count == 1 ? "it" : "them") \(second), and"
    text += " \(count == 1 ? "it is" : "they are") \(first)."
  }

  /// Things are somewhere; the verb agrees.
  private mutating func placement() {
    let thing = choose(Self.things)
    let quality = choose(thing.qualities)
    let place = choose(Self.places)
    text +=
      below(2) == 0
      ? "The \(quality) \(thing.one) is \(place)." : "The \(quality) \(thing.many) are \(place)."
  }

  /// A question and its answer; the answer gives back the place asked for.
  private mutating func talk() {
    let asker = choose(Self.people)
    let thing = choose(Self.things)
    let place = choose(Self.places)
    let isOne = below(2) == 0
    text += "\"Where \(isOne ? "is the \(thing.one)" : "are the \(thing.many)")?\" asked"
    text += " \(asker.name). \"\(isOne ? "It is" : "They are") \(place),\" said the"
    text += " \(choose(Self.people).trade)."
  }

  /// A sum that is right.
  private mutating func sum() {
    let (a, b) = (1 + below(9), 1 + below(9))
    let result = "\(Self.numbers[a]) and \(Self.numbers[b]) make \(Self.numbers[a + b])"
    text +=
      below(2) == 0
      ? capitalized(result) + "."
      : "\"\(capitalized(result)),\" said Edith, and wrote \(a) + \(b) = \(a + b)."
  }

  /// Someone gives someone else things.
  private mutating func gift() {
    let giver = choose(Self.people)
    let taker = choose(Self.people.filter { $0.name != giver.name })
    let thing = choose(Self.things)
    text += "\(giver.name) gave \(amount(1 + below(5), thing)) to \(taker.name), and"
    text += " \(taker.name) said: \"Thank you, \(giver.name)!\""
  }

  /// What someone does, by trade.
  private mutating func work() {
    let person = choose(Self.people)
    let hour = Self.numbers[1 + below(12)]
    text += "The \(person.trade) worked until \(hour) o'clock, because \(person.name) had"
    text += " \(choose(["much", "little", "nothing"])) to do."
  }

  // MARK: - Choices

  /// A number and what is counted.
  private func amount(_ count: Int, _ thing: Thing) -> String {
    let article = "aeiou".contains(thing.one.prefix(1)) ? "an" : "a"
    return count == 1 ? "\(article) \(thing.one)" : "\(Self.numbers[count]) \(thing.many)"
  }

  /// A sentence's beginning in upper case.
  private func capitalized(_ sentence: String) -> String {
    sentence.prefix(1).uppercased() + sentence.dropFirst()
  }

  /// One of the alternatives.
  private mutating func choose<Choice>(_ choices: [Choice]) -> Choice {
    choices[below(choices.count)]
  }

  /// A number from 0 to below `count`: the upper half of a linear congruence.
  private mutating func below(_ count: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % count
  }
}
