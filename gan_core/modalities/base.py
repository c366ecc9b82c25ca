"""What every kind of sample must say of itself, and where the kinds are found: one file each in this folder."""

import dataclasses
import functools
import inspect
import io
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol

import numpy as np

from gan_core import data, modalities as folder
from gan_core.data import DataSpec, Dataset, finding
from gan_core.errors import BadInput
from gan_core.whole_files import write_whole

# What can be done with samples of some kinds and not of others.
JUDGE = "judge"        # people can say by a look whether one is real
KEEP = "keep"          # drawn ones can be kept as a dataset
NEAREST_VIEW = "Nearest in the data"  # what the view is called that shows them beside a run's samples
NEAREST = "nearest"    # the real ones most like it tell whether it is a copy
HEAT = "heat"          # a discriminator's slopes are a picture over the sample
TSTR = "tstr"          # classifiers can learn from them
SIZED = "sized"        # they have a size in pixels, which can be chosen
BY_HEART = "by_heart"  # there may be so few real ones that a discriminator learns them by heart
NUMBERS = "numbers"    # few numbers a sample: kept as an array beside each sheet
COLUMNS = "columns"    # they have columns of names and numbers, which go together or not
PLACES = "places"      # each has a place of its own on a sheet, where it can be followed over a run
RIGHT = "right"        # each is right or wrong: it is scored by the truth
PLAYED = "played"      # what draws samples in a browser shows them
PICTURE = "picture"    # each is one picture (H, W, C): one of a person's own can be held against it
ABILITIES = {JUDGE, KEEP, NEAREST, HEAT, TSTR, SIZED, BY_HEART, NUMBERS, COLUMNS, PLACES, RIGHT, PLAYED, PICTURE}

LOWER, HIGHER = "lower", "higher"
CLASSIFIER, RANDOM, COORDINATES = "classifier", "random", "coordinates"  # extractors, see gan_core.evaluation.extractors
# Files of what can be drawn, by their mime type.
SUFFIXES = {"image/png": ".png", "image/gif": ".gif", "text/html": ".html", "text/plain": ".txt", "audio/wav": ".wav",
            "audio/midi": ".mid"}


@dataclass(frozen=True)
class Artifact:
    """Something to look at or listen to: the bytes of a file, its mime type, and words for who can do neither."""

    data: bytes
    mime: str
    alt: str

    @property
    def suffix(self):
        return SUFFIXES[self.mime]


def mime_of(path) -> str:
    """The mime type of an artifact's file, by its suffix."""
    return {suffix: mime for mime, suffix in SUFFIXES.items()}[Path(path).suffix]


def is_picture(path) -> bool:
    """Whether an artifact's file is a picture, and no table, text or sound."""
    return mime_of(path).startswith("image/")


class Headline(NamedTuple):
    """The score that ranks checkpoints: its key, its title in a sentence, whether "lower" or "higher" is better, and whether
    0 is what real samples have, so that half of it is half as far from them."""

    key: str
    title: str
    better: str = LOWER
    from_zero: bool = True

    def best(self, values):
        """The name of the best of ``{name: value}``, None of none; the first of equals."""
        known = {name: value for name, value in values.items() if value is not None}
        pick = min if self.better == LOWER else max
        return pick(known, key=known.get) if known else None

    def ahead(self, value, other):
        """Whether one value is better than another."""
        return value < other if self.better == LOWER else value > other


class Loaded(NamedTuple):
    """What a file of samples held: samples as a model makes them, labels (N,) or None, and what lies beside them."""

    samples: np.ndarray
    labels: np.ndarray | None = None
    beside: dict = {}


