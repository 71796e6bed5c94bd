extension ElaborationCase {
  /// What losses, training, streams, stacks and scans in scans come to.
  static let models: [ElaborationCase] = [
    ElaborationCase(
      "the parts of a split are contracted",
      """
      p, q = split(x, 2)
      output p @ q as d
      """,
      """
      accepted
      """
    ),
    ElaborationCase(
      "a name of a primitive",
      """
      sum = x
      output sum
      """,
      """
      8:1: error: `sum` is a function already
        a name hides nothing; choose another
      """
    ),
    ElaborationCase(
      "a name of an input",
      """
      x = a
      output x
      """,
      """
      8:1: error: `x` is bound twice
        the other is in line 4; a name is bound once in its scope
      """
    ),
    ElaborationCase(
      "arrays and concatenations",
      """
      output concat(x, 1, a) as y
      output [x, a] as w
      output [1, 2, x[0]] as v
      output [x, 1] as u
      """,
      """
      11:12: error: `[ ]` holds real[4] over time and real
        all must have one shape: `x` (line 4) is real[4] over time, the second (line 11) is real
      """
    ),
    ElaborationCase(
      "a loss with a shape",
      """
      loss x
      """,
      """
      8:6: error: an average is of single numbers, but this is real[4] over time
        write `mean(..)` or `sum(..)` around what has a shape
      """
    ),
    ElaborationCase(
      "a ratio of averages",
      """
      loss sum(x) as loss
      metric average(sum(x)) / average(sum(a)) as ratio
      """,
      """
      accepted
      """
    ),
    ElaborationCase(
      "an average outside of a loss",
      """
      y = average(x)
      output y
      """,
      """
      8:5: error: `average` stands in a loss or metric only
        it is where examples meet; write `mean(x over a)` for one example
      """
    ),
    ElaborationCase(
      "training without a loss",
      """
      train adam(0.1)
      output x
      """,
      """
      8:1: error: there is no loss to lower
        write `loss` and what training should make small
      """
    ),
    ElaborationCase(
      "a mistyped setting of the optimiser",
      """
      loss sum(x)
      train adam(rat: 0.1)
      """,
      """
      9:12: error: `adam` has no argument called `rat`
        did you mean `rate`?
      """
    ),
    ElaborationCase(
      "carry with a plain loss",
      """
      loss sum(x)
      train sgd(1, 0.9, weight_decay: 0.1) carry over time
      """,
      """
      accepted
      """
    ),
    ElaborationCase(
      "carry over a reverse scan",
      """
      layer f = bidirectional(gru(2))
      loss sum(f(x))
      train sgd(1) carry over time
      """,
      """
      9:10: error: `carry over time` needs each position to depend on earlier ones only, but this scan goes back from the end
        work along `time` by forward scans, `previous`, and at each position
      """
    ),
    ElaborationCase(
      "stream over a reverse scan",
      """
      layer f = bidirectional(gru(2))
      y = f(x)
      output y
      stream over time
      """,
      """
      9:5: error: `stream over time` needs each position to depend on earlier ones only, but this scan goes back from the end
        work along `time` by forward scans, `previous`, and at each position
      """
    ),
    ElaborationCase(
      "stream without an output over the axis",
      """
      output last(x) as y
      stream over time
      """,
      """
      9:1: error: no output runs over `time`, so `stream` has nothing to give
        write `output` and a value over `time`
      """
    ),
    ElaborationCase(
      "generating an input",
      """
      generate x from x
      """,
      """
      8:10: error: `x` is not a target
        declare it with `target x: ..`
      """
    ),
    ElaborationCase(
      "a layer given a cell scans, and runs along",
      """
      layer f = residual(gru(4))
      output f(x) as y
      scan over time { w = f(x + a) }
      output w
      """,
      """
      accepted
      """
    ),
    ElaborationCase(
      "a size that is not whole",
      """
      layer f = gru(2.5)
      output f(x) as y
      """,
      """
      9:8: error: a size must be a whole number, not 7.5
        sizes must come out whole
      """
    ),
    ElaborationCase(
      "a definition without its sizes",
      """
      layer f = gru
      output f(x) as y
      """,
      """
      8:11: error: `gru` needs `units`
        what it is made of: `units`
      """
    ),
    ElaborationCase(
      "a definition with too many sizes",
      """
      layer f = gru(2, 3)
      output f(x) as y
      """,
      """
      8:18: error: `gru` takes 1, not 2
        what it is made of: `units`
      """
    ),
    ElaborationCase(
      "a size that is known only when the model runs",
      """
      layer f = gru(a)
      output f(x) as y
      """,
      """
      8:15: error: `units` of `gru` must be known when the model is built
        it is made of numbers, sizes and what stands after `;` in a definition's head
      """
    ),
    ElaborationCase(
      "a stack of a number and two layers",
      """
      layer f = stack(2, gru(4), gru(4))
      output f(x) as y
      """,
      """
      8:11: error: `stack` takes a number and one layer, or several layers
        write `stack(2, lstm(8))` or `stack(lstm(8), gru(8))`
      """
    ),
    ElaborationCase(
      "a stack of unlike layers",
      """
      layer f = stack(gru(4), linear(3), bidirectional(gru(2)))
      output f(x) as y
      """,
      """
      accepted
      """
    ),
    ElaborationCase(
      "a step of a function",
      """
      output step relu(x) as y
      """,
      """
      8:8: error: `relu` has no states
        leave out `step`
      """
    ),
    ElaborationCase(
      "a step without all states",
      """
      layer f = lstm(4)
      scan over time {
       state h, c: real[4] = 0
       y = step f(x, h: h)
       next h = y.h
       next c = y.c
      }
      output h
      """,
      """
      11:6: error: `step` needs the state `c`
        give it as `c: ..`; `step` takes all states
      """
    ),
    ElaborationCase(
      "a step from given states",
      """
      layer f = lstm(4)
      scan over time {
       state h, c: real[4] = 0
       y = step f(x, h: h, c: c)
       next h = y.h
       next c = y.c
      }
      output h
      """,
      """
      accepted
      """
    ),
    ElaborationCase(
      "a layer declared below its use",
      """
      y = f(x)
      layer f = linear(2)
      output y
      """,
      """
      accepted
      """
    ),
    ElaborationCase(
      "movement of shapes",
      """
      output transpose(x) as y
      output reshape(x, 3) as w
      output reshape(x, 2, 2) as v
      output outer(x, a) as u
      """,
      """
      8:8: error: `transpose` takes a matrix, not real[4] over time
        `x` (line 4) has rank 1
      9:8: error: real[4] over time cannot be reshaped to [3]
        the number of elements must stay, and a shape has at most 4 dimensions
      """
    ),
    ElaborationCase(
      "division by zero",
      """
      output 1 / 0 as y
      """,
      """
      8:10: error: this divides by 0
        both sides are numbers known when the model is built
      """
    ),
    ElaborationCase(
      "reductions over an axis",
      """
      output mean(x over time) as y
      output max(x, 0) as w
      output min(x over time) as v
      output length(time) as l
      output position(time) as p
      """,
      """
      accepted
      """
    ),
    ElaborationCase(
      "a scan in a scan that needs the outer step",
      """
      scan over time { scan over other { y = x + z } }
      output y
      """,
      """
      accepted
      """
    ),
    ElaborationCase(
      "a scan in a scan that does not need the outer step",
      """
      scan over time { scan over other { y = 2 * z } }
      output y
      """,
      """
      accepted
      """
    ),
    ElaborationCase(
      "a scan in a scan over the same axis",
      """
      scan over time { scan over time { y = x } }
      output y
      """,
      """
      8:18: error: `time` is being scanned already
        inside the scan, what runs over it is its value at this step
      """
    ),
  ]
}
