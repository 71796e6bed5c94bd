import Testing

/// A wrong file, or a wrong word about a right one, and what is said.
struct WrongData: Sendable, CustomTestStringConvertible {
  /// The words after `rondo`; `@/d.tsv` and the like is the file, `_` stands for a space in a word.
  var line: String
  /// What stands in the file.
  var text: String
  /// The first line that is written.
  var message: String
  /// The exit code: 2 for wrong use, 1 for wrong input.
  var code: Int32

  /// The words, for the test's name.
  var testDescription: String { line }

  /// An entry of the table.
  init(_ line: String, _ text: String, _ message: String, _ code: Int32 = 1) {
    self.line = line
    self.text = text
    self.message = message
    self.code = code
  }

  /// Definitions beside those of the workshop, by their files' names.
  static let definitions = [
    "tags": """
    model tags {
      size words, kinds
      axis word
      input text: token(words) over word
      target tag: token(kinds) over word
      layer embed = embedding(3), rnn = gru(3), score = linear(kinds)
      logits = score(rnn(embed(text)))
      output argmax(logits) as answer
      loss cross_entropy(logits, tag)
      train sgd(rate: 0.1)
    }

    """,
    "moods": """
    model moods {
      size words, kinds
      axis time
      input text: token(words) over time
      target mood: token(kinds)
      layer embed = embedding(3), rnn = gru(3), score = linear(kinds)
      logits = score(last(rnn(embed(text))))
      output argmax(logits) as answer
      loss cross_entropy(logits, mood)
      metric argmax(logits) == mood as accuracy
      train adam(rate: 0.05)
    }

    """,
    "points": """
    model points {
      size width
      axis time
      input x: real[width] over time
      input place: real[2]
      target y: real
      layer rnn = gru(3), mix = linear(1)
      guess = mix(concat(last(rnn(x)), place))[0]
      output guess
      loss mse(guess, y)
      train sgd(rate: 0.1)
    }

    """,
    "short": """
    model short {
      size words
      axis time <= 3
      target text: token(words) over time
      layer embed = embedding(3), rnn = gru(3), score = linear(words)
      logits = score(rnn(embed(previous(text))))
      loss cross_entropy(logits, text)
      train sgd(rate: 0.1)
      generate text from logits until 0
    }

    """,
  ]

