extension RuleRefusals {
  /// Layers and cells.
  static let layers = #"""
    > a layer has no states
    layer f(x: real) {
      state h: real = 0
      next h = h + x
      emit next h
    }
    model m {
      axis time
      input x: real over time
      output f(x) as y
    }
    ---
    2:3: error: `state` does not stand in a layer
      it stands in a cell or a scan

    > values are given when a definition is applied
    layer f = linear(2)
    y = f(x, a)
    ---
    9:5: error: `linear` takes 1 value, not 2
      it is given `x`

    > values are given when a function is applied
    y = mse(x)
    ---
    8:5: error: `mse` takes 2 values, not 1
      `b` is missing

    > sizes are given when an instance is declared
    layer f = lstm
    ---
    8:11: error: `lstm` needs `units`
      what it is made of: `units`

    > no more is given than is asked for
    layer f = lstm(2, 3)
    ---
    8:19: error: `lstm` takes 1, not 2
      what it is made of: `units`

    > what an instance is made of has labels
    layer f = lstm(unit: 2)
    ---
    8:16: error: `lstm` has no argument called `unit`
      did you mean `units`?

    > what an instance is made of is given once
    layer f = lstm(2, units: 3)
    ---
    8:19: error: `units` is given twice
      leave one out

    > what an instance is made of is a number
    layer f = lstm(sum(a))
    ---
    8:16: error: `units` of `lstm` must be known when the model is built
      it is made of numbers, sizes and what stands after `;` in a definition's head

    > what an instance is made of runs over no axis
    layer f = lstm(2 over time)
    ---
    8:23: error: what `lstm` is made of runs over no axis
      give axes where it is applied

    > a layer given to a layer is a layer
    layer f = residual(3)
    ---
    8:20: error: a cell or layer is needed here
      write its name and what it is made of, as in `lstm(128)`

    > a layer given to a layer needs its own sizes
    layer f = residual(gru)
    ---
    8:20: error: `gru` needs `units`
      what it is made of: `units`

    > a layer given to a layer is known
    layer f = residual(grru(4))
    layer g = residual(lstn)
    ---
    8:20: error: there is no cell, layer or function `grru`
      did you mean `gru`?
    9:20: error: `lstn` is not known
      did you mean `lstm`?

    > a size is bound by the first application
    layer f = linear(2)
    y = f(x)
    w = f(x[0:2])
    ---
    10:7: error: `f` takes `x: real[4]`, not real[2] over time
      this (line 10) is real[2] over time; the application in line 9 fixed the sizes

    > an axis is bound by the first application
    layer f = bidirectional(gru(2))
    y = f(x)
    w = f(z)
    ---
    10:7: error: `bidirectional` takes `x` over `time`, but this is real[4] over other
      `z` (line 5) does not run over it

    > one size has one value
    y = mse(x, x[0:2])
    ---
    8:12: error: `mse` takes `b: real[4]`, not real[2] over time
      this (line 8) is real[2] over time

    > a single number passes as real[1], not as real[2]
    layer f = linear(2)
    y = f(a)
    w = f(1)
    ---
    10:7: error: `f` takes `x: real[4]`, not real
      this (line 10) is real; the application in line 9 fixed the sizes

    > a token is not a vector
    layer f = linear(2)
    y = f(t)
    ---
    9:7: error: `linear` takes `x: real[n]`, not token(3) over time
      `t` (line 6) is token(3) over time; write `onehot(t)`, or look its row up with an `embedding`

    > a vector is not a token
    layer f = embedding(2)
    y = f(x)
    ---
    9:7: error: `embedding` takes `word: token(n)`, not real[4] over time
      `x` (line 4) is real[4] over time

    > weights belong to an instance
    y = embedding(t, 3)
    ---
    8:5: error: `embedding` has weights or states and needs an instance to own them
      declare one with `layer NAME = embedding(..)` and apply that

    > an instance's weights are known by its first application
    layer f = linear(4)
    y = f.weight
    ---
    9:6: error: the sizes of `f` are not known yet
      they are bound where it is applied first; apply it above

    > an instance's weights have names
    layer f = linear(4)
    y = f(x) + f.bais
    ---
    9:13: error: `f` has no member `bais`
      did you mean `bias`?

    > an instance is made of a definition
    layer f = relu6
    ---
    8:11: error: there is no cell, layer or function `relu6`
      did you mean `relu`?

    > an instance is not made of a primitive
    layer f = tanh
    ---
    8:11: error: `tanh` is a primitive, which needs no instance
      define a layer that applies it

    > an instance is not made of a value
    layer f = x
    ---
    8:11: error: `x` is not a cell or layer
      write a name and what it is made of, as in `lstm(128)`

    > an instance is not made of an instance
    layer f = linear(4), g = f
    ---
    8:26: error: `f` is an instance, with weights of its own
      apply it where it is, or write what it is an instance of

    > an instance is applied
    layer f = linear(4)
    y = f + 1
    ---
    9:7: error: `f` is a layer, not a value
      apply it, as in `f(x)`

    > a value is not applied
    y = a(x)
    ---
    8:5: error: `a` is a value, not a cell, layer or function
      write `*` to multiply

    > a layer works at each position
    layer f = linear(2)
    y = f(x over time)
    ---
    9:5: error: `linear` works at each position of `time`
      leave out `over time`

    > what is taken whole runs over an axis
    y = attention(x, a)
    ---
    8:18: error: `attention` takes `memory` over an axis, but this is real[4]
      `a` (line 7) runs over no axis here

    > what is taken whole is told among several axes
    y = attention(a, x + z)
    ---
    8:18: error: `attention` takes `memory` over an axis, but this is real[4] over time over other
      say which: `over time` or `over other`

