package import GraphIR
internal import GraphLanguage

/// Small definitions in which every kind of recurrence occurs; they elaborate in a moment.
///
/// Numbers that are folded are exact in a float, as folding is.
package enum SampleModels {
  /// Their names in order.
  package static let names = texts.map(\.name)

  /// The elaborated graph of one, for rows of at most `batch`.
  package static func graph(_ name: String, batch: Int = 2) throws -> Graph {
    let text = texts.first { $0.name == name }?.text ?? ""
    return try graph(text: "model \(name) {\n\(text)\n}\n", batch: batch)
  }

  /// The elaborated graph of a definition's text.
  package static func graph(text: String, batch: Int = 2) throws -> Graph {
    let (tree, mistakes) = Parser.parse(SourceFile(name: "sample.graph", text: text))
    if !mistakes.isEmpty { throw Diagnostics(mistakes) }
    var graph = try Elaborator.elaborate(tree).get()
    graph.axes[0].extent = .bounded(batch)
    return graph
  }

  private static let texts: [(name: String, text: String)] = [
    (
      "letters",
      """
        axis time <= 6
        target text: token(5) over time
        layer rnn = stack(2, lstm(3)), fc = linear(5)
        logits = fc(rnn(onehot(previous(text))))
        loss cross_entropy(logits, text)
        train adam(rate: 0.002, clip_norm: 0.5) carry over time
        generate text from logits
      """
    ),
    (
      "scalars",
      """
        axis time <= 5
        input x: real over time
        target y: real over time
        param w_hh, w_xh, b, w_hy: real ~ uniform(1)
        scan over time {
          state h: real = -1
          next h = tanh(w_hh * h + w_xh * x + b)
          p = sigmoid(w_hy * next h)
        }
        output p
        loss square(p - y)
        train sgd(rate: 0.1, momentum: 0.9, weight_decay: 0.01)
      """
    ),
    (
      "tagger",
      """
        axis word <= 4
        axis letter <= 3
        input spelling: token(4) over word over letter
        target tag: token(3) over word
        layer embed = embedding(3), reader = gru(2)
        layer rnn = bidirectional(lstm(2)), score = linear(3)
        spelled = last(reader(embed(spelling) over letter) over letter)
        logits = score(rnn(spelled))
        output argmax(logits) as answer
        loss cross_entropy(logits, tag)
        metric argmax(logits) == tag as accuracy
        train adamw(rate: 0.001, weight_decay: 0.01, clip_value: 0.125)
      """
    ),
    (
      "translator",
      """
        axis source <= 4
        axis result <= 3
        input question: token(5) over source
        target answer: token(4) over result
        layer embed = embedding(3), encoder = bidirectional(lstm(2)), bridge = linear(3)
        layer words = embedding(2), decoder = gru(3), attend = attention_additive(2)
        layer score = linear(4)
        memory = encoder(embed(question))
        h0 = tanh(bridge(concat(last(memory.ahead.h), first(memory.back.h))))
        scan over result {
          state seen: real[3] = h0
          context = attend(seen, memory)
          next seen = decoder(concat(words(previous(answer)), context), h: h0)
          logits = score(concat(next seen, context))
        }
        output context.weights as weights
        loss cross_entropy(logits, answer, smoothing: 0.1)
        train sgd(rate: 0.1, momentum: 0.9, nesterov: 1)
      """
    ),
    (
      "attention",
      """
        axis source <= 3
        input m: real[4] over source
        target label: token(2)
        param query, key, value: real[3, 4] ~ glorot
        layer rnn = gru_reset_before(4), top = lstm_peephole(3), fc = linear(2)
        h = rnn(m)
        w = softmax((key @ m) @ (query @ last(h)) / 2 over source)
        d = sum(w * (value @ h) over source)
        logits = fc(concat(d, mean(top(h) over source), max(d)))
        output d
        loss cross_entropy(logits, label)
      """
    ),
    (
      "gates",
      """
        axis source <= 3
        axis time <= 4
        input memory: real[3] over source
        input x: real[2] over time
        input word: token(4) over time
        target y: real[3] over time
        param feed_i, feed_f: real[3, 2] ~ glorot
        param recur_f, recur_i: real[3, 3] ~ glorot
        param look: real[2, 3] ~ glorot
        param joint: real[3, 11] ~ glorot
        scan over time {
          state h, c: real[3] = 0.5
          seen   = sum(tanh(look @ (memory - h)) over source)
          i      = sigmoid(feed_i @ x + recur_i @ h)
          f      = sigmoid(recur_f @ h + feed_f @ x)
          g      = tanh(joint @ concat(onehot(word), x, concat(seen, h)))
          next c = f * c + i * g
          next h = tanh(next c)
          guess  = next h
        }
        output guess
        loss mse(guess, y)
        train sgd(rate: 0.1)
      """
    ),
    (
      "echo",
      """
        axis time <= 4
        target x: real[3] over time
        layer encode = gru(2), mean_of = linear(2), rnn = stack(2, lstm_projected(4, 2))
        layer norm = layer_norm, value = linear(3)
        mu = mean_of(last(encode(x)))
        guess = value(norm(rnn(concat(previous(x), mu))))
        output guess
        loss average(mse(guess, x)) + 0.125 * average(-0.5 * sum(1 - mu * mu))
        train sgd(rate: 0.1)
      """
    ),
  ]
}
