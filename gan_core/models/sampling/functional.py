"""The graph of a sample as a functional model of Keras's own layers and operations, which any Keras 3 loads, on any backend,
without this project."""

import keras
import numpy as np
from keras import layers, ops

from gan_core.errors import BadInput
from gan_core.models import inputs
from gan_core.models.sampling import batched_graph, reference

_WORDS = {}


def functional(model):
    """The ``keras.Model`` from inputs by name to samples."""
    graph, drawn = batched_graph(model), inputs.stand_ins(model.inputs(), 1, seed=0)
    building = _Building(graph)
    given = {}
    for name, (value, _) in graph.graph.inputs.items():
        given[name] = keras.Input(drawn[name].shape[1:], name=name, dtype=str(drawn[name].dtype))
        building.known[value] = ops.cast(given[name], "float32") if drawn[name].dtype.kind in "iu" else given[name]
    if not given:
        raise BadInput("A sample of this model is made of nothing that could be given; there is one alone.")
    building.first = next(iter(given.values()))
    for node in graph.graph.nodes:
        building.say(node)
    result = building.known[graph.graph.output]
    return keras.Model(given, result, name=model.name)


def load(path):
    """A model that was saved, as it is drawn from."""
    return keras.saving.load_model(path, compile=False)


class _Building:
    def __init__(self, graph):
        self.graph, self.known, self.first, self._count = graph, dict(graph.graph.constants), None, 0

    def shape(self, value):
        return self.graph.shape(value)

    def say(self, node):
        given = [self.known[value] for value in node.inputs]
        if all(isinstance(value, np.ndarray) for value in given):
            self.known[node.output] = reference.OPERATIONS[node.operation](node, *given).astype(np.float32).reshape(
                node.shape)
            return
        self.known[node.output] = _WORDS[node.operation](self, node, *[
            self._as_many(array, self.graph.axes[value]) if value in self.graph.axes and isinstance(array, np.ndarray)
            else array for value, array in zip(node.inputs, given)])

    def _as_many(self, array, axis):
        """As many of a constant as there are samples."""
        ones = ops.ones_like(ops.cast(self.first, "float32"))
        ones = ops.max(ones, axis=tuple(range(1, len(ones.shape)))) if len(ones.shape) > 1 else ones
        return ops.multiply(ops.reshape(ones, [-1 if place == axis else 1 for place in range(array.ndim)]), array)

    def reshaped(self, x, shape):
        return ops.reshape(x, [-1 if size is None else size for size in shape])

    def layer(self, kind, x, *weights, **settings):
        """A layer of Keras with these weights, called with ``x``."""
        self._count += 1
        made = kind(name=f"{kind.__name__.lower()}_{self._count}", dtype="float32", **settings)
        result = made(x)
        made.set_weights(list(weights))
        return result


def _word(*operations):
    def keep(function):
        _WORDS.update(dict.fromkeys(operations, function))
        return function
    return keep


def _plain(operation, word):
    _WORDS[operation] = lambda to, node, *given: word(*given)


for _operation, _function in {
        "tanh": ops.tanh, "sigmoid": ops.sigmoid, "relu": ops.relu, "silu": ops.silu, "softplus": ops.softplus,
        "exp": ops.exp, "log": ops.log, "sqrt": ops.sqrt, "rsqrt": ops.rsqrt, "square": ops.square,
        "absolute": ops.absolute, "negative": ops.negative, "sin": ops.sin, "cos": ops.cos, "erf": ops.erf,
        "erfinv": ops.erfinv, "floor": ops.floor, "round": ops.round, "add": ops.add, "subtract": ops.subtract,
        "multiply": ops.multiply, "divide": ops.divide, "maximum": ops.maximum, "minimum": ops.minimum,
        "power": ops.power, "softmax": ops.softmax}.items():
    _plain(_operation, _function)


def _asked(operation, word):
    _WORDS[operation] = lambda to, node, x, y: ops.cast(word(x, y), "float32")


for _operation, _function in {"less": ops.less, "less_equal": ops.less_equal, "greater": ops.greater,
                              "greater_equal": ops.greater_equal, "equal": ops.equal}.items():
    _asked(_operation, _function)


@_word("leaky_relu")
def _leaky_relu(to, node, x):
    return ops.leaky_relu(x, negative_slope=node.settings["slope"])


@_word("truncate")
def _truncate(to, node, x):
    return ops.cast(ops.cast(x, "int32"), "float32")


@_word("clip")
def _clip(to, node, x):
    return ops.clip(x, node.settings["low"], node.settings["high"])


@_word("where")
def _where(to, node, condition, x, y):
    return ops.where(ops.not_equal(condition, 0.0), x, y)


