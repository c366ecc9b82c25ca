"""Log-mel: how loud each band of frequencies is over a clip, as ears tell sounds apart.  Nothing is learned."""

import numpy as np

from gan_core.data import SOUND
from gan_core.errors import Stopped
from gan_core.evaluation.extractors.base import BATCH, Extractor, Offer, digest
from gan_core.sound import spectra

BANDS, QUARTERS = 24, 4
SECONDS = 0.032  # of a window; the next one begins half of that later
DECIBELS = 20.0  # that are one unit: features about as large as those of networks


class LogMel(Extractor):
    """Of each of 24 mel bands the mean level in each quarter of a clip, and its deviation over all of it: 120 numbers."""

    def __init__(self, shape, rate):
        window = 2 * round(rate * SECONDS / 2)
        recipe = f"log-mel {shape} {rate} {window} {BANDS} {QUARTERS} {DECIBELS}"
        super().__init__("log_mel", digest(recipe), shape)
        self.window, self.bands = window, spectra.mel_bands(BANDS, window, rate)

    def outputs(self, samples, progress=None, should_stop=None):
        samples = np.asarray(samples, np.float32)
        self.check(samples.shape[1:])
        parts = []
        for start in range(0, len(samples), BATCH):
            if should_stop is not None and should_stop():
                raise Stopped
            parts.append(self._features(samples[start:start + BATCH, :, 0]))
            if progress is not None:
                progress(min(start + BATCH, len(samples)) / len(samples))
        return np.concatenate(parts), None

    def _features(self, waves):
        power = spectra.power(waves, self.window, self.window // 2) @ self.bands.T
        levels = (10.0 * np.log10(power + spectra.QUIETEST) + 50.0) / DECIBELS
        # Of fewer windows than quarters some are in two.
        places = np.linspace(0, levels.shape[1] - 1, max(levels.shape[1], QUARTERS)).astype(int)
        quarters = [levels[:, part].mean(axis=1) for part in np.array_split(places, QUARTERS)]
        return np.concatenate([*quarters, levels.std(axis=1)], axis=1).astype(np.float32)


def make(dataset, workspace, progress, should_stop):
    return LogMel(dataset.x.shape[1:], dataset.spec.trait("rate"))


def refusal(dataset):
    return "" if dataset.kind == SOUND else "Log-mel features are of sound; leave the extractor out."


EXTRACTOR = Offer("log_mel", order=5, by_name=False, make=make, title="log-mel bands", refusal=refusal)