  /// The table; `@/mood` holds a run of `moods`, `@/tag` one of `tags`.
  static let table: [WrongData] = [
    // What a file is.
    .init("train @/tags.graph --data @/d.tsv", "", "'@/d.tsv' is empty"),
    .init("train @/tags.graph --data @/d.csv", "\n\n", "'@/d.csv' is empty"),
    .init("train @/tags.graph --data @/d.tsv", "text\ttag\n", "'@/d.tsv' has no row"),
    .init(
      "train @/tags.graph --data @/none.tsv",
      "",
      "cannot read '@/none.tsv': No such file or directory"
    ),
    .init("train @/tags.graph --data @/d.npz", "PK", "'@/d.npz' is no zip file, which .npz is"),
    .init("train @/tags.graph --data @/d.npy", "text", "'@/d.npy' is too short for a NumPy array"),
    .init("train @/tags.graph --data @/d.npy", "text and more text", "'@/d.npy' is no NumPy array"),
    .init(
      "train @/tags.graph --data @/d.safetensors",
      "text",
      "'@/d.safetensors': the weights have 4 bytes, and a header's length takes 8"
    ),
    .init(
      "train @/tags.graph --data @/d.csv",
      "text,\"tag\na,b\n",
      "'@/d.csv' line 1: the quote that begins cell 2 is not closed"
    ),
    // Columns and what is bound to them.
    .init(
      "train @/tags.graph --data @/d.tsv",
      "text\ttags\na\tX\n",
      "'@/d.tsv' has no column 'tag', it has 'text', 'tags'"
    ),
    .init(
      "train @/tags.graph --data @/d.csv",
      "text\ttag\na\tX\n",
      "'@/d.csv' has no column 'text', it has 'text\\u{9}tag'"
    ),
    .init(
      "train @/tags.graph --data @/d.tsv",
      "tag\ttext\ttag\na\tX\tY\n",
      "'@/d.tsv' has 2 columns 'tag'"
    ),
    .init(
      "train @/tags.graph --data @/d.tsv --bind tag=mood",
      "text\ttag\na\tX\n",
      "'@/d.tsv' has no column 'mood', it has 'text', 'tag'"
    ),
    .init(
      "train @/tags.graph --data @/d.tsv --bind tags=tag",
      "text\ttag\na\tX\n",
      "tags has no input 'tags', it has text, tag"
    ),
    .init(
      "train @/tags.graph --data @/d.tsv --bind text=text,tag",
      "text\ttag\na\tX\n",
      "'text' is bound to 2 columns, which only a vector of numbers can be"
    ),
    .init(
      "train @/tags.graph --data @/d.tsv --bind text",
      "",
      "--bind takes INPUT=COLUMN or INPUT=COLUMN,COLUMN, not 'text'",
      2
    ),
    .init(
      "train @/tags.graph --data @/d.tsv --bind text=",
      "",
      "--bind takes INPUT=COLUMN or INPUT=COLUMN,COLUMN, not 'text='",
      2
    ),
    .init(
      "train @/tags.graph --data @/d.tsv --bind a=b --bind a=c",
      "",
      "--bind gives 'a' two columns; write them with a comma",
      2
    ),
    .init(
      "train @/points.graph --data @/d.csv --bind place=a,b,c",
      "x,a,b,c,y\n1,2,3,4,5\n",
      "'place' has 2 numbers, and is bound to 3 columns"
    ),
    .init(
      "train @/points.graph --data @/d.csv --bind x=a,b",
      "a,b,place,y\n1,2,3 3,4\n",
      "'x' is bound to 2 columns, which only a vector of numbers can be"
    ),
    .init(
      "train @/reader.graph --data @/d.txt --bind text=a",
      "abc",
      "'@/d.txt' is read as one text, which has no columns"
    ),
    // Units.
    .init(
      "train @/tags.graph --data @/d.tsv --by words",
      "",
      "--by takes one of character, byte, word, name, number, not 'words'",
      2
    ),
    .init(
      "train @/tags.graph --data @/d.tsv --by word --by byte",
      "",
      "--by gives all columns two units",
      2
    ),
    .init(
      "train @/tags.graph --data @/d.tsv --by text=word --by text=byte",
      "",
      "--by gives 'text' two units",
      2
    ),
    .init(
      "train @/tags.graph --data @/d.tsv --by texts=word",
      "text\ttag\na\tX\n",
      "there is no input and no column 'texts' to be read by a unit"
    ),
    .init(
      "train @/reader.graph --data @/d.txt --by name",
      "abc",
      "not supported: '@/d.txt': a text is read by character, byte or word, not by name"
    ),
    .init(
      "train @/tags.graph --data @/d.tsv --by text=number",
      "text\ttag\n3 x\tA B\n",
      "'@/d.tsv' line 2, column 'text': 'x' is not the number of a token"
    ),
    .init(
      "train @/tags.graph --data @/d.tsv --by text=number",
      "text\ttag\n3 -1\tA B\n",
      "'@/d.tsv' line 2, column 'text': '-1' is not the number of a token"
    ),
    // Rows.
    .init(
      "train @/tags.graph --data @/d.tsv",
      "text\ttag\na\n",
      "'@/d.tsv' line 2: has 1 cells, and the first line has 2"
    ),
    .init(
      "train @/tags.graph --data @/d.tsv",
      "text\ttag\na b\tX\n",
      "'@/d.tsv' line 2: 'tag' has length 1 along word, and 'text' has 2"
    ),
    .init(
      "train @/tags.graph --data @/d.tsv",
      "text\ttag\na\tX\n\t\n",
      "'@/d.tsv' line 3, column 'text': the cell is empty"
    ),
    .init(
      "train @/tags.graph --data @/d.csv",
      "text,tag\n\"a,X\n",
      "'@/d.csv' line 2: the quote that begins cell 1 is not closed"
    ),
    .init(
      "train @/tags.graph --data @/d.csv",
      "text,tag\na\"b,X\n",
      "'@/d.csv' line 2: cell 1 has a quote in it, and does not begin with one"
    ),
    .init(
      "train @/tags.graph --data @/d.csv",
      "text,tag\n\"a\"b,X\n",
      "'@/d.csv' line 2: cell 1 goes on after its closing quote"
    ),
    .init(
      "train @/moods.graph --data @/d.tsv",
      "text\tmood\na\t\n",
      "'@/d.tsv' line 2, column 'mood': the cell is empty"
    ),
    .init(
      "train @/short.graph --data @/d.tsv",
      "text\na\na b c\n",
      "'@/d.tsv' line 3: the length along time is 4, and the bound is 3"
    ),
    .init(
      "train @/tags.graph --data @/d.tsv --skip-bad-rows",
      "text\ttag\n\tX\n",
      "'@/d.tsv' has nothing to train on"
    ),
    .init(
      "train @/points.graph --data @/d.csv",
      "x,place,y\n1 2,3 4,five\n",
      "'@/d.csv' line 2, column 'y': 'five' is not a number that can be used"
    ),
    .init(
      "train @/points.graph --data @/d.csv",
      "x,place,y\n1 2,3 4,\n",
      "'@/d.csv' line 2, column 'y': the cell is empty"
    ),
    .init(
      "train @/points.graph --data @/d.csv",
      "x,place,y\n1 2,3,4\n",
      "'@/d.csv' line 2, column 'place': there are 1 numbers, not 2"
    ),
    .init(
      "train @/points.graph --data @/d.csv",
      "x,place,y\n1 2;3,3 4,5\n",
      "'@/d.csv' line 2, column 'x': step 2 has 1 numbers, not 2"
    ),
    .init(
      "train @/points.graph --data @/d.csv",
      "x,place,y\n1 2,3 4,5\n1,3 4,5\n",
      "'@/d.csv' line 3, column 'x': there are 1 numbers, and 2 in the rows before"
    ),
    .init(
      "train @/points.graph --data @/d.csv",
      "x,place,y\n1 inf,3 4,5\n",
      "'@/d.csv' line 2, column 'x': 'inf' is not a number that can be used"
    ),
    // Sizes.
    .init(
      "train @/tags.graph --data @/d.tsv --size kinds=1",
      "text\ttag\na b\tX Y\n",
      "the data has 2 different words, and 'tag' takes 1 tokens"
    ),
    .init(
      "train @/tags.graph --data @/d.tsv --size word=1",
      "text\ttag\na b\tX Y\n",
      "'@/d.tsv' line 2: the length along word is 2, and the bound is 1"
    ),
    .init(
      "train @/points.graph --data @/d.csv --size width=3",
      "x,place,y\n1 2,3 4,5\n",
      "'@/d.csv' line 2, column 'x': step 1 has 2 numbers, not 3"
    ),
    .init(
      "train @/tags.graph --data @/d.tsv --size letters=3",
      "text\ttag\na\tX\n",
      "the definition is wrong"
    ),
    // Windows.
    .init(
      "train @/tags.graph --data @/d.txt --window 3",
      "",
      "--window cuts a .csv or .tsv up, and '@/d.txt' is none",
      2
    ),
    .init("train @/tags.graph --data @/d.tsv --ahead 3", "", "--ahead goes with --window", 2),
    .init(
      "train @/points.graph --data @/d.csv --window 0",
      "",
      "--window takes a whole number from 1 to 1000000, not '0'",
      2
    ),
    .init(
      "train @/points.graph --data @/d.csv --window 3 --bind x=a,b --bind place=a,b",
      "a,b,y\n1,2,3\n1,2,3\n",
      "'@/d.csv' has nothing to train on"
    ),
    .init(
      "train @/points.graph --data @/d.csv --window 3 --bind x=a,b --bind place=a,b --validation 0.3",
      "a,b,y\n1,2,3\n1,2,3\n1,2,3\n1,2,3\n1,2,3\n1,2,3\n1,2,3\n",
      "the last 2 of 7 rows are too few to validate by: a window and what is ahead of it take 4"
    ),
    .init(
      "train @/points.graph --data @/d.csv --window 1 --bind x=a,b --bind place=a,b",
      "a,b,y\n1,2,3\n1,?,3\n",
      "'@/d.csv' line 3, column 'b': '?' is not a number that can be used"
    ),
    // Validation.
    .init(
      "train @/tags.graph --data @/d.tsv --validation @/none.tsv",
      "text\ttag\na\tX\n",
      "cannot read '@/none.tsv': No such file or directory"
    ),
    .init(
      "train @/tags.graph --data @/d.tsv --validation @/text.txt",
      "text\ttag\na\tX\n",
      "'@/text.txt' is no table, and '@/d.tsv' is one"
    ),
    .init(
      "train @/tags.graph --data @/d.tsv --validation @/d.tsv",
      "text\ttag\na\tX\n",
      "'@/d.tsv' is trained on, so it shows nothing of what was not seen"
    ),
    .init(
      "train @/tags.graph --data @/d.tsv --validation 1",
      "",
      "--validation takes a fraction from 0 to below 1, or a file, not 1.0",
      2
    ),
    // How training goes.
    .init(
      "train @/tags.graph --data @/d.tsv --schedule steps",
      "",
      "--schedule takes constant, cosine, step:EVERY,FACTOR or plateau:EPOCHS,FACTOR with a factor above 0 to 1, not 'steps'",
      2
    ),
    .init(
      "train @/tags.graph --data @/d.tsv --schedule step:0,0.5",
      "",
      "--schedule takes constant, cosine, step:EVERY,FACTOR or plateau:EPOCHS,FACTOR with a factor above 0 to 1, not 'step:0,0.5'",
      2
    ),
    .init(
      "train @/tags.graph --data @/d.tsv --schedule plateau:2,1.5",
      "",
      "--schedule takes constant, cosine, step:EVERY,FACTOR or plateau:EPOCHS,FACTOR with a factor above 0 to 1, not 'plateau:2,1.5'",
      2
    ),
    .init(
      "train @/tags.graph --data @/d.tsv --patience 0",
      "",
      "--patience takes a whole number from 1 to 1000000, not '0'",
      2
    ),
    .init(
      "train @/tags.graph --data @/d.tsv --warm-up -1",
      "",
      "--warm-up takes a whole number from 0 to 1000000000, not '-1'",
      2
    ),
    .init(
      "train @/moods.graph --data @/d.tsv -o @/mood",
      "text\tmood\na\tX\n",
      "'@/mood' holds a run already"
    ),
    .init(
      "train @/moods.graph --data @/d.tsv -o @/mood --resume",
      "text\tmood\na\tX\n",
      "the data is not the one that the run in '@/mood' began with"
    ),
    // Judging.
    .init("evaluate @/mood", "", "evaluate needs --data FILE", 2),
    .init("evaluate @/nowhere --data @/d.tsv", "", "there is no folder '@/nowhere'"),
    .init(
      "evaluate @/mood --data @/d.tsv",
      "text\tmood\nfine\tgreen\n",
      "'@/d.tsv' line 2, column 'mood': 'green' is not among the 2 of the vocabulary"
    ),
    .init(
      "evaluate @/mood --data @/d.tsv",
      "text\nfine\n",
      "'@/d.tsv' has no column 'mood', it has 'text'"
    ),
    .init(
      "evaluate @/mood --data @/d.tsv",
      "text\tmood\na b c d e f\tgood\n",
      "'@/d.tsv' line 2: the length along time is 6, and the bound is 3"
    ),
    .init(
      "evaluate @/mood --data @/d.tsv --skip-bad-rows",
      "text\tmood\na\tgreen\n",
      "'@/d.tsv' has no example"
    ),
    .init(
      "evaluate @/mood --data @/d.txt",
      "fine",
      "'@/d.txt' is not of the kind that moods was trained on"
    ),
    .init(
      "evaluate @/mood --data @/d.tsv --exact-match",
      "text\tmood\nfine\tgood\n",
      "not supported: moods draws no target, so nothing can be compared"
    ),
    .init(
      "evaluate @/mood --data @/d.tsv --bind x=y",
      "text\tmood\nfine\tgood\n",
      "moods has no input 'x' here, it has text, mood"
    ),
    // Using.
    .init("predict @/mood", "", "predict takes either --data FILE or an example: INPUT=VALUE", 2),
    .init(
      "predict @/mood fine --data @/d.tsv",
      "",
      "predict takes either --data FILE or an example: INPUT=VALUE",
      2
    ),
    .init("predict @/mood fine -o @/out/x.tsv", "", "--out goes with --data", 2),
    .init(
      "predict @/mood fine good",
      "",
      "moods takes text=VALUE, and 'fine' is for none of them",
      2
    ),
    .init("predict @/mood text=a text=b", "", "'text' is given two values", 2),
    .init("predict @/mood text=", "", "'text': the cell is empty"),
    .init("predict @/mood a_b_c_d", "", "the length along time is 4, and the bound is 3"),
    .init("predict @/mood fine --probabilities", "", "moods gives no probability of classes"),
    .init(
      "predict @/mood --data @/d.tsv",
      "mood\ngood\n",
      "'@/d.tsv' has no column 'text', it has 'mood'"
    ),
    .init("predict @/out fine", "", "there is no compiled model in '@/out'"),
    .init("score @/mood", "", "score takes either --data FILE or a sequence: INPUT=VALUE", 2),
    .init(
      "score @/mood text=fine mood=good",
      "",
      "not supported: the loss of moods does not say how likely a sequence is"
    ),
    .init("score @/mood text=fine", "", "nothing is given for 'mood'"),
    .init(
      "generate @/mood",
      "",
      "not supported: moods draws nothing: its definition has no `generate`"
    ),
    .init("generate @/model tomorrow", "", "reader takes no input, and 'tomorrow' is too much", 2),
    .init(
      "generate @/model --data @/d.tsv",
      "",
      "--data is for models that draw an answer, and reader goes on",
      2
    ),
    .init("score @/model text=Zebra", "", "'text': 'Z' is not among the 15 of the vocabulary"),
  ]
}
