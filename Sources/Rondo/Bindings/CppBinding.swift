internal import CBackend
internal import ModelRuntime

/// Writes `NAME.hpp`: a class of C++17 over the header, which owns a model's memory.
struct CppBinding {
  private let manifest: Manifest
  private let prefix: String
  private var writer = CWriter()

  /// The header of a model.
  static func text(_ manifest: Manifest) -> String {
    var binding = CppBinding(manifest)
    binding.write()
    return binding.writer.text
  }

  private init(_ manifest: Manifest) {
    self.manifest = manifest
    prefix = manifest.model
  }

  private mutating func write() {
    let macro = prefix.uppercased()
    add([
      "/* The model \(prefix) for C++17: a class that owns the memory of one model, over \(prefix).h. */",
      "#ifndef \(macro)_HPP", "#define \(macro)_HPP", "",
      "#include <cstddef>", "#include <cstdint>", "#include <cstring>", "#include <new>",
      "#include <stdexcept>", "#include <string>", "#include <utility>", "#include <vector>", "",
      "#include \"\(prefix).h\"", "", "namespace \(prefix)_cpp {", "",
      "/* A call that the model refused, or whose loss is not finite. */",
      "class error : public std::runtime_error {",
      " public:",
      "  explicit error(\(prefix)_status status)",
      "      : std::runtime_error(\(prefix)_status_text(status)), status_(status) {}",
      "  \(prefix)_status status() const noexcept { return status_; }", "",
      " private:",
      "  \(prefix)_status status_;",
      "};",
    ])
    for entry in calls where numbers(entry).count > 1 { result(entry) }
    head()
    for entry in calls { method(entry) }
    tail()
    add(["", "}  // namespace \(prefix)_cpp", "", "#endif"])
  }

  private mutating func add(_ lines: [String]) {
    writer.verbatim(lines.joined(separator: "\n") + "\n")
  }

  private var calls: [Manifest.Entry] { manifest.entries.filter(\.isRun) }

  /// The outputs that are one number, which are given back.
  private func numbers(_ entry: Manifest.Entry) -> [Manifest.Tensor] {
    entry.outputs.filter(\.dimensions.isEmpty)
  }

  private static func identifier(_ name: String) -> String { name.replacing(".", with: "_") }

  /// Identifiers of names, numbered where two would be one.
  private static func identifiers(_ names: [String], suffix: String) -> [String] {
    var found: [String] = []
    for (place, name) in names.enumerated() {
      let plain = identifier(name) + suffix
      found.append(found.contains(plain) ? identifier(name) + "_\(place)" + suffix : plain)
    }
    return found
  }

  private static func type(_ element: Manifest.Element) -> String {
    switch element {
    case .float32: "float"
    case .int32: "std::int32_t"
    case .uint8: "std::uint8_t"
    case .uint64: "std::uint64_t"
    }
  }

  private static func described(_ tensor: Manifest.Tensor, _ name: String) -> String {
    let dims = tensor.dimensions.map { $0.axis ?? "\($0.extent)" }.joined(separator: ", ")
    return "\(name): [\(dims)]" + (tensor.tokens > 0 ? ", tokens below \(tensor.tokens)" : "")
  }

  private mutating func result(_ entry: Manifest.Entry) {
    add(["", "/* The numbers that `\(entry.name)` gives. */", "struct \(entry.name)_result {"])
    let names = Self.identifiers(numbers(entry).map(\.name), suffix: "")
    for (tensor, name) in zip(numbers(entry), names) {
      writer.line("  \(Self.type(tensor.element)) \(name);")
    }
    writer.line("};")
  }

  private mutating func head() {
    add([
      "",
      "/* One model: weights, states, optimiser and work memory. It belongs to one thread at a time. */",
      "class model {", " public:",
      "  static constexpr std::int32_t batch_bound = \(manifest.batch);",
    ])
    for axis in manifest.axes.dropFirst() {
      writer.line("  static constexpr std::int32_t \(axis.name)_bound = \(axis.bound);")
    }
    add([
      "",
      "  /* Takes memory, and starts so many threads less one to help with calls. */",
      "  explicit model(std::int32_t threads = 1) : context_(\(prefix)_create()) {",
      "    if (context_ == nullptr) throw std::bad_alloc();",
      "    if (threads < 2) return;",
      "    context_->workers = \(prefix)_start_workers(threads);",
      "    if (context_->workers != nullptr) return;",
      "    \(prefix)_destroy(context_);",
      "    throw std::runtime_error(\"threads cannot be started\");",
      "  }",
      "  ~model() { release(); }",
      "  model(const model &) = delete;",
      "  model &operator=(const model &) = delete;",
      "  model(model &&other) noexcept : context_(std::exchange(other.context_, nullptr)) {}",
      "  model &operator=(model &&other) noexcept {",
      "    if (this != &other) {",
      "      release();",
      "      context_ = std::exchange(other.context_, nullptr);",
      "    }",
      "    return *this;",
      "  }", "",
      "  /* What the functions of \(prefix).h take. */",
      "  \(prefix)_context *context() const noexcept { return context_; }",
    ])
  }

