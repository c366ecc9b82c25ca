"""All scores of one set of fakes, each beside what real data score against real data."""

import functools

import numpy as np

from gan_core.errors import BadInput
from gan_core.evaluation.metrics.base import OneSet, Pair
from gan_core.evaluation.metrics.checks import (
    at_least, feature_matrix, feature_pair, is_constant, probability_matrix, same_dimension,
)
from gan_core.evaluation.metrics.classifier_score import SPLITS
from gan_core.evaluation.metrics.registry import broken, families

FEWEST = 20                            # samples in a set, so that half of them still make a subset
AT_FLOOR_COUNTS = "_at_floor_counts"   # suffix of scores at the counts of the floor
OF_REAL = " of real samples"           # what progress calls the scores of the floor


def evaluate_features(real, fake, *, real_b=None, probabilities_fake=None, probabilities_real=None, seed=0,
                      live=False, floor=True, few=False, progress=None, should_stop=None):
    """All scores that the features (and class probabilities) allow, with their real-versus-real values.

    Which there are follows from the files of this folder: all that are measured on a pair of sets, or on one.

    real: (N, d), fake: (M, d) features; at least d + 1 and at least 20 samples in each.  probabilities_fake,
    probabilities_real: (n, K) class probabilities, at least 10 rows, which add the classifier score.  seed: an int
    from 0 to 2^32 - 1, of every random choice.  live: 10 subsets of 500 for the kernel distance instead of 100 of
    1,000, for use during training.  few: leave the Fréchet distance out, with a note, instead of refusing sets of up
    to d samples.  progress: called as ``progress(share_done, what_is_next)``.  should_stop: asked before each score;
    once it answers True the scores so far are returned, with ``stopped`` True.

    Returns a dict of

    - floats: ``frechet, kernel, kernel_std, precision, recall, density, coverage, vendi``, with ``probabilities_fake``
      also ``classifier_score, classifier_score_std``; and ``<key>_floor`` of each;
    - ``<key>_at_floor_counts`` of ``frechet, precision, recall, density, coverage``, where the floor has other counts;
    - ints: ``n_real, n_fake, n_real_floor, n_fake_floor, dimension, kernel_subset_size, kernel_subset_size_floor``;
    - ``stopped``, a bool, and ``notes``, a list of sentences on what was reduced or left out.

    A score that does not apply is absent, never NaN.

    **The floor** is what a perfect generator could expect from this many samples: the same score with real samples in
    the place of the fakes.  Of the distances it is the lowest to hope for, of the other scores the highest.

    - ``real_b`` (B, d), further real samples, gives the best one: ``real`` against the first M of ``real_b``, which
      are the counts of the score itself when B >= M.
    - Without it ``real`` is shuffled and split in two disjoint parts: min(M, N // 2) samples stand in for the fakes,
      the rest for the reals: halves, when there are that many fakes.  The bias of the Fréchet distance goes with
      1 / count, so that a floor at smaller counts is higher, and a perfect fake would score below it.
    - Whenever the floor's counts are not those of the score, scores that depend on counts are computed at the floor's
      as well, on as many of the fakes against the same reals: ``<key>_at_floor_counts`` is what compares with
      ``<key>_floor``.  The kernel distance, unbiased, compares as it is.
    - Vendi and classifier score look at one set only; their floor is that of as many real samples as there are fakes,
      or of all if there are fewer.

    ``floor`` False leaves the floors out; a dict from an earlier call lends its floors, for a training run in which
    the real set stays the same.

    Raises BadInput for unusable features, before anything is computed.
    """
    real, fake = feature_pair(real, fake)
    dimension = real.shape[1]
    needed = 0 if few else max((family.fewest(dimension) for family in families(Pair)), default=0)
    at_least(max(needed, FEWEST), f"evaluation of {dimension}-dimensional features", real=real,
             fake=fake)
    if real_b is not None:
        real_b = feature_matrix(real_b, "held-out real features")
        same_dimension(real, real_b, "real features", "held-out real features")
    probabilities_fake, probabilities_real = _probabilities(probabilities_fake, probabilities_real)

    result = {"n_real": len(real), "n_fake": len(fake), "dimension": dimension, "stopped": False, "notes": []}
    of_pairs = families(Pair)
    pair = Pair(real, fake, seed, live, sorted({family.neighbours for family in of_pairs} - {0}))
    for family in of_pairs:
        if pair.smaller < (needed := family.fewest(dimension)):
            result["notes"].append(f"There are too few samples for the {family.name} of {dimension}-dimensional features: "
                                   f"{needed} are needed in each set, and the smaller has {pair.smaller}.")
    steps = _steps(_enough(pair), pair) + _steps(families(OneSet), OneSet(fake, probabilities_fake, seed))
    if floor is True:
        steps += _floor_steps(pair, real_b, probabilities_fake, probabilities_real, result)
    elif floor:
        result.update({key: value for key, value in floor.items() if key.endswith("_floor")})
        steps += _at_counts_of(_floor_pair(pair, real_b), pair) if "n_real_floor" in floor else []

    for done, (name, suffix, score) in enumerate(steps):
        if should_stop is not None and should_stop():
            result["stopped"] = True
            return result
        if progress is not None:
            progress(done / len(steps), name)
        result.update({key + suffix: value for key, value in score().items()})
    remarks = [family.remark(pair, result) for family in _enough(pair)]
    result["notes"] += [remark for remark in remarks if remark] + list(broken().values())
    if progress is not None:
        progress(1.0, "done")
    return result


