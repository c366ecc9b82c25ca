"""Boxes: chairs and cars, each seen once from somewhere around it; the poses are drawn and forgotten."""

import contextlib
from pathlib import Path

import numpy as np

from gan_core import visitors
from gan_core.data import solids
from gan_core.data.base import IMAGES, Dataset, DatasetInfo
from gan_core.data.npz import DamagedNpz, npz_arrays
from gan_core.data.pixels import check_size
from gan_core.errors import BadInput
from gan_core.whole_files import replacing

ORDER = 35

NAME = "boxes"
SIDE, LARGEST = 32, 128
N_TRAIN, N_TEST = 8_000, 1_000
_SEED = 2020  # the same objects for everyone
VERSION = 1  # of the objects and of how they are drawn


def infos(workspace=None) -> list[DatasetInfo]:
    low, high = solids.ELEVATIONS
    return [DatasetInfo(NAME, "Chairs and cars of boxes, 32 x 32", IMAGES, (SIDE, SIDE, 3), (), N_TRAIN, True,
                        "Objects of five to eight boxes, drawn by a formula, each from one side: turned over the whole "
                        f"circle, from {low:g} to {high:g} degrees above the ground. Drawing them takes seconds, once.",
                        licence="free: computed by a formula")]


def load(name, size=None, workspace=None) -> Dataset:
    """8,000 objects for training and 1,000 held out, uint8 with ``size`` pixels a side, drawn at that size."""
    size = SIDE if size is None else check_size(size)
    if size > LARGEST:
        sentence = f"The boxes are drawn with up to {LARGEST} pixels a side, not {size}; choose a smaller size."
        raise BadInput(sentence, {"size": sentence})
    x = _kept(size, workspace)
    return Dataset(name, IMAGES, x[:N_TRAIN], None, (), x[N_TRAIN:])


def _kept(size, workspace):
    """The images of a size, from the workspace's cache where they lie there; they are put there where that can be."""
    if workspace is None:
        return _rendered(size)
    file = Path(workspace) / "cache" / "rendered" / f"{NAME}-{size}-{VERSION}.npz"
    with contextlib.suppress(DamagedNpz, OSError):
        if file.exists():
            x = npz_arrays(file, ("x",))["x"]
            if x.shape == (N_TRAIN + N_TEST, size, size, 3) and x.dtype == np.uint8:
                return x
    x = _rendered(size)
    if not visitors.are_here():
        with contextlib.suppress(OSError):  # they are at hand; without room they are drawn again the next time
            file.parent.mkdir(parents=True, exist_ok=True)
            with replacing(file) as partial, open(partial, "wb") as stream:
                np.savez_compressed(stream, x=x)
    return x


def _rendered(size):
    rng = np.random.default_rng(_SEED)
    objects = solids.drawn(N_TRAIN + N_TEST, rng)
    return solids.rendered(objects, *solids.poses(N_TRAIN + N_TEST, rng), size)
