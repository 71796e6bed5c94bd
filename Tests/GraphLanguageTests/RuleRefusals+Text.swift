extension RuleRefusals {
  /// Text: names, statements, scopes, numbers.
  static let text = #"""
    > a name is letters, digits and _
    y_ä = x
    ---
    8:1: error: `y_ä` has letters that no name may have
      write names with A to Z, a to z, 0 to 9 and _

    > a statement ends with its line
    y = x +
    w = a
    ---
    8:8: error: unexpected end of line
      write an expression

    > a reserved word is never a name
    over = x
    ---
    8:1: error: unexpected reserved word `over`
      write another name; a reserved word is never a name

    > a name is bound once in its scope
    y = x
    y = a
    ---
    9:1: error: `y` is bound twice
      the other is in line 8; a name is bound once in its scope

    > what a scan binds hides nothing around it
    y = a
    scan over time { y = x }
    ---
    9:18: error: `y` is bound twice
      the other is in line 8; a name is bound once in its scope

    > a name does not hide a cell of the library
    lstm = x
    ---
    8:1: error: `lstm` is a cell already
      a name hides nothing; choose another

    > a parameter hides nothing
    layer f(sum: real) { emit sum }
    model m {
      input x: real
      output f(x) as y
    }
    ---
    1:9: error: `sum` is a function already
      a name hides nothing; choose another

    > a parameter stands in a head once
    layer f(x: real[n]; x) { emit x }
    model m {
      input x: real[2]
      output x
    }
    ---
    1:21: error: `x` stands in this head twice
      give one another name

    > a definition is made once
    layer f(x: real) { emit x }
    layer f(x: real) { emit -x }
    model m {
      input x: real
      output f(x) as y
    }
    ---
    2:7: error: `f` is defined twice
      the other is in line 1

    > a definition sees only its own parameters
    layer f(x: real) { emit x * scale }
    model m {
      input x: real
      size scale = 2
      output f(x) as y
    }
    ---
    1:29: error: `scale` is not known
      bind it with `scale = ..`, or declare it as an input, size or parameter

    > a definition does not reach itself
    cell f(x: real; n) {
      layer inner = g(n)
      state h: real = 0
      next h = inner(x)
      emit next h
    }
    cell g(x: real; n) {
      layer inner = f(n)
      state h: real = 0
      next h = inner(x)
      emit next h
    }
    model m {
      input x: real
      output x
    }
    ---
    1:6: error: `f` reaches itself through `g`
      repeat along an axis with `scan over`, or stack instances with `stack(n, ..)`

    > what is wrong in a definition is told once, however often it is applied
    layer f(x: real) { emit y }
    model m {
      input x: real
      output f(x) + f(f(x)) as z
    }
    ---
    1:25: error: `y` is not known
      bind it with `y = ..`, or declare it as an input, size or parameter

    > a size has no value made of the model's values
    size n = x
    ---
    8:10: error: `x` is not known here
      line 4 binds it too late for this: at each step, or when the model runs

    > a size comes out whole
    size n = 7 / 2
    ---
    8:10: error: a size must be a whole number, not 3.5
      sizes must come out whole

    > a size is at least 1
    size n = 3 - 3
    ---
    8:10: error: a size cannot be 0
      it must be from 1 to 2147483647

    > a size is known when the model is built
    size n = length(time)
    ---
    8:10: error: a size must be known when the model is built
      it is made of numbers, sizes and what stands after `;` in a definition's head

    > numbers do not divide by 0
    y = x + 1 / (2 - 2)
    ---
    8:11: error: this divides by 0
      both sides are numbers known when the model is built

    > a file has one model
    model m {
      input x: real
      output x
    }
    model n {
      input x: real
      output x
    }
    ---
    5:1: error: this is a second model
      keep one model to a file

    > a library is not built
    layer f(x: real) { emit x }
    ---
    0:0: error: there is no model here that could be read
      write `model NAME {`, or build another file

    > a statement stands where it belongs: input
    scan over time { input y: real }
    ---
    8:18: error: `input` does not stand in a scan
      write it in the model

    > a statement stands where it belongs: axis
    layer f(x: real) {
      axis s = 3
      emit x
    }
    model m {
      input x: real
      output x
    }
    ---
    2:3: error: `axis` does not stand in a layer
      write it in the model

    > a statement stands where it belongs: param
    scan over time {
      param w: real ~ 0
      y = w * x
    }
    ---
    9:3: error: `param` does not stand in a scan
      it stands in a model, a cell or a layer

    > a statement stands where it belongs: emit
    emit x
    ---
    8:1: error: `emit` does not stand in a model
      it stands in a cell or a layer

    > a definition emits one value
    layer f(x: real) {
      emit x
      emit -x
    }
    model m {
      input x: real
      output f(x) as y
    }
    ---
    3:3: error: `emit` stands here twice
      show more values as `emit y, a, b`

    > a definition emits a value
    layer f(x: real) { y = -x }
    model m {
      input x: real
      output f(x) as y
    }
    ---
    1:7: error: `f` emits nothing
      write `emit` and the value that an application stands for

    > comparisons are not compared
    y = 0 < x < 1
    ---
    8:11: error: unexpected `<`
      compare twice and multiply: `(a < b) * (b < c)`

    > several names are the parts of a split
    p, q = x
    ---
    8:8: error: several names are the parts of a `split`
      write `a, b = split(x, 2)`, or one line for each name

    > the parts of a split have names
    y = split(x, 2) + 1
    ---
    8:5: error: the parts of a `split` need names
      write `a, b = split(x, 2)`

    > there are as many names as parts
    p, q, r = split(x, 2)
    ---
    8:11: error: 2 parts, but 3 names
      write as many names as parts

    """#

  /// Types and axes.
  static let types = #"""
    > a token has at least one value
    input k: token(0)
    ---
    8:16: error: a size cannot be 0
      it must be from 1 to 2147483647

    > a shape has at most four dimensions
    param w: real[2, 2, 2, 2, 2] ~ 0
    ---
    8:10: error: a shape has at most 4 dimensions
      join some of them, or make an axis of one

    > any shape stands in a head only
    state_ = x
    input k: real[..]
    ---
    9:10: error: `[..]` is any shape, but one is needed here
      write its dimensions; `[..]` stands in a definition's head

    > an open size is given when the model is built
    size words
    ---
    8:6: error: the size `words` has no value
      give it when building: `--size words=1000`

    > an axis is declared
    input k: real over tim
    ---
    8:20: error: there is no axis `tim`
      did you mean `time`?

    > a value runs over what is an axis
    size n = 3
    input k: real over n
    ---
    9:20: error: `n` is not an axis
      after `over` stands a name declared by `axis`

    > an axis stands in a type once
    input k: real over time over time
    ---
    8:30: error: `time` stands here twice
      a value runs over an axis or not; leave one out

    > a value runs over three axes at most
    axis p
    axis q
    input k: real over time over other over p over q
    ---
    10:10: error: a value runs over at most 3 axes
      the batch is the fourth

    > a bound is at least 1
    axis p <= 0
    ---
    8:11: error: a size cannot be 0
      it must be from 1 to 2147483647

    > a bound is whole
    axis p <= 2.5
    ---
    8:11: error: a size must be a whole number, not 2.5
      sizes must come out whole

    > the examples have an axis of their own
    axis batch
    ---
    8:6: error: the axis of the examples is called `batch` already
      give this one another name

    > a parameter runs over fixed axes only
    param w: real over time ~ 0
    ---
    8:10: error: a parameter runs over axes of a fixed length only, not over `time`
      declare it as `axis time = 8`, or leave out `over time`

    > an axis is in an axis
    axis letter in x
    ---
    8:16: error: `x` is not an axis
      after `over` stands a name declared by `axis`

    > an axis is made of an axis
    axis half = x / 2
    ---
    8:13: error: `x` is not known here
      line 4 binds it too late for this: at each step, or when the model runs

    > an axis is divided by a whole number
    axis half = time / 0
    ---
    8:20: error: a divisor of an axis cannot be 0
      it must be from 1 to 1048576

    > a derived axis is an axis divided
    axis double = time * 2
    ---
    8:15: error: an axis is made of another by division only
      write `axis half = time / 2`, or `axis other = time`

    > what runs over the inner axis is worked along first
    axis letter <= 9 in time
    input k: real over time over letter
    y = sum(k over time)
    ---
    10:9: error: `time` cannot be reduced while `letter`, which is in it, stays
      work along `letter` first

    > an axis is not a number
    y = time + 1
    ---
    8:10: error: `time` is an axis, not a value
      write `position(time)` for the place along it

    """#
}
