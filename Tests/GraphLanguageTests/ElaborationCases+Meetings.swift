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
      8:8: error: a loss or metric is one number, but this is real[4] over batch time
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
  ]
}
