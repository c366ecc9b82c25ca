"""Whether texts are copied from what was learned, and whether they repeat themselves."""

import numpy as np

from gan_core.data.characters import counted
from gan_core.evaluation.metrics.base import NEARER, Family, Score, Texts

MOST, LEARNED = 500, 20_000  # generated texts, and learned ones, that are looked at
AGAIN = 12  # characters that come again in the same text
BASE = 0x9E3779B97F4A7C15  # of a polynomial modulo 2^64


def longest_copy(learned, generated):
    """How long the longest stretch of a text is that stands in the learned ones, too: the median over texts of codes (M, T),
    the upper of two; by hashes of stretches, which tell 2^64 apart."""
    low, high = 0, generated.shape[1]
    while low < high:  # half of the texts have stretches of ``low`` characters that were learned
        middle = (low + high + 1) // 2
        known = np.unique(_stretches(learned, middle)[0])
        hashes, rows = _stretches(generated, middle)
        copied = np.zeros(len(generated), bool)
        copied[rows[np.isin(hashes, known)]] = True
        low, high = (middle, high) if 2 * copied.sum() >= len(copied) else (low, middle - 1)
    return low


def repetition(generated, n=AGAIN):
    """Of the stretches of n characters in a text the share that stood in it before, the mean over texts of codes (M, T);
    texts that are shorter do not count."""
    hashes, rows = _stretches(generated, n)
    if not len(rows):
        return 0.0
    order = np.lexsort((hashes, rows))
    hashes, rows = hashes[order], rows[order]
    again = np.concatenate([[False], (hashes[1:] == hashes[:-1]) & (rows[1:] == rows[:-1])])
    counts = np.bincount(rows)
    return float((np.bincount(rows, weights=again)[counts > 0] / counts[counts > 0]).mean())


def _stretches(codes, n):
    """``(hashes, rows)`` of all stretches of n characters, none of them an end, in texts of codes (N, T)."""
    codes = np.asarray(codes).astype(np.uint64)
    width = codes.shape[1] - n + 1
    if width <= 0:
        return np.zeros(0, np.uint64), np.zeros(0, np.int64)
    said = counted(codes) & (codes > 0)
    with np.errstate(over="ignore"):
        powers = np.cumprod(np.full(codes.shape[1] + 1, BASE, np.uint64))
        sums = np.cumsum(codes * powers[:-1], axis=1, dtype=np.uint64)
        sums = np.concatenate([np.zeros_like(sums[:, :1]), sums], axis=1)
        # Of the difference of two sums, at the power that all are brought to.
        hashes = (sums[:, n:] - sums[:, :-n]) * powers[:-1][::-1][:width]
    whole = said[:, n - 1:]
    rows = np.broadcast_to(np.arange(len(codes))[:, None], whole.shape)
    return hashes[whole], rows[whole]


def measure(texts):
    generated = texts.generated[:MOST]
    return {"longest_copy": longest_copy(texts.learned[:LEARNED], generated), "repetition": repetition(generated)}


FAMILY = Family("copies", of=Texts, turn=20, measure=measure, scores=(
    Score("longest_copy", "Longest copy", NEARER, "Characters of the longest stretch that a text has from what was learned, "
          "the median; far above that of held-out texts it is learned by heart.", place=233),
    Score("repetition", "Repetition", NEARER, f"Share of a text's stretches of {AGAIN} characters that stood in it before.",
          place=234)))