  private mutating func method(_ entry: Manifest.Entry) {
    let numbers = numbers(entry)
    let result =
      numbers.isEmpty
      ? "void" : numbers.count == 1 ? Self.type(numbers[0].element) : entry.name + "_result"
    let hasRows = entry.name != "initialize" && entry.name != "measures" && entry.name != "update"
    var parameters = hasRows ? ["std::int32_t rows"] : []
    var given = ["context_", hasRows ? "rows" : "1"]
    var told: [String] = []
    var lengths: [String] = []
    for axis in manifest.givenAxes(of: entry) {
      lengths.append("const std::int32_t *\(axis.name)_lengths = nullptr")
      given.append("\(axis.name)_lengths")
    }
    let inputs = Self.identifiers(entry.inputs.map(\.name), suffix: "")
    for (tensor, name) in zip(entry.inputs, inputs) {
      let type = Self.type(tensor.element)
      parameters.append(
        tensor.dimensions.isEmpty && tensor.role != .loss && tensor.role != .gradient
          && tensor.role != .data
          ? "\(type) \(name)" : "const \(type) *\(name)"
      )
      given.append(name)
      if !tensor.dimensions.isEmpty { told.append(Self.described(tensor, name)) }
    }
    let outputs = Self.identifiers(entry.outputs.map(\.name), suffix: "_out")
    let names = Self.identifiers(numbers.map(\.name), suffix: "")
    var place = 0
    for (tensor, name) in zip(entry.outputs, outputs) {
      if tensor.dimensions.isEmpty {
        given.append(numbers.count == 1 ? "&result" : "&result.\(names[place])")
        place += 1
      } else {
        parameters.append("\(Self.type(tensor.element)) *\(name)")
        given.append(name)
        told.append(Self.described(tensor, name))
      }
    }
    writer.line()
    writer.indented { writer in
      if !told.isEmpty { writer.comment(told.joined(separator: "; ") + ".") }
      writer.list("\(result) \(entry.name)(", parameters + lengths, ") {")
      writer.indented { writer in
        if !numbers.isEmpty { writer.line("\(result) result{};") }
        writer.list("check(\(prefix)_\(entry.name)(", given, "));")
        if !numbers.isEmpty { writer.line("return result;") }
      }
      writer.line("}")
    }
  }

  private mutating func tail() {
    if manifest.generates != nil {
      add([
        "", "  /* Draws rows, as \(prefix)_generate says. */",
        "  void generate(const \(prefix)_call &call, const \(prefix)_generation &generation) {",
        "    check(\(prefix)_generate(context_, &call, &generation));", "  }",
      ])
    }
    add([
      "", "  /* A copy of a weight, in the definition's shape. */",
      "  std::vector<float> weight(const std::string &name) const {",
      "    const std::int32_t index = find(name);",
      "    std::vector<float> values(count(index));",
      "    check(\(prefix)_model_table.get(context_, 0, index, values.data()));",
      "    return values;", "  }", "",
      "  /* Sets a weight, which has as many elements as `weight` gives. */",
      "  void set_weight(const std::string &name, const std::vector<float> &values) {",
      "    const std::int32_t index = find(name);",
      "    if (values.size() != count(index)) throw std::invalid_argument(name + \" has another size\");",
      "    check(\(prefix)_model_table.set(context_, 0, index, values.data()));", "  }", "",
      " private:",
      "  static void check(\(prefix)_status status) {",
      "    if (status != 0) throw error(status);", "  }", "",
      "  static std::int32_t find(const std::string &name) {",
      "    for (std::int32_t i = 0; i < \(prefix)_model_table.parameter_count; i += 1) {",
      "      if (name == \(prefix)_model_table.parameters[i].name) return i;", "    }",
      "    throw std::invalid_argument(name + \" is no weight of \(prefix)\");", "  }", "",
      "  static std::size_t count(std::int32_t index) {",
      "    const \(prefix)_tensor &tensor = \(prefix)_model_table.parameters[index];",
      "    std::size_t elements = 1;",
      "    for (std::int32_t i = 0; i < tensor.rank; i += 1) {",
      "      elements *= static_cast<std::size_t>(tensor.dimensions[i].extent);", "    }",
      "    return elements;", "  }", "",
      "  void release() noexcept {",
      "    if (context_ == nullptr) return;",
      "    \(prefix)_stop_workers(context_->workers);",
      "    context_->workers = nullptr;",
      "    \(prefix)_destroy(context_);", "  }", "",
      "  \(prefix)_context *context_;", "};",
    ])
  }
}
