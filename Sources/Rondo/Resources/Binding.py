# ---- what every model has ----------------------------------------------------------------------


class Status(RuntimeError):
    """A call that the model refused, or whose loss is not finite; `status` is the number it gave."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class _Dimension(ctypes.Structure):
    _fields_ = [("axis", ctypes.c_int32), ("extent", ctypes.c_int32)]


class _Tensor(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_char_p),
        ("role", ctypes.c_int32),
        ("element", ctypes.c_int32),
        ("tokens", ctypes.c_int32),
        ("rank", ctypes.c_int32),
        ("dimensions", ctypes.POINTER(_Dimension)),
    ]

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.dimensions[i].extent for i in range(self.rank))


class _Context(ctypes.Structure):
    _fields_ = [
        (name, ctypes.c_void_p) for name in ("parameters", "state", "optimizer", "work", "workers")
    ]


class _Call(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_uint32),
        ("batch", ctypes.c_int32),
        ("threads", ctypes.c_int32),
        ("first_example", ctypes.c_uint32),
        ("lengths", ctypes.POINTER(ctypes.c_void_p)),
        ("inputs", ctypes.POINTER(ctypes.c_void_p)),
        ("outputs", ctypes.POINTER(ctypes.c_void_p)),
    ]


class _Generation(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_uint32),
        ("limit", ctypes.c_int32),
        ("prompt_length", ctypes.c_int32),
        ("top_k", ctypes.c_int32),
        ("top_p", ctypes.c_float),
        ("temperature", ctypes.c_float),
        ("seed", ctypes.c_uint64),
        ("beam_width", ctypes.c_int32),
        ("length_penalty", ctypes.c_float),
        ("prompt", ctypes.c_void_p),
        ("values", ctypes.c_void_p),
        ("lengths", ctypes.c_void_p),
        ("log_probability", ctypes.c_void_p),
        ("beams", ctypes.c_void_p),
        ("beam_lengths", ctypes.c_void_p),
        ("beam_log_probability", ctypes.c_void_p),
    ]


_ContextPointer = ctypes.POINTER(_Context)
_Access = ctypes.CFUNCTYPE(
    ctypes.c_int32, _ContextPointer, ctypes.c_int32, ctypes.c_int32, ctypes.c_void_p
)


class _Entry(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_char_p),
        ("input_count", ctypes.c_int32),
        ("output_count", ctypes.c_int32),
        ("inputs", ctypes.POINTER(_Tensor)),
        ("outputs", ctypes.POINTER(_Tensor)),
        ("run", ctypes.CFUNCTYPE(ctypes.c_int32, _ContextPointer, ctypes.POINTER(_Call))),
    ]


class _Table(ctypes.Structure):
    _fields_ = [
        ("abi_version", ctypes.c_uint32),
        ("size", ctypes.c_uint32),
        ("name", ctypes.c_char_p),
        ("graph_hash", ctypes.c_char_p),
        ("layout_hash", ctypes.c_char_p),
        ("default_rate", ctypes.c_float),
        ("until", ctypes.c_int32),
        ("axis_count", ctypes.c_int32),
        ("entry_count", ctypes.c_int32),
        ("parameter_count", ctypes.c_int32),
        ("state_count", ctypes.c_int32),
        ("optimizer_count", ctypes.c_int32),
        ("axes", ctypes.c_void_p),
        ("entries", ctypes.POINTER(_Entry)),
        ("parameters", ctypes.POINTER(_Tensor)),
        ("states", ctypes.POINTER(_Tensor)),
        ("optimizers", ctypes.POINTER(_Tensor)),
        ("block_bytes", ctypes.c_size_t * 4),
        ("get", _Access),
        ("set", _Access),
        (
            "copy_state",
            ctypes.CFUNCTYPE(
                ctypes.c_int32, _ContextPointer, ctypes.c_int32, _ContextPointer, ctypes.c_int32
            ),
        ),
        (
            "generate",
            ctypes.CFUNCTYPE(
                ctypes.c_int32, _ContextPointer, ctypes.POINTER(_Call), ctypes.POINTER(_Generation)
            ),
        ),
        ("status_text", ctypes.CFUNCTYPE(ctypes.c_char_p, ctypes.c_int32)),
        ("start_workers", ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_int32)),
        ("stop_workers", ctypes.CFUNCTYPE(None, ctypes.c_void_p)),
        ("weights", ctypes.c_void_p),
        ("weights_hash", ctypes.c_char_p),
    ]


class _Array(NamedTuple):
    """An array of an entry: dimensions are (axis or None, greatest extent)."""

    name: str
    role: str
    dtype: type
    tokens: int
    dimensions: tuple[tuple[str | None, int], ...]


class _Model:
    """Weights, states, optimiser and work memory of a model, bound to its library."""

    def __init__(self, library: str | os.PathLike | None, threads: int, seed: int) -> None:
        path = pathlib.Path(library) if library else pathlib.Path(__file__).with_name(_LIBRARY)
        self._library = ctypes.CDLL(str(path.resolve()))
        self._table = _Table.in_dll(self._library, _PREFIX + "_model_table")
        self._context = None
        self._workers = None
        if self._table.abi_version != _ABI or self._table.graph_hash.decode() != _GRAPH:
            raise ImportError(f"{path} is not the library that this module was written for")
        create = self._library[_PREFIX + "_create"]
        create.restype = _ContextPointer
        self._context = create()
        if not self._context:
            raise MemoryError(f"no memory for {_PREFIX}")
        if threads > 1:
            self._workers = self._table.start_workers(threads)
            if not self._workers:
                raise OSError(f"{threads} threads cannot be started")
            self._context.contents.workers = self._workers
        self._entries = {
            self._table.entries[i].name.decode(): self._table.entries[i]
            for i in range(self._table.entry_count)
        }
        self._names = [
            self._table.parameters[i].name.decode() for i in range(self._table.parameter_count)
        ]
        if "initialize" in self._entries and not self._table.weights:
            self._run("initialize", {"seed": seed}, {}, 1)

    def close(self) -> None:
        """Frees the memory; the model cannot be used after."""
        if self._context:
            if self._workers:
                self._context.contents.workers = None
                self._table.stop_workers(self._workers)
            destroy = self._library[_PREFIX + "_destroy"]
            destroy.argtypes = [_ContextPointer]
            destroy(self._context)
        self._context = None

    def __del__(self) -> None:
        if getattr(self, "_context", None):
            self.close()

    # ---- weights ----

    @property
    def names(self) -> list[str]:
        """The weights' names."""
        return list(self._names)

    def __getitem__(self, name: str) -> np.ndarray:
        """A copy of a weight."""
        index = self._names.index(name) if name in self._names else self._missing(name)
        values = np.zeros(self._table.parameters[index].shape, np.float32)
        self._check(self._table.get(self._context, 0, index, values.ctypes.data))
        return values

    def __setitem__(self, name: str, values: np.ndarray) -> None:
        index = self._names.index(name) if name in self._names else self._missing(name)
        values = np.ascontiguousarray(values, np.float32)
        shape = self._table.parameters[index].shape
        if values.shape != shape:
            raise ValueError(f"{name} has the shape {shape}, not {values.shape}")
        self._check(self._table.set(self._context, 0, index, values.ctypes.data))

    def _missing(self, name: str) -> int:
        raise KeyError(f"{name} is none of the weights {', '.join(self._names)}")

    def load(self, path: str | os.PathLike) -> None:
        """Reads all weights from a safetensors file; names and shapes must be the model's."""
        data = pathlib.Path(path).read_bytes()
        size = int.from_bytes(data[:8], "little")
        if len(data) < 8 or size > len(data) - 8:
            raise ValueError(f"{path} is no safetensors file")
        header = json.loads(data[8 : 8 + size])
        header.pop("__metadata__", None)
        if set(header) != set(self._names):
            wrong = ", ".join(sorted(set(header) ^ set(self._names)))
            raise ValueError(f"{path} and the model do not have the same weights: {wrong}")
        weights = {}
        for name, entry in header.items():
            if entry["dtype"] != "F32":
                raise ValueError(f"{name} in {path} is {entry['dtype']}, not F32")
            start, end = entry["data_offsets"]
            numbers = np.frombuffer(data[8 + size + start : 8 + size + end], "<f4")
            weights[name] = numbers.reshape(entry["shape"])
        for name, values in weights.items():
            self[name] = values

    def save(self, path: str | os.PathLike) -> None:
        """Writes all weights to a safetensors file, which appears whole or not at all."""
        header, parts, offset = {}, [], 0
        for name in self._names:
            values = self[name].astype("<f4").tobytes()
            shape = list(self[name].shape)
            span = [offset, offset + len(values)]
            header[name] = {"dtype": "F32", "shape": shape, "data_offsets": span}
            parts.append(values)
            offset += len(values)
        text = json.dumps(header).encode()
        text += b" " * (-len(text) % 8)
        path = pathlib.Path(path)
        partial = path.with_name(path.name + ".partial")
        partial.write_bytes(len(text).to_bytes(8, "little") + text + b"".join(parts))
        partial.replace(path)

    # ---- states ----

    @property
    def state(self) -> bytes:
        """The states of all rows; set it to go on from there."""
        count = self._table.block_bytes[1]
        return ctypes.string_at(self._context.contents.state, count) if count else b""

    @state.setter
    def state(self, value: bytes) -> None:
        if len(value) != self._table.block_bytes[1]:
            raise ValueError(f"states have {self._table.block_bytes[1]} bytes, not {len(value)}")
        if value:
            ctypes.memmove(self._context.contents.state, value, len(value))

    def copy_state(self, row: int, other: _Model, from_row: int) -> None:
        """Copies the states of another's row, or of this model's, to a row of this one."""
        if not self._table.copy_state:
            raise TypeError(f"{_PREFIX} has no states")
        self._check(self._table.copy_state(self._context, row, other._context, from_row))

    # ---- calls ----

    def _check(self, status: int) -> None:
        if status != 0:
            raise Status(status, self._table.status_text(status).decode())

    def _prepare(
        self, entry: str, given: dict, lengths: dict, batch: int | None
    ) -> tuple[_Call, dict, list]:
        """A call with its inputs; the lengths of its axes; and what must live as long as the call."""
        specs = _ENTRIES[entry][0]
        arrays = {}
        for spec in specs:
            value = given.get(spec.name)
            if value is None and spec.role == "divisor":
                value = 0
            if value is None and spec.role == "fresh":
                continue
            if value is None:
                raise TypeError(f"{entry} needs {spec.name}")
            arrays[spec.name] = self._array(spec, value)
            if spec.dimensions and spec.dimensions[0][0] == "batch":
                rows = arrays[spec.name].shape[0]
                if batch is not None and batch != rows:
                    raise ValueError(f"{spec.name} has {rows} rows, another input has {batch}")
                batch = rows
        batch = 1 if batch is None else batch
        longest = {}
        for spec in specs:
            if spec.name not in arrays:
                arrays[spec.name] = np.ones(batch, spec.dtype)
            for place, (axis, _) in enumerate(spec.dimensions):
                if axis in _AXES:
                    extent = arrays[spec.name].shape[place]
                    longest[axis] = max(longest.get(axis, 0), extent)
        inputs = [self._padded(spec, arrays[spec.name]) for spec in specs]
        counts = [None] * len(_AXES)
        for axis, (place, bound, given_by, shape) in _AXES.items():
            if not given_by:
                continue
            if lengths.get(axis) is not None:
                counts[place] = np.ascontiguousarray(lengths[axis], np.int32)
                if counts[place].shape != (batch, *shape):
                    raise ValueError(f"the lengths of {axis} have the shape {(batch, *shape)}")
                longest[axis] = int(counts[place].max(initial=1))
            elif longest.get(axis, bound) < bound:
                counts[place] = np.full((batch, *shape), longest[axis], np.int32)
        pointers = (ctypes.c_void_p * max(1, len(inputs)))(*[a.ctypes.data for a in inputs])
        given_lengths = (ctypes.c_void_p * len(counts))(
            *[None if count is None else count.ctypes.data for count in counts]
        )
        call = _Call(size=ctypes.sizeof(_Call), batch=batch)
        call.inputs = ctypes.cast(pointers, ctypes.POINTER(ctypes.c_void_p))
        call.lengths = ctypes.cast(given_lengths, ctypes.POINTER(ctypes.c_void_p))
        return call, longest, [inputs, counts, pointers, given_lengths]

    def _run(self, entry: str, given: dict, lengths: dict, batch: int | None = None) -> list:
        """Calls an entry; its outputs, cut to the lengths of the call."""
        call, longest, kept = self._prepare(entry, given, lengths, batch)
        specs = _ENTRIES[entry][1]
        outputs = []
        for spec in specs:
            shape = [call.batch if axis == "batch" else extent for axis, extent in spec.dimensions]
            outputs.append(np.zeros(shape, spec.dtype))
        pointers = (ctypes.c_void_p * max(1, len(outputs)))(*[a.ctypes.data for a in outputs])
        call.outputs = ctypes.cast(pointers, ctypes.POINTER(ctypes.c_void_p))
        self._check(self._entries[entry].run(self._context, ctypes.byref(call)))
        del kept
        return [self._cut(spec, array, longest) for spec, array in zip(specs, outputs)]

    @staticmethod
    def _cut(spec: _Array, array: np.ndarray, longest: dict) -> np.ndarray | float | int:
        if not spec.dimensions:
            return array.item()
        return array[tuple(slice(longest.get(axis)) for axis, _ in spec.dimensions)]

    @staticmethod
    def _array(spec: _Array, value) -> np.ndarray:
        array = np.asarray(value)
        if spec.tokens and array.dtype.kind not in "iu":
            raise TypeError(f"{spec.name} holds tokens, which are whole numbers")
        if array.ndim != len(spec.dimensions):
            names = [axis or str(extent) for axis, extent in spec.dimensions]
            raise ValueError(f"{spec.name} is [{', '.join(names)}], not {list(array.shape)}")
        for extent, (axis, bound) in zip(array.shape, spec.dimensions):
            if extent > bound or axis not in ("batch", *_AXES) and extent != bound:
                raise ValueError(f"{spec.name}: {axis or 'an extent'} is {bound}, not {extent}")
        return array.astype(spec.dtype)

    @staticmethod
    def _padded(spec: _Array, array: np.ndarray) -> np.ndarray:
        rows = array.shape[0] if array.ndim else 1
        shape = tuple(rows if axis == "batch" else extent for axis, extent in spec.dimensions)
        if array.shape == shape:
            return np.ascontiguousarray(array)
        whole = np.zeros(shape, spec.dtype)
        whole[tuple(slice(extent) for extent in array.shape)] = array
        return whole

    def _draw(self, given: dict, lengths: dict, batch: int, options: dict, prompt) -> tuple:
        """What is drawn for each row, cut to its length, and its log probability."""
        target = _ENTRIES["generate"][1][0]
        shape = tuple(extent for axis, extent in target.dimensions if axis is None)
        if prompt is not None:
            prompt = np.ascontiguousarray(prompt, target.dtype)
            if prompt.ndim != 2 + len(shape):
                raise ValueError("a prompt is [batch, length, and the target's shape]")
            batch = prompt.shape[0]
        call, _, kept = self._prepare("generate", given, lengths, batch)
        limit = options["limit"]
        values = np.zeros((call.batch, limit, *shape), target.dtype)
        counts = np.zeros(call.batch, np.int32)
        logs = np.zeros(call.batch, np.float32)
        width = options.get("beam_width", 0)
        beams = np.zeros((call.batch, max(1, width), limit), np.int32)
        generation = _Generation(size=ctypes.sizeof(_Generation), **options)
        generation.values = values.ctypes.data
        generation.lengths = counts.ctypes.data
        generation.log_probability = logs.ctypes.data
        generation.beams = beams.ctypes.data if width > 1 else None
        if prompt is not None:
            generation.prompt_length = prompt.shape[1]
            generation.prompt = prompt.ctypes.data
        status = self._table.generate(
            self._context, ctypes.byref(call), ctypes.byref(generation)
        )
        self._check(status)
        del kept
        return [row[:count] for row, count in zip(values, counts)], logs
