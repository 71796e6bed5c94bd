extension RuleRefusals {
  /// Scans, time, chance.
  static let scans = #"""
    > a scan goes over an axis
    scan over a { y = x }
    ---
    8:11: error: `a` is not an axis
      after `over` stands a name declared by `axis`

    > the axis is declared
    scan over tme { y = x }
    ---
    8:11: error: there is no axis `tme`
      did you mean `time`?

    > one axis is scanned once
    scan over time { scan over time { y = x } }
    ---
    8:18: error: `time` is being scanned already
      inside the scan, what runs over it is its value at this step

    > inside, what runs over the axis is its value at this step
    scan over time { y = mean(x over time) }
    ---
    8:34: error: `x` (line 4) is its value at one step of `time` here
      work along `time` before or after the scan

    > last is taken outside
    scan over time { y = last(x over time) }
    ---
    8:34: error: `x` (line 4) is its value at one step of `time` here
      work along `time` before or after the scan

    > a state has a next value
    scan over time { state h: real = 0 }
    ---
    8:24: error: the state `h` has no next value
      write `next h = ..` in the same block

    > a state has one next value
    scan over time {
      state h: real = 0
      next h = h + 1
      next h = h + 2
    }
    ---
    11:8: error: `next h` stands here twice
      the other is in line 10

    > next belongs to a state
    scan over time { next h = x }
    ---
    8:23: error: `h` is not a state here
      declare it with `state h: real = 0`

    > next is near the state's name
    scan over time {
      state total: real[4] = 0
      next totl = total + x
    }
    ---
    10:8: error: `totl` is not a state here
      did you mean `total`?

    > next is read in its step
    scan over time {
      state h: real = 0
      next h = h + 1
    }
    y = next h
    ---
    12:10: error: `h` is not a state here
      `next` stands before the name of a state of this step

    > nothing else reaches itself
    scan over time {
      p = q + x
      q = 2 * p
    }
    ---
    9:3: error: `p` depends on itself
      only a `state` may, by its `next`: it is what the step before left

    > next values do not reach each other in a circle
    scan over time {
      state h, c: real[4] = 0
      next h = next c + x
      next c = next h
    }
    ---
    10:8: error: `h` depends on itself
      only a `state` may, by its `next`: it is what the step before left

    > a first value does not depend on the step
    scan over time {
      state h: real[4] = 2 * x
      next h = h
    }
    ---
    9:22: error: the first value of `h` depends on the step
      it must be known before the scan over `time` begins

    > a first value is not bound inside
    scan over time {
      p = 2 * x
      state h: real[4] = p
      next h = h
    }
    ---
    10:22: error: `p` is not known here
      line 9 binds it too late for this: at each step, or when the model runs

    > a first value has the state's shape
    scan over time {
      state h: real[3] = a
      next h = h
    }
    ---
    9:22: error: the state `h: real[3]` cannot begin as real[4]
      `a` (line 7) is real[4]

    > a first value is real if the state is
    scan over time {
      state h: real = t
      next h = h
    }
    ---
    9:19: error: a real number is needed, but `t` (line 6) is token(3) over time
      tokens are only compared; write `onehot(t)` or `number(t)`

    > a next value has the state's shape
    scan over time {
      state h: real[3] = 0
      next h = x
    }
    ---
    10:12: error: the state `h: real[3]` cannot become real[4]
      `h` (line 9) is real[3], `x` (line 4) is real[4]

    > a next value is a token if the state is
    scan over time {
      state k: token(3) = none
      next k = x
    }
    ---
    10:12: error: the state `k: token(3)` cannot become real[4]
      `k` (line 9) is token(3), `x` (line 4) is real[4]

    > a state does not run over the axis that is scanned
    scan over time {
      state h: real over time = 0
      next h = h
    }
    ---
    9:12: error: a state cannot run over `time`, which is being scanned
      leave out `over time`

    > a state stands in a scan or cell
    state h: real = 0
    ---
    8:1: error: `state` does not stand in a model
      it stands in a cell or a scan

    > previous takes what is bound outside
    scan over time {
      y = 2 * x
      w = previous(y)
    }
    ---
    10:16: error: `previous` takes what is bound outside of the scan
      keep a value for the next step in a `state`

    > what comes before the first has the shape
    y = previous(x, first: [1, 2])
    ---
    8:24: error: real[2] cannot come before real[4] over time
      the first (line 8) is real[2], `x` (line 4) is real[4] over time

    > what comes before the first is the same for all
    y = previous(x, first: x)
    ---
    8:24: error: what comes before the first position cannot depend on the position
      it must not run over `time`

    > what comes before the first word is a token
    y = previous(t, first: a)
    ---
    8:24: error: real[4] cannot come before token(3) over time
      `a` (line 7) is real[4], `t` (line 6) is token(3) over time

    > what comes before the first number is a number
    y = previous(x, first: none)
    ---
    8:24: error: `none` has no type here
      it stands beside a token, as in `t == none`

    > previous has one label
    y = previous(x, frist: a)
    ---
    8:17: error: `previous` has no argument called `frist`
      did you mean `first`?

    > stream demands causality: no reduction
    output x - mean(x over time) as y
    stream over time
    ---
    8:12: error: `stream over time` needs each position to depend on earlier ones only, but this takes all of `time` together
      work along `time` by forward scans, `previous`, and at each position

    > stream demands causality: no last
    output x - last(x) as y
    stream over time
    ---
    8:12: error: `stream over time` needs each position to depend on earlier ones only, but this takes one place of `time` for all
      work along `time` by forward scans, `previous`, and at each position

    > stream demands causality: no length
    output x / length(time) as y
    stream over time
    ---
    8:12: error: `stream over time` needs each position to depend on earlier ones only, but this asks how long `time` is
      work along `time` by forward scans, `previous`, and at each position

    > stream demands causality: no step back
    scan reverse over time {
      state s: real[4] = 0
      next s = s + x
    }
    output s
    stream over time
    ---
    8:1: error: `stream over time` needs each position to depend on earlier ones only, but this scan goes back from the end
      work along `time` by forward scans, `previous`, and at each position

    > stream demands causality: nothing from the position after
    scan reverse over time { y = previous(x) }
    output y
    stream over time
    ---
    8:1: error: `stream over time` needs each position to depend on earlier ones only, but this scan goes back from the end
      work along `time` by forward scans, `previous`, and at each position

    > stream demands causality: in the library too
    layer f = bidirectional(gru(2))
    output f(x) as y
    stream over time
    ---
    9:8: error: `stream over time` needs each position to depend on earlier ones only, but this scan goes back from the end
      work along `time` by forward scans, `previous`, and at each position

    > stream demands causality: no look ahead
    output window(x over time, 3, ahead: 1) as y
    stream over time
    ---
    8:8: error: `stream over time` needs each position to depend on earlier ones only, but this reads 1 position ahead
      work along `time` by forward scans, `previous`, and at each position

    > carry demands causality
    loss sum(x - mean(x over time))
    train sgd(0.1) carry over time
    ---
    8:14: error: `carry over time` needs each position to depend on earlier ones only, but this takes all of `time` together
      work along `time` by forward scans, `previous`, and at each position

    > generate demands causality
    target word: token(3) over time
    layer f = bidirectional(gru(3)), score = linear(3)
    logits = score(f(onehot(previous(word))))
    generate word from logits
    ---
    10:16: error: `generate word` needs each position to depend on earlier ones only, but this scan goes back from the end
      work along `time` by forward scans, `previous`, and at each position

    > generate draws from what came before
    target word: token(3) over time
    layer score = linear(3)
    logits = score(onehot(word))
    generate word from logits
    ---
    10:1: error: what `generate` draws `word` from depends on it at the same position
      let it depend on `previous(word)` only

    > generate draws a target
    generate x from x
    ---
    8:10: error: `x` is not a target
      declare it with `target x: ..`

    > generate draws along an axis
    target word: token(3)
    generate word from a[0:3]
    ---
    9:10: error: `word` runs over no axis to generate along
      write `over` and an axis in its type

    > tokens are drawn from logits
    target word: token(3) over time
    generate word from x
    ---
    9:20: error: `word` is drawn from real[3] over time, not from real[4] over time
      `word` (line 8) is token(3) over time, `x` (line 4) is real[4] over time

    > a real value is what is drawn
    target course: real[3] over time
    generate course from x
    ---
    9:22: error: `course` is drawn from real[3] over time, not from real[4] over time
      `course` (line 8) is real[3] over time, `x` (line 4) is real[4] over time

    > the last token is one there is
    target word: token(3) over time
    generate word from x[0:3] until 3
    ---
    9:33: error: the last token cannot be 3
      it must be from 0 to 2

    > a real value has no last token
    target course: real[4] over time
    layer f = gru(4)
    generate course from f(previous(course)) until 0
    ---
    10:48: error: a real value has no last token
      leave out `until`

    > one target is generated
    target course: real[4] over time
    layer f = gru(4)
    y = f(previous(course))
    generate course from y
    generate course from y
    ---
    12:1: error: a model generates one target
      keep one `generate`

    > carry, stream and generate share an axis
    loss sum(x)
    output z
    train sgd(0.1) carry over time
    stream over other
    ---
    11:13: error: states are kept along `time`, and cannot be along `other` too
      carry, stream and generate go along one axis

    > a model streams over one axis
    output x
    stream over time
    stream over time
    ---
    10:13: error: a model streams over one axis
      keep one `stream`

    > a stream has an output
    output last(x) as y
    stream over time
    ---
    9:1: error: no output runs over `time`, so `stream` has nothing to give
      write `output` and a value over `time`

    > a chance is at least 0 and less than 1
    y = dropout(x, 1.5)
    ---
    8:16: error: the chance of a `dropout` cannot be 1.5
      it must be at least 0 and less than 1

    > a chance is a number when the model is built
    y = dropout(x, a[0])
    ---
    8:16: error: the chance of a `dropout` must be known when the model is built
      it is made of numbers, sizes and what stands after `;` in a definition's head

    > a draw takes logits
    y = draw(t)
    ---
    8:10: error: a real number is needed, but `t` (line 6) is token(3) over time
      tokens are only compared; write `onehot(t)` or `number(t)`

    > a draw's size is known when the model is built
    y = normal(length(time))
    ---
    8:12: error: a size must be known when the model is built
      it is made of numbers, sizes and what stands after `;` in a definition's head

    > bernoulli has a chance
    y = bernoulli()
    ---
    8:5: error: `bernoulli` takes at least 1 argument, not 0

    > average stands in a loss or metric
    y = average(x[0])
    ---
    8:5: error: `average` stands in a loss or metric only
      it is where examples meet; write `mean(x over a)` for one example

    > average stands in no definition
    layer f(x: real) { emit average(x) }
    model m {
      input x: real
      loss f(x)
    }
    ---
    1:25: error: `average` stands in a loss or metric only
      it is where examples meet; write `mean(x over a)` for one example

    > average is of single numbers
    loss average(x)
    ---
    8:6: error: an average is of single numbers, but this is real[4] over time
      write `mean(..)` or `sum(..)` around what has a shape

    > a weight is a single number
    loss average(sum(x), weight: x)
    ---
    8:6: error: a weight is a single number at each position, but this is real[4] over time
      write `mean(..)` or `sum(..)` around `x` (line 4)

    > average has one label
    loss average(sum(x), weights: x[0])
    ---
    8:22: error: `average` has no argument called `weights`
      did you mean `weight`?

    > average takes no axis
    loss average(sum(x) over time)
    ---
    8:26: error: `average` works along no axis
      leave out `over time`: it works at each position

    > what is made of averages is one number
    loss sum(x) - average(sum(x))
    ---
    8:6: error: a loss or metric is one number, but this is real over batch over time
      put what runs over the examples into `average(..)`

    > a metric is one number at each position
    metric softmax(x)
    ---
    8:8: error: an average is of single numbers, but this is real[4] over time
      write `mean(..)` or `sum(..)` around what has a shape

    """#
}
