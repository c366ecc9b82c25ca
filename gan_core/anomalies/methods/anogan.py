"""AnoGAN: the sample of a model that is most like a picture, found by going downhill (Schlegl 2017)."""

import hashlib

import numpy as np

from gan_core.anomalies.base import BLOCK, Judged, Method
from gan_core.data import to_float
from gan_core.errors import Stopped

FEATURES = 0.1          # the share of what the discriminator sees in the loss (Schlegl 2017, equation 6)
STARTS = 2              # places that a search begins from; the best one counts
RATE, SLOWER = 0.05, 0.2  # of Adam, and what is left of it at the end


class AnoGAN(Method):
    title = "AnoGAN (search)"
    words = ("For each picture the noise is looked for of which the model makes the most similar one. Seconds a picture; "
             "learns nothing new.")
    order = 20
    needs_model = True
    steps = 150

    def learned(self, subject, steps, seed, progress, should_stop):
        from keras import ops

        from gan_core.anomalies.through import Through
        from gan_core.engine import autodiff

        through = Through(subject)
        starts = max(STARTS, min(through.classes, 10))

        def losses(values, labels, goals, seen):
            made = through.samples(through.kept_in(values), labels)
            apart = ops.mean(ops.abs(made - goals), axis=(1, 2, 3))
            return (1 - FEATURES) * apart + FEATURES * ops.mean(ops.abs(through.features(made) - seen), axis=1)

        def step(values, means, squares, labels, goals, seen, rate, number):
            slope, = autodiff.gradients(lambda given: losses(given[0], labels, goals, seen), [values])
            means, squares = 0.9 * means + 0.1 * slope, 0.999 * squares + 0.001 * ops.square(slope)
            there = means / (1.0 - 0.9 ** number) / (ops.sqrt(squares / (1.0 - 0.999 ** number)) + 1e-8)
            return through.kept_in(values - rate * there), means, squares

        compiled = autodiff.compiled(step)

        def look(pictures):
            goals = to_float(pictures)
            begun = np.stack([through.drawn(starts, [seed, _number(picture)]) for picture in pictures], axis=1)
            found = []
            seen = np.asarray(through.features(goals))
            for start, values in enumerate(begun):
                labels = np.full(BLOCK, start % through.classes, np.int32)
                means, squares = np.zeros_like(values), np.zeros_like(values)
                for number in range(steps):
                    if should_stop is not None and should_stop():
                        raise Stopped
                    rate = np.float32(RATE * (1 - (1 - SLOWER) * number / max(1, steps - 1)))
                    values, means, squares = compiled(values, means, squares, labels, goals, seen, rate, np.float32(number
                                                                                                                    + 1))
                found.append((np.asarray(losses(values, labels, goals, seen)), np.asarray(through.samples(values, labels))))
            best = np.stack([scores for scores, _ in found]).argmin(0)
            rows = np.arange(len(pictures))
            return Judged(np.stack([scores for scores, _ in found])[best, rows],
                          np.stack([made for _, made in found])[best, rows])

        return look


def _number(picture):
    """A number that follows from a picture alone: where its search begins must not depend on what lies beside it."""
    return int.from_bytes(hashlib.sha256(np.ascontiguousarray(picture).tobytes()).digest()[:6], "big")
