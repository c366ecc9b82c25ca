"""The simplest models of a text, to hold others against: how often characters stand after the last none or two.

Counts are mixed with those of the next shorter context, ``p(c | ab) = (n(abc) + k p(c | b)) / (n(ab) + k)`` (MacKay
and Peto 1995, A Hierarchical Dirichlet Language Model); each k is the one that says a tenth of the learned text best that
was not counted meanwhile.
"""

import numpy as np

from gan_core.data.characters import counted

STRENGTHS = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0)
APART = 10  # one row of so many chooses the strengths


class NGramModel:
    """A model of the codes of texts by the ``order - 1`` characters before: 1 a unigram's, 3 a trigram's.

    Args:
        codes: learned ones, (N, T).
        symbols: how many different codes there are.
    """

    def __init__(self, codes, symbols, order):
        self.symbols, self.order = symbols, order
        apart = np.arange(len(codes)) % APART == APART - 1
        self.strengths = [1.0] * order
        if apart.any() and not apart.all():
            self._count(codes[~apart])
            for number in range(order):  # the shortest context first, on which the others rest
                said = []
                for strength in STRENGTHS:
                    self.strengths[number] = strength
                    said.append(float(np.mean(self.bits(codes[apart], number + 1))))
                self.strengths[number] = STRENGTHS[int(np.argmin(said))]
        self._count(codes)

    def _count(self, codes):
        grams, keep = self._grams(codes)
        self.counts = []
        for n in range(1, self.order + 1):
            whole = grams[n - 1][keep]
            self.counts.append((np.unique(whole, return_counts=True), np.unique(whole // self.symbols, return_counts=True)))

    def _grams(self, codes):
        """``(numbers of the n-grams that end at each place, for n of 1 and more, which places say something)``."""
        keep, codes = counted(codes), np.asarray(codes, np.int64)
        grams, before = [codes], codes
        for _ in range(1, self.order):
            before = np.concatenate([np.zeros_like(before[:, :1]), before[:, :-1]], axis=1)
            grams.append(grams[-1] + before * self.symbols ** len(grams))
        return grams, keep

    def bits(self, codes, order=None):
        """-log2 p of each code that says something, of texts (N, T) one after the other: (n,)."""
        grams, keep = self._grams(codes)
        p = np.full(int(keep.sum()), 1.0 / self.symbols)
        for n in range(1, (order or self.order) + 1):
            whole, (seen, contexts) = grams[n - 1][keep], self.counts[n - 1]
            k = self.strengths[n - 1]
            p = (_looked_up(seen, whole) + k * p) / (_looked_up(contexts, whole // self.symbols) + k)
        return -np.log2(p)


def _looked_up(known, wanted):
    """The counts of some numbers, 0 of those that were not met."""
    numbers, counts = known
    place = np.minimum(np.searchsorted(numbers, wanted), len(numbers) - 1)
    return np.where(numbers[place] == wanted, counts[place], 0)