class Modality(Protocol):
    """A kind of sample.  Subclass it in a file of its own; samples are float arrays (N, *spec.shape), as models make them.

    Attributes:
        name: the ``kind`` of its datasets.
        icon: a Material symbol.
        words: for people, one of them and several: ("image", "images").
        counted: several of them where they are counted, where that is another word.
        example, example_name: data that an architecture is described on.
        grid: rows and columns of the sheet of fixed samples.
        shown: how many samples a page draws at first, and at most.
        chosen_from: among how many a sheet that is drawn while a run trains chooses what it shows; 0: it shows all.
        company: among how many a sample is looked at: some discriminators judge several at once.
        fields: names of a batch's arrays, labels aside.
        overlays: whether drawn samples are shown with real ones, see :meth:`beside`.
        strip_suffix: of the file that shows :meth:`strips`.
        suffixes: of the files that :meth:`save` writes and :meth:`load` reads, the usual one first.
        one_way: of those that :meth:`save` writes, and from which no sample can be told any more.
        sheet_suffix: of the file that :meth:`draw` gives.
        wide: whether a sheet has words, figures or lines that cannot be read where it is made small.
        extractor, live_extractor: what makes features of samples for scores, and while a run trains, by name.
        scores: keys of the scores that mean something, see :mod:`gan_core.evaluation.score_names`.
        headline: the one that ranks.
        bits: the score that says what a number of a sample costs by the model, by its key; "" where none does.
        probed: how many samples are looked at while a run trains.
        scored: how many are drawn for a score, at most, where nobody asks for more.
        abilities: of :data:`ABILITIES`.
    """

    name: str
    icon: str
    words: tuple[str, str]
    counted: str = ""
    example: DataSpec
    example_name: str
    grid: tuple[int, int]
    shown: tuple[int, int]
    company: int
    chosen_from: int = 0
    fields: tuple[str, ...] = ("real",)
    overlays: bool = False
    suffixes: tuple[str, ...] = (".npz",)
    one_way: tuple[str, ...] = ()
    strip_suffix: str = ".png"
    sheet_suffix: str = ".png"
    wide: bool = False
    extractor: str
    live_extractor: str
    scores: frozenset[str]
    headline: Headline = Headline("kernel", "kernel distance")
    bits: str = ""
    probed: int = 1000
    scored: int = 10_000
    abilities: frozenset[str]

    @property
    def learned(self) -> str:
        """What an architecture learns that learns such data: images, tables."""
        return self.words[1]

    def refusal(self, requirements: dict, spec: DataSpec) -> str:
        """Why an architecture of these requirements (:func:`gan_core.models.cards.refusal`) cannot learn such data, a
        sentence; "" when it can.  That it learns this kind is known by then."""
        return ""

    def of(self, data: DataSpec) -> DataSpec:
        """What samples of this kind are that a model of such ``data`` gives."""
        return dataclasses.replace(data, kind=self.name)

    def batch(self, dataset: Dataset, rows) -> dict:
        """What a step of training gets of some rows, see :func:`gan_core.data.taken`."""
        return data.taken(dataset, rows)

    def rounded(self, samples: np.ndarray, spec: DataSpec) -> np.ndarray:
        """Samples as they are handed out: without what only a network's output can be, such as half a category."""
        return samples

    def draw(self, samples: np.ndarray, spec: DataSpec, grid=None, beside=None) -> Artifact:
        """Samples as people see them.

        Args:
            grid: rows and columns; None chooses.
            beside: arrays by name to show with them: "real" samples, the "source" of each.
        """

    def cells(self, grid, beside=None) -> tuple[int, int]:
        """Rows and columns of images on what :meth:`draw` draws of a ``grid``."""
        return tuple(grid)

    def beside(self, dataset: Dataset, n: int, held_out: bool = False) -> dict:
        """What is shown with drawn samples, as ``draw`` takes it: ``n`` real ones where that helps."""
        return {}

    def facts(self, dataset: Dataset) -> dict:
        """What is kept with a run of the data that it learned, in plain values, for when they are gone."""
        return {}

    def legend(self, spec: DataSpec) -> str:
        """What the colours or the rows of a run's sheets mean, for below them: sentences; "" where nothing has to be
        said."""
        return ""

    def sized(self, spec: DataSpec) -> str:
        """How large a sample is, for people: "28 x 28 x 1"."""
        return " x ".join(map(str, spec.shape))

    def look(self, dataset: Dataset) -> Artifact:
        """Some of a dataset."""

    def in_words(self, samples: np.ndarray, spec: DataSpec) -> dict[str, list[str]]:
        """Samples as texts by what they are of, such as rows by column; nothing where words say nothing."""
        return {}

    def strip(self, samples, spec) -> Artifact:
        """A few samples beside each other: one, moved along a direction."""
        return self.draw(samples, spec, (1, len(samples)))

    def strips(self, rows, spec) -> Artifact:
        """Several such rows, (n, places, ...), below each other, in a file of :attr:`strip_suffix`."""
        return self.draw(rows.reshape(-1, *rows.shape[2:]), spec, rows.shape[:2])

    def portrait(self, samples: np.ndarray, spec: DataSpec) -> Artifact:
        """The first of some samples, which are its company."""

    def heard(self, samples: np.ndarray, spec: DataSpec) -> Artifact | None:
        """The first of some samples as sound, for those that can be heard: an artifact of audio, a few hundred kilobytes at
        most, which is kept with every sheet.  None for all others."""
        return None

    def figures(self, samples: np.ndarray, dataset: Dataset) -> dict[str, float]:
        """What else a run tells of some samples, as they are handed out (:meth:`rounded`), beside the data that it learns:
        ``{name: number}``, for the chart and for alarms.  It is asked with every probe, and so takes no time."""
        return {}

    def axes(self, spec: DataSpec) -> tuple[str, ...]:
        """What to call the numbers of a flat sample."""
        return ()

    def save(self, file: BinaryIO, samples: np.ndarray, spec: DataSpec, labels=None, beside=None, suffix=".npz") -> None:
        """Write samples, and the labels and what lies beside them where there are, as a file of one of its suffixes."""

    def load(self, path, spec: DataSpec) -> Loaded:
        """What :meth:`save` wrote; BadInput when the file is no such one."""


