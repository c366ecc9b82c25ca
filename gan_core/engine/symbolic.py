"""What a function does to tensors, written down operation by operation.

Keras records which layers a symbol goes through.  Here every layer is entered as well, down to the operations of
``keras.ops``: a network is then a short list of plain arithmetic, whatever layers it is made of.
"""

import inspect
from typing import NamedTuple

import keras
import numpy as np
from keras import KerasTensor, ops, tree

# Layers that leave ``keras.ops`` aside, and what they do in its words.
_IN_WORDS = {"Rescaling": lambda layer, x: ops.cast(x, layer.compute_dtype) * layer.scale + layer.offset}


class Value(NamedTuple):
    """A tensor that is computed: of one number each."""

    number: int
    shape: tuple[int, ...]
    dtype: str


class Call(NamedTuple):
    """One operation: the name of Keras's class for it, an instance of that, whose attributes are its settings, and what it
    is called with, :class:`Value` s and arrays among it."""

    name: str
    settings: object
    args: tuple
    kwargs: dict
    outputs: tuple[Value, ...]


def traced(function, inputs):
    """The calls that a function makes, in an order in which they can be made.

    Args:
        function: takes ``{name: tensor}`` and returns a tensor.
        inputs: ``{name: (shape, dtype)}``, without an unknown dimension.

    Returns:
        ``(calls, {name: Value}, Value of what it returns)``.

    Raises:
        ValueError, TypeError: when it does more to a tensor than calling operations of Keras.
    """
    tracer = _Tracer()
    symbols = {name: tracer.symbol(shape, dtype) for name, (shape, dtype) in inputs.items()}
    try:
        result = function(symbols)
        tracer.record(result)
        return tracer.calls, {name: tracer.values[id(symbol)] for name, symbol in symbols.items()}, tracer.values[id(result)]
    finally:
        tracer.forget()


class _Tracer:
    def __init__(self):
        self.calls, self.values = [], {}  # values by the id of a symbol
        self._symbols, self._nodes = [], []  # these stay, so that no id comes twice
        self._count = 0

    def symbol(self, shape, dtype, value=None):
        symbol = KerasTensor(tuple(shape), dtype=keras.backend.standardize_dtype(dtype))
        self._symbols.append(symbol)
        self.values[id(symbol)] = value or self._new(symbol)
        return symbol

    def _new(self, tensor):
        self._count += 1
        return Value(self._count - 1, tuple(tensor.shape), keras.backend.standardize_dtype(tensor.dtype))

    def record(self, outputs):
        """Write down all that leads to some tensors."""
        waiting = [output for output in tree.flatten(outputs) if isinstance(output, KerasTensor)]
        while waiting:
            tensor = waiting[-1]
            if id(tensor) in self.values:
                waiting.pop()
                continue
            history = tensor._keras_history
            node = history.operation._inbound_nodes[history.node_index]
            if missing := [before for before in node.arguments.keras_tensors if id(before) not in self.values]:
                waiting.extend(missing)
                continue
            self._nodes.append((node, node.parent_nodes))
            self._symbols.extend(node.output_tensors)
            self._write(history.operation, node)

    def _write(self, operation, node):
        arguments = node.arguments
        if isinstance(operation, keras.layers.Layer):
            for tensor, inner in zip(node.output_tensors, self._entered(operation, arguments), strict=True):
                self.values[id(tensor)] = self._plain(inner)  # an array where it makes the same of all samples
            return
        for tensor in node.output_tensors:
            self.values[id(tensor)] = self._new(tensor)
        args, kwargs = tree.map_structure(self._plain, (tuple(arguments.args), dict(arguments.kwargs)))
        self.calls.append(Call(type(operation).__name__, operation, args, kwargs,
                               tuple(self.values[id(tensor)] for tensor in node.output_tensors)))

    def _entered(self, layer, arguments):
        """What a layer makes of fresh symbols in the place of what it was called with."""
        inside = {}

        def fresh(item):
            if not isinstance(item, KerasTensor):
                return item
            if id(item) not in inside:
                value = self.values[id(item)]
                inside[id(item)] = self.symbol(value.shape, item.dtype, value) if isinstance(value, Value) else value
            return inside[id(item)]

        args, kwargs = tree.map_structure(fresh, (tuple(arguments.args), dict(arguments.kwargs)))
        kwargs = {name: value for name, value in kwargs.items() if name not in ("training", "mask")}
        if "training" in inspect.signature(layer.call).parameters:
            kwargs["training"] = False
        in_words = _IN_WORDS.get(type(layer).__name__)
        outputs = in_words(layer, *args) if in_words else layer.call(*args, **kwargs)
        self.record(outputs)
        return tree.flatten(outputs)

    def _plain(self, item):
        """An argument, with values in the place of tensors and arrays in that of weights."""
        if isinstance(item, KerasTensor):
            return self.values[id(item)]
        if isinstance(item, keras.Variable) or keras.ops.is_tensor(item):
            return np.asarray(ops.convert_to_numpy(item))
        return item

    def forget(self):
        """Layers know of every call on a symbol; of these they need not."""
        for node, parents in self._nodes:
            node.operation._inbound_nodes.remove(node)
            for before in parents:
                before.operation._outbound_nodes.remove(node)
