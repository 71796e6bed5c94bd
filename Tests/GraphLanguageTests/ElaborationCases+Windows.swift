extension ElaborationCase {
  /// What reads other places of an axis comes to, and what may be stepped.
  static let windows: [ElaborationCase] = [
    ElaborationCase(
      "windows of the only axis, of two, and of none",
      """
      output window(x, 3) as p
      output window(x + z, 3) as q
      output window(a, 3) as r
      """,
      """
      9:8: error: `window` works along one axis, but this is real[4] over time over other
        say which: `over time` or `over other`
      10:8: error: `window` works along an axis, but this is real[4]
        `a` (line 7) runs over no axis here
      """
    ),
    ElaborationCase(
      "the width and the look ahead of a window",
      """
      output window(x, 0) as p
      output window(x, 2.5) as q
      output window(x, 2, ahead: -1) as r
      output window(x, 2, a[0]) as s
      output window(x, 2, ahed: 1) as u
      """,
      """
      8:18: error: the width of a window cannot be 0
        it must be from 1 to 2147483647
      9:18: error: the width of a window must be a whole number, not 2.5
        it must be from 1 to 2147483647
      10:28: error: how far a window looks ahead cannot be -1
        it must be from 0 to 2147483647
      11:8: error: `window` takes 2 arguments, not 3
      12:21: error: `window` has no argument called `ahed`
        did you mean `ahead`?
      """
    ),
    ElaborationCase(
      "a window to an axis that is not made of it",
      """
      output window(x over time to other, 2) as p
      """,
      """
      8:30: error: `other` has no block of `time` at each position
        declare it as `axis other = time / 2`, or leave out `to other`
      """
    ),
    ElaborationCase(
      "a window of tokens, and of too many dimensions",
      """
      output window(t, 2) as p
      output window(reshape(x, 2, 2, 1, 1), 2) as q
      """,
      """
      8:15: error: `window` takes real numbers, but this is token(3) over time
        a place outside is 0, which a token cannot be; write `onehot(t)`
      9:8: error: a window adds a dimension, but real[2, 2, 1, 1] over time has 4 already
        a shape has at most 4 dimensions
      """
    ),
    ElaborationCase(
      "a window of what is bound in the scan",
      """
      scan over time {
       y = 2 * x
       w = window(y, 2)
      }
      output w
      """,
      """
      10:13: error: `window` takes what is bound outside of the scan
        keep a value for the next step in a `state`
      """
    ),
    ElaborationCase(
      "a window in a scan, of what is bound outside",
      """
      scan over time { w = window(x, 2) @ [1, 0, 0, 1] }
      output w
      """,
      """
      accepted
      """
    ),
    ElaborationCase(
      "along needs an axis to lead to",
      """
      output along(x over time) as p
      output along(x over time to time) as q
      output along(x over time to other) as r
      """,
      """
      8:8: error: `along` leads to another axis
        write `along(x over a to b)`
      9:29: error: this runs along `time` already
        leave out `along`
      10:29: error: `other` does not have the positions of `time`
        declare it as `axis other = time`
      """
    ),
    ElaborationCase(
      "along does not choose a place of a block",
      """
      axis half = time / 2
      output along(x over time to half) as y
      """,
      """
      9:29: error: `half` does not have the positions of `time`
        each of its positions has 2: take them with `window(x over time to half, 2)`
      """
    ),
    ElaborationCase(
      "along to a second axis, and back",
      """
      axis same = time
      y = along(x over time to same)
      output along(y over same to time) as z1
      output along(y * x over time to same) as z2
      """,
      """
      11:14: error: this (line 11) runs over `same` already
        take its place with `last`, or reduce over it, before
      """
    ),
    ElaborationCase(
      "along of tokens",
      """
      axis same = time
      output along(t over time to same) as y
      """,
      """
      9:14: error: `along` takes real numbers, but this is token(3) over time
        a place outside is 0, which a token cannot be; write `onehot(t)`
      """
    ),
    ElaborationCase(
      "attention of a sequence to itself",
      """
      axis same = time
      output attention(x, along(x over time to same)) as y
      """,
      """
      accepted
      """
    ),
    ElaborationCase(
      "two derived axes of the same lengths",
      """
      axis p2 = time / 2
      axis q2 = time / 2
      input u: real over p2
      output along(u over p2 to q2) as y
      output window(x over time to q2, 4) as w
      """,
      """
      accepted
      """
    ),
    ElaborationCase(
      "only window and along lead to another axis",
      """
      output sum(x over time to other) as y
      output last(x over time to other) as w
      layer f = gru(2)
      output f(x over time to other) as v
      """,
      """
      8:27: error: `sum` leads to no other axis
        `to` belongs to `window` and `along`
      9:28: error: `last` leads to no other axis
        `to` belongs to `window` and `along`
      11:25: error: a cell or layer leads to no other axis
        `to` belongs to `window` and `along`
      """
    ),
    ElaborationCase(
      "previous of a state along another axis",
      """
      input q: real over other
      scan over time {
       state s: real over other = q
       next s = previous(s over other, first: x[0])
      }
      output s
      """,
      """
      accepted
      """
    ),
    ElaborationCase(
      "previous of this step's value",
      """
      scan over time {
       y = 2 * x
       w = previous(y)
       v = previous(y over time)
      }
      output w
      """,
      """
      10:15: error: `previous` takes what is bound outside of the scan
        keep a value for the next step in a `state`
      11:15: error: `previous` takes what is bound outside of the scan
        keep a value for the next step in a `state`
      """
    ),
    ElaborationCase(
      "what comes before the first depends on the position",
      """
      output previous(x, first: x) as y
      """,
      """
      8:27: error: what comes before the first position cannot depend on the position
        it must not run over `time`
      """
    ),
    ElaborationCase(
      "a window that looks ahead is not causal",
      """
      y = window(x, 3, ahead: 1)
      output y
      stream over time
      """,
      """
      8:5: error: `stream over time` needs each position to depend on earlier ones only, but this reads 1 position ahead
        work along `time` by forward scans, `previous`, and at each position
      """
    ),
    ElaborationCase(
      "a window of the past is causal",
      """
      output window(x, 3) as y
      stream over time
      """,
      """
      accepted
      """
    ),
    ElaborationCase(
      "a second axis is not causal",
      """
      axis same = time
      loss sum(sum(along(x over time to same) over same))
      train adam(0.1) carry over time
      """,
      """
      9:14: error: `carry over time` needs each position to depend on earlier ones only, but this leads from `time` to `same`
        work along `time` by forward scans, `previous`, and at each position
      """
    ),
    ElaborationCase(
      "a derived axis is not causal",
      """
      axis half = time / 2
      loss sum(along(window(x over time to half, 2) over half to time))
      train adam(0.1) carry over time
      """,
      """
      9:16: error: `carry over time` needs each position to depend on earlier ones only, but this leads from `time` to `half`
        work along `time` by forward scans, `previous`, and at each position
      """
    ),
    ElaborationCase(
      "argmax over the axis is not causal",
      """
      output number(argmax(x over time)) + x as y
      stream over time
      """,
      """
      8:15: error: `stream over time` needs each position to depend on earlier ones only, but this takes all of `time` together
        work along `time` by forward scans, `previous`, and at each position
      """
    ),
    ElaborationCase(
      "previous under carry, in a reverse scan of another axis",
      """
      scan over time { s = previous(x, first: a) }
      scan reverse over other { w = previous(z) }
      loss sum(s) + sum(w)
      train adam(0.1) carry over time
      """,
      """
      accepted
      """
    ),
    ElaborationCase(
      "a reverse scan under carry of another axis",
      """
      layer f = bidirectional(gru(2))
      loss sum(last(f(z).ahead.h)) + sum(x)
      train adam(0.1) carry over time
      """,
      """
      accepted
      """
    ),
  ]
}
