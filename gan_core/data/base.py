"""What a dataset is: its description before loading, its arrays after, and what a model needs to know of it."""

import dataclasses
import functools
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np

from gan_core.data.choices import Choices
from gan_core.data.columns import CATEGORY, Column, pieces
from gan_core.data.identity import Identity
from gan_core.errors import BadInput

# Kinds of samples, see gan_core/modalities.
IMAGES, POINTS, PAIRS, DOMAINS, TABLE = "images", "points", "pairs", "domains", "table"
MUSIC, TEXT, SOUND = "music", "text", "sound"
CAPTIONS = "captions"  # images with words beside
ANSWERS = "answers"  # of models that name what they are shown
FLAT = (POINTS, TABLE, ANSWERS)  # those of which a sample is a vector: for the knobs of networks without convolutions
_WHAT = {POINTS: "a set of points", TABLE: "a table", MUSIC: "music", TEXT: "text", SOUND: "sound"}
APART_FROM = 300  # samples: a tenth of fewer would say little of a discriminator


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

    ``shape`` is one sample's: (height, width, channels) of images, (2,) of points, (d,) of an encoded row of a table,
    whose ``columns`` say what it means.  ``beside`` are the names and shapes of what comes with a sample: the source of
    a pair.  ``traits`` is what else has to be known of samples to read them, by name, in plain values: a sound's rate, a
    text's characters.
    """

    kind: str
    shape: tuple[int, ...]
    classes: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()
    beside: tuple[tuple[str, tuple[int, ...]], ...] = ()
    traits: tuple[tuple[str, object], ...] = ()

    def trait(self, name):
        """One of the traits; KeyError where there is none of the name."""
        return dict(self.traits)[name]

    @property
    def flat(self) -> bool:
        """Whether a sample is a vector, for fully connected networks; a text and a sound are sequences."""
        return len(self.shape) == 1 and self.kind not in (TEXT, SOUND)

    @property
    def categories(self) -> tuple[tuple[int, int], ...]:
        """``(first, end)`` of each stretch of an encoded row that is one category."""
        return tuple((first, end) for column, first, end in pieces(self.columns) if column.kind == CATEGORY)


@dataclass(frozen=True)
class DatasetInfo(_Classes):
    """One line of the catalogue, known without loading the data.

    ``shape`` is one sample's native shape, ``count`` the number of training samples (None when not known),
    ``available`` whether it loads without a network, ``note`` a sentence: where it comes from, or what to do.
    ``columns``, ``beside`` and ``traits`` are as in :class:`DataSpec`, ``licence`` says what may be done with the data, ""
    where nobody knows.  ``made_of`` is the name of the images that these were made of by a recipe, "" where they were not.
    """

    name: str
    title: str
    kind: str
    shape: tuple[int, ...]
    classes: tuple[str, ...]
    count: int | None
    available: bool
    note: str
    columns: tuple[Column, ...] = ()
    beside: tuple[tuple[str, tuple[int, ...]], ...] = ()
    licence: str = ""
    made_of: str = ""
    traits: tuple[tuple[str, object], ...] = ()

    def spec(self, size: int | None = None) -> DataSpec:
        """The :class:`DataSpec` at an image side of ``size`` pixels, by default its own."""
        def sized(shape):
            return (size, size, *shape[2:]) if size else tuple(shape)

        def beside(shape):  # a smaller source stays as much smaller, and words have no size
            if len(shape) != 3:
                return tuple(shape)
            return (*[size * side // own for side, own in zip(shape, self.shape)][:2], *shape[2:]) if size else tuple(shape)

        return DataSpec(self.kind, sized(self.shape), tuple(self.classes), self.columns,
                        tuple((name, beside(shape)) for name, shape in self.beside), self.traits)

    def without_size(self, size):
        """BadInput when a ``size`` in pixels is asked for, which these data do not have."""
        if size is not None:
            what = _WHAT.get(self.kind, "no set of images")
            sentence = f"{self.name} is {what} and has no size in pixels; leave the size out."
            raise BadInput(sentence, {"size": sentence})

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
            "licence": self.licence,
        } | ({"columns": [column.name for column in self.columns]} if self.columns else {})


@dataclass(frozen=True, eq=False)
class Dataset(_Classes):
    """Data in memory, ready for ``batches``.

    ``x`` is uint8 (N, H, W, C) of images, float32 (N, 2) of points and (N, d) of a table; ``y`` is int32 (N,), an index
    into ``classes``, or None. ``x_test`` and ``y_test`` are held out and alike, or None. ``skipped`` counts the files
    that could not be decoded, and ``note`` says in words what was done to the data on the way in. ``apart`` tells that
    ``x_test`` was taken from ``x``, see :meth:`keeping_apart`, and ``whole`` then is the identity of both together.

    A batch has ``x`` under the name ``main``. ``more`` are further fields by name: the sources of pairs, each at the
    place of its ``x``. A field with a number in ``streams`` is shuffled by itself and may have its own length: the other
    domain of unpaired data. ``more_test`` are those of the test set. ``label_maps`` says whether the sources of pairs are
    label maps, as told or found when they were imported; None where nobody has looked.
    ``domain_names`` are what two domains are called, the one of the sources first.
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
    main: str = "real"
    more: dict[str, np.ndarray] = field(default_factory=dict)
    more_test: dict[str, np.ndarray] = field(default_factory=dict)
    streams: dict[str, int] = field(default_factory=dict)
    columns: tuple[Column, ...] = ()
    label_maps: bool | None = None
    traits: tuple[tuple[str, object], ...] = ()
    domain_names: tuple[str, ...] = ()

    @functools.cached_property
    def identity(self) -> Identity:
        """What these data are; a share that is kept apart changes nothing of it."""
        beside = {f"{part} {name}": values for part, fields in (("more", self.more), ("more_test", self.more_test))
                  for name, values in fields.items()}
        return self.whole or Identity.of(self.x, self.y, self.classes, self.x_test, self.y_test, beside, self.columns,
                                         self.traits)

    @property
    def fields(self) -> dict[str, np.ndarray]:
        """The arrays of a batch by name, labels included."""
        return {self.main: self.x, **self.more} | ({} if self.y is None else {"label": self.y})

    def keeping_apart(self, share):
        """The same with a share of its samples as ``x_test``, evenly of all classes; as it is when it has a test set, or
        fewer than ``APART_FROM`` samples, which are too few to spare any.

        The choice follows from the number of samples and the labels alone.
        """
        if not share or self.x_test is not None or len(self) < APART_FROM:
            return self
        held = _spread(len(self), share, self.y)
        y, y_test = (None, None) if self.y is None else (self.y[~held], self.y[held])
        # What is shuffled by itself has a length of its own; of what was paired both sides of a pair are held out.
        of = {name: held if len(values) == len(held) else _spread(len(values), share) for name, values in self.more.items()}
        return dataclasses.replace(self, x=self.x[~held], y=y, x_test=self.x[held], y_test=y_test, apart=True,
                                   whole=self.identity,
                                   more={name: values[~of[name]] for name, values in self.more.items()},
                                   more_test={name: values[of[name]] for name, values in self.more.items()})

    @property
    def spec(self) -> DataSpec:
        return DataSpec(self.kind, self.x.shape[1:], self.classes, self.columns,
                        tuple((name, values.shape[1:]) for name, values in self.more.items()), self.traits)

    def __len__(self) -> int:
        return len(self.x)


