"""What a score is, how a file of this folder declares some, and what they are measured on."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np

from gan_core.data import characters as letters, columns as described
from gan_core.evaluation.metrics.distances import squared_neighbour_radii

LOWER, HIGHER = "lower", "higher"
NEARER = "nearer"  # to the floor, on either side: more than real samples have is as wrong as less
# What a share of the real samples is a share of: what differs between two runs are the generated ones, which may be fewer.
SMALLER = ("n_real", "n_fake")
FEW_NAMES = 50  # of a column that is told from others, at most
LABELS = -1  # the place of classes, which stand beside the rows and not in them
CLASS = "class"  # what they are called


class Score(NamedTuple):
    """One number of :func:`gan_core.evaluation.scoring.score`.

    Attributes:
        better: "lower", "higher", "nearer" to what real samples score, or "" where none is.
        place: in a table the one of the lowest comes first.
        spread: the key of its standard deviation, if it has one.
        kinds: names of modalities that it means something for, beside those that name it themselves.
        share_of: of a share, the keys of the counts that it is a share of; the smallest decides how sure it is.
        error: ``error(scores)`` of a dict of kept scores gives its standard error and the degrees of freedom of that;
            None where it is not known.  Where neither this nor ``share_of`` tells, no small difference counts.
    """

    key: str
    title: str
    better: str
    help: str
    place: int
    spread: str = ""
    kinds: tuple[str, ...] = ()
    share_of: tuple[str, ...] = ()
    error: Callable | None = None


@dataclass(frozen=True)
class Family:
    """Scores that are computed together; that of a module stands under the name ``FAMILY``.

    Attributes:
        name: what progress calls it.
        scores: what it adds to tables.
        of: what it is measured on, by class: :class:`Pair`, :class:`OneSet`, :class:`Judged`, :class:`Alike`,
            :class:`Tables`, :class:`Described`, :class:`Predicted`, :class:`Answered` or :class:`Texts`; None for what no
            function of samples gives, such as a training.
        turn: of those measured on the same, that of the lowest is computed first.
        measure: ``measure(measured)`` gives a dict of plain values: scores, spreads, and counts worth keeping.
        applies: ``applies(measured)``, whether all is there that it needs; of a :class:`Judged` before there are features.
        remark: ``remark(measured, values)`` says in a sentence what was reduced or left out; "" for nothing.
        words: ``words(scores)`` says in a sentence what a dict of kept scores means, where numbers alone mislead; "" for
            nothing.
        fewest: ``fewest(d)``, how many samples of d dimensions each set of a :class:`Pair` must have.
        by_counts: whether the scores of a :class:`Pair` depend on how many samples there are.
        neighbours: the k of :meth:`Pair.real_radii`; 0 for none.
        floor: ``floor(measured)`` of a :class:`Tables` or :class:`Texts` gives what real samples score where real ones in
            the place of the fakes would say something else; None for all others.
        quick: whether it is worth its time while a run trains, too; of a :class:`Tables`.
        weight: the share of time that it takes on a :class:`Judged`, where all those on features take 8.
        baselines: of a :class:`Described`, what is made without a network and scored beside it: ``{name: (title, make)}``,
            where ``make(described, n, seed)`` gives ``n`` samples, of the real ones that are described.
    """

    name: str
    scores: tuple[Score, ...]
    of: type | None = None
    turn: int = 0
    measure: Callable | None = None
    applies: Callable = lambda measured: True
    remark: Callable = lambda measured, values: ""
    words: Callable = lambda scores: ""
    fewest: Callable = lambda dimension: 1
    by_counts: bool = False
    neighbours: int = 0
    floor: Callable | None = None
    quick: bool = True
    weight: float = 0
    baselines: dict = field(default_factory=dict, hash=False)


class Pair:
    """Features of two sets: ``real`` (N, d) and, in the place of the fakes, ``fake`` (M, d); and what their scores share.

    ``seed`` is that of every random choice.  ``live`` asks for less work, for use during training.
    """

    def __init__(self, real, fake, seed, live, neighbours, same_reals=None):
        self.real, self.fake, self.seed, self.live = real, fake, seed, live
        self._neighbours = neighbours
        self._same_reals = same_reals  # a pair with the same reals: its radii will do

    def beside(self, real, fake, same_reals=None):
        """Other sets that are scored in the same way."""
        return Pair(real, fake, self.seed, self.live, self._neighbours, same_reals)

    @property
    def smaller(self):
        """How many samples the smaller set has."""
        return min(len(self.real), len(self.fake))

    def real_radii(self, k):
        """(N,) squared distance of each real sample to its k-th nearest fellow, for a k that a family declares."""
        return self._all_radii[self._neighbours.index(k)]

    @cached_property
    def _all_radii(self):
        if self._same_reals is not None:
            return self._same_reals._all_radii
        return squared_neighbour_radii(self.real, self._neighbours)


class OneSet(NamedTuple):
    """Features (N, d) of one set, and class probabilities (n, K) of as many samples, or None."""

    features: np.ndarray
    probabilities: np.ndarray | None
    seed: int


@dataclass(frozen=True, eq=False)
class Judged:
    """All that is known of generated samples (M, *shape), and of the real side; what is not known is None.

    ``labels`` (M,) are what they were to be, ``accuracy`` is that of the classifier on real samples, ``features`` and
    ``probabilities`` are the extractor's.  For the rest see :class:`gan_core.evaluation.scoring.Reference`.  ``progress``
    is called with the share of a family that is done.
    """

    samples: np.ndarray
    live: bool = False
    labels: np.ndarray | None = None
    accuracy: float | None = None
    train: np.ndarray | None = None
    fresh: np.ndarray | None = None
    modes: object = None
    modes_seen: np.ndarray | None = None
    features: np.ndarray | None = None
    probabilities: np.ndarray | None = None
    progress: Callable = lambda share: None


class Alike(NamedTuple):
    """uint8 images (N, H, W, C), and what should be the same ones.

    ``looks(images, others)`` gives the perceptual distance of each pair, (N,); None where no network can tell.
    """

    images: np.ndarray
    others: np.ndarray
    looks: Callable | None = None


class Answered(NamedTuple):
    """Class probabilities (N, K) of real samples, and their true classes (N,)."""

    probabilities: np.ndarray
    labels: np.ndarray


@dataclass(frozen=True, eq=False)
class Predicted:
    """Real samples of a kind: those that were ``learned`` (N, *shape), ``fresh`` ones (M, *shape), and the ``surprise`` of a
    model (M, *shape) at each number of these, in bits."""

    kind: str
    learned: np.ndarray
    fresh: np.ndarray
    surprise: np.ndarray


@dataclass(frozen=True, eq=False)
class Tables:
    """Rows of one table, encoded: those that were ``learned`` (N, d), ``generated`` ones (M, d), and ``fresh`` real ones
    (F, d), of which the first ``unseen`` were kept from the generator; ``columns`` describe them.

    ``labels`` are the classes of these three, as texts, where all of them are known.  ``wanted`` names the column that is to
    be told from the others, "" where nobody said.
    """

    columns: tuple
    learned: np.ndarray
    generated: np.ndarray
    fresh: np.ndarray
    seed: int = 0
    unseen: int = 0
    labels: tuple | None = None
    wanted: str = ""

    @cached_property
    def categories(self):
        """Of each column whether it holds names."""
        return tuple(column.kind == described.CATEGORY for column in self.columns)

    @cached_property
    def real(self):
        """Columns of values (N,)."""
        return described.decoded(self.columns, self.learned)

    @cached_property
    def fake(self):
        """Columns of values (M,)."""
        return described.decoded(self.columns, self.generated)

    @cached_property
    def target(self):
        """The place of the column that is told from the others: the one that is wanted; else :data:`LABELS`, where there are
        labels; else the last of few names, or the last number of several values.  None where there is none."""
        if self.wanted and not (self.labels is not None and self.wanted == CLASS):
            return [column.name for column in self.columns].index(self.wanted)
        if self.labels is not None:
            return LABELS
        names = [place for place, column in enumerate(self.columns) if column.kind == described.CATEGORY
                 and 2 <= len(column.categories) <= FEW_NAMES]
        numbers = [place for place, column in enumerate(self.columns) if column.kind != described.CATEGORY
                   and column.high > column.low]
        return (names or numbers or [None])[-1]

    @property
    def target_name(self):
        return CLASS if self.target == LABELS else self.columns[self.target].name

    def without(self, rows, target):
        """Rows without what stands in a column."""
        if target == LABELS:
            return rows
        _, first, end = described.blocks(self.columns)[target]
        return np.delete(rows, np.s_[first:end], axis=1)


class Described(NamedTuple):
    """Samples (M, *shape) of the ``kind`` of a name, as they are handed out, and the ``traits`` by which they are read: for
    what can be said of samples without features, of generated and of real ones alike."""

    kind: str
    samples: np.ndarray
    traits: tuple = ()
@dataclass(frozen=True, eq=False)
class Texts:
    """Texts of one vocabulary, codes as :mod:`gan_core.data.characters` has them: those that were ``learned`` (N, T),
    ``generated`` ones (M, T), and ``fresh`` real ones (F, T).

    ``surprise`` (S, T) is how many bits a model takes to say each character of the first S fresh texts, which it has not
    seen; NaN behind their ends.  None where nobody knows.
    """

    characters: str
    learned: np.ndarray
    generated: np.ndarray
    fresh: np.ndarray
    surprise: np.ndarray | None = None

    def written(self, codes):
        """Codes (N, T) as texts."""
        return letters.decoded(codes, self.characters)
