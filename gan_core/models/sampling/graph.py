"""A sample as plain data: operations on arrays, each of one sample, whose shapes are all known.

Values are numbered.  A node computes one of others; its ``settings`` are plain values.  What each operation means says
:mod:`gan_core.models.sampling.reference`, and the player in ``gan_core/sharing/player`` computes the same.
"""

import dataclasses
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Node:
    """One operation: value ``output``, of ``shape``, is made of the values ``inputs``."""

    operation: str
    inputs: tuple[int, ...]
    output: int
    shape: tuple[int, ...]
    settings: dict = field(default_factory=dict)


@dataclass
class Graph:
    """Nodes in an order in which they can be computed.

    ``inputs`` are ``{name: (value, shape)}``, ``constants`` are ``{value: float32 array}``.
    """

    inputs: dict
    constants: dict
    nodes: list
    output: int

    def shape(self, value):
        """Of any value that is there."""
        for number, shape in self.inputs.values():
            if number == value:
                return shape
        if value in self.constants:
            return self.constants[value].shape
        return next(node.shape for node in self.nodes if node.output == value)

    def multiplications(self):
        """Of one sample, in its convolutions and dense layers."""
        total = 0
        for node in self.nodes:
            if node.operation in ("convolution", "transposed_convolution"):
                height, width, deep, wide = self.constants[node.inputs[1]].shape
                places = np.prod((self.shape(node.inputs[0]) if node.operation[0] == "t" else node.shape)[1:3])
                total += int(places) * height * width * deep * wide
            elif node.operation == "matrix_product":
                total += int(np.prod(node.shape)) * self.shape(node.inputs[0])[-1]
        return total


def simplified(graph):
    """The same with fewer operations: factors and shifts of a layer's channels become part of its kernel and bias, reshapes
    of reshapes one, and what nobody asks for goes."""
    graph = _without_identities(graph)
    changed = True
    while changed:
        changed = _fold_one(graph)
    return _used(_shared(graph))


LINEAR = ("convolution", "transposed_convolution", "matrix_product")


def _without_identities(graph):
    stands_for, nodes = {}, []
    made = {}
    for node in graph.nodes:
        inputs = tuple(stands_for.get(value, value) for value in node.inputs)
        before = made.get(inputs[0])
        if node.operation == "reshape" and before is not None and before.operation == "reshape":
            inputs = before.inputs
        if node.operation in ("reshape", "slice") and tuple(graph.shape(inputs[0])) == node.shape and min(
                node.settings.get("steps", [1])) > 0:
            stands_for[node.output] = inputs[0]
            continue
        node = dataclasses.replace(node, inputs=inputs)
        made[node.output] = node
        nodes.append(node)
    return Graph(graph.inputs, graph.constants, nodes, stands_for.get(graph.output, graph.output))


def _fold_one(graph):
    """Take one factor or shift into the layer before it; whether there was one."""
    users = {}
    for node in graph.nodes:
        for value in node.inputs:
            users[value] = users.get(value, 0) + 1
    made = {node.output: place for place, node in enumerate(graph.nodes)}
    for place, node in enumerate(graph.nodes):
        if node.operation not in ("multiply", "add"):
            continue
        for value, other in (node.inputs, node.inputs[::-1]):
            if other not in graph.constants or value not in made or users[value] > 1 or value == graph.output:
                continue
            layer, by = graph.nodes[made[value]], graph.constants[other]
            if layer.operation not in LINEAR or layer.inputs[1] not in graph.constants or node.shape != layer.shape:
                continue
            width = layer.shape[-1]
            if by.size not in (1, width) or by.size == width and by.shape[-1] != width:
                continue
            by = np.broadcast_to(by.reshape(-1), (width,)).astype(np.float64)
            kernel, bias = _kernel_and_bias(graph, layer, width)
            if node.operation == "multiply":
                kernel, bias = kernel * by, bias * by
            else:
                bias = bias + by
            fresh = max([*graph.constants, *made, *(number for number, _ in graph.inputs.values())]) + 1
            graph.constants |= {fresh: kernel.astype(np.float32), fresh + 1: bias.astype(np.float32)}
            graph.nodes[made[value]] = dataclasses.replace(layer, inputs=(layer.inputs[0], fresh, fresh + 1),
                                                           output=node.output)
            del graph.nodes[place]
            return True
    return False


def _kernel_and_bias(graph, layer, width):
    kernel = graph.constants[layer.inputs[1]].astype(np.float64)
    return kernel, graph.constants[layer.inputs[2]].astype(np.float64) if len(layer.inputs) > 2 else np.zeros(width)


def _shared(graph):
    """The same with one constant for equal ones: a recurrent network comes to its weights at each of its steps."""
    first, stands_for = {}, {}
    for value, array in graph.constants.items():
        stands_for[value] = first.setdefault((array.shape, array.tobytes()), value)
    nodes = [dataclasses.replace(node, inputs=tuple(stands_for.get(value, value) for value in node.inputs))
             for node in graph.nodes]
    return Graph(graph.inputs, graph.constants, nodes, stands_for.get(graph.output, graph.output))


def _used(graph):
    """The same without what does not lead to the output, its values numbered anew: inputs, constants, nodes."""
    wanted, nodes = {graph.output}, []
    for node in reversed(graph.nodes):
        if node.output in wanted:
            wanted |= set(node.inputs)
            nodes.append(node)
    nodes.reverse()
    order = [*(number for number, _ in graph.inputs.values()), *(value for value in graph.constants if value in wanted),
             *(node.output for node in nodes)]
    number = {value: place for place, value in enumerate(order)}
    return Graph({name: (number[value], shape) for name, (value, shape) in graph.inputs.items()},
                 {number[value]: array for value, array in graph.constants.items() if value in wanted},
                 [dataclasses.replace(node, inputs=tuple(number[value] for value in node.inputs), output=number[node.output])
                  for node in nodes], number[graph.output])
