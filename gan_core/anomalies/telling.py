"""How well scores tell odd pictures from normal ones: a threshold, and curves where it is known which are odd."""

from typing import NamedTuple

import numpy as np

from gan_core.errors import BadInput

RESAMPLES, INTERVAL = 1000, 0.95
POINTS = 200  # of a curve that is drawn


class Told(NamedTuple):
    """The areas under two curves, each with the ends of a bootstrap interval of 95 %, and the curve of the first: shares of
    normal and of odd pictures that are called odd."""

    auroc: float
    auroc_low: float
    auroc_high: float
    auprc: float
    auprc_low: float
    auprc_high: float
    roc: tuple[list[float], list[float]]


def threshold(normal, quantile):
    """The score that a share ``quantile`` of normal pictures does not exceed."""
    if not len(normal):
        raise BadInput("There are no normal pictures that were kept from training, so that no threshold can be set; name "
                       "some with --normal.")
    return float(np.quantile(normal, quantile, method="higher"))


def told(scores, odd, seed=0):
    """The :class:`Told` of scores (N,) of pictures of which (N,) are odd; None unless there are some of each."""
    from sklearn import metrics

    scores, odd = np.asarray(scores, float), np.asarray(odd, bool)
    if not 0 < odd.sum() < len(odd):
        return None
    # Of as many of each as there are: what an area is worth depends on the share of odd ones.
    rng, places = np.random.RandomState(seed), (np.flatnonzero(odd), np.flatnonzero(~odd))
    again = []
    for _ in range(RESAMPLES):
        rows = np.concatenate([rng.choice(part, len(part)) for part in places])
        again.append((_auroc(scores[rows], odd[rows]), metrics.average_precision_score(odd[rows], scores[rows])))
    edge = 100 * (1 - INTERVAL) / 2
    low, high = np.percentile(again, [edge, 100 - edge], axis=0)
    false, true, _ = metrics.roc_curve(odd, scores)
    some = np.unique(np.linspace(0, len(false) - 1, POINTS).astype(int))
    return Told(_auroc(scores, odd), float(low[0]), float(high[0]), float(metrics.average_precision_score(odd, scores)),
                float(low[1]), float(high[1]), (false[some].tolist(), true[some].tolist()))


def _auroc(scores, odd):
    """The probability that an odd picture scores higher than a normal one, ties counted half."""
    order = np.argsort(scores, kind="stable")
    ordered = scores[order]
    first = np.searchsorted(ordered, scores, "left")
    ranks = (first + np.searchsorted(ordered, scores, "right") + 1) / 2  # the mean rank of those that are equal
    n = int(odd.sum())
    return float((ranks[odd].sum() - n * (n + 1) / 2) / (n * (len(odd) - n)))
