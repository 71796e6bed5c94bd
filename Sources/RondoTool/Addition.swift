internal import ModelRuntime
internal import Rondo

/// What `rondo build --with` writes beside a model's library.
enum Addition: String, CaseIterable {
  case python, cpp, swift, pkgconfig
  case archive = "static"

  /// Writes it into the model's folder.
  func write(
    _ model: GeneratedModel,
    _ artifact: Artifact,
    to folder: String,
    _ building: Building
  ) throws {
    if let binding = Binding(rawValue: rawValue) {
      return try binding.write(for: artifact.manifest, to: folder)
    }
    let archive = try building.archive(model)
    try Platform.replace(Platform.join(folder, "lib\(model.name).a"), with: archive)
  }
}
