extension ElaborationCase {
  /// What applications, members, names and states come to.
  static let applications: [ElaborationCase] = [
    ElaborationCase(
      "a cell applied to what runs over no axis",
      """
      layer f = gru(4)
      output last(f(a)) as y
      """,
      """
      9:13: error: `gru` scans an axis, but this runs over none
        apply it to a sequence, or inside a `scan over`
      """
    ),
    ElaborationCase(
      "a cell applied to two axes without being told",
      """
      layer f = gru(4)
      output f(x + z) as y
      """,
      """
      9:8: error: `gru` scans one axis, but this runs over `time` and `other`
        say which: `over time` or `over other`
      """
    ),
    ElaborationCase(
      "a cell told its axis leaves the other to its states",
      """
      layer f = gru(4)
      output f(x + z over time) as y
      """,
      """
      accepted
      """
    ),
    ElaborationCase(
      "a cell runs along a scan and its states run over the other axis",
      """
      layer f = gru(4)
      scan over time { y = f(x + z) }
      output y
      """,
      """
      accepted
      """
    ),
    ElaborationCase(
      "a cell in a scan scans what is bound outside and runs over another axis",
      """
      layer f = gru(4)
      scan over time { y = f(z) }
      output y
      """,
      """
      accepted
      """
    ),
    ElaborationCase(
      "a cell in a scan scans another axis of what depends on the step",
      """
      layer f = gru(4)
      scan over time { y = f(z + x over other) }
      output y
      """,
      """
      accepted
      """
    ),
    ElaborationCase(
      "a cell in a scan runs along what is the same at all steps",
      """
      layer f = gru(4)
      scan over time { y = f(a) }
      output y
      """,
      """
      accepted
      """
    ),
    ElaborationCase(
      "a label that names no state",
      """
      layer f = gru(4)
      output f(x, k: a) as y
      """,
      """
      9:13: error: `f` has no state `k`
        its states are `h`
      """
    ),
    ElaborationCase(
      "a label that goes to no instance of a stack",
      """
      layer f = stack(2, lstm(4))
      output f(x, l2.h: a) as y
      """,
      """
      9:13: error: `f` has no state `l2.h`
        did you mean `l0.h`?
      """
    ),
    ElaborationCase(
      "labels reach inner states, and members are shown by path",
      """
      layer f = stack(2, lstm(4))
      y = f(x, l0.h: a, l1.c: 2 * a)
      output last(y.l0.c) as c
      output y.l1.hh as h
      """,
      """
      11:12: error: this value has no member `hh`
        did you mean `h`?
      """
    ),
    ElaborationCase(
      "members are states, not weights",
      """
      layer f = lstm(4)
      output f(x).weight_ih as w
      """,
      """
      9:12: error: this value has no member `weight_ih`
        there are `c`, `h`
      """
    ),
    ElaborationCase(
      "a layer shared over two axes has one weight",
      """
      layer f = linear(4)
      output f(x) + f(z) as y
      output f.weight as w
      """,
      """
      accepted
      """
    ),
    ElaborationCase(
      "a weight read before its sizes are known",
      """
      layer f = linear(4)
      output f.weight as w
      """,
      """
      9:9: error: the sizes of `f` are not known yet
        they are bound where it is applied first; apply it above
      """
    ),
    ElaborationCase(
      "a mistyped weight",
      """
      layer f = linear(4)
      output f.weigth @ f(a) as w
      """,
      """
      9:9: error: `f` has no member `weigth`
        did you mean `weight`?
      """
    ),
    ElaborationCase(
      "a function of the library by its name",
      """
      output relu(x) as y
      """,
      """
      accepted
      """
    ),
    ElaborationCase(
      "a definition with weights needs an instance",
      """
      output linear(x, 3) as y
      """,
      """
      8:8: error: `linear` has weights or states and needs an instance to own them
        declare one with `layer NAME = linear(..)` and apply that
      """
    ),
    ElaborationCase(
      "a mistyped function",
      """
      output lstmm(x) as y
      """,
      """
      8:8: error: there is no cell, layer or function `lstmm`
        did you mean `lstm`?
      """
    ),
    ElaborationCase(
      "a name that failed causes no second message",
      """
      y = x + xx
      output y
      output y + 1 as q
      """,
      """
      8:9: error: `xx` is not known
        did you mean `x`?
      """
    ),
    ElaborationCase(
      "five mistakes give five messages",
      """
      y = x + t
      w = x @ x @ x
      v = tanh(x, x)
      u = first(x over other)
      s = last(x over tim)
      output y
      """,
      """
      8:7: error: `+` takes real numbers, but `t` (line 6) is token(3) over time
        tokens are only compared; write `onehot(t)` or `number(t)`
      9:5: error: `@` meets real over time and real[4] over time
        it takes vectors and matrices, `*` takes numbers: the first (line 9) is real over time, `x` (line 4) is real[4] over time
      10:5: error: `tanh` takes 1 argument, not 2
      11:18: error: real[4] over time does not run over `other`
        `x` (line 4) is the same at all positions of `other`
      12:17: error: there is no axis `tim`
        did you mean `time`?
      """
    ),
    ElaborationCase(
      "tokens are compared with tokens, none and literals",
      """
      output t == 2 as y
      output t == none as w
      output t == 3 as v
      """,
      """
      10:13: error: a token of 3 cannot be 3
        it must be from 0 to 2
      """
    ),
    ElaborationCase(
      "rows by number, by token and by slice",
      """
      output x[3] as y
      output x[4] as w
      output x[t] as v
      output x[1:3] as u
      output x[3:1] as s
      """,
      """
      9:10: error: a row of 4 cannot be 4
        it must be from 0 to 3
      10:9: error: token(3) over time does not name the rows of real[4] over time
        the token has 3 values, the first dimension 4
      12:9: error: rows 3 up to 1 are none
        `x[a:b]` takes the rows from a up to, not including, b
      """
    ),
    ElaborationCase(
      "previous outside of scans and in both directions",
      """
      output previous(x) as y
      scan over time { p = previous(x) - x }
      scan reverse over time { q = previous(x) }
      output p
      output q
      """,
      """
      accepted
      """
    ),
    ElaborationCase(
      "previous of what is bound inside",
      """
      scan over time {
       q = tanh(x)
       p = previous(q)
      }
      output p
      """,
      """
      10:15: error: `previous` takes what is bound outside of the scan
        keep a value for the next step in a `state`
      """
    ),
    ElaborationCase(
      "a state that begins with this step's value",
      """
      scan over time {
       state s: real[4] = x
       next s = s + x
      }
      output s
      """,
      """
      9:21: error: the first value of `s` depends on the step
        it must be known before the scan over `time` begins
      """
    ),
    ElaborationCase(
      "a state may begin with what is known before the scan",
      """
      scan over time {
       state s: real[4] = last(x)
       next s = s + x
      }
      output s
      """,
      """
      accepted
      """
    ),
    ElaborationCase(
      "a state runs over the axes of its next value",
      """
      scan over time {
       state s: real[4] = 0
       next s = s + z
      }
      output s
      """,
      """
      accepted
      """
    ),
    ElaborationCase(
      "next twice",
      """
      scan over time {
       state s: real[4] = 0
       next s = s + x
       next s = s - x
      }
      output s
      """,
      """
      11:7: error: `next s` stands here twice
        the other is in line 10
      """
    ),
    ElaborationCase(
      "a state that becomes another shape",
      """
      scan over time {
       state s: real[4] = 0
       next s = concat(s, x)
      }
      output s
      """,
      """
      10:11: error: the state `s: real[4]` cannot become real[8]
        `s` (line 9) is real[4], the second (line 10) is real[8]
      """
    ),
    ElaborationCase(
      "states that become each other",
      """
      scan over time {
       state s, r: real[4] = 0
       next s = next r
       next r = next s
      }
      output s
      """,
      """
      10:7: error: `s` depends on itself
        only a `state` may, by its `next`: it is what the step before left
      """
    ),
    ElaborationCase(
      "a reduction over an axis that is not there",
      """
      output sum(x over time over other) as y
      """,
      """
      8:29: error: real[4] over time does not run over `other`
        `x` (line 4) is the same at all positions of `other`
      """
    ),
    ElaborationCase(
      "softmax of tokens",
      """
      output softmax(x) as y
      output softmax(t) as w
      """,
      """
      9:16: error: a real number is needed, but `t` (line 6) is token(3) over time
        tokens are only compared; write `onehot(t)` or `number(t)`
      """
    ),
    ElaborationCase(
      "a name bound twice by a split",
      """
      a, b = split(x, 2)
      output a
      """,
      """
      8:1: error: `a` is bound twice
        the other is in line 7; a name is bound once in its scope
      """
    ),
    ElaborationCase(
      "a split that leaves a rest",
      """
      p, q, r = split(x, 3)
      output p
      """,
      """
      8:11: error: real[4] over time does not split into 3 equal parts
        4 is not a multiple of 3
      """
    ),
  ]
}
