import GraphIR

/// How a model is trained, streamed and drawn from.
extension Elaboration {
  /// `train NAME(..) carry over a`.
  func elaborate(_ syntax: TrainSyntax, at span: SourceSpan, in scope: Scope) throws(Failure) {
    guard graph.optimizer == nil else {
      throw failure("a model is trained in one way", at: span, hint: "keep one `train`")
    }
    if let carry = syntax.carry { graph.carryAxis = try stepped(carry, in: scope) }
    graph.optimizer = try optimizer(syntax, in: scope)
    if losses.isEmpty, !hasFailed {
      throw failure(
        "there is no loss to lower",
        at: span,
        hint: "write `loss` and what training should make small"
      )
    }
  }

  private func optimizer(_ syntax: TrainSyntax, in scope: Scope) throws(Failure) -> Optimizer {
    let common = ["weight_decay", "clip_norm", "clip_value"]
    let own: [String]
    switch syntax.optimizer.text {
    case "sgd": own = ["rate", "momentum", "nesterov"]
    case "adam", "adamw": own = ["rate", "beta1", "beta2", "epsilon"]
    case "rmsprop": own = ["rate", "alpha", "epsilon"]
    case "adagrad": own = ["rate", "epsilon"]
    case let name:
      throw failure(
        "there is no optimiser `\(name)`",
        at: syntax.optimizer.span,
        hint: suggestion(name, among: ["sgd", "adam", "adamw", "rmsprop", "adagrad"])
          ?? "there are `sgd`, `adam`, `adamw`, `rmsprop` and `adagrad`"
      )
    }
    var settings: [String: Double] = [:]
    var place = 0
    for argument in syntax.arguments {
      if let axis = argument.axes.first ?? argument.destination {
        throw failure(
          "an optimiser works along no axis",
          at: axis.span,
          hint: "leave out `over \(axis.text)`"
        )
      }
      let name: String
      if let label = argument.label.first {
        name = argument.label.map(\.text).joined(separator: ".")
        guard (own + common).contains(name) else {
          throw failure(
            "`\(syntax.optimizer.text)` has no argument called `\(name)`",
            at: label.span,
            hint: suggestion(name, among: own + common)
              ?? "it has \((own + common).map { "`\($0)`" }.joined(separator: ", "))"
          )
        }
      } else {
        guard place < own.count else {
          throw failure(
            "`\(syntax.optimizer.text)` takes at most \(own.count) without a label",
            at: argument.span,
            hint: "write `\(common[0]): ..` and the like"
          )
        }
        name = own[place]
        place += 1
      }
      guard settings[name] == nil else {
        throw failure("`\(name)` is given twice", at: argument.span, hint: "leave one out")
      }
      let number = try number(argument.value, for: "`\(name)`", in: scope)
      guard number >= 0, number.isFinite else {
        throw failure(
          "`\(name)` cannot be \(number)",
          at: argument.span,
          hint: "it must be at least 0"
        )
      }
      settings[name] = number
    }
    let name = syntax.optimizer.text
    return Optimizer(
      rule: rule(name, settings),
      rate: settings["rate"] ?? (name.hasPrefix("adam") ? 0.001 : 0.01),
      weightDecay: settings["weight_decay"] ?? (name == "adamw" ? 0.01 : 0),
      clipNorm: settings["clip_norm"] ?? 0,
      clipValue: settings["clip_value"] ?? 0
    )
  }

  /// The rule of an optimiser with its settings; what is not given is PyTorch's default.
  private func rule(_ name: String, _ settings: [String: Double]) -> Optimizer.Rule {
    switch name {
    case "sgd":
      .sgd(momentum: settings["momentum"] ?? 0, nesterov: (settings["nesterov"] ?? 0) != 0)
    case "rmsprop":
      .rmsprop(alpha: settings["alpha"] ?? 0.99, epsilon: settings["epsilon"] ?? 1e-8)
    case "adagrad": .adagrad(epsilon: settings["epsilon"] ?? 1e-10)
    default:
      .adam(
        beta1: settings["beta1"] ?? 0.9,
        beta2: settings["beta2"] ?? 0.999,
        epsilon: settings["epsilon"] ?? 1e-8,
        decoupled: name == "adamw"
      )
    }
  }