def _enough(pair):
    """The families that there are enough samples for."""
    return [family for family in families(Pair) if pair.smaller >= family.fewest(pair.real.shape[1])]


def _steps(of, measured, suffix="", words=""):
    """``(what it is, suffix of its keys, function that returns a dict)`` of each family ``of`` that applies."""
    return [(family.name + words, suffix, functools.partial(family.measure, measured)) for family in of
            if family.applies(measured)]


def _floor_steps(pair, real_b, probabilities_fake, probabilities_real, result):
    """Real samples in the place of the fakes.  Writes the counts and what had to be left out into ``result``."""
    floor_pair = _floor_pair(pair, real_b)
    steps, again, smaller, dimension = [], [], floor_pair.smaller, pair.real.shape[1]
    if smaller < FEWEST:
        result["notes"].append(f"There are too few real samples to score them against each other: {FEWEST} are needed "
                               f"in each of two sets, and the smaller has {smaller}.")
    elif is_constant(floor_pair.real) or is_constant(floor_pair.fake):
        result["notes"].append("The real samples could not be scored against each other: those set apart are all "
                               "the same one.")
    else:
        for family in _enough(pair):
            if smaller < (needed := family.fewest(dimension)):
                result["notes"].append(f"There are too few real samples for the floor of the {family.name}: {needed} are "
                                       f"needed in each of two sets, and the smaller has {smaller}.")
        result["n_real_floor"], result["n_fake_floor"] = len(floor_pair.real), len(floor_pair.fake)
        steps = _steps(_enough(floor_pair), floor_pair, "_floor", OF_REAL)
        again = _at_counts_of(floor_pair, pair)
    as_many = pair.real[_shuffled(pair.real, pair.seed)[:len(pair.fake)]]
    if probabilities_fake is not None and probabilities_real is not None:
        rows = np.random.RandomState(pair.seed).permutation(len(probabilities_real))[:len(probabilities_fake)]
        probabilities_real = probabilities_real[rows]
    else:
        probabilities_real = None
    return steps + again + _steps(families(OneSet), OneSet(as_many, probabilities_real, pair.seed), "_floor", OF_REAL)


def _floor_pair(pair, real_b):
    if real_b is not None:
        return pair.beside(pair.real, real_b[:len(pair.fake)], same_reals=pair)
    order, stand_ins = _shuffled(pair.real, pair.seed), min(len(pair.fake), len(pair.real) // 2)
    return pair.beside(pair.real[order[stand_ins:]], pair.real[order[:stand_ins]])


def _at_counts_of(floor_pair, pair):
    """What compares with the floor where the pair's own scores do not, for they are of other counts."""
    counts = len(floor_pair.real), len(floor_pair.fake)
    some = pair.fake[_shuffled(pair.fake, pair.seed)[:counts[1]]]
    if counts == (len(pair.real), len(pair.fake)) or is_constant(some):
        return []
    again = pair.beside(floor_pair.real, some, same_reals=floor_pair)
    return _steps([family for family in _enough(again) if family.by_counts], again, AT_FLOOR_COUNTS,
                  " at the floor's counts")


def _shuffled(samples, seed):
    return np.random.RandomState(seed).permutation(len(samples))


def _probabilities(fake, real):
    if fake is not None:
        fake = probability_matrix(fake, "class probabilities of the fakes")
        at_least(SPLITS, f"classifier score in {SPLITS} splits", fakes=fake)
    if real is not None:
        real = probability_matrix(real, "class probabilities of the real samples")
        at_least(SPLITS, f"classifier score in {SPLITS} splits", real_samples=real)
    if fake is not None and real is not None and fake.shape[1] != real.shape[1]:
        raise BadInput(f"The fakes have probabilities of {fake.shape[1]} classes and the real samples of "
                       f"{real.shape[1]}: both must come from the same classifier.")
    return fake, real
