public import ModelRuntime

/// A way into a model from another language or build system, written beside its library on request.
public enum Binding: String, CaseIterable, Hashable, Sendable {
  /// `NAME.py`: a class over the library, with NumPy.
  case python
  /// `NAME.hpp`: a class of C++17 over the header.
  case cpp
  /// `module.modulemap`: lets Swift import the header, and link the library.
  case swift
  /// `NAME.pc`: what pkg-config tells build systems.
  case pkgconfig

  /// What the file is called.
  public func fileName(of manifest: Manifest) -> String {
    switch self {
    case .python: manifest.model + ".py"
    case .cpp: manifest.model + ".hpp"
    case .swift: "module.modulemap"
    case .pkgconfig: manifest.model + ".pc"
    }
  }

  /// The file's text.
  public func text(for manifest: Manifest) -> String {
    switch self {
    case .python: PythonBinding.text(manifest)
    case .cpp: CppBinding.text(manifest)
    case .swift:
      """
      module \(manifest.model) {
        header "\(manifest.model).h"
        link "\(manifest.model)"
        export *
      }

      """
    case .pkgconfig:
      """
      prefix=${pcfiledir}

      Name: \(manifest.model)
      Description: a recurrent network compiled by Rondo, graph \(manifest.graphHash.prefix(12))
      Version: \(manifest.abi)
      Cflags: -I${prefix}
      Libs: -L${prefix} -l\(manifest.model)
      Libs.private: -lm

      """
    }
  }

  /// Writes the file into a model's folder.
  ///
  /// - Throws: `RuntimeError` when it cannot be written.
  public func write(for manifest: Manifest, to folder: String) throws(RuntimeError) {
    let path = Platform.join(folder, fileName(of: manifest))
    try Platform.replace(path, with: Array(text(for: manifest).utf8))
  }
}

extension Manifest {
  /// The axes whose lengths a call of an entry gives: those that its arrays go along, and those that one
  /// of them is made of.
  func givenAxes(of entry: Entry) -> [Axis] {
    let used = Set((entry.inputs + entry.outputs).flatMap(\.dimensions).compactMap(\.axis))
    return axes.filter { axis in
      axis.given > 0
        && (used.contains(axis.name)
          || axes.contains { $0.source == axis.name && used.contains($0.name) })
    }
  }

  /// The axes that an axis is in, the outermost first.
  func around(_ axis: Axis) -> [Axis] {
    var found: [Axis] = []
    var next = axis.parent
    while let name = next, name != Self.batchAxis,
      let parent = axes.first(where: { $0.name == name })
    {
      found.insert(parent, at: 0)
      next = parent.parent
    }
    return found
  }
}
