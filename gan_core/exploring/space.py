"""Points and the space that they can be moved in.

A *point* is what one sample is made of: ``{name: array}`` with a leading axis of samples, as
:func:`gan_core.models.inputs.draw` gives them.  Directions are vectors of one of its inputs: of a shift where a model has
one, which stands for the styles of a network that has some, else of the first latent.
"""

from dataclasses import dataclass

import numpy as np

from gan_core.errors import BadInput
from gan_core.models import inputs, sampling
from gan_core.models.inputs import Latent, Shift
from gan_core.models.sampling import reference

BATCH = 256  # samples computed at once


@dataclass(frozen=True)
class Space:
    """The input ``name``, of ``size`` numbers, along which directions lie.  On a ``shell``, noise of many numbers has about
    the same length, and what is moved must keep it.  One that is no latent is a shift."""

    name: str
    size: int
    shell: bool
    is_latent: bool = True

    def moved(self, point, vector):
        """A point (n samples) moved by a vector, (size,) or (n, size)."""
        values = point[self.name]
        there = values + np.asarray(vector, np.float32)
        return point | {self.name: (on_shell(there, values) if self.shell else there).astype(np.float32)}


def of(model):
    """The :class:`Space` of a model.

    Raises:
        BadInput: for a model whose samples are made of nothing that could be moved.
    """
    known = model.inputs()
    chosen = next((one for one in known if isinstance(one, Shift)), None)
    chosen = chosen or next((one for one in known if isinstance(one, Latent)), None)
    if chosen is None:
        raise BadInput(f"{model.title} has no latent space to walk in: its samples are made of "
                       f"{', '.join(one.name for one in known) or 'chance alone'}; choose a run of another architecture.")
    return Space(chosen.name, chosen.size, isinstance(chosen, Latent) and chosen.size > 3, isinstance(chosen, Latent))


def places(model, space, point):
    """(n, size) float: where the samples of a point lie in the space; of a shift, what it makes of that to which it is added
    in its first layer."""
    if space.is_latent:
        return point[space.name]
    graph = sampling.sampling_graph(model)
    reached = {graph.inputs[space.name][0]}
    for node in graph.nodes:
        if node.operation == "reshape" and node.inputs[0] in reached:
            reached.add(node.output)
        elif node.operation == "add" and reached & set(node.inputs):
            added_to = next(value for value in node.inputs if value not in reached)
            break
    rows = [reference.run(graph, {name: values[place:place + 1] for name, values in point.items()}, until=added_to)
            for place in range(len(point[space.name]))]
    return point[space.name] + np.stack([row.reshape(-1, space.size)[0] for row in rows])


def on_shell(values, before):
    """Rows as long as those of ``before``: where the noise lies, and what a model knows."""
    length = np.linalg.norm(before, axis=-1, keepdims=True)
    now = np.linalg.norm(values, axis=-1, keepdims=True)
    return values * (length / np.maximum(now, 1e-9))


def samples(model, point):
    """(n, ...) float32 of a point of n samples."""
    n = len(next(iter(point.values())))
    parts = [np.asarray(model.sample({name: values[first:first + BATCH] for name, values in point.items()}), np.float32)
             for first in range(0, n, BATCH)]
    return np.concatenate(parts)


def drawn(model, n, seed, label=None, data=None):
    """A point of ``n`` samples by chance; of one class where a ``label``, a number, is given."""
    point = inputs.draw(model.inputs(), n, seed, data)
    if label is not None and "label" in point:
        point["label"][:] = label
    return point


def arithmetic(space, plus, minus, more):
    """A point of one sample: the mean of ``plus`` minus that of ``minus`` plus that of ``more`` (Radford 2016, section 6.3),
    on the shell.  Each is a point of one sample or several; all but the space is taken from the first of ``more``."""
    mean = plus[space.name].mean(0) - minus[space.name].mean(0) + more[space.name].mean(0)
    values = mean[None].astype(np.float32)
    if space.shell:
        values = on_shell(values, np.full((1, space.size), 1.0))  # of length sqrt(size), as noise has it
    return {name: values if name == space.name else there[:1] for name, there in more.items()}


def neighbours(space, point, n, seed, spread=0.25):
    """``n`` points around one: noise of this share of the usual length is added."""
    noise = np.random.default_rng(seed).standard_normal((n, space.size)) * spread
    return space.moved({name: np.repeat(values, n, axis=0) for name, values in point.items()}, noise)
