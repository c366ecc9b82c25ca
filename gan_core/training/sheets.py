"""What every sheet of samples has beside it, for it takes next to no time: how much they differ, and which they are most
like of a few images that were learned from."""

import numpy as np

from gan_core.data import floats
from gan_core.modalities.base import NEAREST, NEAREST_VIEW, modality

FEW = 1000  # images that a generator may learn by heart: beside its samples stands what they are most like
COPY = 0.5  # of the distance of an image to the next one: a sample that is as near to it is the same thing again
COARSE = 12  # pixels a side, at least, by which images are compared
COMPARED, NUMBERS = 500, 4_000_000  # real samples that a sheet is compared with, and how many numbers they may have in all


class SheetSpread:
    """How much the samples of a sheet differ, as a share of what real ones do: a few sums, so that every sheet has it.

    Args:
        dataset: :class:`gan_core.data.Dataset`.
    """

    def __init__(self, dataset):
        few = max(NUMBERS // dataset.x[0].size, 32)
        rows = np.random.default_rng(0).permutation(len(dataset))[:min(COMPARED, few)]
        self.real = _deviation(floats(dataset.x[np.sort(rows)]))

    def __call__(self, samples):
        """Figures for the chart of samples (N, *shape): ``{name: number}``; none when they are not finite."""
        drawn = _deviation(samples)
        if not np.isfinite(drawn):
            return {}
        return {"data_deviation": self.real} | ({"sheet_spread": drawn / self.real} if self.real > 0 else {})


def _deviation(samples):
    """Of samples (N, *shape) from their mean: the root of the mean square over all their numbers."""
    return float(np.sqrt(np.var(samples, axis=0, dtype=np.float64).mean()))


class Nearest:
    """Which images of a small dataset samples are most like: by the distance of pixels, of images made small.

    Args:
        dataset: :class:`gan_core.data.Dataset` of images, at most :data:`FEW`.
        mirror: whether images were learned in a mirror, too.
    """

    def __init__(self, dataset, mirror=False):
        self.images = dataset.x
        small = _coarse(floats(dataset.x))
        self.known = np.concatenate([small, small[:, :, ::-1]] if mirror else [small])
        self.known = self.known.reshape(len(self.known), -1)
        self.squares = (self.known ** 2).sum(1)
        one = small.reshape(len(small), -1)
        apart = self._squares(one)
        apart[np.arange(len(one)), np.arange(len(one))] = np.inf
        self.spacing = np.sqrt(np.maximum(apart.min(1), 0))

    @staticmethod
    def suits(dataset):
        return NEAREST in modality(dataset.kind).abilities and len(dataset) <= FEW

    def _squares(self, small):
        """Squared distances (n, known)."""
        return (small ** 2).sum(1)[:, None] + self.squares - 2 * small @ self.known.T

    def places(self, samples):
        """Of samples (n, H, W, C) in [-1, 1] the nearest images: ``(rows of the dataset, whether in a mirror, distances)``,
        each (n,)."""
        squares = self._squares(_coarse(np.asarray(samples, np.float32)).reshape(len(samples), -1))
        found = squares.argmin(1)
        distances = np.sqrt(np.maximum(squares[np.arange(len(found)), found], 0))
        return found % len(self.images), found >= len(self.images), distances

    def figures(self, samples):
        """For the chart: ``{"copied": the share of samples that are one of the images again}``, none when they are not
        finite."""
        if not np.isfinite(samples).all():
            return {}
        rows, _, distances = self.places(samples)
        return {"copied": float((distances < COPY * self.spacing[rows]).mean())}

    def view(self, samples):
        """``{title: [(what the row is, samples), ...]}``; none when samples are not finite."""
        if not np.isfinite(samples).all():
            return {}
        rows, mirrored, _ = self.places(samples)
        images = floats(self.images[rows])
        images = np.where(mirrored[:, None, None, None], images[:, :, ::-1], images)
        return {NEAREST_VIEW: [("generated", samples), ("nearest real", images)]}


def _coarse(images):
    """Images (N, H, W, C) made as small as :data:`COARSE` allows, by means."""
    n, height, width, channels = images.shape
    by = next(by for by in range(max(min(height, width) // COARSE, 1), 0, -1) if height % by == 0 and width % by == 0)
    return images.reshape(n, height // by, by, width // by, by, channels).mean((2, 4))
