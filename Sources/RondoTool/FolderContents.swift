internal import ModelRuntime
internal import Rondo
internal import Workbench

/// What a model's folder holds, to be kept or replaced as a whole.
struct FolderContents {
  /// What a run's checkpoint is called.
  static let checkpointName = "last.checkpoint"
  /// What a run's log is called.
  static let logName = "log.jsonl"
  /// What the text of a run's definition is called.
  static let definitionName = "definition.graph"
  /// What the page of a run is called.
  static let reportName = "report.html"

  /// The folder.
  private let folder: String
  /// The manifests in it, by the names of their files.
  let manifests: [(name: String, manifest: Manifest)]

  /// Looks into a folder, which need not be there.
  init(_ folder: String) throws(RuntimeError) {
    self.folder = folder
    guard let status = try Platform.status(folder) else {
      manifests = []
      return
    }
    guard status.kind == .folder else {
      throw RuntimeError(
        "\(quoted(folder)) is no folder",
        hint: "name another one by -o DIR"
      )
    }
    var found: [(String, Manifest)] = []
    for file in try Platform.list(folder) where file.hasSuffix(".json") {
      let path = Platform.join(folder, file)
      guard try Platform.status(path)?.kind == .file else { continue }
      // A JSON file of another kind is nobody's concern here; one that cannot be read may be a model.
      let bytes = try Platform.read(path)
      guard let manifest = try? Manifest(json: bytes) else { continue }
      found.append((String(file.dropLast(5)), manifest))
    }
    manifests = found
  }

  /// Refuses a folder with another model, or other sizes of this one.
  func check(for artifact: Artifact) throws(RuntimeError) {
    for (name, manifest) in manifests
    where name != artifact.name || manifest.graphHash != artifact.manifest.graphHash {
      throw RuntimeError(
        "\(quoted(folder)) holds another model, \(quoted(manifest.model)), or other sizes of it",
        hint: "name another folder by -o DIR, or replace it by --overwrite"
      )
    }
  }

  /// Refuses a folder in which a definition's text stands that no run has left there.
  func check(for definition: Definition) throws(RuntimeError) {
    let path = Platform.join(folder, Self.definitionName)
    guard manifests.isEmpty, try Platform.status(path) != nil else { return }
    if try Platform.read(path, limit: 1 << 24) == definition.bytes { return }
    throw RuntimeError("\(quoted(path)) is in the way", hint: "name another folder by -o DIR")
  }

  /// Removes the models in it with their runs, and nothing else.
  func remove() throws(RuntimeError) {
    guard !manifests.isEmpty else { return }
    var names = [
      Self.checkpointName, Self.logName, Self.definitionName, Self.reportName, DataForm.fileName,
    ]
    for (name, _) in manifests {
      names += ["\(name).json", "\(name).h", "\(name).c", "lib\(name).so", "\(name).safetensors"]
      names += ["\(name).weights", "\(name)_weights.S"]
    }
    for name in names { try Platform.remove(Platform.join(folder, name)) }
  }
}
