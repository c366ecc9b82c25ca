"""Two-dimensional toy distributions, on which a GAN's failures can be seen and counted."""

import zlib
from typing import NamedTuple
from collections.abc import Callable

import numpy as np

from gan_core.data.base import POINTS, Dataset, DatasetInfo

ORDER = 40

N_TRAIN = 100_000
N_TEST = 10_000
_SEED = 2014  # the same points for everyone: runs are compared on them


class Modes(NamedTuple):
    """A mixture of equally likely isotropic Gaussians: ``centres`` float32 (K, 2), ``sigma`` in the points' unit."""

    centres: np.ndarray
    sigma: float


def _ring_centres(modes=8, radius=1.0):
    angle = 2 * np.pi * np.arange(modes) / modes
    return (radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)).astype(np.float32)


def _grid_centres(ticks=(-4, -2, 0, 2, 4)):
    return np.array([(a, b) for a in ticks for b in ticks], np.float32)


MODES: dict[str, Modes] = {
    "ring": Modes(_ring_centres(), 0.01),
    "grid": Modes(_grid_centres(), 0.05),
}


def _mixture(modes, n, rng):
    label = rng.integers(len(modes.centres), size=n)
    return modes.centres[label] + modes.sigma * rng.standard_normal((n, 2)), label


def _swiss_roll(n, rng):
    angle = 1.5 * np.pi * (1 + 2 * rng.random(n))
    radius = angle / (4.5 * np.pi)  # 1/3 to 1
    x = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return x + 0.01 * rng.standard_normal((n, 2)), None


def _two_moons(n, rng):
    label = rng.integers(2, size=n)
    angle = np.pi * rng.random(n)
    upper = np.stack([np.cos(angle) - 0.5, np.sin(angle) - 0.25], axis=1)
    x = np.where(label[:, None] == 0, upper, -upper)  # one moon is the other, turned by half a circle
    return x + 0.05 * rng.standard_normal((n, 2)), label


def _checkerboard(n, rng):
    column = rng.integers(4, size=n)
    row = 2 * rng.integers(2, size=n) + column % 2
    return (np.stack([column, row], axis=1) + rng.random((n, 2))) / 2 - 1, None  # 4 x 4 squares over [-1, 1]^2


class _Distribution(NamedTuple):
    title: str
    note: str
    draw: Callable  # (n, rng) -> (n, 2), labels (n,) or None
    classes: tuple[str, ...] = ()


def _modes_of(name, title, note):
    modes = MODES[name]
    classes = tuple(f"mode {k}" for k in range(len(modes.centres)))
    return _Distribution(title, note, lambda n, rng: _mixture(modes, n, rng), classes)


_DISTRIBUTIONS = {
    "ring": _modes_of("ring", "Ring of 8 Gaussians", "Eight Gaussians of sigma 0.01 on the unit circle."),
    "grid": _modes_of("grid", "Grid of 25 Gaussians", "25 Gaussians of sigma 0.05, two apart, on a square grid."),
    "swiss_roll": _Distribution("Swiss roll", "A spiral of one and a half turns with a little noise.", _swiss_roll),
    "two_moons": _Distribution(
        "Two moons", "Two half circles, one hooked into the other.", _two_moons, ("upper moon", "lower moon")
    ),
    "checkerboard": _Distribution(
        "Checkerboard", "Uniform over the dark squares of a 4 x 4 board: sharp edges, no modes.", _checkerboard
    ),
}


def infos(workspace=None) -> list[DatasetInfo]:
    return [
        DatasetInfo(name, of.title, POINTS, (2,), of.classes, N_TRAIN, True, of.note,
                    licence="free: computed by a formula")
        for name, of in _DISTRIBUTIONS.items()
    ]


def load(name, size=None, workspace=None) -> Dataset:
    """100,000 points for training and 10,000 held out, always the same; they have no ``size``."""
    next(info for info in infos() if info.name == name).without_size(size)
    distribution = _DISTRIBUTIONS[name]
    # Each distribution has its own stream, so that a new one does not redraw the others.
    rng = np.random.default_rng([_SEED, zlib.crc32(name.encode())])
    x, y = distribution.draw(N_TRAIN + N_TEST, rng)
    x = x.astype(np.float32)
    y, y_test = (None, None) if y is None else np.split(y.astype(np.int32), [N_TRAIN])
    return Dataset(name, POINTS, x[:N_TRAIN], y, distribution.classes, x[N_TRAIN:], y_test)