def _spread(n, share, labels=None):
    """Which of ``n`` are held out, (n,): a share of them, evenly of all labels."""
    order = np.random.RandomState(0).permutation(n)
    if labels is not None:
        order = order[np.argsort(labels[order], kind="stable")]
    held = np.zeros(n, bool)
    held[order[(np.arange(int(share * n)) / share).astype(int)]] = True
    return held


class Source(Protocol):
    """A module in ``gan_core/data/sets``: some datasets, built in or the user's own.

    ``ORDER`` is its place in the catalogue.  ``workspace`` may be None: nothing is kept then.  A source of what lies at
    paths also has :meth:`claims` and :meth:`load_path`; of two that claim a path, the later one has it.  ``KIND`` is what
    they will be, where that is not images, and ``TAKES`` are the choices that mean something then, where those are not the
    choices of images.  One that can make more datasets than it lists has :meth:`find`, and one that guesses what
    the parts of a file are :meth:`taken`.
    """

    ORDER: int

    def infos(self, workspace: Path | None = None) -> list[DatasetInfo]:
        """Its part of the catalogue."""

    def find(self, name: str, workspace: Path | None) -> DatasetInfo | None:
        """The dataset of that name; None where it has none."""

    def taken(self, name: str, workspace: Path | None) -> tuple[tuple[str, str], ...]:
        """What each part of the file was taken for of which it keeps a dataset of that name."""

    def load(self, name: str, size: int | None = None, workspace: Path | None = None) -> Dataset:
        """One of its datasets, with images of ``size`` pixels a side; BadInput where that cannot be."""

    def claims(self, path: str, choices: Choices) -> bool:
        """Whether what lies at a path, which exists, is for this source, as ``choices`` say."""

    def load_path(self, path: str, size: int | None, workspace: Path | None, choices: Choices) -> Dataset:
        """What lies at a path that it claims, as ``choices`` say; kept in ``workspace``/datasets."""
