"""Texts as numbers: how often each single, pair and triple of characters stands in one, pairs and triples by a hash."""

import numpy as np

from gan_core.data import TEXT
from gan_core.data.characters import counted
from gan_core.evaluation.extractors.base import MOST, Extractor, Offer, digest

NAME = "ngrams"
LONGEST = 3
FACTORS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)  # odd numbers without a pattern


class NGrams(Extractor):
    """Codes (N, T) -> the roots of the shares of n-grams in each of :data:`MOST` places, so that the distance of two texts
    is Hellinger's, times the root of their number."""

    def __init__(self, length):
        super().__init__(NAME, digest(f"n-grams up to {LONGEST} {FACTORS} in {MOST} places"), (length,))

    def outputs(self, samples, progress=None, should_stop=None):
        codes = np.rint(np.nan_to_num(np.asarray(samples, np.float64))).astype(np.uint64)
        self.check(codes.shape[1:])
        said, counts = counted(codes), np.zeros((len(codes), MOST))
        rows = np.broadcast_to(np.arange(len(codes))[:, None], codes.shape)
        for n in range(1, min(LONGEST, codes.shape[1]) + 1):
            width = codes.shape[1] - n + 1
            with np.errstate(over="ignore"):
                mixed = sum(codes[:, place:place + width] * np.uint64(FACTORS[place]) for place in range(n)) + np.uint64(n)
                places = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(FACTORS[0]) >> np.uint64(40)
            whole = said[:, n - 1:]  # where its last character says something, all do
            np.add.at(counts, (rows[:, :width][whole], (places % np.uint64(MOST)).astype(np.int64)[whole]), 1.0)
        shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1.0)
        return np.sqrt(MOST * shares).astype(np.float32), None


def refusal(dataset):
    return "" if dataset.kind == TEXT else "Only texts have characters; leave the extractor out."


EXTRACTOR = Offer(NAME, order=5, by_name=False, refusal=refusal,
                  make=lambda dataset, workspace, progress, should_stop: NGrams(dataset.x.shape[1]))