    > no other argument runs over what is taken whole
    y = attention(x, x)
    ---
    8:15: error: `query` runs over `time`, which `memory` of `attention` takes whole
      take a second axis of the same lengths for one of them: `axis other = time`

    > what is taken whole runs over the axis told
    y = attention(a, x over other)
    ---
    8:25: error: real[4] over time does not run over `other`
      `x` (line 4) is the same at all positions of `other`

    > more axes are told than are taken
    y = attention(a, x over time over other)
    ---
    8:35: error: real[4] over time does not run over `other`
      `x` (line 4) is the same at all positions of `other`

    > a cell scans an axis
    layer f = lstm(2)
    y = f(a)
    ---
    9:5: error: `lstm` scans an axis, but this runs over none
      apply it to a sequence, or inside a `scan over`

    > a cell scans one axis
    layer f = lstm(2)
    y = f(x + z)
    ---
    9:5: error: `lstm` scans one axis, but this runs over `time` and `other`
      say which: `over time` or `over other`

    > a cell is told one axis
    layer f = lstm(2)
    y = f(x + z over time over other)
    ---
    9:28: error: there is nothing to do along `other` here
      leave out `over other`

    > a cell runs along once
    layer f = gru(4)
    scan over time { y = f(f(x)) }
    ---
    9:22: error: `f` runs along this scan twice
      its states take one step at each step; declare a second instance

    > a label names a state
    layer f = lstm(4)
    y = f(x, hh: a)
    ---
    9:10: error: `f` has no state `hh`
      did you mean `h`?

    > a label goes down to a state
    layer f = stack(2, lstm(4))
    y = f(x, h: a)
    ---
    9:10: error: `f` has no state `h`
      its states are `l0.h`, `l0.c`, `l1.h`, `l1.c`

    > a label stands once
    layer f = lstm(4)
    y = f(x, h: a, h: a)
    ---
    9:16: error: `h` is given twice
      leave one out

    > a first value has the state's shape
    layer f = lstm(3)
    y = f(x, h: a)
    ---
    9:10: error: the state `h: real[3]` cannot begin as real[4]
      `a` (line 7) is real[4]

    > a first value is known before the scan
    layer f = lstm(4)
    y = f(x, h: x)
    ---
    9:10: error: the first value of `h` depends on the step
      it must be known before the scan over `time` begins

    > a first value works along no axis
    layer f = lstm(4)
    y = f(x, h: a over time)
    ---
    9:20: error: a first value works along no axis
      leave out `over time`

    > what has no states takes no first values
    layer f = linear(4)
    y = f(x, h: a)
    ---
    9:10: error: `f` has no state `h`
      it has no states

    > step takes all states
    layer f = lstm(4)
    scan over time {
      state s: real[4] = 0
      next s = step f(x, h: s)
    }
    ---
    11:12: error: `step` needs the state `c`
      give it as `c: ..`; `step` takes all states

    > step takes a cell
    layer f = linear(4)
    scan over time { y = step f(x) }
    ---
    9:22: error: `f` has no states
      leave out `step`

    > step takes no primitive
    y = step tanh(x)
    ---
    8:5: error: `tanh` is no cell
      `step` takes an instance of a cell

    > a member is a state, an instance, or shown
    layer f = lstm(4)
    y = f(x)
    w = y.i
    ---
    10:6: error: `y` has no member `i`
      there are `c`, `h`

    > a value that no application gave has no members
    y = x.h
    ---
    8:6: error: `x` has no member `h`
      members are states, instances and what `emit` shows

    > what is shown is bound
    layer f(x: real) { emit x, twice }
    model m {
      input x: real
      output f(x) as y
    }
    ---
    1:28: error: `twice` is not known
      bind it with `twice = ..`, or declare it as an input, size or parameter

    > a stack is so many of one, or unlike ones
    layer f = stack(2)
    ---
    8:11: error: `stack` takes a number and one layer, or several layers
      write `stack(2, lstm(8))` or `stack(lstm(8), gru(8))`

    > a stack is at least one high
    layer f = stack(0, gru(4))
    ---
    8:17: error: the height of a stack cannot be 0
      it must be from 1 to 1024

    > a stack is made of layers
    layer f = stack(2, 3)
    ---
    8:20: error: a cell or layer is needed here
      write its name and what it is made of, as in `lstm(128)`

    > a stack goes along no axis
    layer f = stack(2, gru(4) over time)
    ---
    8:32: error: `stack` works along no axis
      leave out `over time`

    > a stack's dropout is a chance
    layer f = stack(2, gru(4), dropout: 1)
    ---
    8:37: error: the chance of a `dropout` cannot be 1.0
      it must be at least 0 and less than 1

    > a stack has no other labels
    layer f = stack(2, gru(4), drop: 0.5)
    ---
    8:28: error: `stack` has no argument called `drop`
      it takes a number, layers and `dropout:`

    > a stack is given one value
    layer f = stack(2, gru(4))
    y = f(x, x)
    ---
    9:5: error: a stack takes 1 value, not 2
      each instance in it is given what the one before it gives

    > a stack is declared before it is applied
    y = stack(2, gru(4))
    ---
    8:5: error: `stack` makes an instance
      write `layer rnn = stack(2, lstm(8))` and apply `rnn`

    > a size of a definition has a value
    layer f(x: real[n]) {
      size k
      emit x
    }
    model m {
      input x: real[3]
      output f(x) as y
    }
    ---
    2:8: error: a size of a definition needs a value
      write `size k = ..`, or take it after the `;` of the head

    """#
}
