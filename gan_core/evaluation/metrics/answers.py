"""What answers are worth where the truth is known: how many are right, and whether they are as sure as they should be."""

import numpy as np

from gan_core.evaluation.metrics.base import HIGHER, LOWER, Answered, Family, Score

BINS = 15  # of confidence (Guo 2017, section 4)
LEAST = 1e-7  # a probability of 0 would cost infinitely much; a float of single precision tells 1 from no more than that


def confusion(answered):
    """(K, K) counts: rows are true classes, columns those that were named."""
    k = answered.probabilities.shape[1]
    places = answered.labels.astype(np.int64) * k + answered.probabilities.argmax(axis=1)
    return np.bincount(places, minlength=k * k).reshape(k, k)


def class_recall(answered):
    """Of each class the share of its samples that is named rightly, (K,); NaN of one that has none."""
    counts = confusion(answered)
    with np.errstate(invalid="ignore"):
        return np.diagonal(counts) / counts.sum(axis=1)


def log_loss(answered):
    """The mean of -ln p of the true class, nats."""
    true = answered.probabilities[np.arange(len(answered.labels)), answered.labels].astype(np.float64)
    return float(-np.log(np.clip(true, LEAST, 1.0)).mean())


def calibration_error(answered):
    """The expected calibration error (Guo 2017, equation 3): how far the share of right answers is from how sure they are,
    in bins of equal width."""
    sure = answered.probabilities.max(axis=1).astype(np.float64)
    right = answered.probabilities.argmax(axis=1) == answered.labels
    which = np.clip(np.ceil(sure * BINS).astype(int) - 1, 0, BINS - 1)
    off = [abs(np.sum(right[which == number]) - np.sum(sure[which == number])) for number in range(BINS)]
    return float(np.sum(off) / len(sure))


def measure(answered):
    return {"accuracy": float((answered.probabilities.argmax(axis=1) == answered.labels).mean()),
            "balanced_accuracy": float(np.nanmean(class_recall(answered))),
            "log_loss": log_loss(answered), "ece": calibration_error(answered)}


FAMILY = Family("answers", of=Answered, measure=measure, scores=(
    Score("accuracy", "Accuracy", HIGHER, "Share of held-out samples whose most probable class is the true one.", place=210,
          share_of=("n_fake",)),
    Score("balanced_accuracy", "Balanced accuracy", HIGHER, "The same for each class, and their mean: rare classes count as "
          "much as frequent ones.", place=211),
    Score("log_loss", "Log loss", LOWER, "The mean of -ln p of the true class, in nats: sure and wrong costs most.",
          place=212),
    Score("ece", "Calibration error", LOWER, "How far the share of right answers is from how sure they are, in 15 bins.",
          place=213)))
