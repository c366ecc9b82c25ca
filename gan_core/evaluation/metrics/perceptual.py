"""How alike pairs of images look to a network that knows photographs, see :mod:`gan_core.pretrained.perceptual`."""

import numpy as np

from gan_core.evaluation.metrics.base import LOWER, Alike, Family, Score


def measure(pairs):
    """Its mean over the pairs."""
    return {"perceptual": float(np.mean(pairs.looks(pairs.images, pairs.others)))}


FAMILY = Family(
    "perceptual distance", of=Alike, turn=20, measure=measure, applies=lambda pairs: pairs.looks is not None, scores=(
        Score("perceptual", "Perceptual distance", LOWER,
              "Of held-out images and their reconstructions: how differently a network that knows photographs sees them.",
              place=175),))
