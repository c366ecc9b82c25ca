"""What a dataset is: its description before loading, its arrays after, and what a model needs to know of it."""

import dataclasses
import functools
from dataclasses import dataclass

import numpy as np

from gan_core.data.identity import Identity

IMAGES = "images"
POINTS = "points"
APART_FROM = 300  # images: a tenth of fewer would say little of a discriminator


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
    be decoded, and ``note`` says in words what was done to the data on the way in. ``apart`` tells that ``x_test`` was
    taken from ``x``, see :meth:`keeping_apart`, and ``whole`` then is the identity of both together.
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
    apart: bool = False
    whole: Identity | None = None

    @functools.cached_property
    def identity(self) -> Identity:
        """What these data are; a share that is kept apart changes nothing of it."""
        return self.whole or Identity.of(self.x, self.y, self.classes, self.x_test, self.y_test)

    def keeping_apart(self, share):
        """The same with a share of its images as ``x_test``, evenly of all classes; as it is when it has a test set, or
        fewer than ``APART_FROM`` images, which are too few to spare any.

        The choice follows from the number of images and the labels alone.
        """
        if not share or self.kind != IMAGES or self.x_test is not None or len(self) < APART_FROM:
            return self
        order = np.random.RandomState(0).permutation(len(self))
        if self.y is not None:
            order = order[np.argsort(self.y[order], kind="stable")]
        held = np.zeros(len(self), bool)
        held[order[(np.arange(int(share * len(self))) / share).astype(int)]] = True
        y, y_test = (None, None) if self.y is None else (self.y[~held], self.y[held])
        return dataclasses.replace(self, x=self.x[~held], y=y, x_test=self.x[held], y_test=y_test, apart=True,
                                   whole=self.identity)

    @property
    def spec(self) -> DataSpec:
        return DataSpec(self.kind, self.x.shape[1:], self.classes)

    def __len__(self) -> int:
        return len(self.x)
