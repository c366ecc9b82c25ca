"""What a sampler needs: the inputs of a generative model, as descriptions that can be drawn from.  One file an input,
found by itself.

They are drawn with NumPy, so the same seed gives the same inputs on every backend and in every process, and a
page can offer a control for each without loading Keras.  See :class:`gan_core.models.inputs.base.Input`.
"""

import functools
import sys

import numpy as np

from gan_core.data import finding
from gan_core.errors import BadInput
from gan_core.models.inputs.angle import Angle
from gan_core.models.inputs.base import EACH, Choice, Input
from gan_core.models.inputs.caption import Caption
from gan_core.models.inputs.code import Code
from gan_core.models.inputs.codes import Codes
from gan_core.models.inputs.data_image import DataImage
from gan_core.models.inputs.dial import Dial
from gan_core.models.inputs.label import Label
from gan_core.models.inputs.latent import Latent
from gan_core.models.inputs.question import Question
from gan_core.models.inputs.shift import Shift
from gan_core.models.inputs.source_image import SourceImage
from gan_core.models.inputs.uniform import Uniform

__all__ = ["EACH", "SHEET_SEED", "Angle", "Caption", "Choice", "Code", "Codes", "DataImage", "Dial", "Input", "Label",
           "Latent", "Question", "Shift", "SourceImage", "Uniform", "as_dict", "beside", "broken", "choices", "choose",
           "draw", "draw_grid", "from_dict", "in_turn", "kinds", "labels", "sheet_noise", "stand_ins", "turned",
           "turning", "walk"]

# Of the samples that are drawn over and over while a run trains.  One for all runs, whatever seed they train with: what
# differs between two sheets is then what was learned, and not the luck of the draw.
SHEET_SEED = 0
ROWS = 16  # of a sheet with one class a row, at most


def kinds():
    """``{kind: class}`` of the inputs there are; the kind is what a description calls it."""
    return _found()[0]


def broken():
    """``{file's name: sentence}`` of the files that cannot be used."""
    return _found()[1]


@functools.cache
def _found():
    known, wrong = finding.modules(sys.modules[__name__], _input_of)
    return {cls.kind(): cls for cls in known.values()}, wrong


def _input_of(module):
    classes = [value for value in vars(module).values() if isinstance(value, type) and issubclass(value, Input)
               and value is not Input and value.__module__ == module.__name__]
    if len(classes) > 1:
        raise ImportError(f"it must define one Input, not {len(classes)}")
    return classes[0] if classes else None


def draw(inputs, n, seed, data=None):
    """``n`` inputs by name: ``{"latent": (n, size), ...}``; the same seed gives the same ones.

    Args:
        data: the :class:`gan_core.data.Dataset` that the model learns from, for inputs that are ``from_data``.

    Raises:
        BadInput: for an input from data where there is none.
    """
    if data is None and (without := [model_input.name for model_input in inputs if model_input.from_data]):
        raise BadInput(f"The input {without[0]!r} is taken from data; give the data that the model learns from.")
    # One stream per input: adding an input, or asking for a label, leaves the latents as they were.
    return {model_input.name: model_input.draw(np.random.default_rng([seed, index]), n, data)
            for index, model_input in enumerate(inputs)}


def stand_ins(inputs, n, seed):
    """As :func:`draw`, with noise in the place of what is taken from data: for whoever looks at what a model does with it,
    and not at what comes out."""
    return {one.name: np.random.default_rng([seed, index]).uniform(-1, 1, (n, *one.shape)).astype(np.float32)
            if one.from_data else one.draw(np.random.default_rng([seed, index]), n) for index, one in enumerate(inputs)}


def beside(inputs, n, seed, data):
    """What is shown with the samples that :func:`draw` gave the inputs of: their sources, and what they should become."""
    return {name: values for index, model_input in enumerate(inputs)
            for name, values in model_input.beside(np.random.default_rng([seed, index]), n, data).items()}


