extension RuleRefusals {
  /// Entry points.
  static let entries = #"""
    > a model gives something
    y = x
    ---
    1:1: error: the model gives nothing
      write `output y`, or a `loss` or `metric`

    > outputs have names of their own
    output x as y
    output a as y
    ---
    9:13: error: `y` is given twice
      call one of them something else with `as`

    > metrics have names of their own
    metric sum(x) as m
    metric sum(a) as m
    ---
    9:18: error: `m` is given twice
      call one of them something else with `as`

    > the sum of all losses is called loss
    output x as loss
    loss sum(x)
    ---
    8:13: error: `loss` is the name of the sum of all losses
      call this something else with `as`

    > there are five optimisers
    loss sum(x)
    train adma(0.1)
    ---
    9:7: error: there is no optimiser `adma`
      did you mean `adam`?

    > an optimiser has settings
    loss sum(x)
    train sgd(0.1, beta1: 0.9)
    ---
    9:16: error: `sgd` has no argument called `beta1`
      it has `rate`, `momentum`, `nesterov`, `weight_decay`, `clip_norm`, `clip_value`

    > settings are given once
    loss sum(x)
    train sgd(0.1, rate: 0.2)
    ---
    9:16: error: `rate` is given twice
      leave one out

    > settings without a label are few
    loss sum(x)
    train adagrad(0.1, 0.1, 0.1)
    ---
    9:25: error: `adagrad` takes at most 2 without a label
      write `weight_decay: ..` and the like

    > settings are not negative
    loss sum(x)
    train sgd(rate: -1)
    ---
    9:11: error: `rate` cannot be -1.0
      it must be at least 0

    > settings are known when the model is built
    loss sum(x)
    train sgd(rate: a[0])
    ---
    9:17: error: `rate` must be known when the model is built
      it is made of numbers, sizes and what stands after `;` in a definition's head

    > training lowers a loss
    train sgd(0.1)
    ---
    8:1: error: there is no loss to lower
      write `loss` and what training should make small

    > a model is trained in one way
    loss sum(x)
    train sgd(0.1)
    train adam(0.1)
    ---
    10:1: error: a model is trained in one way
      keep one `train`

    > carry goes over an axis
    loss sum(x)
    train sgd(0.1) carry over a
    ---
    9:27: error: `a` is not an axis
      after `over` stands a name declared by `axis`

    """#

  /// Limits.
  static let limits = #"""
    > a value has fewer than 2^31 elements
    axis long <= 1000000
    input k: real[5000] over long
    y = 2 * k
    ---
    9:7: error: real[5000] over long has more than 2147483647 elements
      lower its sizes or the bounds of its axes

    > a shape has fewer than 2^31 elements
    param w: real[50000, 50000] ~ 0
    ---
    8:10: error: a value has at most 2147483647 elements
      lower its sizes

    > nesting goes to 64
    y = ((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((x))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))
    ---
    8:68: error: nesting is deeper than 64
      bind a part of it to a name on a line of its own

    """#

  /// Primitives and first values.
  static let primitives = #"""
    > one argument
    y = tanh(x, a)
    ---
    8:5: error: `tanh` takes 1 argument, not 2

    > a comma between axes
    y = sum(x over time, other)
    ---
    8:5: error: `sum` takes 1 argument, not 2
      for several axes write `over time over other`

    > one or two arguments
    y = max()
    ---
    8:5: error: `max` takes 1 or 2 arguments, not 0

    > three arguments
    y = select(x, a)
    ---
    8:5: error: `select` takes 3 arguments, not 2

    > max of two takes no axis
    y = max(x, a over time)
    ---
    8:19: error: `max` of two works along no axis
      leave out `over time`: it works at each position

    > max of two has equal shapes
    y = max(x, [1, 2])
    ---
    8:5: error: `max` meets real[4] over time and real[2]
      shapes must be equal, or one a single number: `x` (line 4) is real[4] over time, the second (line 8) is real[2]

