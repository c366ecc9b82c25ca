"""Scores of any two sets of samples or features in .npz files."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from gan_core.data import IMAGES, POINTS, Dataset, arrays
from gan_core.errors import BadInput
from gan_core.evaluation import extractors, scoring
from gan_core.evaluation.extractors.base import by
from gan_core.modalities.base import CLASSIFIER, RANDOM, modality

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
    """The :class:`Pair` of two files, see :mod:`gan_core.data.arrays` for their keys; BadInput when they do not fit."""
    pair = Pair(arrays.read(real), arrays.read(fake), (Path(real).name, Path(fake).name))
    if not pair.features and not ("samples" in pair.real and "samples" in pair.fake):
        raise BadInput("One file holds features and the other samples; both must hold the same, and features must "
                       "come from one extractor.")
    named = {_extractor(content) for content in (pair.real, pair.fake)} - {None}
    if pair.features and len(named) > 1:
        raise BadInput(f"The features come from different extractors, {' and '.join(sorted(named))}, and cannot be "
                       "compared; extract both with one.")
    return pair


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
    dataset, (samples, labels) = _dataset(pair.real, pair.names[0]), _labelled(pair.fake, pair.names[1])
    if samples.shape[1:] != dataset.x.shape[1:]:
        raise BadInput(f"The real samples are {by(dataset.x.shape[1:])} and the fake ones {by(samples.shape[1:])}; "
                       "both must have the same size and number of channels.")
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
    return pairs | scores | {"notes": [*notes, *scores["notes"]]}


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


def _dataset(content, name):
    x, y = _labelled(content, name)
    classes = () if y is None else arrays.class_names(y, content.get("classes"))
    kind = str(content["kind"]) if "kind" in content else POINTS if x.ndim == 2 else IMAGES
    # Not by its stem alone: the user's mnist.npz is not the dataset of that name.
    return Dataset(f"file-{Path(name).stem}", modality(kind).name, x, y, classes)


def _labelled(content, name):
    samples = content["samples"]
    samples = np.asarray(samples) if samples.ndim == 2 else arrays.as_images(samples, f"samples in {name}")
    if "labels" not in content:
        return samples, None
    return samples, arrays.as_labels(content["labels"], len(samples), f"labels in {name}")
