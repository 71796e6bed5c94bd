extension RuleRefusals {
  /// Operators.
  static let operators = #"""
    > shapes are equal
    y = x + [1, 2]
    ---
    8:5: error: `+` meets real[4] over time and real[2]
      shapes must be equal, or one a single number: `x` (line 4) is real[4] over time, the second (line 8) is real[2]

    > tokens are not added
    y = x * t
    ---
    8:7: error: `*` takes real numbers, but `t` (line 6) is token(3) over time
      tokens are only compared; write `onehot(t)` or `number(t)`

    > tokens are compared with tokens
    y = t < 2
    ---
    8:7: error: `<` takes real numbers, but `t` (line 6) is token(3) over time
      tokens are only compared; write `onehot(t)` or `number(t)`

    > a literal beside a token is a token
    y = t == 1.5
    ---
    8:10: error: a token of 3 must be a whole number, not 1.5
      it must be from 0 to 2

    > none stands beside a token
    y = x == none
    ---
    8:10: error: `none` has no type here
      it stands beside a token, as in `t == none`

    > a product has dimensions to sum over
    y = 2 @ x
    ---
    8:5: error: `@` meets real and real[4] over time
      it takes vectors and matrices, `*` takes numbers: the first (line 8) is real, `x` (line 4) is real[4] over time

    > a product's inner dimensions are equal
    param w: real[4, 3] ~ 0
    y = w @ x
    ---
    9:5: error: `@` meets real[4, 3] and real[4] over time: 3 is not 4
      the last dimension of the first is summed with the first of the second: `w` (line 8) is real[4, 3], `x` (line 4) is real[4] over time

    > a product takes vectors and matrices
    y = reshape(x, 1, 2, 2) @ a
    ---
    8:5: error: `@` meets real[1, 2, 2] over time and real[4]
      it takes vectors and matrices, `*` takes numbers: the first (line 8) is real[1, 2, 2] over time, `a` (line 7) is real[4]

    > a product takes no tokens
    y = t @ x
    ---
    8:7: error: `@` takes real numbers, but `t` (line 6) is token(3) over time
      tokens are only compared; write `onehot(t)` or `number(t)`

    > over names an axis of the value
    y = softmax(a over time)
    ---
    8:20: error: real[4] does not run over `time`
      `a` (line 7) is the same at all positions of `time`

    > over names an axis
    y = sum(x over a)
    ---
    8:16: error: `a` is not an axis
      after `over` stands a name declared by `axis`

    > softmax without over needs a dimension
    y = softmax(length(time))
    ---
    8:13: error: `softmax` works on the last dimension, but this is real
      say which axis to work along: `softmax(x over a)`

    > argmax without over needs a dimension
    y = argmax(sum(x))
    ---
    8:12: error: `argmax` works on the last dimension, but this is real over time
      it (line 8) has no dimension

    > what works along the only axis is told among several
    y = previous(x + z)
    ---
    8:5: error: `previous` works along one axis, but this is real[4] over time over other
      say which: `over time` or `over other`

    > what works along the only axis needs one
    y = first(a)
    ---
    8:5: error: `first` works along an axis, but this is real[4]
      `a` (line 7) runs over no axis here

    > last works along one axis
    y = last(x + z over time over other)
    ---
    8:31: error: `last` works along one axis
      apply it again for the other

    > element by element takes no axis
    y = exp(x over time)
    ---
    8:16: error: `exp` works along no axis
      leave out `over time`: it works at each position

    > to belongs to window and along
    y = sum(x over time to other)
    ---
    8:24: error: `sum` leads to no other axis
      `to` belongs to `window` and `along`

    > a row is one there is
    y = x[4]
    ---
    8:7: error: a row of 4 cannot be 4
      it must be from 0 to 3

    > a row's number is whole
    y = x[0.5]
    ---
    8:7: error: a row of 4 must be a whole number, not 0.5
      it must be from 0 to 3

    > a row is named by a token of as many values
    y = x[t]
    ---
    8:6: error: token(3) over time does not name the rows of real[4] over time
      the token has 3 values, the first dimension 4

    > a row is not named by a real value
    y = x[length(time)]
    ---
    8:7: error: a row is named by a number or a token, not by real
      it (line 8) is known only when the model runs

    > a single number has no rows
    y = x[0][0]
    ---
    8:9: error: real over time has no rows
      it (line 8) is a single number at each position

    > a slice begins before it ends
    y = x[2:2]
    ---
    8:6: error: rows 2 up to 2 are none
      `x[a:b]` takes the rows from a up to, not including, b

    > a slice stays within the rows
    y = x[2:5]
    ---
    8:9: error: the row after the last cannot be 5
      it must be from 1 to 4

    > a slice is known when the model is built
    y = x[0:length(time)]
    ---
    8:9: error: the row after the last must be known when the model is built
      it is made of numbers, sizes and what stands after `;` in a definition's head

    > a token has no rows
    y = t[0]
    ---
    8:6: error: token(3) over time has no rows
      `t` (line 6) is a single number at each position

    > a weight in place of a number
    param w: real[3, 2] ~ 0
    y = w[x[0]]
    ---
    9:7: error: a row is named by a number or a token, not by real over time
      it (line 9) is known only when the model runs

    > none has no type of its own
    y = none
    ---
    8:5: error: `none` has no type here
      it stands beside a token, as in `t == none`

    > an array holds one shape
    y = [x, 1]
    ---
    8:9: error: `[ ]` holds real[4] over time and real
      all must have one shape: `x` (line 4) is real[4] over time, the second (line 8) is real

    > an array has four dimensions at most
    param w: real[2, 2, 2, 2] ~ 0
    y = [w, w]
    ---
    9:6: error: `[ ]` adds a dimension to real[2, 2, 2, 2]
      a shape has at most 4 dimensions: `w` (line 8) has so many

    > an array holds real numbers
    y = [t, t]
    ---
    8:6: error: a real number is needed, but `t` (line 6) is token(3) over time
      tokens are only compared; write `onehot(t)` or `number(t)`

    """#
}
