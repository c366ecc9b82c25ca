"""A graph of one sample read as one of many: which axes grow with the batch."""

import dataclasses

import numpy as np

from gan_core.errors import BadInput

MORE = 3  # samples of the graph that the graph of one is compared with


@dataclasses.dataclass(frozen=True)
class Batched:
    """The ``graph`` of one sample, and for each value that grows with the batch the axis along which it does."""

    graph: object
    axes: dict

    def shape(self, value):
        """Of a value, with None for the length that is not known."""
        axis = self.axes.get(value)
        return tuple(None if place == axis else size for place, size in enumerate(self.graph.shape(value)))


def batched(one, more):
    """The :class:`Batched` graph of what one sample is made of, and of what :data:`MORE` are.

    Raises:
        BadInput: when samples are not made each by itself.
    """
    axes = {}
    same = {number: more.inputs[name][0] for name, (number, _) in one.inputs.items()}
    same |= {node.output: other.output for node, other in zip(one.nodes, more.nodes)}
    alike = len(one.nodes) == len(more.nodes) and all(
        (node.operation, node.settings, len(node.inputs)) == (other.operation, other.settings, len(other.inputs))
        for node, other in zip(one.nodes, more.nodes))
    if alike:
        for node, other in zip(one.nodes, more.nodes):
            same |= {value: there for value, there in zip(node.inputs, other.inputs) if value in one.constants}
    for value, there in same.items() if alike else ():
        axes[value] = _axis(one.shape(value), more.shape(there))
        if value in one.constants and axes[value] is not None:
            alike = alike and np.array_equal(more.constants[there], np.broadcast_to(
                one.constants[value], more.shape(there)))
    lost = any(axes.get(node.output) is None and any(axes.get(value) is not None for value in node.inputs)
               for node in one.nodes)
    if not alike or lost or any(axis == () for axis in axes.values()):
        raise BadInput("Samples of this model are not made each by itself, so that no file can draw as many as one likes; "
                       "share it as a demo.")
    return Batched(one, {value: axis for value, axis in axes.items() if axis is not None})


def _axis(shape, longer):
    """The one axis that grows; None where none does, () where it is not one alone."""
    grown = [place for place, (here, there) in enumerate(zip(shape, longer)) if here != there]
    if len(shape) != len(longer) or len(grown) > 1 or any(longer[place] != MORE * shape[place] for place in grown):
        return ()
    return grown[0] if grown else None
