"""Scores of any two sets of samples or features in .npz files."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from gan_core import extractors, scoring
from gan_core.data import IMAGES, POINTS, Dataset, arrays
from gan_core.errors import BadInput
from gan_core.extractors.base import by


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
    return pair


def score(pair, *, extractor=None, paired=False, workspace=None, progress=None, should_stop=None):
    """The dict of :func:`gan_core.scoring.score` of a pair of files.

    Args:
        extractor: for images, one of :data:`gan_core.extractors.NAMES`; None is the random network, which asks for no
            labels.  The classifier learns from the labels of the real file.
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
        return scoring.score_features(pair.real["features"], pair.fake["features"], progress=progress,
                                      should_stop=should_stop)
    dataset, (samples, labels) = _dataset(pair.real, pair.names[0]), _labelled(pair.fake, pair.names[1])
    if samples.shape[1:] != dataset.x.shape[1:]:
        raise BadInput(f"The real samples are {by(dataset.x.shape[1:])} and the fake ones {by(samples.shape[1:])}; "
                       "both must have the same size and number of channels.")
    pairs = scoring.score_pairs(dataset.x, samples) if paired else {}  # first, for it may be refused
    wanted = (extractor or extractors.RANDOM) if dataset.kind == IMAGES else extractor
    phases = scoring.Phases(progress, {"training the classifier": 60 * (wanted == extractors.CLASSIFIER),
                                       "reference": 5, "scores": 10})
    found = extractors.for_dataset(dataset, wanted, workspace=workspace,
                                   progress=phases.part("training the classifier"), should_stop=should_stop)
    reference = scoring.reference(found, dataset.x, progress=phases.part("reference"), should_stop=should_stop)
    return pairs | scoring.score(reference, samples, labels, progress=phases.part("scores"), should_stop=should_stop)


def _dataset(found, name):
    x, y = _labelled(found, name)
    classes = () if y is None else arrays.class_names(y, found.get("classes"))
    return Dataset(Path(name).stem, POINTS if x.ndim == 2 else IMAGES, x, y, classes)


def _labelled(found, name):
    samples = found["samples"]
    samples = np.asarray(samples) if samples.ndim == 2 else arrays.as_images(samples, f"samples in {name}")
    if "labels" not in found:
        return samples, None
    return samples, arrays.as_labels(found["labels"], len(samples), f"labels in {name}")
