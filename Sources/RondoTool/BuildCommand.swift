internal import ModelRuntime
internal import Rondo
internal import Workbench

extension Command {
  /// `rondo build`: a definition to the files that a program embeds.
  static let build = Command(
    name: "build",
    operands: "FILE.graph",
    operandCount: 1...1,
    summary: "compiles a definition to a library, its header, its C and a manifest",
    options: Building.optionTable + [
      .with, .entries, .host, .weights, .selfTest, .selfTestLoops, .pullback, .gradientFlow, .line,
      .folder,
      .overwrite,
    ],
    example: "rondo build graphs/char_lm.graph --size letters=64 -o build/char_lm"
  ) { arguments, setting in
    var additions = try arguments.choices(.with, Addition.self)
    var building = try Building(arguments, setting, batch: 1)
    building.options.entries = try arguments.entries()
    building.options.host = try arguments.choice(.host, Compiler.Host.self) ?? .shared
    let isEmbedded = building.options.host == .embedded
    if isEmbedded {
      if let addition = additions.first(where: { $0 == .python || $0 == .cpp }) {
        throw UsageError(
          "--with \(addition.rawValue) needs memory of a system: leave out --host embedded"
        )
      }
      if building.cOptions.cpu == "portable" {
        throw UsageError("--cpu portable chooses when it is loaded: leave out --host embedded")
      }
      // An archive is what such a program is made of.
      if !additions.contains(.archive) { additions.append(.archive) }
    }
    building.options.pullback = arguments.has(.pullback)
    building.options.namesLines = arguments.has(.line)
    building.options.showsGradientFlow = arguments.has(.gradientFlow)
    building.cOptions.debug = arguments.has(.line)
    building.options.holdsWeights = arguments.has(.weights)
    building.options.checksItself = arguments.has(.selfTest)
    building.options.checksLoops = arguments.has(.selfTestLoops)
    let definition = try Definition(path: arguments.operands[0])
    let start = Platform.now
    var model = try building.generate(definition)
    if let path = arguments.text(.weights) {
      model = try building.holding(model, weightsFrom: path)
    }
    let generated = Platform.now
    let (artifact, wasCached) = try building.compile(model)
    let compiled = Platform.now
    let folder = arguments.text(.folder) ?? "build/\(model.name)"
    try artifact.write(to: folder, overwrite: arguments.has(.overwrite))
    for addition in additions { try addition.write(model, artifact, to: folder, building) }
    if let path = arguments.text(.weights) { try Self.keepVocabulary(besides: path, in: folder) }
    let blocks = model.manifest.blocks
    let library =
      wasCached ? "compiled before" : "compiled in \(NumberText.seconds(compiled - generated))"
    let rows = NumberText.counted(model.manifest.batch, "row")
    let machine = artifact.manifest.machine.flatMap { $0 == LibraryFile.host ? nil : " on \($0)" }
    var lines = [
      "\(folder): \(model.name) for calls of at most \(rows)\(machine ?? "")",
      "parameters  \(NumberText.grouped(model.manifest.parameterCount))",
      "memory      parameters \(NumberText.bytes(blocks.parameters)), state "
        + "\(NumberText.bytes(blocks.state)), optimizer \(NumberText.bytes(blocks.optimizer)), work "
        + NumberText.bytes(blocks.work),
      "entries     \(model.manifest.entries.map(\.name).joined(separator: ", "))",
      "C           \(NumberText.bytes(artifact.source.count)), written in "
        + NumberText.seconds(generated - start),
      "library     \(NumberText.bytes(artifact.library.count)), \(library)",
    ]
    if let stack = artifact.manifest.stack {
      lines.append("stack       at most \(NumberText.bytes(stack)) in a function")
    }
    for line in lines { setting.console.line(line) }
    if isEmbedded {
      let archive = try Platform.read(Platform.join(folder, "lib\(model.name).a"))
      let sizes = try building.sizes(ofArchive: archive).map { sizes in
        "code \(NumberText.bytes(sizes.code)), constants \(NumberText.bytes(sizes.constants)), data "
          + NumberText.bytes(sizes.data)
      }
      let target = "for the processor \(building.cOptions.cpu)"
      setting.console.line(
        "embedded    \(sizes ?? "sizes are not known: there is no `size`") \(target)"
      )
    }
    if let weights = artifact.weights {
      setting.console.line("weights     \(NumberText.bytes(weights.count)) of it, read only")
    }
    building.sayTimes()
    return 0
  }

  /// Takes along what the tokens mean, which a run leaves beside its weights.
  private static func keepVocabulary(
    besides weights: String,
    in folder: String
  ) throws(RuntimeError) {
    let from = Platform.join(Platform.split(weights).folder, DataForm.fileName)
    let to = Platform.join(folder, DataForm.fileName)
    guard try Platform.status(from)?.kind == .file, try Platform.status(to) == nil else { return }
    try Platform.replace(to, with: Platform.read(from))
  }
}
