"""What Keras does, in the words of a :class:`gan_core.models.sampling.graph.Graph`: one function for each of its operations
that a sample may need."""

import numpy as np

from gan_core.engine.symbolic import Value
from gan_core.models.sampling.graph import Graph, Node, simplified

_SAID = {}
LEAST = -3e38  # near the least number of single precision


class UnknownOperation(Exception):
    """An operation, or a way to use it, that has no word here; its text says which."""


def graph_of(calls, inputs, output):
    """The graph of calls that :func:`gan_core.engine.symbolic.traced` wrote down."""
    building = _Building(inputs)
    for call in calls:
        say = _SAID.get(call.name)
        if say is None:
            raise UnknownOperation(f"the operation {call.name}")
        said = say(building, call)
        for value, number in zip(call.outputs, said if isinstance(said, list) else [said], strict=True):
            building.known[value.number] = number
    return simplified(Graph(building.inputs, building.constants, building.nodes, building.known[output.number]))


class _Building:
    def __init__(self, inputs):
        self._count = 0
        self.known, self.constants, self.nodes, self.inputs = {}, {}, [], {}
        for name, value in inputs.items():
            self.known[value.number] = self._number()
            self.inputs[name] = self.known[value.number], value.shape

    def _number(self):
        self._count += 1
        return self._count - 1

    def value(self, item):
        """The number of what an operation was called with: a value that is known, or a constant."""
        if isinstance(item, Value):
            return self.known[item.number]
        number = self._number()
        self.constants[number] = np.asarray(item, np.float32)
        return number

    def node(self, operation, inputs, shape, **settings):
        number = self._number()
        self.nodes.append(Node(operation, tuple(map(self._given, inputs)), number, tuple(map(int, shape)), settings))
        return number

    def _given(self, item):
        return item.number if isinstance(item, _Made) else self.value(item)

    def made(self, operation, inputs, shape, **settings):
        """The same, for the next operation of several that stand for one."""
        return _Made(self.node(operation, inputs, shape, **settings))


class _Made:
    def __init__(self, number):
        self.number = number


def _said(*names):
    def keep(function):
        _SAID.update(dict.fromkeys(names, function))
        return function
    return keep


def _arguments(call, *names):
    """What it was called with, by name or in order."""
    given = dict(zip(names, call.args)) | call.kwargs
    return [given.get(name) for name in names]


def _shape(call):
    return call.outputs[0].shape


def _axis(axis, rank):
    return axis % rank


def _only_last(call, what):
    rank = len(_shape(call))
    if _axis(call.settings.axis, rank) != rank - 1:
        raise UnknownOperation(f"{what} along another axis than the last")


def _of_one(name, operation):
    @_said(name)
    def one(building, call):
        return building.node(operation, call.args[:1], _shape(call))


for _name, _operation in {
        "Tanh": "tanh", "Sigmoid": "sigmoid", "ReLU": "relu", "Relu": "relu", "Silu": "silu", "Softplus": "softplus",
        "Exp": "exp", "Log": "log", "Sqrt": "sqrt", "Rsqrt": "rsqrt", "Square": "square", "Absolute": "absolute",
        "Abs": "absolute", "Negative": "negative", "Erf": "erf", "Erfinv": "erfinv", "Floor": "floor", "Sin": "sin",
        "Cos": "cos"}.items():
    _of_one(_name, _operation)


def _of_two(name, operation):
    @_said(name)
    def two(building, call):
        return building.node(operation, _arguments(call, "x1", "x2"), _shape(call))


for _name, _operation in {
        "Add": "add", "Subtract": "subtract", "Multiply": "multiply", "Divide": "divide", "TrueDivide": "divide",
        "Maximum": "maximum", "Minimum": "minimum", "Power": "power", "Less": "less", "LessEqual": "less_equal",
        "Greater": "greater", "GreaterEqual": "greater_equal", "Equal": "equal"}.items():
    _of_two(_name, _operation)


@_said("Where")
def _where(building, call):
    return building.node("where", _arguments(call, "condition", "x1", "x2"), _shape(call))


@_said("Round")
def _round(building, call):
    if call.settings.decimals:
        raise UnknownOperation("rounding to decimals")
    return building.node("round", call.args[:1], _shape(call))


@_said("LeakyRelu")
def _leaky_relu(building, call):
    return building.node("leaky_relu", call.args[:1], _shape(call), slope=float(call.settings.negative_slope))


@_said("Clip")
def _clip(building, call):
    return building.node("clip", call.args[:1], _shape(call), low=float(call.settings.x_min),
                         high=float(call.settings.x_max))


@_said("Cast")
def _cast(building, call):
    before, after = call.args[0], call.outputs[0]
    if "int" in after.dtype and "float" in before.dtype:
        return building.node("truncate", call.args[:1], after.shape)
    return building.value(before)


