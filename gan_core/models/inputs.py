"""What a sampler needs: the inputs of a generative model, as descriptions that can be drawn from.

They are drawn with NumPy, so the same seed gives the same inputs on every backend and in every process, and a
page can offer a control for each without loading Keras.
"""

import math
from dataclasses import asdict, dataclass
from typing import NamedTuple

import numpy as np

from gan_core.errors import BadInput

EACH = "each"  # in the place of a class or a code: one after the other

# Of the samples that are drawn over and over while a run trains.  One for all runs, whatever seed they train with: what
# differs between two sheets is then what was learned, and not the luck of the draw.
SHEET_SEED = 0


@dataclass(frozen=True)
class Latent:
    """z ~ N(0, 1), shape (N, size)."""

    size: int
    name: str = "latent"

    def draw(self, rng, n):
        return _columns(rng, self.size, lambda stream: stream.standard_normal(n, dtype=np.float32))


@dataclass(frozen=True)
class Label:
    """A class index, shape (N,) int32, uniform over the classes."""

    classes: tuple[str, ...]
    name: str = "label"

    def draw(self, rng, n):
        return rng.integers(0, len(self.classes), n, dtype=np.int32)


@dataclass(frozen=True)
class Code:
    """A category that the model finds by itself: (N,) int32, uniform over ``size`` values."""

    size: int
    name: str = "code"

    def draw(self, rng, n):
        return rng.integers(0, self.size, n, dtype=np.int32)


@dataclass(frozen=True)
class Uniform:
    """Independent numbers in [low, 1), shape (N, *shape)."""

    shape: tuple[int, ...]
    low: float = -1.0
    name: str = "uniform"

    def draw(self, rng, n):
        drawn = _columns(rng, math.prod(self.shape), lambda stream: stream.uniform(self.low, 1.0, n).astype(np.float32))
        return drawn.reshape(n, *self.shape)


@dataclass(frozen=True)
class Codes(Uniform):
    """Independent numbers from -1 to 1, each of which comes to mean something by itself: (N, *shape)."""


@dataclass(frozen=True)
class Dial:
    """A number that the person who samples chooses, the same for all samples: (N,) float32."""

    name: str
    low: float
    high: float
    default: float
    help: str

    def draw(self, rng, n):
        return np.full(n, self.default, np.float32)


def _columns(rng, size, draw):
    """(N, size), a stream of random numbers to each column: two latents agree as far as both go, and the first samples
    are the same ones however many are drawn."""
    return np.stack([draw(stream) for stream in rng.spawn(size)], axis=1)


def draw(inputs, n, seed):
    """``n`` inputs by name: ``{"latent": (n, size), ...}``; the same seed gives the same ones."""
    # One stream per input: adding an input, or asking for a label, leaves the latents as they were.
    return {each.name: each.draw(np.random.default_rng([seed, index]), n) for index, each in enumerate(inputs)}


def draw_grid(inputs, rows=8, columns=8, seed=SHEET_SEED):
    """Inputs for a sheet of ``rows`` x ``columns`` samples, in reading order, and its ``(rows, columns)``.

    With a label or a code among the inputs there is one class a row, and every row uses the same latents: what
    differs down a column is the class alone.
    """
    label = next((each for each in inputs if isinstance(each, (Label, Code))), None)
    if label is None:
        return draw(inputs, rows * columns, seed), (rows, columns)
    rows = min(len(label.classes) if isinstance(label, Label) else label.size, 16)
    one_row = draw(inputs, columns, seed)
    grid = {name: np.concatenate([values] * rows) for name, values in one_row.items()}
    grid[label.name] = np.repeat(np.arange(rows, dtype=np.int32), columns)
    return grid, (rows, columns)


class Choice(NamedTuple):
    """A number that a person may choose for all samples: of the input ``of``, in its column ``column`` if it has several.

    ``whole`` numbers are the values of a code, which may be :data:`EACH` in turn; without a ``default`` it is drawn.
    """

    name: str
    of: str
    low: float
    high: float
    default: float | None = None
    help: str = ""
    whole: bool = False
    column: int | None = None


def choices(inputs):
    """The :class:`Choice` s that these inputs leave to a person, beside the class."""
    found = []
    for each in inputs:
        if isinstance(each, Dial):
            found.append(Choice(each.name, each.name, each.low, each.high, each.default, each.help))
        elif isinstance(each, Code):
            found.append(Choice(each.name, each.name, 0, each.size - 1, whole=True,
                                help="A category that the model has found by itself."))
        elif isinstance(each, Codes):
            found += [Choice(f"continuous{number + 1}", each.name, each.low, 1.0, column=number,
                             help="A number to which the model has given a meaning by itself.")
                      for number in range(int(np.prod(each.shape)))]
    return tuple(found)


def choose(drawn, inputs, chosen):
    """Put what was chosen, numbers or text by name, into ``drawn`` inputs.  Raises BadInput."""
    known = {each.name: each for each in choices(inputs)}
    for name, value in chosen.items():
        if name not in known:
            raise BadInput(f"A sample of this architecture has no {name!r} to choose; it has "
                           f"{', '.join(known) or 'none'}.")
        each = known[name]
        values = drawn[each.of] if each.column is None else drawn[each.of].reshape(len(drawn[each.of]), -1)[:, each.column]
        values[:] = np.arange(len(values)) % int(each.high + 1) if each.whole and value == EACH else _number(each, value)


def _number(choice, value):
    try:
        number = int(value) if choice.whole else float(value)
    except (TypeError, ValueError):
        number = None
    if number is None or not choice.low <= number <= choice.high:
        raise BadInput(f"{choice.name} must be a number from {choice.low:g} to {choice.high:g}, not {value!r}.")
    return number


def in_turn(label, inputs, chosen):
    """How many samples go by until the classes, or the values of a code, begin anew; None when none are in turn."""
    for each in inputs:
        if isinstance(each, Label) and label == EACH:
            return len(each.classes)
        if isinstance(each, Code) and chosen.get(each.name) == EACH:
            return each.size
    return None


def walk(inputs, n, seed, to):
    """``n`` inputs on the way from the first sample of one seed to the first of another.

    Latents keep to the arc between the two, where noise of their length is (White 2016, arXiv:1609.04468); all else
    stays as it is at the start.
    """
    start, end = draw(inputs, 1, seed), draw(inputs, 1, to)
    found = {name: np.repeat(values, n, axis=0) for name, values in start.items()}
    for each in inputs:
        if isinstance(each, Latent):
            a, b = start[each.name].astype(float), end[each.name].astype(float)
            angle = np.arccos(np.clip(np.sum(a * b) / (np.linalg.norm(a) * np.linalg.norm(b)), -1, 1))
            share = np.linspace(0, 1, n)[:, None] * angle
            if np.sin(angle) > 1e-6:
                found[each.name] = ((np.sin(angle - share) * a + np.sin(share) * b) / np.sin(angle)).astype(np.float32)
    return found


def sheet_noise(inputs):
    """What sheets are drawn from, for a run's record: the seed, and by name how many numbers a sample takes of each input
    or among how many classes it is chosen."""
    sizes = {each.name: math.prod(each.shape) if isinstance(each, Uniform) else len(each.classes)
             if isinstance(each, Label) else each.size for each in inputs if not isinstance(each, Dial)}
    return {"seed": SHEET_SEED} | sizes


def as_dict(each):
    """A JSON description of one input, with lists for tuples as JSON has them: its kind and its fields."""
    fields = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(each).items()}
    return {"kind": type(each).__name__.lower(), **fields}