    > select has equal shapes
    y = select(x > 0, x, [1, 2])
    ---
    8:5: error: `select` meets real[4] over time and real[2]
      shapes must be equal, or one a single number: the first (line 8) is real[4] over time, the second (line 8) is real[2]

    > select chooses between like elements
    y = select(x[0] > 0, t, x[0])
    ---
    8:5: error: `select` chooses between token(3) over time and real over time
      both must be real, or both tokens of one size: `t` (line 6) is token(3) over time, the second (line 8) is real over time

    > select chooses between tokens of one size
    target u: token(5) over time
    y = select(x[0] > 0, t, u)
    ---
    9:5: error: `select` chooses between token(3) over time and token(5) over time
      both must be real, or both tokens of one size: `t` (line 6) is token(3) over time, `u` (line 8) is token(5) over time

    > a condition is a number
    y = select(t, x, a)
    ---
    8:12: error: a real number is needed, but `t` (line 6) is token(3) over time
      tokens are only compared; write `onehot(t)` or `number(t)`

    > a reduction is of real numbers
    y = sum(t over time)
    ---
    8:9: error: a real number is needed, but `t` (line 6) is token(3) over time
      tokens are only compared; write `onehot(t)` or `number(t)`

    > parts differ in their first dimension only
    y = concat(x, [a, a])
    ---
    8:15: error: `concat` joins real[4] over time and real[2, 4]
      the parts may differ in their first dimension only: `x` (line 4) is real[4] over time, the second (line 8) is real[2, 4]

    > parts are all real or all tokens
    y = concat(x, t)
    ---
    8:15: error: `concat` joins real[4] over time and token(3) over time
      all parts must be real, or all tokens of one size: `x` (line 4) is real[4] over time, `t` (line 6) is token(3) over time

    > a split has equal parts
    p, q, r = split(x, 3)
    ---
    8:11: error: real[4] over time does not split into 3 equal parts
      4 is not a multiple of 3

    > a split has dimensions
    p, q = split(length(time), 2)
    ---
    8:14: error: real cannot be split
      it (line 8) has no dimension

    > a matrix is transposed
    y = transpose(a)
    ---
    8:5: error: `transpose` takes a matrix, not real[4]
      `a` (line 7) has rank 1

    > reshape keeps the elements
    y = reshape(x, 5)
    ---
    8:5: error: real[4] over time cannot be reshaped to [5]
      the number of elements must stay, and a shape has at most 4 dimensions

    > outer takes two vectors
    y = outer(x, 2)
    ---
    8:5: error: `outer` takes two vectors, not real[4] over time and real
      `x` (line 4) is real[4] over time, the second (line 8) is real

    > onehot takes a token
    y = onehot(x)
    ---
    8:12: error: `onehot` takes a token, not real[4] over time
      `x` (line 4) is real

    > number takes a token
    y = number(x)
    ---
    8:12: error: `number` takes a token, not real[4] over time
      `x` (line 4) is real

    > position takes an axis
    y = position(x)
    ---
    8:14: error: `x` is not an axis
      after `over` stands a name declared by `axis`

    > position takes a known axis
    y = position(tme)
    ---
    8:14: error: `tme` is not known
      did you mean `time`?

    > length takes an axis's name
    y = length(x + 1)
    ---
    8:12: error: `length` takes the name of an axis
      write it alone, as in `length(time)`

    > a primitive has no label of that name
    y = tanh(a: x)
    ---
    8:10: error: `tanh` has no argument called `a`
      its arguments have no labels

    > concat over an axis needs a fixed one
    y = concat(x over time)
    ---
    8:19: error: `concat` over `time` would have a shape of no fixed size
      it takes an axis of a fixed length, declared as `axis time = 8`

    > window has at least one step
    y = window(x over time, 0)
    ---
    8:25: error: the width of a window cannot be 0
      it must be from 1 to 2147483647

    > window has a known size
    y = window(x over time, length(time))
    ---
    8:25: error: the width of a window must be known when the model is built
      it is made of numbers, sizes and what stands after `;` in a definition's head

