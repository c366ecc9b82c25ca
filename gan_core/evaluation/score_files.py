"""Scores of any two sets of samples or features in .npz files, or of two tables in .csv files."""

import json
from pathlib import Path
from typing import NamedTuple

import numpy as np

from gan_core.data import IMAGES, POINTS, TABLE, DataSpec, Dataset, arrays, csv_table
from gan_core.data import columns as described
from gan_core.data.columns import Column
from gan_core.errors import BadInput
from gan_core.evaluation import extractors, score_names, scoring
from gan_core.evaluation.extractors.base import by
from gan_core.modalities.base import CLASSIFIER, RANDOM, modality

TABLES = (".csv", ".tsv")
FEWEST_A_CLASS = 20  # real samples from which a classifier is to learn a class


class Pair(NamedTuple):
    """What two files hold: dicts of arrays, both of features or both of samples."""

    real: dict
    fake: dict
    names: tuple[str, str]

    @property
    def features(self):
        return "features" in self.real and "features" in self.fake


def read(real, fake):
    """The :class:`Pair` of two files, see :mod:`gan_core.data.arrays` for their keys; BadInput when they do not fit.

    What the columns of tables in .csv files are, the real one says.
    """
    first = _table(real) if _is_table(real) else arrays.read(real)
    second = _table(fake, _columns(first, Path(real).name)) if _is_table(fake) else arrays.read(fake)
    pair = Pair(first, second, (Path(real).name, Path(fake).name))
    if not pair.features and not ("samples" in pair.real and "samples" in pair.fake):
        raise BadInput("One file holds features and the other samples; both must hold the same, and features must "
                       "come from one extractor.")
    named = {_extractor(content) for content in (pair.real, pair.fake)} - {None}
    if pair.features and len(named) > 1:
        raise BadInput(f"The features come from different extractors, {' and '.join(sorted(named))}, and cannot be "
                       "compared; extract both with one.")
    return pair


def _is_table(path):
    return str(path).lower().endswith(TABLES)


def _table(path, columns=None):
    """The rows of a .csv file as an .npz file would have them: as the ``columns`` say, or as they themselves do."""
    if not Path(path).is_file():
        raise BadInput(f"There is no file {path}.")
    if columns is None:
        try:
            content = Path(path).read_bytes()
        except OSError as error:
            raise BadInput(f"{path} cannot be read: {error.strerror}.") from error
        table = csv_table.read(content, Path(path).name)
        columns, samples = table.columns, described.encoded(table.columns, table.values)
    else:
        width = sum(column.width for column in columns)
        samples = modality(TABLE).load(path, DataSpec(TABLE, (width,), columns=tuple(columns))).samples
    return {"samples": samples, "kind": np.array(TABLE), "columns": columns}


def _columns(content, name):
    """The columns of the real rows, by which others are read; BadInput where their file does not say."""
    if columns := _described(content):
        return columns
    raise BadInput(f"{name} does not say what the columns of its table are, so that no .csv file can be read by them; give "
                   "the real table as .csv, too.")


def _described(content):
    """The columns that a file says it has; none where it says nothing, or what cannot be."""
    try:
        columns = content.get("columns", ())
        columns = columns if isinstance(columns, tuple) else tuple(map(Column.from_dict, json.loads(str(columns))))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return ()
    samples = content.get("samples")
    return columns if np.shape(samples)[1:] == (sum(column.width for column in columns),) else ()


def _kind(pair):
    """The kind of samples that the two files name, None where they name none; BadInput when they name two."""
    named = sorted({str(content["kind"]) for content in (pair.real, pair.fake) if "kind" in content})
    if len(named) > 1:
        raise BadInput(f"One file holds {' and the other '.join(named)}; both must hold samples of one kind.")
    return named[0] if named else None


def _extractor(content):
    return str(content["extractor"]) if "extractor" in content else None


