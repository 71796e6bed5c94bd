extension ElaborationCase {
  /// What comes of rules that meet: sharing, labels, members, scans beside each other.
  static let meetings: [ElaborationCase] = [
    ElaborationCase(
      "a weight beside the application that binds it",
      """
      layer embed = embedding(4), rnn = gru(4)
      output embed.weight @ rnn(embed(t)) as y
      """,
      """
      accepted
      """
    ),
    ElaborationCase(
      "a weight that nothing beside it binds",
      """
      layer embed = embedding(4), rnn = gru(4)
      output embed.weight @ rnn(x) as y
      output rnn(embed(t)) as w
      """,
      """
      9:13: error: the sizes of `embed` are not known yet
        they are bound where it is applied first; apply it above
      """
    ),
    ElaborationCase(
      "a weight of an instance in a stack, beside its application",
      """
      layer f = stack(2, linear(4))
      output f.l0.weight @ f(x) as y
      output -f.l1.bias * f(x) as w
      """,
      """
      accepted
      """
    ),
    ElaborationCase(
      "one instance runs along two scans",
      """
      layer f = gru(4)
      scan over time { y = f(x) }
      scan over other { w = f(z) }
      output sum(y over time) + sum(w over other) as v
      """,
      """
      accepted
      """
    ),
    ElaborationCase(
      "a layer that takes an axis whole is bound to its first",
      """
      layer f = bidirectional(gru(2))
      output f(x) as y
      output f(z) as w
      """,
      """
      10:10: error: `bidirectional` takes `x` over `time`, but this is real[4] over other
        `z` (line 5) does not run over it
      """
    ),
    ElaborationCase(
      "attention to one memory from two axes",
      """
      layer attend = attention_bilinear
      output attend(a, x) as y
      output attend(z, x) as w
      """,
      """
      accepted
      """
    ),
    ElaborationCase(
      "attention in a scan, to what is whole and to what is not",
      """
      layer attend = attention_bilinear
      scan over time { y = attend(x, z) }
      scan over other { w = attend(z, z) }
      output y
      output w
      """,
      """
      10:33: error: `attention_bilinear` takes `memory` over `other`, but this is real[4]
        `z` (line 5) does not run over it
      """
    ),
    ElaborationCase(
      "labels reach the instances of a layer that scans both ways",
      """
      layer f = bidirectional(gru(4))
      y = f(x, forward.h: a, backward.h: 2 * a)
      output last(y.ahead.h) as h
      output y.back.hh as k
      """,
      """
      11:14: error: `back` has no member `hh`
        did you mean `h`?
      """
    ),
    ElaborationCase(
      "labels of a stack of layers that scan both ways",
      """
      layer f = stack(2, bidirectional(gru(4)))
      y = f(x, l1.backward.h: a)
      output first(y.l1.back.h) as h
      """,
      """
      accepted
      """
    ),
    ElaborationCase(
      "a step takes the states of all in a stack",
      """
      layer f = stack(2, gru(4))
      scan over time {
       state p, q: real[4] = 0
       y = step f(x, l0.h: p, l1.h: q)
       next p = y.l0.h
       next q = y.l1.h
      }
      output p
      """,
      """
      accepted
      """
    ),
    ElaborationCase(
      "an instance is not a layer to make others of",
      """
      layer g = gru(4)
      layer f = stack(g, g)
      output f(x) as y
      """,
      """
      9:17: error: `g` is an instance, with weights of its own
        apply it where it is, or write what it is an instance of
      """
    ),
    ElaborationCase(
      "a cell in a layer in a cell runs along",
      """
      layer f = residual(stack(2, residual(gru(4))))
      scan over time { y = f(x) }
      output y
      """,
      """
      accepted
      """
    ),
    ElaborationCase(
      "a cell over two axes is told which to scan",
      """
      layer f = gru(4)
      output f(x + z) as y
      output f(x + z over time) as w
      """,
      """
      9:8: error: `gru` scans one axis, but this runs over `time` and `other`
        say which: `over time` or `over other`
      """
    ),
    ElaborationCase(
      "a state over another axis, begun by a value over it",
      """
      scan over time {
       state s: real[4] over other = z
       next s = s + x
      }
      output last(s over time) as y
      output s.z as w
      """,
      """
      13:9: error: `s` has no member `z`
        members are states, instances and what `emit` shows
      """
    ),
    ElaborationCase(
      "members of what is computed at each step",
      """
      layer f = lstm(4)
      scan over time { y = f(x) }
      output last(y.c) as c
      output y.weight_hh as w
      """,
      """
      11:9: error: `y` has no member `weight_hh`
        there are `c`, `h`
      """
    ),
    ElaborationCase(
      "a scan of an axis in a scan of another, with weights of their own",
      """
      layer f = gru(4), g = gru(4)
      scan over time { y = f(x) }
      scan reverse over time { w = g(x + y) }
      output w
      """,
      """
      accepted
      """
    ),
    ElaborationCase(
      "a loss over two axes, weighted over one",
      """
      loss average(sum(x) * sum(z), weight: sum(x))
      metric average(position(time)) as p
      """,
      """
      accepted
      """
    ),
    ElaborationCase(
      "a metric that is not one number",
      """
      metric average(sum(x)) + x as m
      """,
      """
      8:8: error: a loss or metric is one number, but this is real[4] over batch over time
        put what runs over the examples into `average(..)`
      """
    ),
    ElaborationCase(
      "one message for each name that is not known",
      """
      y = xx + 1
      output y
      output y * 2 as w
      output zz
      """,
      """
      8:5: error: `xx` is not known
        did you mean `x`?
      11:8: error: `zz` is not known
        did you mean `z`?
      """
    ),
    ElaborationCase(
      "what is scanned around is one step of it here",
      """
      scan over time {
       scan over other {
        u = sum(x over time)
        v = last(x over time)
        w = previous(x over time)
        y = window(x over time, 2)
       }
      }
      output w
      """,
      """
      10:18: error: `x` (line 4) is its value at one step of `time` here
        work along `time` before or after the scan
      11:19: error: `x` (line 4) is its value at one step of `time` here
        work along `time` before or after the scan
      """
    ),
    ElaborationCase(
      "the only axis in a scan of a scan",
      """
      layer f = gru(4)
      scan over time {
       state s: real[4] = 0
       y = f(x + s + z over other)
       b = attention(x + s, z + s)
       next s = last(y)
      }
      output s
      """,
      """
      accepted
      """
    ),
    ElaborationCase(
      "a state of a step around is not this step's",
      """
      scan over time {
       state s: real[4] = 0
       scan over other {
        state q: real[4] over time = s
        next q = q + next s
       }
       next s = s + last(q)
      }
      output s
      """,
      """
      11:9: error: `q` depends on itself
        only a `state` may, by its `next`: it is what the step before left
      11:12: error: a state cannot run over `time`, which is being scanned
        leave out `over time`
      """
    ),
    ElaborationCase(
      "the first value of a scan in a scan may be the step's",
      """
      scan over time {
       state s: real[4] = 0
       scan over other {
        state q: real[4] = s
        next q = q + z
       }
       next s = 0.5 * last(q)
      }
      output s
      """,
      """
      accepted
      """
    ),
    ElaborationCase(
      "nothing is kept of a scan in a step",
      """
      scan over time {
       state s: real[4] = 0
       scan over other {
        state q: real[4] = s
        next q = q + z
       }
       next s = 0.5 * last(q)
      }
      output q
      stream over other
      """,
      """
      10:2: error: `stream over other` needs each position to depend on earlier ones only, but this scan is within a step of another, where nothing is kept
        work along `other` by forward scans, `previous`, and at each position
      """
    ),
    ElaborationCase(
      "nothing is kept of what goes along an axis in a step",
      """
      scan over time {
       state s: real[4] over other = z
       next s = 0.5 * previous(s) + x
      }
      loss sum(s)
      train sgd(1) carry over other
      """,
      """
      10:17: error: `carry over other` needs each position to depend on earlier ones only, but this goes along `other` within a step, where nothing is kept
        work along `other` by forward scans, `previous`, and at each position
      """
    ),
    ElaborationCase(
      "the paths of each row, and of each sequence in another",
      """
      axis letter <= 3 in other
      input l: real[3] over time
      input w: token(3) over other
      input v: token(3) over letter
      output ctc(l over time, w over other, blank: 0) as c
      output ctc(l over time, v over letter, blank: 0) as d
      output ctc(l + window(l, 1)[0], w over other, blank: 1) as e
      """,
      """
      accepted
      """
    ),
    ElaborationCase(
      "conditional computation at each letter within a scan of words",
      """
      axis letter <= 3 in time
      input s: real[4] over letter
      layer embed = linear(4), rnn = gru(4)
      scan over time {
       state h: real[4] = a
       w = attention(h, s + x over letter)
       next h = tanh(w + embed(h))
       n = max(s over letter) - mean(s over letter)
      }
      output h
      output n
      output last(rnn(s over letter) over letter) as r
      """,
      """
      accepted
      """
    ),
  ]
}
