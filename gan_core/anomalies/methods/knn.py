"""Nearest neighbours: how far a picture is from the normal ones, pixel by pixel."""

import numpy as np

from gan_core.anomalies.base import Judged, Method, some_of
from gan_core.data import to_float

NEIGHBOURS = 5
NUMBERS = 40_000_000  # of all normal pictures that are looked at


class Neighbours(Method):
    title = "Nearest neighbours"
    words = ("The mean distance to the five normal pictures that are nearest, pixel by pixel. Often better than what is "
             "learned.")
    order = 30

    def learned(self, subject, steps, seed, progress, should_stop):
        known = some_of(subject.normal, NUMBERS)
        # In double precision, in which the difference of two large squares still says something.
        flat = to_float(known).reshape(len(known), -1).astype(np.float64)
        squares, count = (flat ** 2).sum(1), min(NEIGHBOURS, len(flat))

        def look(pictures):
            given = to_float(pictures).reshape(len(pictures), -1).astype(np.float64)
            apart = np.maximum((given ** 2).sum(1)[:, None] - 2 * given @ flat.T + squares, 0.0) / flat.shape[1]
            nearest = np.argpartition(apart, count - 1, axis=1)[:, :count]
            distances = np.sqrt(np.take_along_axis(apart, nearest, axis=1))
            first = np.take_along_axis(nearest, distances.argmin(1)[:, None], axis=1)[:, 0]
            return Judged(np.sort(distances, axis=1).mean(1), to_float(known[first]))

        return look