@_said("ConvertToTensor", "Identity", "StopGradient")
def _same(building, call):
    return building.value(call.args[0])


@_said("Reshape", "ExpandDims", "Squeeze", "Ravel")
def _reshape(building, call):
    return building.node("reshape", call.args[:1], _shape(call))


@_said("Transpose")
def _transpose(building, call):
    rank = len(_shape(call))
    axes = call.settings.axes or range(rank)[::-1]
    return building.node("transpose", call.args[:1], _shape(call), axes=[_axis(axis, rank) for axis in axes])


@_said("Concatenate")
def _concatenate(building, call):
    return building.node("concatenate", call.args[0], _shape(call), axis=_axis(call.settings.axis, len(_shape(call))))


@_said("Stack")
def _stack(building, call):
    shape = list(_shape(call))
    axis = _axis(call.settings.axis, len(shape))
    wider = [*shape[:axis], 1, *shape[axis + 1:]]
    parts = [building.made("reshape", [part], wider) for part in call.args[0]]
    return building.node("concatenate", parts, shape, axis=axis)


@_said("GetItem")
def _get_item(building, call):
    value, key = _arguments(call, "x", "key")
    key = list(key) if isinstance(key, (tuple, list)) else [key]
    taken = sum(part is not None and part is not Ellipsis for part in key)
    if Ellipsis in key:
        place = key.index(Ellipsis)
        key[place:place + 1] = [slice(None)] * (len(value.shape) - taken)
    key += [slice(None)] * (len(value.shape) - sum(part is not None for part in key))
    starts, steps, sizes = [], [], []
    for part, length in zip((part for part in key if part is not None), value.shape):
        if isinstance(part, slice):
            start, stop, step = part.indices(length)
            size = max(0, -(-(stop - start) // step))
        else:
            start, step, size = int(part) % length, 1, 1
        starts, steps, sizes = [*starts, start], [*steps, step], [*sizes, size]
    cut = building.made("slice", [value], sizes, starts=starts, steps=steps)
    return building.node("reshape", [cut], _shape(call))


@_said("Split")
def _split(building, call):
    """As so many slices."""
    value, rank, first, parts = call.args[0], len(call.args[0].shape), 0, []
    axis = _axis(call.settings.axis, rank)
    for part in call.outputs:
        starts = [first if place == axis else 0 for place in range(rank)]
        parts.append(building.node("slice", [value], part.shape, starts=starts, steps=[1] * rank))
        first += part.shape[axis]
    return parts


@_said("Repeat")
def _repeat(building, call):
    repeats, axis = call.settings.repeats, call.settings.axis
    if not isinstance(repeats, int) or axis is None:
        raise UnknownOperation("repeats that differ")
    return building.node("repeat", call.args[:1], _shape(call), axis=_axis(axis, len(_shape(call))), times=repeats)


@_said("Pad")
def _pad(building, call):
    if call.settings.mode != "constant":
        raise UnknownOperation(f"padding by {call.settings.mode}")
    value, constant = _arguments(call, "x", "constant_values")
    return building.node("pad", [value], _shape(call), before=[int(before) for before, _ in call.settings.pad_width],
                         value=float(constant or 0.0))


@_said("BroadcastTo")
def _broadcast(building, call):
    return building.node("add", [call.args[0], np.zeros(_shape(call), np.float32)], _shape(call))


def _reduced(name, operation):
    @_said(name)
    def reduce(building, call):
        value = call.args[0]
        axes = call.settings.axis
        axes = range(len(value.shape)) if axes is None else [axes] if isinstance(axes, int) else axes
        axes = sorted(_axis(axis, len(value.shape)) for axis in axes)
        return building.node(operation, [value], _shape(call), axes=axes)


for _name, _operation in {"Mean": "mean", "Sum": "sum", "Max": "largest", "Min": "smallest"}.items():
    _reduced(_name, _operation)


@_said("Softmax")
def _softmax(building, call):
    _only_last(call, "softmax")
    return building.node("softmax", call.args[:1], _shape(call))


@_said("Take")
def _take(building, call):
    table, indices = _arguments(call, "x", "indices")
    if not isinstance(table, np.ndarray) or table.ndim != 2 or call.settings.axis != 0:
        raise UnknownOperation("taking from what is no table of vectors")
    return building.node("take", [table, indices], _shape(call))


@_said("OneHot")
def _one_hot(building, call):
    _only_last(call, "one-hot vectors")
    return building.node("one_hot", call.args[:1], _shape(call))


@_said("Matmul")
def _matrix_product(building, call):
    return building.node("matrix_product", _arguments(call, "x1", "x2"), _shape(call))


def _pair(value):
    return [int(value)] * 2 if isinstance(value, int) else [int(part) for part in value]


def _kernel(call):
    value, kernel = _arguments(call, "inputs", "kernel")
    data_format = call.settings.data_format
    if not isinstance(kernel, np.ndarray) or kernel.ndim != 4 or data_format == "channels_first" or _pair(
            call.settings.dilation_rate) != [1, 1]:
        raise UnknownOperation(f"a {call.name} of another kind than of two dimensions, channels last, undilated, with "
                               "weights for a kernel")
    return value, kernel, _pair(call.settings.strides)


@_said("Conv")
def _convolution(building, call):
    value, kernel, strides = _kernel(call)
    if kernel.shape[2] != value.shape[-1]:
        raise UnknownOperation("a convolution in groups")
    before = [0, 0]
    if call.settings.padding == "same":
        before = [max((there - 1) * stride + size - here, 0) // 2
                  for here, there, stride, size in zip(value.shape[1:3], _shape(call)[1:3], strides, kernel.shape)]
    return building.node("convolution", [value, kernel], _shape(call), strides=strides, before=before)


@_said("ConvTranspose")
def _transposed_convolution(building, call):
    """Keras has the kernel (height, width, out, in); here it is (height, width, in, out), as of the other."""
    value, kernel, strides = _kernel(call)
    if call.settings.output_padding is not None:
        raise UnknownOperation("a transposed convolution with padding of its output")
    before = [0, 0]
    if call.settings.padding == "same":
        before = [max(size - stride, 0) // 2 for size, stride in zip(kernel.shape, strides)]
    return building.node("transposed_convolution", [value, np.swapaxes(kernel, 2, 3)], _shape(call), strides=strides,
                         before=before)


@_said("MaxPool", "AveragePool")
def _pooled(building, call):
    size, value = _pair(call.settings.pool_size), call.args[0]
    strides = _pair(call.settings.strides or size)
    (height, width), (n, rows, columns, channels) = size, _shape(call)
    wanted, here = (n, rows * height, columns * width, channels), value.shape
    if strides != size or call.name != "MaxPool" and wanted[1:3] != here[1:3]:
        raise UnknownOperation("pooling that overlaps or leaves a rest")
    if call.settings.padding == "same" and wanted != here:  # what is missing of the last ones is never the largest
        before = [(there - length) // 2 for there, length in zip(wanted, here)]
        whole = building.made("pad", [value], wanted, before=before, value=LEAST)
    else:
        whole = building.made("slice", [value], wanted, starts=[0] * 4, steps=[1] * 4)
    split = building.made("reshape", [whole], (n * rows, height, columns, width, channels))
    pooled = building.made("largest" if call.name == "MaxPool" else "mean", [split], (n * rows, columns, channels),
                           axes=[1, 3])
    return building.node("reshape", [pooled], _shape(call))


@_said("BatchNorm")
def _batch_norm(building, call):
    value, mean, variance, offset, scale = _arguments(call, "x", "mean", "variance", "offset", "scale")
    _only_last(call, "a normalisation")
    factor = 1.0 / np.sqrt(np.asarray(variance, np.float64) + call.settings.epsilon)
    factor = factor if scale is None else factor * scale
    shift = (0.0 if offset is None else offset) - np.asarray(mean, np.float64) * factor
    scaled = building.made("multiply", [value, factor], _shape(call))
    return building.node("add", [scaled, shift], _shape(call))


@_said("LayerNorm")
def _layer_norm(building, call):
    value, gamma, beta = _arguments(call, "x", "gamma", "beta")
    axes = call.settings.axis
    axes = sorted(_axis(axis, len(value.shape)) for axis in ([axes] if isinstance(axes, int) else axes))
    if axes != list(range(axes[0], len(value.shape))) or call.settings.rms_scaling:
        raise UnknownOperation("a layer normalisation of other axes than the last ones")
    shape = value.shape
    kept = tuple(1 if place in axes else size for place, size in enumerate(shape))
    centred = building.made("subtract", [value, building.made("mean", [value], kept, axes=axes)], shape)
    variance = building.made("mean", [building.made("square", [centred], shape)], kept, axes=axes)
    root = building.made("rsqrt", [building.made("add", [variance, call.settings.epsilon or 1e-7], kept)], kept)
    result = building.made("multiply", [centred, root], shape)
    if gamma is not None:
        result = building.made("multiply", [result, gamma], shape)
    if beta is not None:
        result = building.made("add", [result, beta], shape)
    return result.number


@_said("Resize")
def _resize(building, call):
    value, how = call.args[0], call.settings
    if how.interpolation not in ("nearest", "bilinear") or how.antialias or how.crop_to_aspect_ratio \
            or how.pad_to_aspect_ratio or how.data_format == "channels_first" or any(
                there % here for here, there in zip(value.shape[1:3], _shape(call)[1:3])):
        raise UnknownOperation("a change of size that is not so many times")
    return building.node(f"enlarge_{how.interpolation}", [value], _shape(call))
