"""What a format is: what every file of this package defines one of."""

import importlib
from typing import NamedTuple

import numpy as np

from gan_core.errors import BadInput
from gan_core.models import inputs

CHECKED = 16  # samples that what was written is checked with


class Format:
    """A kind of file that a model can leave the workbench in.

    ``name`` is what a person chooses it by, ``title`` what a page calls it, ``suffix`` how its files end, ``packages`` are
    those that writing it needs beyond ``requirements.txt``, ``library`` is its library's name on the Hugging Face Hub,
    ``close`` how far its samples may be from Keras's, of a range of 1, and ``order`` its place among the others.
    ``of_graph`` says whether it holds the operations of a sample, which some models have none of
    (:attr:`gan_core.models.base.GenerativeModel.not_a_graph`).
    """

    name = title = suffix = library = ""
    packages = ()
    order = 100
    close = 1e-5
    of_graph = True

    def written(self, model, told):
        """The file, bytes.

        Args:
            model: of single precision, see :func:`gan_core.models.exact.exact`.
            told: plain values that travel within the file, text by name.

        Raises:
            BadInput: when such a model cannot be written so.
        """
        raise NotImplementedError

    def read(self, content):
        """A function from inputs by name, arrays of (n, ...), to (n, ...) samples, as whoever takes the file computes
        them."""
        raise NotImplementedError

    def how(self, file, model):
        """Python that draws sixteen samples with the file, for people: ten lines or fewer."""
        raise NotImplementedError

    def check_packages(self):
        """Raise :class:`BadInput` with the way to install what is missing."""
        for package in self.packages:
            try:
                importlib.import_module(package)
            except ImportError:
                raise BadInput(f"A file of the format {self.name} needs {' and '.join(self.packages)}; install "
                               f"them with `pip install {' '.join(self.packages)}`, or choose another format.") from None


class Difference(NamedTuple):
    """The largest ``absolute`` difference of samples, and that as a ``share`` of what Keras's span, at least 1."""

    absolute: float
    share: float


def difference(model, sampler):
    """How far a sampler's samples are from the model's, over the same inputs: :class:`Difference`."""
    drawn = inputs.stand_ins(model.inputs(), CHECKED, seed=1)
    here, there = np.asarray(model.sample(drawn), np.float32), np.asarray(sampler(drawn), np.float32)
    if here.shape != there.shape:
        return Difference(np.inf, np.inf)
    off = float(np.abs(here - there).max()) if np.isfinite(there).all() else np.inf
    return Difference(off, off / max(1.0, float(np.ptp(here))))


def drawn_in_code(model):
    """Lines of Python that make ``given``: sixteen inputs of each kind, with NumPy alone."""
    lines = []
    pictures = {known.name for known in model.inputs() if known.from_data}
    for name, values in inputs.stand_ins(model.inputs(), 1, seed=0).items():
        size = ", ".join(["16", *map(str, values.shape[1:])]) + ("," if values.ndim == 1 else "")
        if values.dtype.kind in "iu":
            most = max(len(inputs.labels([known])) or known.extent() or 1 for known in model.inputs() if known.name == name)
            lines.append(f"    {name!r}: np.arange(16, dtype=np.int32) % {most},")
        elif name in pictures:  # of which there are none here: noise in their place, in [-1, 1]
            lines.append(f"    {name!r}: np.random.uniform(-1, 1, ({size})).astype(np.float32),")
        elif values.ndim == 1:
            lines.append(f"    {name!r}: np.full(16, {float(values[0]):g}, np.float32),")
        else:
            lines.append(f"    {name!r}: np.random.standard_normal(({size})).astype(np.float32),")
    return ["given = {", *lines, "}"]
