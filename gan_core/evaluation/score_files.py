"""Scores of any two sets: samples, features or statistics in files of arrays, images in folders and zips, .csv tables."""

import dataclasses
import json
import os
from pathlib import Path
from typing import NamedTuple

import numpy as np

from gan_core.data import IMAGES, POINTS, Choices, Dataset, array_files, arrays, csv_table, imported
from gan_core.data.choices import NONE_MADE
from gan_core.data.pixels import MAX_SIZE, MIN_SIZE, check_size
from gan_core.errors import BadInput
from gan_core.evaluation import extractors, score_names, score_statistics, score_tables, scoring
from gan_core.evaluation.extractors.base import by
from gan_core.modalities.base import CLASSIFIER, modality
from gan_core.pretrained import maps

FEWEST_A_CLASS = 20  # real samples from which a classifier is to learn a class
LARGEST = 2**30  # bytes that the arrays of one side may take in memory: both, and what is computed of them, fit into 2 GiB


class Pair(NamedTuple):
    """What two files hold: dicts of arrays, of features, of samples or of statistics; ``choices`` say how they are read."""

    real: dict
    fake: dict
    names: tuple[str, str]
    choices: Choices = NONE_MADE

    @property
    def features(self):
        return "features" in self.real and "features" in self.fake

    @property
    def statistics(self):
        return any(map(score_statistics.are_in, (self.real, self.fake)))

    @property
    def without_samples(self):
        """Whether nothing of either side has to be given to an extractor."""
        return not any("samples" in content for content in (self.real, self.fake))


def read(real, fake, *, size=None, choices=NONE_MADE):
    """The :class:`Pair` of two files, see :mod:`gan_core.data.array_files`, or folders or zips of images; BadInput when they
    do not fit.

    What the columns of tables in .csv files are, the real one says.  Images of a folder or a zip are brought to ``size``
    pixels a side: by default to that of the other file's, else to that of the first image of each, the smaller one.
    """
    if choices.rename:
        raise BadInput("Classes are compared by their names, and renamed for training only; leave rename out.")
    size_given = size = size and check_size(size)
    paths, sides, like = (Path(real), Path(fake)), [None, None], None
    for place, path in enumerate(paths):
        if not csv_table.is_table(path) and not _is_pictures(path):
            sides[place] = array_files.read(path, LARGEST)
            if "samples_test" in sides[place]:
                sides[place]["notes"].append(f"Of {path.name} the training samples are compared.")
    shapes = [np.shape(side["samples"]) for side in sides if side and "samples" in side]
    size = size or next((_side(shape, choices) for shape in shapes), None)
    if any(map(_is_pictures, paths)):
        size = size or min(imported.usual_side(path) for path in paths if _is_pictures(path))
    for place, path in enumerate(paths):
        if _is_pictures(path):
            sides[place], like = _pictures(path, size, choices, like)
        elif csv_table.is_table(path):
            columns = score_tables.columns_of(sides[0], paths[0].name) if place else None
            sides[place] = score_tables.read(path, columns, choices)
    _to_one_scale(sides, choices)
    pair = Pair(*sides, tuple(path.name for path in paths), choices)
    roles = [content.keys() & {"features", "samples", "mu"} for content in sides]
    if not pair.statistics and not roles[0] & roles[1]:
        raise BadInput("One file holds features and the other samples; both must hold the same, and features must "
                       "come from one extractor.")
    named = {_extractor(content) for content in (pair.real, pair.fake)} - {None}
    if size_given and not any(map(_is_pictures, paths)):
        raise BadInput("Pictures in folders and zips are brought to a size, and there are none; leave --size out.")
    if (pair.features or pair.statistics) and len(named) > 1:
        raise BadInput(f"The features come from different extractors, {' and '.join(sorted(named))}, and cannot be "
                       "compared; extract both with one.")
    return pair


def _is_pictures(path):
    """Whether it is for the reader of folders and zips: what is there, and no table and no file of arrays."""
    file = os.path.isfile(path) and not csv_table.is_table(path)
    return os.path.isdir(path) or file and not array_files.is_array_file(path)


def _to_one_scale(sides, choices):
    both = {str(place): side["samples"] for place, side in enumerate(sides) if "samples" in side and "kind" not in side}
    said = arrays.to_scale(both, choices, tuple(both))
    for place, samples in both.items():
        sides[int(place)] |= {"samples": samples, "notes": [*sides[int(place)].get("notes", ()), *said]}


def _side(shape, choices):
    """The side of images of a shape as their file has it; None where they are no squares that pictures can be brought to."""
    height, width = shape[2:4] if len(shape) == 4 and choices.channels == "first" else (*shape[1:3], 0, 0)[:2]
    return height if len(shape) > 2 and height == width and MIN_SIZE <= height <= MAX_SIZE else None