def draw_grid(inputs, rows=8, columns=8, seed=SHEET_SEED, data=None):
    """Inputs for a sheet of ``rows`` x ``columns`` samples, in reading order, and its ``(rows, columns)``.

    With a label or a code among the inputs there is one class a row, and every row uses the same latents: what
    differs down a column is the class alone.  ``data`` is as in :func:`draw`.
    """
    down = next((model_input for model_input in inputs if model_input.rows() is not None), None)
    if down is None:
        return draw(inputs, rows * columns, seed, data), (rows, columns)
    rows = min(down.rows(), ROWS)
    one_row = draw(inputs, columns, seed, data)
    grid = {name: np.concatenate([values] * rows) for name, values in one_row.items()}
    grid[down.name] = np.repeat(np.arange(rows, dtype=np.int32), columns)
    return grid, (rows, columns)


def choices(inputs):
    """The :class:`Choice` s that these inputs leave to a person, beside the class."""
    return tuple(choice for model_input in inputs for choice in model_input.choices())


def choose(drawn, inputs, chosen):
    """Put what was chosen, numbers or text by name, into ``drawn`` inputs.  Raises BadInput."""
    known = {choice.name: choice for choice in choices(inputs)}
    for name, value in chosen.items():
        if name not in known:
            raise BadInput(f"A sample of this architecture has no {name!r} to choose; it has "
                           f"{', '.join(known) or 'none'}.")
        choice, values = known[name], drawn[known[name].of]
        if choice.column is not None:
            values = values.reshape(len(values), -1)[:, choice.column]
        in_turn = choice.whole and value == EACH
        values[:] = np.arange(len(values)) % int(choice.high + 1) if in_turn else _number(choice, value)


def _number(choice, value):
    try:
        number = int(value) if choice.whole else float(value)
    except (TypeError, ValueError):
        number = None
    if number is None or not choice.low <= number <= choice.high:
        raise BadInput(f"{choice.name} must be a number from {choice.low:g} to {choice.high:g}, not {value!r}.")
    return number


def turning(inputs):
    """The :class:`Choice` over whose values a sample is turned; None where no input is such an angle."""
    return next((choice for choice in choices(inputs) if choice.turns), None)


def turned(drawn, choice, frames):
    """Inputs of samples, each seen ``frames`` times over the values of a ``choice`` of :func:`turning`: (n frames, ...), all
    views of the first sample first; and the values, (frames,)."""
    angles = np.linspace(choice.low, choice.high, frames, endpoint=not choice.round, dtype=np.float32)
    views = {name: np.repeat(values, frames, axis=0) for name, values in drawn.items()}
    views[choice.of] = np.tile(angles, len(drawn[choice.of]))
    return views, angles


def labels(inputs):
    """The names of the classes of which a person may ask for one; none where there is no label."""
    return next((model_input.labels() for model_input in inputs if model_input.labels()), ())


def in_turn(label, inputs, chosen):
    """How many samples go by until the classes, or the values of a code, begin anew; None when none are in turn."""
    return next((turn for model_input in inputs if (turn := model_input.in_turn(label, chosen)) is not None), None)


def walk(inputs, n, seed, to, data=None):
    """``n`` inputs on the way from the first sample of one seed to the first of another; what knows no way between two of
    its values stays as it is at the start.  ``data`` is as in :func:`draw`."""
    start, end, share = draw(inputs, 1, seed, data), draw(inputs, 1, to, data), np.linspace(0, 1, n)
    return {model_input.name: model_input.walk(start[model_input.name], end[model_input.name], share)
            for model_input in inputs}


def sheet_noise(inputs):
    """What sheets are drawn from, for a run's record: the seed, and by name how many numbers a sample takes of each input
    or among how many classes it is chosen."""
    extents = {model_input.name: model_input.extent() for model_input in inputs}
    return {"seed": SHEET_SEED} | {name: extent for name, extent in extents.items() if extent is not None}


def as_dict(described):
    """A JSON description of one input: its kind and its fields."""
    return described.as_dict()


def from_dict(told):
    """The input that :func:`as_dict` describes; None for a kind that is not in this package."""
    known = kinds().get(told["kind"])
    fields = {name: tuple(value) if isinstance(value, list) else value for name, value in told.items() if name != "kind"}
    return known and known(**fields)