@functools.cache
def _found():
    return finding.modules(folder, _only_modality)


def _only_modality(module):
    """The one modality that a module defines; None for a module without any."""
    kinds = [kind for _, kind in inspect.getmembers(module, inspect.isclass)
             if Modality in kind.__mro__[1:] and kind.__module__ == module.__name__]
    if not kinds:
        return None
    if len(kinds) > 1:
        raise ImportError(f"it must define exactly one Modality, not {len(kinds)}")
    lacking = [name for name in Modality.__annotations__ if not hasattr(kinds[0], name)]
    if lacking:
        raise ImportError(f"its Modality lacks {', '.join(lacking)}")
    return kinds[0]()


def modalities() -> dict[str, Modality]:
    """Every modality by its name."""
    return {kind.name: kind for kind in _found()[0].values()}


def broken() -> tuple[str, ...]:
    """Sentences on files in this folder that cannot be used."""
    return tuple(_found()[1].values())


def modality(name) -> Modality:
    """The modality of that name; BadInput with the names there are when it does not exist."""
    known = modalities()
    if name not in known:
        raise BadInput(" ".join([f"There is no kind of samples {name!r}; there are {', '.join(known)}.", *broken()]))
    return known[name]


def samples_spec(data, gives="") -> DataSpec:
    """What the samples of a model of such ``data`` are: of the kind that it ``gives``, of that of the data where it names
    none."""
    return modality(gives).of(data) if gives else data


def abilities_of(name) -> frozenset[str]:
    """What can be done with samples of a kind; nothing where it is not known, as of a run that cannot be read."""
    return modalities()[name].abilities if name in modalities() else frozenset()


def is_wide(name) -> bool:
    """Whether a sheet of samples of a kind wants the width of a page; not where the kind is not known."""
    return name in modalities() and modalities()[name].wide


def word_for(kinds) -> str:
    """What to call samples of some kinds, several of them: "images" where all are; "samples" of several kinds, or where none
    is known."""
    words = {modalities()[kind].words[1] if kind in modalities() else "samples" for kind in kinds}
    return words.pop() if len(words) == 1 else "samples"


def counted(kinds) -> str:
    """The same where they are counted: of two domains one sees images."""
    words = {modalities()[kind].counted or modalities()[kind].words[1] if kind in modalities() else "samples"
             for kind in kinds}
    return words.pop() if len(words) == 1 else "samples"


def learned(name) -> str:
    """What learns samples of that kind learns: "tables"; the kind's name where it is not known."""
    return modalities()[name].learned if name in modalities() else name


def headline_of(name) -> Headline:
    """The score that ranks runs on a kind; the usual one where it is not known."""
    return modalities()[name].headline if name in modalities() else Modality.headline


def save_as(kind, path, samples, spec, labels=None, beside=None):
    """Write samples to the file ``path``: as a sheet, or by :meth:`Modality.save`, as its suffix says.

    Raises:
        BadInput: for a suffix that samples of this kind are not written to.
    """
    suffix = check_suffix(kind, path)
    if suffix not in (*kind.suffixes, *kind.one_way):
        return write_whole(path, kind.draw(samples, spec, beside=beside).data)
    file = io.BytesIO()  # a zip goes back in what it has written, and a pipe cannot
    kind.save(file, samples, spec, labels, beside, suffix)
    write_whole(path, file.getvalue())


def check_suffix(kind, path) -> str:
    """The suffix of a path; BadInput when samples of this kind are written to no such file."""
    suffix, possible = Path(path).suffix.lower(), tuple(dict.fromkeys((kind.sheet_suffix, *kind.suffixes, *kind.one_way)))
    if suffix not in possible:
        raise BadInput(f"{kind.words[1].capitalize()} are written as {' or '.join(possible)}, not to "
                       f"{Path(path).name}; give it another ending.")
    return suffix
