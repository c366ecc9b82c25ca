"""Every dataset by name: the catalogue, and loading from it."""

import os
from pathlib import Path

from gan_core.data import digits, imported, keras_sets, points, stacked
from gan_core.data.base import POINTS, Dataset, DatasetInfo
from gan_core.data.pixels import check_size
from gan_core.errors import BadInput

# A module of built-in datasets has infos() and load(name, size); its place here is its place in the catalogue.
_BUILT_IN = (digits, keras_sets, stacked, points)


def catalogue(workspace: Path | None = None) -> list[DatasetInfo]:
    """The built-in datasets, then those imported into ``workspace``/datasets."""
    return [info for module in _BUILT_IN for info in module.infos()] + imported.infos(workspace)


def load(name_or_path, *, size: int | None = None, workspace: Path | None = None, held_out: float = 0.0) -> Dataset:
    """A dataset by its name in the catalogue, or the images of a folder, a zip or an .npz file by its path.

    ``size`` is the side in pixels to which images are resized: None means native, and 32 for a folder or a zip.
    What lies at a path is decoded once and kept in ``workspace``/datasets, where the resulting ``Dataset.name`` finds
    it again even after the source is gone; with no workspace nothing is kept. ``held_out`` is the share of the user's own
    images that become a test set; built-in datasets have their own.

    Raises BadInput for an unknown name, an unsuitable size, or a file that cannot be used, and StoreError when the
    workspace cannot be written.
    """
    if size is not None:
        size = check_size(size)
    for module in _BUILT_IN:
        for info in module.infos():
            if info.name == name_or_path:
                if info.kind == POINTS and size is not None:
                    sentence = f"{info.name} is a set of points, which have no size in pixels; leave the size out."
                    raise BadInput(sentence, {"size": sentence})
                return module.load(info.name, size)
    if name_or_path in imported.names(workspace):
        return imported.load_name(name_or_path, size, workspace).keeping_apart(held_out)
    path = os.path.expanduser(name_or_path)
    if os.path.exists(path):
        return imported.load_path(path, size, workspace).keeping_apart(held_out)
    known = ", ".join(info.name for info in catalogue(workspace))
    sentence = f"There is no dataset {str(name_or_path)!r}; choose one of {known}, or give a folder or a zip of images."
    raise BadInput(sentence, {"dataset": sentence})


def default_dataset() -> str:
    """MNIST when it is here already, else the digits, which always are: the first run must not wait for a download."""
    mnist = next(info for info in keras_sets.infos() if info.name == "mnist")
    return mnist.name if mnist.available else "digits"