    > window leads to an axis made of its own
    y = window(x over time to other, 2)
    ---
    8:27: error: `other` has no block of `time` at each position
      declare it as `axis other = time / 2`, or leave out `to other`

    > along leads to an axis of the same lengths
    y = along(x over time to other)
    ---
    8:26: error: `other` does not have the positions of `time`
      declare it as `axis other = time`

    > along is told both axes
    y = along(x)
    ---
    8:5: error: `along` leads to another axis
      write `along(x over a to b)`

    > ctc has logits over frames and labels over another axis
    loss ctc(x over time, t over time, blank: 0)
    ---
    8:23: error: `ctc` takes `labels: token(4) over l`, not token(3) over time
      `t` (line 6) is token(3) over time

    > ctc has a blank
    loss ctc(x over time, t over time)
    ---
    8:6: error: `ctc` needs `blank`
      what it is made of: `blank`

    > a first value stands after ~
    y = glorot
    ---
    8:5: error: `glorot` is a first value
      it stands after the `~` of a `param`, without parentheses

    > a first value is not applied
    y = orthogonal(3)
    ---
    8:5: error: `orthogonal` is a first value
      it stands after the `~` of a `param`, without parentheses

    > glorot is for matrices
    param w: real[3] ~ glorot
    ---
    8:20: error: `glorot` is for matrices, not for real[3]
      write `uniform(b)` with a bound of your own

    > identity is for matrices
    param w: real[3] ~ identity
    ---
    8:20: error: `identity` is for square matrices, not for real[3]
      write `orthogonal`, or a number

    > orthogonal is for matrices
    param w: real[3] ~ orthogonal
    ---
    8:20: error: `orthogonal` is for matrices, not for real[3]
      write `uniform(b)` or `normal(s)`

    > a bound is not negative
    param w: real[3] ~ uniform(-1)
    ---
    8:28: error: a bound or deviation cannot be -1.0
      it must be at least 0

    > a first value is known when the model is built
    param w: real[4] ~ a
    ---
    8:20: error: a first value must be known when the model is built
      it is made of numbers, sizes and what stands after `;` in a definition's head

    > a mistyped first value
    param w: real[4, 4] ~ glorott
    ---
    8:23: error: `glorott` is not known
      did you mean `glorot`?

    > a parameter is real
    param w: token(3) ~ 0
    ---
    8:10: error: a parameter is real
      tokens cannot be trained

    """#

  /// The library.
  static let library = #"""
    > lstm takes vectors
    layer f = lstm(2)
    y = f([x, x])
    ---
    9:7: error: `lstm` takes `x: real[n]`, not real[2, 4] over time
      this (line 9) is real[2, 4] over time

    > embedding takes tokens
    layer f = embedding(3)
    y = f(x)
    ---
    9:7: error: `embedding` takes `word: token(n)`, not real[4] over time
      `x` (line 4) is real[4] over time

    > cross_entropy's token is one of its logits
    loss cross_entropy(x, t)
    ---
    8:23: error: `cross_entropy` takes `y: token(4)`, not token(3) over time
      `t` (line 6) is token(3) over time

    > bidirectional takes a sequence
    layer f = bidirectional(gru(2))
    y = f(a)
    ---
    9:7: error: `bidirectional` takes `x` over an axis, but this is real[4]
      `a` (line 7) runs over no axis here

    > attention's query is as wide as its memory
    y = attention(a[0:2], x)
    ---
    8:23: error: `attention` takes `memory: real[2] over s`, not real[4] over time
      `x` (line 4) is real[4] over time

    > clamp has two bounds
    y = clamp(x, 0)
    ---
    8:5: error: `clamp` needs `high`
      what it is made of: `low`, `high`

    > huber's label is delta
    loss huber(x, a, delt: 2)
    ---
    8:18: error: `huber` has no argument called `delt`
      did you mean `delta`?

    """#
}
