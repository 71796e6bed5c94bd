extension ElaborationTests {
  /// Definitions that are refused, and the whole of what a person sees.
  static let refusals: [(name: String, text: String)] = [
    (
      "cycle",
      """
      refused-cycle.graph:4:20: error: `h` depends on itself
        4 |   scan over time { h = tanh(previous(h) + x) }
          |                    ^
          = only a `state` may, by its `next`: it is what the step before left
      """
    ),
    (
      "missing-next",
      """
      refused-missing-next.graph:4:26: error: the state `h` has no next value
        4 |   scan over time { state h: real = 0 }
          |                          ^
          = write `next h = ..` in the same block
      """
    ),
    (
      "nested-axis",
      """
      refused-nested-axis.graph:5:14: error: `word` cannot be reduced while `letter`, which is in it, stays
        5 |   output sum(x over word) as y
          |              ^~~~~~~~~~~
          = work along `letter` first
      """
    ),
    (
      "runs-along-twice",
      """
      refused-runs-along-twice.graph:5:24: error: `f` runs along this scan twice
        5 |   scan over time { y = f(f(x)) }
          |                        ^~~~~~~
          = its states take one step at each step; declare a second instance
      """
    ),
    (
      "self-attention",
      """
      refused-self-attention.graph:5:17: error: `query` runs over `time`, which `memory` of `attention` takes whole
        5 |   output attend(x, x) as y
          |                 ^
          = take a second axis of the same lengths for one of them: `axis other = time`
      """
    ),
    (
      "shapes",
      """
      refused-shapes.graph:5:10: error: `@` meets real[3, 5] and real[4] over time: 5 is not 4
        5 |   output W @ x as y
          |          ^~~~~
          = the last dimension of the first is summed with the first of the second: `W` (line 4) is real[3, 5], `x` (line 3) is real[4] over time
      """
    ),
    (
      "two-sizes",
      """
      refused-two-sizes.graph:6:19: error: `f` takes `x: real[4]`, not real[5] over time
        6 |   output f(x) + f(y) as z
          |                   ^
          = `y` (line 4) is real[5] over time; the application in line 6 fixed the sizes
      """
    ),
  ]
}
