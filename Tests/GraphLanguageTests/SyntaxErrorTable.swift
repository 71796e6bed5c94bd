/// Statements that cannot be read, each with its messages as a person sees them.
///
/// The statement stands on line 2 of a model, two columns in.
enum SyntaxErrorTable {
  /// Statement and messages.
  static let cases: [(statement: String, messages: String)] = text.split(separator: "> ").map {
    let end = $0.firstIndex(of: "\n") ?? $0.endIndex
    let messages = $0[end...].dropFirst()
    // An empty line parts the cases.
    return (String($0[..<end]), String(messages.hasSuffix("\n\n") ? messages.dropLast() : messages))
  }

  /// The table as it is read.
  private static let text = #"""
    > y = f(x))
    x.graph:2:11: error: unexpected `)`
      2 |   y = f(x))
        |           ^
        = remove it, or write what opens it

    > y =
    x.graph:2:6: error: unexpected end of line
      2 |   y =
        |      ^
        = write an expression

    > y = a b
    x.graph:2:9: error: unexpected `b`
      2 |   y = a b
        |         ^
        = write an operator between the two, or end the line

    > y = (a + b
    x.graph:2:7: error: `(` is never closed
      2 |   y = (a + b
        |       ^
        = write `)` where it ends

    > y = f(a, )
    x.graph:2:12: error: unexpected `)`
      2 |   y = f(a, )
        |            ^
        = write an expression, or remove the `,` before it

    > y = [a, b
    x.graph:2:7: error: `[` is never closed
      2 |   y = [a, b
        |       ^
        = write `]` where it ends

    > y == x
    x.graph:2:5: error: unexpected `==`
      2 |   y == x
        |     ^~
        = write `=` to bind a name

    > y: real = 1
    x.graph:2:4: error: unexpected `:`
      2 |   y: real = 1
        |    ^
        = write `=` to bind a name; its type is found

    > retrun x
    x.graph:2:3: error: no statement begins with `retrun`
      2 |   retrun x
        |   ^~~~~~
        = write `NAME = ..`, or a word such as `layer` or `output`

    > return x
    x.graph:2:3: error: no statement begins with `return`
      2 |   return x
        |   ^~~~~~
        = write `emit` and a value

    > ouput x
    x.graph:2:3: error: no statement begins with `ouput`
      2 |   ouput x
        |   ^~~~~
        = did you mean `output`?

    > for i in x
    x.graph:2:3: error: no statement begins with `for`
      2 |   for i in x
        |   ^~~
        = write `scan over` and an axis

    > h + 1
    x.graph:2:5: error: unexpected `+`
      2 |   h + 1
        |     ^
        = a value alone says nothing; write `y = ..` or `output ..`

    > state h real = 0
    x.graph:2:11: error: unexpected reserved word `real`
      2 |   state h real = 0
        |           ^~~~
        = write `:` and a type, as in `x: real[8] over time`

    > state h: real
    x.graph:2:16: error: unexpected end of line
      2 |   state h: real
        |                ^
        = write `=` and the value before the first step

    > param w: real[3]
    x.graph:2:19: error: unexpected end of line
      2 |   param w: real[3]
        |                   ^
        = write `~` and the first value, as in `~ uniform(0.1)`

    > param w: rael ~ 0
    x.graph:2:12: error: unexpected `rael`
      2 |   param w: rael ~ 0
        |            ^~~~
        = write a type: `real`, `real[n]` or `token(n)`

    > axis <= 5
    x.graph:2:8: error: unexpected `<=`
      2 |   axis <= 5
        |        ^~
        = write the name of an axis

    > axis in
    x.graph:2:8: error: unexpected reserved word `in`
      2 |   axis in
        |        ^~
        = write the name of an axis; a reserved word is never a name

    > size
    x.graph:2:7: error: unexpected end of line
      2 |   size
        |       ^
        = write the name of a size

    > layer rnn lstm(3)
    x.graph:2:13: error: unexpected `lstm`
      2 |   layer rnn lstm(3)
        |             ^~~~
        = write `=` and what it is an instance of, as in `= lstm(128)`

    > target = 3
    x.graph:2:3: error: `target` at the start of a line is a statement, not a name
      2 |   target = 3
        |   ^~~~~~
        = give the value another name

    > scan time { a = 1 }
    x.graph:2:8: error: unexpected `time`
      2 |   scan time { a = 1 }
        |        ^~~~
        = write `over` and an axis: `scan over time {`

    > scan over time
    x.graph:2:17: error: unexpected end of line
      2 |   scan over time
        |                 ^
        = write `{` to begin the scan

    > emit x y
    x.graph:2:10: error: unexpected `y`
      2 |   emit x y
        |          ^
        = write an operator between the two, or end the line

    > output x as
    x.graph:2:14: error: unexpected end of line
      2 |   output x as
        |              ^
        = write a name for the output

    > train adam
    x.graph:2:13: error: unexpected end of line
      2 |   train adam
        |             ^
        = write what the optimiser is given, as in `adam(rate: 0.001)`

    > train adam(rate = 0.1)
    x.graph:2:19: error: unexpected `=`
      2 |   train adam(rate = 0.1)
        |                   ^
        = write `rate: 0.1` to name an argument, `==` to compare

    > stream time
    x.graph:2:10: error: unexpected `time`
      2 |   stream time
        |          ^~~~
        = write `over` and an axis: `stream over time`

    > generate x logits
    x.graph:2:14: error: unexpected `logits`
      2 |   generate x logits
        |              ^~~~~~
        = write `from` and what it is drawn from: `generate text from logits`

    > y = a < b < c
    x.graph:2:13: error: unexpected `<`
      2 |   y = a < b < c
        |             ^
        = compare twice and multiply: `(a < b) * (b < c)`

    > y = x[]
    x.graph:2:9: error: unexpected `]`
      2 |   y = x[]
        |         ^
        = write an expression

    > y = x[1, 2]
    x.graph:2:10: error: unexpected `,`
      2 |   y = x[1, 2]
        |          ^
        = write `]`; take one index at a time, as in `x[i][j]`

    > y = x[1:]
    x.graph:2:11: error: unexpected `]`
      2 |   y = x[1:]
        |           ^
        = write an expression

    > y = 1.h
    x.graph:2:7: error: `1.h` has no digit after its point
      2 |   y = 1.h
        |       ^~~
        = write `1`, or digits after the point

    > y = .5
    x.graph:2:7: error: unexpected `.`
      2 |   y = .5
        |       ^
        = write a digit before the point, as in `0.5`

    > y = 1. + 2
    x.graph:2:7: error: `1.` has no digit after its point
      2 |   y = 1. + 2
        |       ^~
        = write `1`, or digits after the point

    > y = 12abc
    x.graph:2:7: error: `12abc` is neither a number nor a name
      2 |   y = 12abc
        |       ^~~~~
        = write numbers as `12`, `0.5` or `1e-3`, products as `2 * x`, names from a letter on

    > y = 1e999
    x.graph:2:7: error: `1e999` is too large a number
      2 |   y = 1e999
        |       ^~~~~
        = numbers go from about 1e-308 to 1e308

    > y = 1e-999
    x.graph:2:7: error: `1e-999` is too small a number
      2 |   y = 1e-999
        |       ^~~~~~
        = numbers go from about 1e-308 to 1e308

    > y = x ^ 2
    x.graph:2:9: error: unexpected `^`
      2 |   y = x ^ 2
        |         ^
        = write `x * x`; there is no power

    > y = "a"
    x.graph:2:7: error: unexpected `"a"`
      2 |   y = "a"
        |       ^~~
        = remove it; the language has no strings

    > y = größe
    x.graph:2:7: error: `größe` has letters that no name may have
      2 |   y = größe
        |       ^~~~~
        = write names with A to Z, a to z, 0 to 9 and _

    > y = a // b
    x.graph:2:10: error: unexpected `/`
      2 |   y = a // b
        |          ^
        = write `#` before a comment

    > y = 2 ** 3
    x.graph:2:10: error: unexpected `*`
      2 |   y = 2 ** 3
        |          ^
        = write `x * x`; there is no power

    > y = f(a + b: c)
    x.graph:2:9: error: this is not a label
      2 |   y = f(a + b: c)
        |         ^~~~~
        = before `:` write a name, or names joined by `.`

    > y = f(x over t to u over v)
    x.graph:2:23: error: unexpected reserved word `over`
      2 |   y = f(x over t to u over v)
        |                       ^~~~
        = write `over` before `to`

    > y = step x
    x.graph:2:13: error: unexpected end of line
      2 |   y = step x
        |             ^
        = write `(` and what the cell is given

    > y = next 3
    x.graph:2:12: error: unexpected `3`
      2 |   y = next 3
        |            ^
        = write the name of a state

    > y = x over t
    x.graph:2:9: error: unexpected reserved word `over`
      2 |   y = x over t
        |         ^~~~
        = write `over` inside an application, as in `sum(x over time)`

    > y = a;
    x.graph:2:8: error: unexpected `;`
      2 |   y = a;
        |        ^
        = remove it; a statement ends with its line

    > y = training = 1
    x.graph:2:16: error: unexpected `=`
      2 |   y = training = 1
        |                ^
        = write `==` to compare; a line binds its names once

    > y = (a, b)
    x.graph:2:9: error: unexpected `,`
      2 |   y = (a, b)
        |         ^
        = write `[a, b]` to put values together

    > input x: token
    x.graph:2:17: error: unexpected end of line
      2 |   input x: token
        |                 ^
        = write how many tokens: `token(n)`

    > y = a.0
    x.graph:2:9: error: unexpected `0`
      2 |   y = a.0
        |         ^
        = write the name of a member, as in `y.h`, or `y[0]` for a row

    > in = 3
    x.graph:2:3: error: unexpected reserved word `in`
      2 |   in = 3
        |   ^~
        = write another name; a reserved word is never a name

    > next h
    x.graph:2:9: error: unexpected end of line
      2 |   next h
        |         ^
        = write `=` and the state's value after this step

    > a, = 3
    x.graph:2:6: error: unexpected `=`
      2 |   a, = 3
        |      ^
        = write the name of another part

    > y = 1 .h
    x.graph:2:9: error: unexpected `.`
      2 |   y = 1 .h
        |         ^
        = remove it; a number has no members

    > y = +1
    x.graph:2:7: error: unexpected `+`
      2 |   y = +1
        |       ^
        = remove it; a number without sign is positive

    """#
}