def _pictures(path, size, choices, like):
    """``(content, how it was taken)`` of a folder or a zip, taken ``like`` the other side where that was one, too."""
    dataset, taken = imported.decoded(str(path), size, choices, like)
    labels = {} if dataset.y is None else {"labels": np.array(dataset.classes)[dataset.y]}
    return {"samples": dataset.x, "notes": [f"{dataset.note} All were brought to {size} x {size} pixels."]} | labels, taken


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
            file has labels enough to learn from, and can be trusted then; else what stands in for it.
        paired: whether the two samples of each number should be the same image, see :func:`scoring.score_pairs`.
        workspace: where a trained classifier is kept.
        progress: called with ``(share, what)``.

    Raises:
        BadInput: for samples that cannot be scored.
    """
    if pair.features or pair.statistics:
        if paired:
            raise BadInput("Pairs of images are compared pixel by pixel; leave --paired out, or give samples.")
        if pair.without_samples and extractor is not None:
            raise BadInput("Features are scored as they are; leave --extractor out, or give samples.")
        said = [note for content in (pair.real, pair.fake) for note in content.get("notes", ())]
        scores = _of_statistics(pair, extractor, workspace, should_stop) if pair.statistics else _of_features(
            pair, progress, should_stop)
        return scores | {"notes": [*dict.fromkeys([*said, *scores["notes"]])]}
    kind = _kind(pair)
    if paired and kind not in (None, IMAGES):
        raise BadInput(f"Pairs are compared pixel by pixel, and these are {modality(kind).words[1]}; leave --paired out.")
    dataset, fake = _dataset(pair, 0, kind), _dataset(pair, 1, kind)
    notes = [note for content, name in zip((pair.real, pair.fake), pair.names)
             for note in (*content.get("notes", ()), *arrays.doubts(content["samples"], f"samples in {name}"))]
    dataset, samples = _of_equal_channels(dataset, fake, notes, pair.names)
    if samples.shape[1:] != dataset.x.shape[1:]:
        raise BadInput(f"The real samples are {by(dataset.x.shape[1:])} and the fake ones {by(samples.shape[1:])}; "
                       f"both must have the same size and number of channels{_by_ground(dataset.x, samples)}.")
    labels, why = _asked_for(pair)
    notes += why
    columns = score_tables.common(pair)
    pairs = scoring.score_pairs(dataset.x, samples) if paired else {}  # first, for it may be refused
    wanted, learnable = extractor, modality(dataset.kind).extractor == CLASSIFIER
    if learnable and wanted is None and (why := _unlearnable(dataset)):
        wanted = extractors.stand_in(dataset).name
        notes += [why] if dataset.labelled else []
    learns = learnable and wanted in (None, CLASSIFIER)
    phases = scoring.Phases(progress, {"training the classifier": 60 * learns, "reference": 5, "scores": 10})
    chosen_extractor = extractors.for_dataset(dataset, wanted, workspace=workspace,
                                              progress=phases.part("training the classifier"), should_stop=should_stop)
    if chosen_extractor.name == maps.NETWORK:  # a file does not tell what made its samples
        other = extractors.stand_in(dataset, maps.NETWORK)
        notes.append(f"Samples of a model that learned by the features of {extractors.offers()[maps.NETWORK].title} look "
                     f"better by them than they are; score such with --extractor {other.name}.")
    reference = scoring.reference(chosen_extractor, dataset.x, progress=phases.part("reference"), should_stop=should_stop)
    scores = scoring.score(reference, samples, labels, progress=phases.part("scores"), should_stop=should_stop)
    if columns:
        scores |= scoring.score_table(columns, dataset.x, samples)
    if dataset.traits and fake.traits and dataset.traits != fake.traits:
        raise BadInput(f"The samples in {pair.names[1]} are not read as those in {pair.names[0]} "
                       f"({_differing(dataset, fake)}); both must be of data of one layout.")
    scores |= scoring.score_described(dataset.spec, dataset.x, samples)
    notes = [*dict.fromkeys([*notes, *scores["notes"]])]
    return pairs | score_names.only(scores, modality(dataset.kind)) | {"notes": notes}


def _differing(one, other):
    """The names of traits that are not the same."""
    known = dict(other.traits)
    return ", ".join(name for name, value in one.traits if known.get(name) != value) or "their names"


def _of_features(pair, progress, should_stop):
    scores = scoring.score_features(
        pair.real["features"], pair.fake["features"], progress=progress, should_stop=should_stop,
        probabilities=[content.get("probabilities") for content in (pair.real, pair.fake)])
    both = [_extractor(content) for content in (pair.real, pair.fake)]
    if None in both and (named := both[0] or both[1]):
        silent = pair.names[both.index(None)]
        scores["notes"].append(f"{silent} does not say which extractor made its features; the scores mean nothing unless it "
                               f"was {named}, too.")
    return scores | ({"extractor": both[0] or both[1]} if any(both) else {})


def _of_statistics(pair, extractor, workspace, should_stop):
    def extract(content, name):
        dataset = _dataset(pair, pair.names.index(name), _kind(pair))
        chosen = extractors.for_dataset(dataset, extractor, workspace=workspace, should_stop=should_stop)
        return chosen.features(dataset.x, should_stop=should_stop), chosen.id

    return score_statistics.score(pair, extractor, extract)


def _of_equal_channels(dataset, fake, notes, names):
    """``(dataset, fake samples)``, where one side is grey and the other has colour both of three channels."""
    x, samples = dataset.x, fake.x
    grey = [x.shape[-1] == 1, samples.shape[-1] == 1]
    if x.ndim == samples.ndim == 4 and any(grey) and {x.shape[-1], samples.shape[-1]} == {1, 3}:
        notes.append(f"The images in {names[grey.index(True)]} are grey and the others have colour: they were compared "
                     "as RGB.")
        x, samples = (np.broadcast_to(images, (*images.shape[:3], 3)) for images in (x, samples))
        return dataclasses.replace(dataset, x=np.ascontiguousarray(x)), np.ascontiguousarray(samples)
    return dataset, samples


def _by_ground(*sides):
    """What to do where one side has alpha and the other has not, for the end of a sentence."""
    alpha = [images.ndim == 4 and images.shape[-1] == 4 for images in sides]
    return "; ground=white puts what is transparent on white" if any(alpha) and not all(alpha) else ""


def _asked_for(pair):
    """``(labels of the fakes as numbers of the real classes, sentences)``; -1 is a class that no real sample has."""
    if "labels" not in pair.fake or "labels" not in pair.real:
        return None, []
    sides = []
    for content, name in zip((pair.real, pair.fake), pair.names):
        count = len(content["samples"])
        values = arrays.label_values(content["labels"], count, f"labels in {name}")
        sides.append(arrays.classes_of(values, content.get("classes"), f"labels in {name}"))
    (_, own, classes), (y, fake_own, fake_classes) = sides
    both_named = own != classes and fake_own != fake_classes
    there, asked = (classes, fake_classes) if both_named else (own, fake_own)
    unknown = [label for label in asked if label not in there]
    if len(unknown) == len(asked):
        return None, [f"The labels in {pair.names[1]} ({_some(asked)}) are none of those in {pair.names[0]} "
                      f"({_some(there)}), so that there is no label accuracy."]
    said = [f"Of no class in {pair.names[0]} are {_some(unknown)}, which count as wrong."] if unknown else []
    return np.array([there.index(label) if label in there else -1 for label in asked], np.int32)[y], said


def _some(labels, most=5):
    return ", ".join(labels[:most]) + (", ..." if len(labels) > most else "")


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


def _dataset(pair, place, kind):
    """The :class:`Dataset` of one side."""
    content, name = pair[place], pair.names[place]
    samples = content["samples"]
    x = (_vectors(samples, name) if samples.ndim == 2 else
         arrays.on_ground(arrays.as_images(samples, f"samples in {name}", pair.choices.channels), pair.choices.ground))
    y, classes = None, ()
    if "labels" in content:
        values = arrays.label_values(content["labels"], len(x), f"labels in {name}")
        y, _, classes = arrays.classes_of(values, content.get("classes"), f"labels in {name}")
    kind = modality(kind or (POINTS if x.ndim == 2 else IMAGES))
    if x.ndim - 1 != len(kind.example.shape):
        raise BadInput(f"The samples in {name} are called {kind.words[1]} and have shape {x.shape}; save them without "
                       f"`kind`, or as samples of shape {('count', *kind.example.shape)}.".replace("'", ""))
    # Not by its stem alone: the user's mnist.npz is not the dataset of that name.
    return Dataset(f"file-{Path(name).stem}", kind.name, x, y, classes, traits=_traits(content, name))


def _traits(content, name):
    """What a file says of how its samples are read, as :class:`gan_core.data.DataSpec` has it; nothing where it does not."""
    if "traits" not in content:
        return ()
    try:
        return tuple((str(key), _in_tuples(value)) for key, value in json.loads(str(content["traits"])))
    except (ValueError, TypeError, RecursionError) as error:
        raise BadInput(f"The traits in {name} cannot be read; save the samples anew, as `sample --npz` writes "
                       "them.") from error


def _in_tuples(value):
    return tuple(map(_in_tuples, value)) if isinstance(value, list) else value


def _vectors(samples, name):
    if samples.dtype.kind not in "buif" or 0 in samples.shape:
        raise BadInput(f"The samples in {name} are {samples.dtype} of shape {samples.shape}: at least one row of numbers is "
                       "needed.")
    return np.asarray(samples)
