extension ElaborationCase {
  /// What axes in axes, axes of axes and fixed ones come to.
  static let axes: [ElaborationCase] = [
    ElaborationCase(
      "an axis in another, and what runs over it",
      """
      axis letter <= 4 in time
      input s: real over letter
      output s
      output sum(s over letter) as y
      output mean(s over time over letter) as m
      """,
      """
      accepted
      """
    ),
    ElaborationCase(
      "a cell is told which of two nested axes to scan",
      """
      axis letter <= 4 in time
      input s: real[2] over letter
      layer f = gru(3)
      output last(f(s over letter) over letter) as y
      output last(f(s)) as z
      """,
      """
      12:13: error: `gru` scans one axis, but this runs over `time` and `letter`
        say which: `over time` or `over letter`
      """
    ),
    ElaborationCase(
      "a layer that scans both ways within each word",
      """
      axis letter <= 4 in time
      input s: real[2] over letter
      layer f = bidirectional(gru(3))
      y = f(s over letter)
      output concat(last(y.ahead.h over letter), first(y.back.h over letter)) as w
      """,
      """
      accepted
      """
    ),
    ElaborationCase(
      "a state over an axis in the scanned one",
      """
      axis letter <= 4 in time
      scan over time {
       state h: real over letter = 0
       next h = h + 1
      }
      output h
      """,
      """
      10:11: error: the state `h` cannot run over `letter`, which has a length of its own at each step of `time`
        work along `letter` first
      """
    ),
    ElaborationCase(
      "a state that comes to run over an axis in the scanned one",
      """
      axis letter <= 4 in time
      input s: real over letter
      scan over time {
       state h: real = 0
       next h = h + s
      }
      output h
      """,
      """
      12:11: error: the state `h` cannot run over `letter`, which has a length of its own at each step of `time`
        work along `letter` first
      """
    ),
    ElaborationCase(
      "a scan of words with letters at each step",
      """
      axis letter <= 4 in time
      input s: real over letter
      scan over time { y = x * sum(s over letter) }
      output y
      """,
      """
      accepted
      """
    ),
    ElaborationCase(
      "the words are not worked along while letters stay",
      """
      axis letter <= 4 in time
      input s: real over letter
      output last(s over time) as a
      output previous(s over time) as b
      output window(s over time, 2) as c
      output argmax(s over time) as d
      output softmax(s over time) as e
      """,
      """
      10:13: error: `last` cannot work along `time` while `letter`, which is in it, stays
        work along `letter` first
      11:17: error: `previous` cannot work along `time` while `letter`, which is in it, stays
        work along `letter` first
      12:15: error: `window` cannot work along `time` while `letter`, which is in it, stays
        work along `letter` first
      13:15: error: `time` cannot be reduced while `letter`, which is in it, stays
        work along `letter` first
      14:16: error: `time` cannot be reduced while `letter`, which is in it, stays
        work along `letter` first
      """
    ),
    ElaborationCase(
      "a fixed axis is in no other",
      """
      axis letter = 4 in time
      output x
      """,
      """
      8:20: error: `letter` has the same length everywhere, so it is in no other axis
        leave out `in time`, or write `<=` for lengths that differ
      """
    ),
    ElaborationCase(
      "a derived axis is where the other is",
      """
      axis letter <= 4 in time
      axis pair = letter / 2
      axis half = time / 2 in other
      input p: real over pair
      output sum(p over pair) as y
      """,
      """
      10:25: error: `half` has the lengths of another axis, so it is in what that one is in
        leave out `in other`
      """
    ),
    ElaborationCase(
      "axes too deep in each other",
      """
      axis a1 <= 4 in time
      axis a2 <= 4 in a1
      axis a3 <= 4 in a2
      output x
      """,
      """
      10:17: error: axes are too deep in each other: what runs over `a3` runs over all of them
        a value runs over at most 3 axes
      """
    ),
    ElaborationCase(
      "an axis in one that is not there",
      """
      axis letter <= 4 in tim
      output x
      """,
      """
      8:21: error: there is no axis `tim`
        did you mean `time`?
      """
    ),
    ElaborationCase(
      "a derived axis without a position",
      """
      axis ninth = time / 9
      output x
      """,
      """
      8:14: error: `ninth` would have no position: `time` has at most 5, divided by 9
        divide by less
      """
    ),
    ElaborationCase(
      "an axis made of another by something else",
      """
      axis twice = time * 2
      axis odd = 2 / time
      axis part = time / 1.5
      output x
      """,
      """
      8:14: error: an axis is made of another by division only
        write `axis half = time / 2`, or `axis other = time`
      9:12: error: an axis is made of another by division only
        write `axis half = time / 2`, or `axis other = time`
      10:20: error: a divisor of an axis must be a whole number, not 1.5
        it must be from 1 to 1048576
      """
    ),
    ElaborationCase(
      "an input and a reverse scan over a derived axis",
      """
      axis half = time / 2
      input u: real over half
      scan reverse over half {
       state h: real = 0
       next h = h + u
      }
      output first(h) as y
      """,
      """
      accepted
      """
    ),
    ElaborationCase(
      "states are not kept along a nested axis",
      """
      axis letter <= 4 in time
      input s: real over letter
      layer f = gru(1)
      loss sum(f(s over letter))
      train adam(0.1) carry over letter
      """,
      """
      12:28: error: states are not kept along `letter`, which begins anew at each position of `time`
        carry, stream and generate go along an axis that is in no other
      """
    ),
    ElaborationCase(
      "states are not kept along a derived axis",
      """
      axis half = time / 2
      input u: real over half
      output u
      stream over half
      """,
      """
      11:13: error: states are not kept along `half`, which is made of `time`
        carry, stream and generate go along an axis with a length of its own
      """
    ),
    ElaborationCase(
      "a parameter runs over fixed axes only",
      """
      axis head = 2
      param w: real[3] over head ~ 0
      param v: real over head over time ~ 0
      output concat(w over head) as y
      """,
      """
      10:10: error: a parameter runs over axes of a fixed length only, not over `time`
        declare it as `axis time = 8`, or leave out `over time`
      """
    ),
    ElaborationCase(
      "first values that need a matrix",
      """
      param a1: real[3] ~ orthogonal
      param a2: real[3, 2] ~ identity
      param a3: real ~ glorot
      param a4: real[2, 3] ~ orthogonal
      output x
      """,
      """
      8:21: error: `orthogonal` is for matrices, not for real[3]
        write `uniform(b)` or `normal(s)`
      9:24: error: `identity` is for square matrices, not for real[3, 2]
        write `orthogonal`, or a number
      10:18: error: `glorot` is for matrices, not for real
        write `uniform(b)` with a bound of your own
      """
    ),
    ElaborationCase(
      "concat over an axis of no fixed length",
      """
      output concat(x over time) as y
      """,
      """
      8:22: error: `concat` over `time` would have a shape of no fixed size
        it takes an axis of a fixed length, declared as `axis time = 8`
      """
    ),
    ElaborationCase(
      "concat over an axis in a scan of it",
      """
      axis head = 2
      input q: real[4] over head
      scan over head { y = concat(q over head) }
      output y
      """,
      """
      10:36: error: `q` (line 9) is its value at one step of `head` here
        work along `head` before or after the scan
      """
    ),
    ElaborationCase(
      "argmax over axes",
      """
      output argmax(x over time) as y
      output argmax(x + z over time over other) as w
      """,
      """
      9:36: error: `argmax` gives a place along one axis
        work along one axis at a time
      """
    ),
    ElaborationCase(
      "argmax over an axis without a bound",
      """
      axis open
      input u: real over open
      output argmax(u over open) as y
      """,
      """
      10:22: error: `argmax` over `open` needs its bound: the place is a token of so many
        declare `axis open <= 50`, or build with `--size open=50`
      """
    ),
    ElaborationCase(
      "a value over too many axes",
      """
      axis third <= 3
      axis fourth <= 3
      input u: real over third
      input v: real over fourth
      output x * z * u as y
      output x[0] * z[0] * u * v as w
      """,
      """
      13:8: error: this runs over 4 axes together: `time`, `other`, `third`, `fourth`
        a value runs over at most 3; reduce over one of them first
      """
    ),
    ElaborationCase(
      "an axis taken twice in one type",
      """
      axis head = 2
      input q: real over head over head
      output q
      """,
      """
      9:30: error: `head` stands here twice
        a value runs over an axis or not; leave one out
      """
    ),
    ElaborationCase(
      "what is the same for all rows is taken at the places of each",
      """
      output last(position(time)) as a1
      output sum(position(time) over time) as a2
      output max(position(time) over time) as a3
      output softmax(position(time) over time) as a4
      output argmax(position(time) over time) as a5
      output mean(position(time) * position(time) over time) as a6
      output window(position(time), 2, ahead: 1) as a7
      scan reverse over time {
       state s: real = 0
       next s = s + position(time)
      }
      output s
      output first(s) as a8
      """,
      """
      accepted
      """
    ),
    ElaborationCase(
      "what is the same for all words is taken at the letters of each",
      """
      axis letter <= 4 in time
      axis pair = letter / 2
      axis same = letter
      output last(position(letter) over letter) as a1
      output sum(position(letter) over letter) as a2
      output mean(position(letter) over time over letter) as a3
      output argmax(position(letter) over letter) as a4
      output window(position(letter) over letter to pair, 3, ahead: 1) as a5
      output along(position(pair) over pair to letter) as a6
      output along(position(letter) over letter to same) as a7
      output length(letter) as a8
      """,
      """
      accepted
      """
    ),
  ]
}