  /// `stream over a`.
  func stream(over name: Name, in scope: Scope) throws(Failure) {
    guard graph.streamAxis == nil else {
      throw failure("a model streams over one axis", at: name.span, hint: "keep one `stream`")
    }
    graph.streamAxis = try stepped(name, in: scope)
  }

  /// The axis that states are kept along between calls: one for the whole model.
  private func stepped(_ name: Name, in scope: Scope) throws(Failure) -> AxisID {
    let axis = try axis(name, in: scope)
    if let parent = graph[axis].parent {
      throw failure(
        "states are not kept along `\(name.text)`, which begins anew at each position of "
          + "`\(graph[parent].name)`",
        at: name.span,
        hint: "carry, stream and generate go along an axis that is in no other"
      )
    }
    if let source = derivations[axis] {
      throw failure(
        "states are not kept along `\(name.text)`, which is made of `\(graph[source.axis].name)`",
        at: name.span,
        hint: "carry, stream and generate go along an axis with a length of its own"
      )
    }
    if let other = graph.carryAxis ?? graph.streamAxis, other != axis {
      throw failure(
        "states are kept along `\(graph[other].name)`, and cannot be along `\(name.text)` too",
        at: name.span,
        hint: "carry, stream and generate go along one axis"
      )
    }
    return axis
  }

  /// `generate NAME from e until k`.
  func elaborate(_ syntax: GenerateSyntax, at span: SourceSpan, in scope: Scope) throws(Failure) {
    guard graph.generation == nil else {
      throw failure("a model generates one target", at: span, hint: "keep one `generate`")
    }
    let target = try value(find(syntax.target, in: scope), at: syntax.target.span)
    guard case .variable(let variable) = main.builder.block[target.node].op,
      target.level === main, case .input(isTarget: true) = graph[variable].kind
    else {
      throw failure(
        "`\(syntax.target.text)` is not a target",
        at: syntax.target.span,
        hint: "declare it with `target \(syntax.target.text): ..`"
      )
    }
    guard let axis = target.type.axes.removing(.batch).axes.last else {
      throw failure(
        "`\(syntax.target.text)` runs over no axis to generate along",
        at: syntax.target.span,
        hint: "write `over` and an axis in its type"
      )
    }
    if let other = graph.carryAxis ?? graph.streamAxis, other != axis {
      throw failure(
        "states are kept along `\(graph[other].name)`, but `\(syntax.target.text)` runs over "
          + "`\(graph[axis].name)`",
        at: syntax.target.span,
        hint: "carry, stream and generate go along one axis"
      )
    }
    let source = try real(syntax.source, in: scope)
    var wanted = target.type
    var end: Int32?
    if case .token(let bound) = target.type.element {
      guard target.type.shape.isScalar, let logits = Shape([Int(bound)]) else {
        throw unsupported(
          "generating tokens with a shape",
          at: syntax.target.span,
          hint: "generate one token at each position"
        )
      }
      wanted = ValueType(axes: target.type.axes, shape: logits)
      if let expression = syntax.end {
        end = Int32(
          clamping: try integer(expression, for: "the last token", in: 0...Int(bound) - 1, scope)
        )
      }
    } else if let expression = syntax.end {
      throw failure(
        "a real value has no last token",
        at: expression.span,
        hint: "leave out `until`"
      )
    }
    guard source.type == wanted else {
      throw failure(
        "`\(syntax.target.text)` is drawn from \(text(wanted)), not from \(text(source.type))",
        at: syntax.source.span,
        hint: sources(target, source)
      )
    }
    graph.generation = Generation(target: variable, until: end)
    let root = Root(name: syntax.target.text, kind: .generated, entries: [.generate])
    roots.append((root, source))
  }
}
