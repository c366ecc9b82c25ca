"""Classifier score: how sure and how varied a classifier's answers are (Salimans et al. 2016, section 4).

With the Inception network as the classifier this is the Inception score.
"""

import math
from typing import NamedTuple

import numpy as np

from gan_core.evaluation.metrics.base import HIGHER, Family, OneSet, Score
from gan_core.evaluation.metrics.checks import at_least, positive_integer, probability_matrix

SPLITS = 10


class ClassifierScore(NamedTuple):
    mean: float  # over the splits
    std: float   # over the splits, ddof 0


def classifier_score(probabilities, splits=SPLITS, *, seed=None):
    """exp(E_x KL(p(y|x) || p(y))), mean and spread over ``splits`` consecutive parts of the samples.

    probabilities: (N, K), one row p(y|x) per generated sample.  Returns ``ClassifierScore(mean, std)``, the mean
    between 1 and K: 1 when all samples get the same answer, K when the answers are certain and all classes equally
    frequent; higher is better.  p(y) is taken within each part, so samples sorted by class need ``seed``, an int
    that shuffles them first; None keeps their order.

    Raises BadInput when rows are no probabilities and when there are fewer samples than splits.
    """
    probabilities = probability_matrix(probabilities)
    splits = positive_integer(splits, "number of splits")
    at_least(splits, f"classifier score in {splits} splits", samples=probabilities)
    if seed is not None:
        probabilities = probabilities[np.random.RandomState(seed).permutation(len(probabilities))]
    n = len(probabilities)
    scores = [_score(probabilities[i * n // splits:(i + 1) * n // splits]) for i in range(splits)]
    return ClassifierScore(float(np.mean(scores)), float(np.std(scores)))


def _score(p):
    marginal = np.broadcast_to(p.mean(axis=0), p.shape)
    ratio = np.divide(p, marginal, out=np.ones_like(p), where=p > 0)  # 0 log 0 = 0: log 1 where p is 0
    return np.exp((p * np.log(ratio)).sum(axis=1).mean())


def measure(one):
    # Shuffled: conditional generators are often sampled class by class, and each split needs all classes.
    mean, std = classifier_score(one.probabilities, SPLITS, seed=one.seed)
    return {"classifier_score": mean, "classifier_score_std": std}


def error(scores):
    """From the spread over disjoint parts, with ddof 0."""
    spread = scores.get("classifier_score_std")
    return None if spread is None else (spread / math.sqrt(SPLITS - 1), SPLITS - 1)


FAMILY = Family(
    "classifier score", of=OneSet, turn=20, measure=measure, applies=lambda one: one.probabilities is not None,
    scores=(Score("classifier_score", "Classifier score", HIGHER,
                  "How sure and how varied a classifier's answers are (IS).", place=30, spread="classifier_score_std",
                  error=error),))