@_word("reshape")
def _reshape(to, node, x):
    return to.reshaped(x, to.shape(node.output))


@_word("transpose")
def _transpose(to, node, x):
    return ops.transpose(x, node.settings["axes"])


@_word("concatenate")
def _concatenate(to, node, *parts):
    return ops.concatenate(list(parts), axis=node.settings["axis"])


@_word("slice")
def _slice(to, node, x):
    for axis, (start, step, size, length) in enumerate(zip(node.settings["starts"], node.settings["steps"],
                                                           to.shape(node.output), to.shape(node.inputs[0]))):
        if size is not None and (start, step, size) != (0, 1, length):
            x = ops.take(x, np.arange(start, start + step * size, step), axis=axis)
    return x


@_word("repeat")
def _repeat(to, node, x):
    return ops.repeat(x, node.settings["times"], axis=node.settings["axis"])


@_word("pad")
def _pad(to, node, x):
    widths = [(first, 0 if here is None else there - here - first) for here, there, first in
              zip(to.shape(node.inputs[0]), to.shape(node.output), node.settings["before"])]
    return ops.pad(x, widths, constant_values=node.settings["value"])


def _reduced(operation, word):
    @_word(operation)
    def reduce(to, node, x):
        axes, here = node.settings["axes"], to.shape(node.inputs[0])
        return word(x, axis=tuple(axes), keepdims=len(here) == len(node.shape))


for _operation, _function in {"mean": ops.mean, "sum": ops.sum, "largest": ops.max, "smallest": ops.min}.items():
    _reduced(_operation, _function)


@_word("take")
def _take(to, node, table, indices):
    return to.layer(layers.Embedding, ops.cast(indices, "int32"), table, input_dim=table.shape[0],
                    output_dim=table.shape[1])


@_word("one_hot")
def _one_hot(to, node, x):
    return ops.one_hot(ops.cast(x, "int32"), node.shape[-1])


@_word("matrix_product")
def _matrix_product(to, node, x, kernel, bias=None):
    if not isinstance(kernel, np.ndarray) or kernel.ndim != 2 or len(x.shape) < 2:
        product = ops.matmul(x, kernel)
        return product if bias is None else ops.add(product, bias)
    weights = [kernel] if bias is None else [kernel, np.broadcast_to(bias, kernel.shape[-1:])]
    return to.layer(layers.Dense, x, *weights, units=kernel.shape[1], use_bias=bias is not None)


@_word("convolution")
def _convolution(to, node, x, kernel, bias=None):
    before, strides = node.settings["before"], node.settings["strides"]
    after = [max(0, (there - 1) * stride + part - first - here) for there, stride, part, first, here in
             zip(node.shape[1:3], strides, kernel.shape, before, to.shape(node.inputs[0])[1:3])]
    if any(before) or any(after):
        x = ops.pad(x, [(0, 0), *zip(before, after), (0, 0)])
    made = to.layer(layers.Conv2D, x, *_weights(kernel, bias), filters=kernel.shape[3], kernel_size=kernel.shape[:2],
                    strides=tuple(strides), use_bias=bias is not None, data_format="channels_last")
    return made[:, :node.shape[1], :node.shape[2]] if made.shape[1:3] != node.shape[1:3] else made


@_word("transposed_convolution")
def _transposed_convolution(to, node, x, kernel, bias=None):
    """What lies beyond the whole is the bias alone, so the zeros are there before it is added."""
    before, strides = node.settings["before"], node.settings["strides"]
    made = to.layer(layers.Conv2DTranspose, x, np.swapaxes(kernel, 2, 3), filters=kernel.shape[2 + 1],
                    kernel_size=kernel.shape[:2], strides=tuple(strides), use_bias=False, data_format="channels_last")
    beyond = [max(0, first + there - here) for first, there, here in zip(before, node.shape[1:3], made.shape[1:3])]
    if any(beyond):
        made = ops.pad(made, [(0, 0), *((0, more) for more in beyond), (0, 0)])
    for axis, (first, there) in enumerate(zip(before, node.shape[1:3]), start=1):
        if (first, there) != (0, made.shape[axis]):
            made = ops.take(made, np.arange(first, first + there), axis=axis)
    return made if bias is None else ops.add(made, bias)


def _weights(kernel, bias):
    return [kernel] if bias is None else [kernel, np.broadcast_to(bias, kernel.shape[-1:])]


@_word("enlarge_nearest", "enlarge_bilinear")
def _enlarge(to, node, x):
    here = to.shape(node.inputs[0])
    return to.layer(layers.UpSampling2D, x, size=(node.shape[1] // here[1], node.shape[2] // here[2]),
                    interpolation=node.operation.removeprefix("enlarge_"), data_format="channels_last")
