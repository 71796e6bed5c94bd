package import ModelRuntime
package import Rondo

/// A model written by hand, for tests of the host: `y = w . (x0, x1, h) + b` with a carried
/// `h' = h / 2 + x0`, trained by momentum; its batch is at most 4, its time at most 3.
package enum TinyModel {
  /// The generated texts, as the C backend would give them.
  package static func generated(
    name: String = "tiny",
    scale: String = "1.0f",
    graphHash: String = "9a"
  ) throws(RuntimeError) -> GeneratedModel {
    let text =
      try contract()
      + code
      .replacing("TINY", with: name).replacing("SCALE", with: scale)
      .replacing("GRAPH", with: graphHash)
    let source = Array(text.utf8)
    let header = Array("/* \(name) */\n".utf8)
    var manifest = try Manifest(json: Array(manifestText.utf8))
    manifest.model = name
    manifest.graphHash = graphHash
    manifest.source = SHA256.hex(of: source)
    manifest.header = SHA256.hex(of: header)
    return try GeneratedModel(source: source, header: header, manifest: manifest)
  }

  /// The contract's header.
  private static func contract() throws(RuntimeError) -> String {
    let here = Platform.split(#filePath).folder
    let path = here + "/../../Sources/ModelABI/include/ModelABI.h"
    return String(decoding: try Platform.read(path), as: UTF8.self)
  }

  /// The compiler that tests use.
  package static func compiler() throws(RuntimeError) -> CCompiler {
    try CCompiler.find(environment: Platform.environment)
  }

  /// A new folder with the model in it, compiled without optimisation.
  package static func artifact(
    name: String = "tiny",
    scale: String = "1.0f",
    graphHash: String = "9a"
  ) throws(RuntimeError) -> (artifact: Artifact, folder: String) {
    let model = try generated(name: name, scale: scale, graphHash: graphHash)
    let folder = try Platform.makePrivateFolder(in: "/tmp")
    let library = try compiler().compile(
      model.source,
      name: name,
      options: .init(optimization: 0),
      scratch: folder
    )
    let artifact = Artifact(model, library)
    try artifact.write(to: folder)
    return (artifact, folder)
  }

  /// The bytes of its library, compiled once.
  package static func loadedLibrary() throws(RuntimeError) -> [UInt8] { try library.get() }

  /// What `loadedLibrary` gives.
  private static let library = Result { () throws(RuntimeError) in
    let (artifact, folder) = try Self.artifact()
    try Platform.remove(folder)
    return artifact.library
  }

  /// The model, loaded; its folder is already gone.
  package static func loaded() throws(RuntimeError) -> CompiledModel {
    let (_, folder) = try artifact()
    defer { try? Platform.remove(folder) }
    return try CompiledModel(folder: folder)
  }

  /// The manifest, hashes aside.
  private static let manifestText = """
    {"abi":5,"format":1,"model":"tiny","graph_hash":"9a","layout_hash":"7c","math":"strict",
     "batch":4,"sizes":{"letters":5},
     "axes":[{"name":"batch","bound":4,"fixed":false,"given":0},
             {"name":"time","bound":3,"fixed":false,"given":1}],
     "parameters":[{"name":"w","shape":[3],"frozen":false},
                   {"name":"b","shape":[],"frozen":false}],
     "states":[{"name":"h","shape":[1]}],
     "optimizer":[{"name":"w.momentum","shape":[3]},{"name":"b.momentum","shape":[]}],
     "entries":[
      {"name":"initialize","inputs":[
        {"name":"seed","role":"seed","element":"uint64","tokens":0,"dimensions":[]}],"outputs":[]},
      {"name":"infer","inputs":[
        {"name":"x","role":"data","element":"float32","tokens":0,"dimensions":[
          {"axis":"batch","extent":4},{"axis":"time","extent":3},{"axis":null,"extent":2}]}],
       "outputs":[
        {"name":"y","role":"data","element":"float32","tokens":0,"dimensions":[
          {"axis":"batch","extent":4},{"axis":"time","extent":3}]}]},
      {"name":"evaluate","inputs":[
        {"name":"x","role":"data","element":"float32","tokens":0,"dimensions":[
          {"axis":"batch","extent":4},{"axis":"time","extent":3},{"axis":null,"extent":2}]},
        {"name":"y","role":"data","element":"float32","tokens":0,"dimensions":[
          {"axis":"batch","extent":4},{"axis":"time","extent":3}]},
        {"name":"fresh","role":"fresh","element":"uint8","tokens":0,"dimensions":[
          {"axis":"batch","extent":4}]},
        {"name":"seed","role":"seed","element":"uint64","tokens":0,"dimensions":[]}],
       "outputs":[
        {"name":"loss","role":"loss","element":"float32","tokens":0,"dimensions":[]},
        {"name":"loss.sum","role":"loss","element":"float32","tokens":0,"dimensions":[]},
        {"name":"loss.count","role":"loss","element":"float32","tokens":0,"dimensions":[]}]},
      {"name":"train","inputs":[
        {"name":"x","role":"data","element":"float32","tokens":0,"dimensions":[
          {"axis":"batch","extent":4},{"axis":"time","extent":3},{"axis":null,"extent":2}]},
        {"name":"y","role":"data","element":"float32","tokens":0,"dimensions":[
          {"axis":"batch","extent":4},{"axis":"time","extent":3}]},
        {"name":"fresh","role":"fresh","element":"uint8","tokens":0,"dimensions":[
          {"axis":"batch","extent":4}]},
        {"name":"seed","role":"seed","element":"uint64","tokens":0,"dimensions":[]},
        {"name":"rate","role":"rate","element":"float32","tokens":0,"dimensions":[]}],
       "outputs":[
        {"name":"loss","role":"loss","element":"float32","tokens":0,"dimensions":[]}]},
      {"name":"begin","inputs":[],"outputs":[]},
      {"name":"look","inputs":[
        {"name":"text","role":"data","element":"int32","tokens":5,"dimensions":[
          {"axis":"batch","extent":4},{"axis":"time","extent":3}]}],
       "outputs":[
        {"name":"sum","role":"data","element":"int32","tokens":0,"dimensions":[
          {"axis":"batch","extent":4}]}]},
      {"name":"generate","inputs":[],"outputs":[
        {"name":"text","role":"data","element":"int32","tokens":5,"dimensions":[
          {"axis":"batch","extent":4},{"axis":"time","extent":3}]}]}],
     "blocks":{"parameters":64,"state":16,"optimizer":64,"work":0},
     "default_rate":0.05,"carry":"time","generates":"text","until":0,"source":"","header":""}
    """

  /// The C text below the contract.
  private static let code = #"""

    #include <math.h>

    typedef struct { float w[3], b; } weights;

    static const rondo_dimension x_dims[] = {{0, 4}, {1, 3}, {-1, 2}};
    static const rondo_tensor data[] = {
      {"x", RONDO_DATA, RONDO_FLOAT32, 0, 3, x_dims},
      {"y", RONDO_DATA, RONDO_FLOAT32, 0, 2, x_dims},
      {"fresh", RONDO_FRESH, RONDO_UINT8, 0, 1, x_dims},
      {"seed", RONDO_SEED, RONDO_UINT64, 0, 0, 0},
      {"rate", RONDO_RATE, RONDO_FLOAT32, 0, 0, 0}};
    static const rondo_tensor losses[] = {
      {"loss", RONDO_LOSS, RONDO_FLOAT32, 0, 0, 0},
      {"loss.sum", RONDO_LOSS, RONDO_FLOAT32, 0, 0, 0},
      {"loss.count", RONDO_LOSS, RONDO_FLOAT32, 0, 0, 0}};
    static const rondo_tensor text[] = {{"text", RONDO_DATA, RONDO_INT32, 5, 2, x_dims}};
    static const rondo_tensor sums[] = {{"sum", RONDO_DATA, RONDO_INT32, 0, 1, x_dims}};

    static rondo_status check(const rondo_context *context, const rondo_call *call) {
      if (!context || !call) return RONDO_NULL_POINTER;
      if (call->size != sizeof(rondo_call)) return RONDO_BAD_SIZE;
      if ((uintptr_t)context->parameters % RONDO_ALIGNMENT) return RONDO_MISALIGNED;
      if (call->batch < 1 || call->batch > 4) return RONDO_BAD_BATCH;
      if (call->lengths && call->lengths[1])
        for (int row = 1; row < call->batch; row++)
          if (call->lengths[1][row] != call->lengths[1][0]) return RONDO_BAD_LENGTH;
      return RONDO_OK;
    }

    static int steps(const rondo_call *call) {
      return call->lengths && call->lengths[1] ? call->lengths[1][0] : 3;
    }

    static rondo_status initialize(const rondo_context *context, const rondo_call *call) {
      rondo_status status = check(context, call);
      if (status) return status;
      uint64_t z = *(const uint64_t *)call->inputs[0];
      weights *p = context->parameters;
      for (int i = 0; i < 4; i++) {
        z = z * 6364136223846793005u + 1442695040888963407u;
        (&p->w[0])[i] = (float)(z >> 40) / 16777216.0f - 0.5f;
      }
      return RONDO_OK;
    }

    /* Runs forward; adds up squares and, if asked, gradients; states go on from `h`. */
    static float forward(
      const weights *p, const rondo_call *call, const float *x, const float *y, float *h,
      float *out, weights *gradient) {
      float sum = 0;
      for (int row = 0; row < call->batch; row++)
        for (int t = 0; t < steps(call); t++) {
          const float *at = x + (row * 3 + t) * 2;
          h[row] = h[row] / 2 + at[0];
          float guess = SCALE * (p->w[0] * at[0] + p->w[1] * at[1] + p->w[2] * h[row] + p->b);
          if (out) out[row * 3 + t] = guess;
          if (!y) continue;
          float error = guess - y[row * 3 + t];
          sum += error * error;
          if (!gradient) continue;
          gradient->w[0] += 2 * error * at[0];
          gradient->w[1] += 2 * error * at[1];
          gradient->w[2] += 2 * error * h[row];
          gradient->b += 2 * error;
        }
      return sum;
    }

    static rondo_status infer(const rondo_context *context, const rondo_call *call) {
      rondo_status status = check(context, call);
      if (status) return status;
      float h[4] = {0};
      forward(context->parameters, call, call->inputs[0], 0, h, call->outputs[0], 0);
      return RONDO_OK;
    }

    static void begin_rows(const rondo_context *context, const rondo_call *call, float *h) {
      for (int row = 0; row < call->batch; row++)
        h[row] = ((const uint8_t *)call->inputs[2])[row] ? 0 : ((float *)context->state)[row];
    }

    static void end_rows(const rondo_context *context, const rondo_call *call, const float *h) {
      for (int row = 0; row < call->batch; row++) ((float *)context->state)[row] = h[row];
    }

    static rondo_status evaluate(const rondo_context *context, const rondo_call *call) {
      rondo_status status = check(context, call);
      if (status) return status;
      float h[4], count = (float)(call->batch * steps(call));
      begin_rows(context, call, h);
      float sum = forward(context->parameters, call, call->inputs[0], call->inputs[1], h, 0, 0);
      end_rows(context, call, h);
      float values[3] = {sum / count, sum, count};
      for (int i = 0; i < 3; i++)
        if (call->outputs[i]) *(float *)call->outputs[i] = values[i];
      return RONDO_OK;
    }

    static rondo_status train(const rondo_context *context, const rondo_call *call) {
      rondo_status status = check(context, call);
      if (status) return status;
      float h[4], count = (float)(call->batch * steps(call));
      weights gradient = {{0}, 0}, *p = context->parameters, *m = context->optimizer;
      begin_rows(context, call, h);
      float sum = forward(p, call, call->inputs[0], call->inputs[1], h, 0, &gradient);
      float rate = *(const float *)call->inputs[4];
      if (!isfinite(sum)) return RONDO_NOT_FINITE;
      for (int i = 0; i < 4; i++) {
        float *velocity = &m->w[0] + i;
        *velocity = 0.5f * *velocity + (&gradient.w[0])[i] / count;
        (&p->w[0])[i] -= rate * *velocity;
      }
      end_rows(context, call, h);
      if (call->outputs[0]) *(float *)call->outputs[0] = sum / count;
      return RONDO_OK;
    }

    static rondo_status begin(const rondo_context *context, const rondo_call *call) {
      return check(context, call);
    }

    static rondo_status look(const rondo_context *context, const rondo_call *call) {
      rondo_status status = check(context, call);
      if (status) return status;
      const int32_t *all = call->inputs[0];
      for (int i = 0; i < call->batch * 3; i++)
        if (all[i] < 0 || all[i] >= 5) return RONDO_BAD_TOKEN;
      for (int row = 0; row < call->batch; row++) {
        int32_t sum = 0;
        for (int t = 0; t < steps(call); t++) sum += all[row * 3 + t];
        ((int32_t *)call->outputs[0])[row] = sum;
      }
      return RONDO_OK;
    }

    static float *variable(const rondo_context *context, int32_t block, int32_t index, int *count) {
      *count = block == RONDO_STATE ? 4 : index ? 1 : 3;
      if (block == RONDO_STATE && index == 0) return context->state;
      if (index < 0 || index > 1) return 0;
      if (block == RONDO_PARAMETERS) return (float *)context->parameters + 3 * index;
      if (block == RONDO_OPTIMIZER) return (float *)context->optimizer + 3 * index;
      return 0;
    }

    static rondo_status get(
      const rondo_context *context, int32_t block, int32_t index, float *values) {
      int count;
      const float *from = variable(context, block, index, &count);
      if (!from) return RONDO_BAD_INDEX;
      for (int i = 0; i < count; i++) values[i] = from[i];
      return RONDO_OK;
    }

    static rondo_status set(
      const rondo_context *context, int32_t block, int32_t index, const float *values) {
      int count;
      float *to = variable(context, block, index, &count);
      if (!to) return RONDO_BAD_INDEX;
      for (int i = 0; i < count; i++) to[i] = values[i];
      return RONDO_OK;
    }

    static rondo_status generate(
      const rondo_context *context, const rondo_call *call, const rondo_generation *how) {
      rondo_status status = check(context, call);
      if (status) return status;
      if (how->size != sizeof(rondo_generation)) return RONDO_BAD_SIZE;
      if (how->temperature < 0) return RONDO_BAD_OPTION;
      for (int row = 0; row < call->batch; row++) {
        const int32_t *prompt = how->prompt;
        int32_t last = prompt ? prompt[(row + 1) * how->prompt_length - 1] : 0;
        int count = 0;
        while (count < how->limit) {
          last = (last + 1 + (int32_t)(how->seed % 3)) % 5;
          ((int32_t *)how->values)[row * how->limit + count++] = last;
          if (last == 0) break;
        }
        if (how->lengths) how->lengths[row] = count;
        if (how->log_probability) how->log_probability[row] = -(float)count;
      }
      return RONDO_OK;
    }

    static const char *status_text(rondo_status status) {
      switch (status) {
      case RONDO_BAD_TOKEN: return "a token is out of range";
      case RONDO_BAD_LENGTH: return "rows differ in length";
      case RONDO_NOT_FINITE: return "the loss is not finite";
      case RONDO_BAD_OPTION: return "an option is out of range";
      default: return "something is wrong";
      }
    }

    static rondo_workers *start_workers(int32_t threads) { return threads > 0 ? 0 : 0; }

    static void stop_workers(rondo_workers *workers) { (void)workers; }

    static const rondo_axis axes[] = {{"batch", 4, 0, -1, -1, 0, 0}, {"time", 3, 0, -1, -1, 0, 1}};
    static const rondo_dimension three[] = {{-1, 3}}, state_dims[] = {{0, 4}, {-1, 1}};
    static const rondo_tensor parameters[] = {
      {"w", RONDO_DATA, RONDO_FLOAT32, 0, 1, three}, {"b", RONDO_DATA, RONDO_FLOAT32, 0, 0, 0}};
    static const rondo_tensor optimizers[] = {
      {"w.momentum", RONDO_DATA, RONDO_FLOAT32, 0, 1, three},
      {"b.momentum", RONDO_DATA, RONDO_FLOAT32, 0, 0, 0}};
    static const rondo_tensor states[] = {{"h", RONDO_DATA, RONDO_FLOAT32, 0, 2, state_dims}};
    static const rondo_entry entries[] = {
      {"initialize", 1, 0, data + 3, 0, initialize},
      {"infer", 1, 1, data, data + 1, infer},
      {"evaluate", 4, 3, data, losses, evaluate},
      {"train", 5, 1, data, losses, train},
      {"begin", 0, 0, 0, 0, begin},
      {"look", 1, 1, text, sums, look},
      {"generate", 0, 1, 0, text, 0}};

    extern const rondo_model TINY_model_table;
    __attribute__((visibility("default"))) const rondo_model TINY_model_table = {
      RONDO_ABI_VERSION, sizeof(rondo_model), "TINY", "GRAPH", "7c", 0.05f, 0, 2, 7, 2, 1, 2,
      axes, entries, parameters, states, optimizers, {64, 16, 64, 0},
      get, set, NULL, generate, status_text, start_workers, stop_workers};
    """#
}
