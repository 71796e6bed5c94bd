extension ElaborationCase {
  /// What draws and CTC come to.
  static let chance: [ElaborationCase] = [
    ElaborationCase(
      "draws with chances that are none",
      """
      output bernoulli(2) as p
      output bernoulli(x, 3) as q
      output bernoulli(x[0], 3) as r
      output dropout(x, 1) as s
      output dropout(x, a[0]) as u
      """,
      """
      8:18: error: the chance of a `bernoulli` cannot be 2.0
        it must be from 0 to 1
      9:18: error: `bernoulli` draws real[3] with a chance that is real[4] over time
        the chance is one number, or has the shape that is drawn
      11:19: error: the chance of a `dropout` cannot be 1.0
        it must be at least 0 and less than 1
      12:19: error: the chance of a `dropout` must be known when the model is built
        it is made of numbers, sizes and what stands after `;` in a definition's head
      """
    ),
    ElaborationCase(
      "draws of no shape there is",
      """
      output uniform(0) as p
      output normal(1, 1, 1, 1, 1) as q
      output uniform(2.5) as r
      output normal(4 over time) as s
      """,
      """
      8:16: error: a size cannot be 0
        it must be from 1 to 2147483647
      9:8: error: a shape has at most 4 dimensions
      10:16: error: a size must be a whole number, not 2.5
        sizes must come out whole
      11:22: error: `normal` works along no axis
        leave out `over time`: it works at each position
      """
    ),
    ElaborationCase(
      "what is dropped and drawn from is real and has a shape",
      """
      output dropout(t, 0.5) as p
      output draw(x[0]) as q
      output draw(t) as r
      output draw(x) == t as s
      """,
      """
      8:16: error: a real number is needed, but `t` (line 6) is token(3) over time
        tokens are only compared; write `onehot(t)` or `number(t)`
      9:13: error: `draw` takes logits, not real over time
        it (line 9) has no dimension to draw from
      10:13: error: a real number is needed, but `t` (line 6) is token(3) over time
        tokens are only compared; write `onehot(t)` or `number(t)`
      """
    ),
    ElaborationCase(
      "a drawn token is read like any other",
      """
      layer embed = embedding(4)
      scan over time {
       state own: token(3) = none
       next own = draw(embed(select(training, own, t))[0:3])
      }
      output own
      """,
      """
      accepted
      """
    ),
    ElaborationCase(
      "training has no shape and no axis",
      """
      output select(training, x, 0) as y
      output x + training as w
      output training @ x as v
      """,
      """
      10:8: error: `@` meets real and real[4] over time
        it takes vectors and matrices, `*` takes numbers: `training` (line 8) is real, `x` (line 4) is real[4] over time
      """
    ),
    ElaborationCase(
      "a stack's dropout is a chance",
      """
      layer f = stack(2, gru(4), dropout: 1.5)
      layer g = stack(2, gru(4), drop: 0.5)
      layer h = stack(2, gru(4), dropout: 0.5)
      output h(x) as y
      """,
      """
      8:37: error: the chance of a `dropout` cannot be 1.5
        it must be at least 0 and less than 1
      9:28: error: `stack` has no argument called `drop`
        it takes a number, layers and `dropout:`
      """
    ),
    ElaborationCase(
      "dropout in a stack that runs along",
      """
      layer h = stack(2, gru(4), dropout: 0.5)
      scan over time { y = h(x, l1.h: a) }
      output y
      """,
      """
      accepted
      """
    ),
    ElaborationCase(
      "draws as first values stand without a use elsewhere",
      """
      output glorot(3) as y
      output orthogonal as w
      param w1: real[2, 2] ~ uniform(0.1)
      output uniform(2) @ w1 as v
      """,
      """
      8:8: error: `glorot` is a first value
        it stands after the `~` of a `param`, without parentheses
      9:8: error: `orthogonal` is a first value
        it stands after the `~` of a `param`, without parentheses
      """
    ),
    ElaborationCase(
      "ctc needs its blank, of the letters",
      """
      input l: real[3] over time
      input w: token(3) over other
      loss ctc(l over time, w over other)
      loss ctc(l over time, w over other, blank: 3)
      """,
      """
      10:6: error: `ctc` needs `blank`
        what it is made of: `blank`
      11:6: error: a row of 3 cannot be 3
        it must be from 0 to 2
      """
    ),
    ElaborationCase(
      "ctc of other letters, or along one axis",
      """
      input l: real[3] over time
      input w: token(4) over other
      loss ctc(l over time, w over other, blank: 0)
      loss ctc(l over time, t over time, blank: 0)
      """,
      """
      10:23: error: `ctc` takes `labels: token(3) over l`, not token(4) over other
        `w` (line 9) is token(4) over other
      11:23: error: `l` and `f` of `ctc` are two axes, and cannot both be `time`
        take a second axis of the same lengths for one of them: `axis other = time`
      """
    ),
    ElaborationCase(
      "ctc of a sequence that is nested",
      """
      axis letter <= 4 in other
      input l: real[3] over time
      input w: token(3) over letter
      loss ctc(l over time, w over letter, blank: 0)
      """,
      """
      accepted
      """
    ),
    ElaborationCase(
      "a draw in a loss",
      """
      loss sum(x) * uniform()
      train adam(0.1)
      """,
      """
      accepted
      """
    ),
  ]
}