def score(pair, *, extractor=None, paired=False, workspace=None, progress=None, should_stop=None):
    """The dict of :func:`gan_core.evaluation.scoring.score` of a pair of files.

    Args:
        extractor: for images, one of :func:`gan_core.evaluation.extractors.names`; None is the classifier where the real
            file has labels enough to learn from, and can be trusted then; else the random network.
        paired: whether the two samples of each number should be the same image, see :func:`scoring.score_pairs`.
        workspace: where a trained classifier is kept.
        progress: called with ``(share, what)``.

    Raises:
        BadInput: for samples that cannot be scored.
    """
    if pair.features:
        if extractor is not None:
            raise BadInput("Features are scored as they are; leave --extractor out, or give samples.")
        if paired:
            raise BadInput("Pairs of images are compared pixel by pixel; leave --paired out, or give samples.")
        scores = scoring.score_features(
            pair.real["features"], pair.fake["features"], progress=progress, should_stop=should_stop,
            probabilities=[content.get("probabilities") for content in (pair.real, pair.fake)])
        named = _extractor(pair.real) or _extractor(pair.fake)
        return scores | ({"extractor": named} if named else {})
    kind = _kind(pair)
    dataset, (samples, labels) = _dataset(pair.real, pair.names[0], kind), _labelled(pair.fake, pair.names[1])
    if samples.shape[1:] != dataset.x.shape[1:]:
        raise BadInput(f"The real samples are {by(dataset.x.shape[1:])} and the fake ones {by(samples.shape[1:])}; "
                       "both must have the same size and number of channels.")
    columns = _common(pair)
    pairs = scoring.score_pairs(dataset.x, samples) if paired else {}  # first, for it may be refused
    notes = [doubt for content, name in zip(pair, pair.names)
             for doubt in arrays.doubts(content["samples"], f"samples in {name}")]
    wanted, learnable = extractor, modality(dataset.kind).extractor == CLASSIFIER
    if learnable and wanted is None and (why := _unlearnable(dataset)):
        wanted = RANDOM
        notes += [why] if dataset.labelled else []
    learns = learnable and wanted in (None, CLASSIFIER)
    phases = scoring.Phases(progress, {"training the classifier": 60 * learns, "reference": 5, "scores": 10})
    chosen_extractor = extractors.for_dataset(dataset, wanted, workspace=workspace,
                                              progress=phases.part("training the classifier"), should_stop=should_stop)
    reference = scoring.reference(chosen_extractor, dataset.x, progress=phases.part("reference"), should_stop=should_stop)
    scores = scoring.score(reference, samples, labels, progress=phases.part("scores"), should_stop=should_stop)
    if columns:
        scores |= scoring.score_columns(columns, dataset.x, samples)
    return pairs | score_names.only(scores, modality(dataset.kind)) | {"notes": [*notes, *scores["notes"]]}


def _unlearnable(dataset):
    """Why a classifier cannot learn from these labels; "" when it can."""
    if dataset.y is None:
        return "There are no labels."
    counts = np.bincount(dataset.y)
    counts = counts[counts > 0]
    if len(counts) < 2:
        return "All real samples are of one class, so the random network scored."
    if counts.min() < FEWEST_A_CLASS:
        return (f"A class has {counts.min()} real samples only, and a classifier wants {FEWEST_A_CLASS}, so the random "
                "network scored.")
    return ""


def _common(pair):
    """The columns of two tables; none where no file says; BadInput where they are not the same."""
    real, fake = (_described(content) for content in (pair.real, pair.fake))
    if real and fake and real != fake:
        raise BadInput(f"The columns of {pair.names[1]} are not encoded as those of {pair.names[0]}, so that their numbers "
                       "mean something else; give both tables as .csv.")
    return real or fake


def _dataset(content, name, kind):
    x, y = _labelled(content, name)
    classes = () if y is None else arrays.class_names(y, content.get("classes"))
    kind = modality(kind or (POINTS if x.ndim == 2 else IMAGES))
    if x.ndim - 1 != len(kind.example.shape):
        raise BadInput(f"The samples in {name} are called {kind.words[1]} and have shape {x.shape}; save them without "
                       f"`kind`, or as samples of shape {('count', *kind.example.shape)}.".replace("'", ""))
    # Not by its stem alone: the user's mnist.npz is not the dataset of that name.
    return Dataset(f"file-{Path(name).stem}", kind.name, x, y, classes)


def _labelled(content, name):
    samples = content["samples"]
    samples = _vectors(samples, name) if samples.ndim == 2 else arrays.as_images(samples, f"samples in {name}")
    if "labels" not in content:
        return samples, None
    return samples, arrays.as_labels(content["labels"], len(samples), f"labels in {name}")


def _vectors(samples, name):
    if samples.dtype.kind not in "buif" or 0 in samples.shape:
        raise BadInput(f"The samples in {name} are {samples.dtype} of shape {samples.shape}: at least one row of numbers is "
                       "needed.")
    return np.asarray(samples)
