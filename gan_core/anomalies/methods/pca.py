"""Principal components: what is left of a picture when the ways in which normal ones vary are taken away."""

import numpy as np

from gan_core.anomalies.base import Judged, Method, some_of
from gan_core.data import to_float

SHARE = 0.95        # of the variance that is normal
NUMBERS, MOST = 30_000_000, 3000  # of all normal pictures that are looked at, and how many at most


class Components(Method):
    title = "Principal components"
    words = "What is left of a picture without the directions that make up 95 % of how normal ones vary."
    order = 40

    def learned(self, subject, steps, seed, progress, should_stop):
        known = some_of(subject.normal, min(NUMBERS, MOST * subject.normal[0].size))
        flat = to_float(known).reshape(len(known), -1).astype(np.float64)
        mean = flat.mean(0)
        _, deviations, directions = np.linalg.svd(flat - mean, full_matrices=False)
        variance = np.cumsum(deviations ** 2)
        kept = directions[:int(np.searchsorted(variance, SHARE * variance[-1])) + 1] if variance[-1] > 0 else directions[:1]

        def look(pictures):
            given = to_float(pictures).reshape(len(pictures), -1).astype(np.float64)
            like = mean + ((given - mean) @ kept.T) @ kept
            return Judged(np.square(given - like).mean(1), like.reshape(pictures.shape))

        return look
