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
    options: Building.optionTable + [.with, .pullback, .gradientFlow, .line, .folder, .overwrite],
    example: "rondo build graphs/char_lm.graph --size letters=64 -o build/char_lm"
  ) { arguments, setting in
    let additions = try arguments.choices(.with, Addition.self)
    var building = try Building(arguments, setting, batch: 1)
    building.options.pullback = arguments.has(.pullback)
    building.options.namesLines = arguments.has(.line)
    building.options.showsGradientFlow = arguments.has(.gradientFlow)
    building.cOptions.debug = arguments.has(.line)
    let definition = try Definition(path: arguments.operands[0])
    let start = Platform.now
    let model = try building.generate(definition)
    let generated = Platform.now
    let (artifact, wasCached) = try building.compile(model)
    let compiled = Platform.now
    let folder = arguments.text(.folder) ?? "build/\(model.name)"
    try artifact.write(to: folder, overwrite: arguments.has(.overwrite))
    for addition in additions { try addition.write(model, artifact, to: folder, building) }
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
    building.sayTimes()
    return 0
  }
}
