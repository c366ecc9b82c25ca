"""What the operations of a graph mean, in NumPy; ``gan_core/sharing/player/operations.js`` computes the same."""

import math

import numpy as np

from gan_core.models.sampling.graph import Graph


def run(graph: Graph, inputs, until=None):
    """One sample: an array of the shape of the graph's output, float32.

    Args:
        inputs: ``{name: array}``, each of the shape that the graph has for it, with a leading 1.
        until: another value that is asked for, or a list of several: nothing that comes after is computed.
    """
    asked = [graph.output if until is None else until] if not isinstance(until, list) else until
    missing = set(asked)
    values = dict(graph.constants)
    for name, (number, shape) in graph.inputs.items():
        values[number] = np.asarray(inputs[name], np.float32).reshape(shape)
    missing -= values.keys()
    for node in graph.nodes:
        if not missing:
            break
        missing.discard(node.output)
        with np.errstate(all="ignore"):
            result = OPERATIONS[node.operation](node, *(values[value] for value in node.inputs))
        values[node.output] = np.asarray(result, np.float32).reshape(node.shape)
    found = [values[value] for value in asked]
    return found if isinstance(until, list) else found[0]


OPERATIONS = {
    "tanh": lambda node, x: np.tanh(x),
    "sigmoid": lambda node, x: 0.5 + 0.5 * np.tanh(0.5 * x),
    "relu": lambda node, x: np.maximum(x, 0),
    "silu": lambda node, x: x * (0.5 + 0.5 * np.tanh(0.5 * x)),
    "leaky_relu": lambda node, x: np.where(x < 0, node.settings["slope"] * x, x),
    "softplus": lambda node, x: np.logaddexp(0, x),
    "exp": lambda node, x: np.exp(x),
    "log": lambda node, x: np.log(x),
    "sqrt": lambda node, x: np.sqrt(x),
    "rsqrt": lambda node, x: 1 / np.sqrt(x),
    "square": lambda node, x: np.square(x),
    "absolute": lambda node, x: np.abs(x),
    "negative": lambda node, x: -x,
    "sin": lambda node, x: np.sin(x),
    "cos": lambda node, x: np.cos(x),
    "erf": lambda node, x: np.vectorize(math.erf)(x.astype(float)),
    "erfinv": lambda node, x: np.vectorize(_erfinv)(x.astype(float)),
    "floor": lambda node, x: np.floor(x),
    "round": lambda node, x: np.round(x),  # halves to the even number
    "truncate": lambda node, x: np.trunc(x),
    "clip": lambda node, x: np.clip(x, node.settings["low"], node.settings["high"]),
    "add": lambda node, x, y: x + y,
    "subtract": lambda node, x, y: x - y,
    "multiply": lambda node, x, y: x * y,
    "divide": lambda node, x, y: x / y,
    "maximum": lambda node, x, y: np.maximum(x, y),
    "minimum": lambda node, x, y: np.minimum(x, y),
    "power": lambda node, x, y: np.power(x, y),
    "less": lambda node, x, y: x < y,
    "less_equal": lambda node, x, y: x <= y,
    "greater": lambda node, x, y: x > y,
    "greater_equal": lambda node, x, y: x >= y,
    "equal": lambda node, x, y: x == y,
    "where": lambda node, condition, x, y: np.where(condition != 0, x, y),
    "reshape": lambda node, x: x,
    "transpose": lambda node, x: x.transpose(node.settings["axes"]),
    "concatenate": lambda node, *parts: np.concatenate(parts, node.settings["axis"]),
    "slice": lambda node, x: x[tuple(slice(start, start + step * size if start + step * size >= 0 else None, step)
                                     for start, step, size in zip(node.settings["starts"], node.settings["steps"],
                                                                  node.shape))],
    "repeat": lambda node, x: np.repeat(x, node.settings["times"], node.settings["axis"]),
    "pad": lambda node, x: np.pad(x, [(before, there - before - here) for before, there, here in
                                      zip(node.settings["before"], node.shape, x.shape)],
                                  constant_values=node.settings["value"]),
    "mean": lambda node, x: x.mean(tuple(node.settings["axes"])),
    "sum": lambda node, x: x.sum(tuple(node.settings["axes"])),
    "largest": lambda node, x: x.max(tuple(node.settings["axes"])),
    "smallest": lambda node, x: x.min(tuple(node.settings["axes"])),
    "softmax": lambda node, x: _shares(np.exp(x - x.max(-1, keepdims=True))),
    "take": lambda node, table, indices: table[indices.astype(int)],
    "one_hot": lambda node, x: np.arange(node.shape[-1]) == x[..., None],
    "matrix_product": lambda node, x, kernel, bias=0: x @ kernel + bias,
    "convolution": lambda node, x, kernel, bias=0: _convolution(node, x, kernel) + bias,
    "transposed_convolution": lambda node, x, kernel, bias=0: _transposed(node, x, kernel) + bias,
    "enlarge_nearest": lambda node, x: x.repeat(node.shape[1] // x.shape[1], 1).repeat(node.shape[2] // x.shape[2], 2),
    "enlarge_bilinear": lambda node, x: _straight(_straight(x, node.shape[1], 1), node.shape[2], 2),
}


def _shares(x):
    return x / x.sum(-1, keepdims=True)


def _erfinv(y):
    """By Newton's method, from Giles's rational start (2012, "Approximating the erfinv function")."""
    if abs(y) >= 1:
        return math.copysign(math.inf, y) if abs(y) == 1 else math.nan
    w = -math.log((1 - y) * (1 + y))
    x = y * (math.sqrt(w) if w > 5 else 0.886227 + 0.1 * w)
    for _ in range(60):
        step = (math.erf(x) - y) / (2 / math.sqrt(math.pi) * math.exp(-x * x))
        x -= step
        if abs(step) < 1e-12:
            break
    return x


def _convolution(node, x, kernel):
    (top, left), (down, along) = node.settings["before"], node.settings["strides"]
    _, height, width, channels = x.shape
    _, rows, columns, _ = node.shape
    size = kernel.shape[:2]
    below, right = (max(0, (there - 1) * stride + part - before - here) for there, stride, part, before, here in
                    zip((rows, columns), (down, along), size, (top, left), (height, width)))
    padded = np.pad(x, ((0, 0), (top, below), (left, right), (0, 0)))
    total = np.zeros(node.shape, np.float32)
    for i in range(size[0]):
        for j in range(size[1]):
            seen = padded[:, i:i + down * (rows - 1) + 1:down, j:j + along * (columns - 1) + 1:along]
            total += seen @ kernel[i, j]
    return total


def _transposed(node, x, kernel):
    (top, left), (down, along) = node.settings["before"], node.settings["strides"]
    _, height, width, _ = x.shape
    _, rows, columns, wide = node.shape
    whole = np.zeros((1, down * (height - 1) + max(kernel.shape[0], top + rows), along * (width - 1) + max(
        kernel.shape[1], left + columns), wide), np.float32)
    for i in range(kernel.shape[0]):
        for j in range(kernel.shape[1]):
            whole[:, i:i + down * (height - 1) + 1:down, j:j + along * (width - 1) + 1:along] += x @ kernel[i, j]
    return whole[:, top:top + rows, left:left + columns]


def _straight(x, size, axis):
    """So many values along an axis, on straight lines between pixels' middles; beyond the outer middles nothing changes."""
    length = x.shape[axis]
    place = np.clip((np.arange(size) + 0.5) * length / size - 0.5, 0, length - 1)
    first = np.minimum(place.astype(int), max(length - 2, 0))
    share = (place - first).astype(np.float32).reshape([-1 if at == axis else 1 for at in range(x.ndim)])
    return x.take(first, axis) * (1 - share) + x.take(np.minimum(first + 1, length - 1), axis) * share
