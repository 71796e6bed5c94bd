extension ElaborationCase {
  /// What the rest of the rules come to.
  static let details: [ElaborationCase] = [
    ElaborationCase(
      "an axis of another name",
      """
      s = last(x over tim)
      p = position(tim)
      output s
      """,
      """
      8:17: error: there is no axis `tim`
        did you mean `time`?
      9:14: error: `tim` is not known
        did you mean `time`?
      """
    ),
    ElaborationCase(
      "a layer that takes an axis whole is told which",
      """
      layer f = bidirectional(gru(2))
      output f(x + z over other) as y
      """,
      """
      accepted
      """
    ),
    ElaborationCase(
      "a layer does not work along an axis",
      """
      layer f = linear(2)
      output f(x over time) as y
      """,
      """
      9:8: error: `linear` works at each position of `time`
        leave out `over time`
      """
    ),
    ElaborationCase(
      "memory over one axis, query over another",
      """
      output attention(x, z) as y
      """,
      """
      accepted
      """
    ),
    ElaborationCase(
      "a number passes as a vector of one",
      """
      layer f = linear(3)
      output f(x[0]) as y
      """,
      """
      accepted
      """
    ),
    ElaborationCase(
      "a value is not applied",
      """
      output x(2) as y
      """,
      """
      8:8: error: `x` is a value, not a cell, layer or function
        write `*` to multiply
      """
    ),
    ElaborationCase(
      "a member of a value that has none",
      """
      output x.h as y
      """,
      """
      8:9: error: `x` has no member `h`
        members are states, instances and what `emit` shows
      """
    ),
    ElaborationCase(
      "a function without parentheses",
      """
      output tanh as y
      """,
      """
      8:8: error: `tanh` is a function, not a value
        apply it, as in `tanh(x)`
      """
    ),
    ElaborationCase(
      "an axis is not a value",
      """
      output x + time as y
      """,
      """
      8:10: error: `time` is an axis, not a value
        write `position(time)` for the place along it
      """
    ),
    ElaborationCase(
      "weights in an average",
      """
      loss average(sum(x), weight: x[0]) as w
      metric sum(x) as m
      """,
      """
      accepted
      """
    ),
    ElaborationCase(
      "two outputs of one name",
      """
      output x as y
      output a as y
      """,
      """
      9:13: error: `y` is given twice
        call one of them something else with `as`
      """
    ),
    ElaborationCase(
      "outputs without a name are numbered",
      """
      output x + 1
      output a + 1
      """,
      """
      accepted
      """
    ),
    ElaborationCase(
      "a definition without weights takes its settings by label",
      """
      output clamp(x, -1, high: 1) as y
      output clamp(x, -1, hgh: 1) as w
      """,
      """
      9:21: error: `clamp` has no argument called `hgh`
        did you mean `high`?
      """
    ),
    ElaborationCase(
      "a label given twice",
      """
      layer f = gru(4)
      output f(x, h: a, h: a) as y
      """,
      """
      9:19: error: `h` is given twice
        leave one out
      """
    ),
    ElaborationCase(
      "a first value of another shape",
      """
      layer f = gru(3)
      output f(x, h: a) as y
      """,
      """
      9:13: error: the state `h: real[3]` cannot begin as real[4]
        `a` (line 7) is real[4]
      """
    ),
    ElaborationCase(
      "a first value that runs over the axis scanned",
      """
      layer f = gru(4)
      output f(x, h: x) as y
      """,
      """
      9:13: error: the first value of `h` depends on the step
        it must be known before the scan over `time` begins
      """
    ),
    ElaborationCase(
      "an embedding takes tokens",
      """
      layer f = embedding(4)
      output f(x) as y
      output f(t) as w
      """,
      """
      9:10: error: `embedding` takes `word: token(n)`, not real[4] over time
        `x` (line 4) is real[4] over time
      """
    ),
    ElaborationCase(
      "a layer takes no tokens",
      """
      layer f = linear(4)
      output f(t) as y
      """,
      """
      9:10: error: `linear` takes `x: real[n]`, not token(3) over time
        `t` (line 6) is token(3) over time; write `onehot(t)`, or look its row up with an `embedding`
      """
    ),
    ElaborationCase(
      "a scan over what is no axis",
      """
      scan over x { y = a }
      output y
      """,
      """
      8:11: error: `x` is not an axis
        after `over` stands a name declared by `axis`
      """
    ),
    ElaborationCase(
      "two scans bind one name",
      """
      scan over time { y = x }
      scan over other { y = z }
      output y
      """,
      """
      9:19: error: `y` is bound twice
        the other is in line 8; a name is bound once in its scope
      """
    ),
    ElaborationCase(
      "none has no type of its own",
      """
      output none as y
      """,
      """
      8:8: error: `none` has no type here
        it stands beside a token, as in `t == none`
      """
    ),
    ElaborationCase(
      "an instance of an instance",
      """
      layer f = gru(4), g = f
      output g(x) as y
      """,
      """
      8:23: error: `f` is an instance, with weights of its own
        apply it where it is, or write what it is an instance of
      """
    ),
  ]
}
