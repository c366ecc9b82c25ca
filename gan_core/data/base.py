"""What a dataset is: its description before loading, its arrays after, and what a model needs to know of it."""

from dataclasses import dataclass

import numpy as np

IMAGES = "images"
POINTS = "points"


class _Classes:
    """What follows from ``classes``, the names in the order of the labels; empty when there are no labels."""

    @property
    def labelled(self) -> bool:
        return bool(self.classes)

    @property
    def n_classes(self) -> int:
        return len(self.classes)


@dataclass(frozen=True)
class DataSpec(_Classes):
    """What a model needs to know of data to build its networks.

    ``shape`` is one sample's: (height, width, channels) of images, (2,) of points.
    """

    kind: str
    shape: tuple[int, ...]
    classes: tuple[str, ...] = ()


@dataclass(frozen=True)
class DatasetInfo(_Classes):
    """One line of the catalogue, known without loading the data.

    ``shape`` is one sample's native shape, ``count`` the number of training samples (None when not known),
    ``available`` whether it loads without a network, ``note`` a sentence: where it comes from, or what to do.
    """

    name: str
    title: str
    kind: str
    shape: tuple[int, ...]
    classes: tuple[str, ...]
    count: int | None
    available: bool
    note: str

    def as_dict(self) -> dict:
        """Plain values for JSON; ``classes`` is their number, ``class_names`` the names."""
        return {
            "name": self.name,
            "title": self.title,
            "kind": self.kind,
            "shape": list(self.shape),
            "classes": self.n_classes,
            "class_names": list(self.classes),
            "count": self.count,
            "available": self.available,
            "note": self.note,
        }


@dataclass(frozen=True, eq=False)
class Dataset(_Classes):
    """Data in memory, ready for ``batches``.

    ``x`` is uint8 (N, H, W, C) of images, float32 (N, 2) of points; ``y`` is int32 (N,), an index into ``classes``,
    or None. ``x_test`` and ``y_test`` are held out and alike, or None. ``skipped`` counts the files that could not
    be decoded, and ``note`` says in words what was done to the data on the way in.
    """

    name: str
    kind: str
    x: np.ndarray
    y: np.ndarray | None
    classes: tuple[str, ...] = ()
    x_test: np.ndarray | None = None
    y_test: np.ndarray | None = None
    skipped: int = 0
    note: str = ""

    @property
    def spec(self) -> DataSpec:
        return DataSpec(self.kind, self.x.shape[1:], self.classes)

    def __len__(self) -> int:
        return len(self.x)
