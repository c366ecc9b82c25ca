"""Whether images may be learned in a mirror, too: faces and buildings may, letters and digits become others."""

import hashlib

import numpy as np

from gan_core.evaluation.extractors import random_network
from gan_core.evaluation.metrics.kernel import kernel_distance

FEWEST = 16  # images, or nothing can be said
MOST = 400   # that are looked at
SPLITS = 8   # into halves, which are compared
SURE = 3.0   # standard deviations of what two halves differ by


def different(images):
    """The places, in order, of the images (N, H, W, C) that are not there before."""
    first = {}
    for place, image in enumerate(images):
        first.setdefault(hashlib.sha256(np.ascontiguousarray(image)).digest(), place)
    return list(first.values())


def allowed(images):
    """Whether a set of images (N, H, W, C), uint8, is as good in a mirror; False of too few to tell.

    One half is held against the other, as it is and in a mirror, by a random network, which sees where things are; the
    mirror may make no more difference than which images happen to be in a half.  Images that are there several times count
    once: of copies the halves would be the same.
    """
    images = images[different(images)]
    if len(images) < FEWEST:
        return False
    rng = np.random.default_rng(0)
    images = images[rng.permutation(len(images))[:MOST]]
    extractor = random_network.extractor(images.shape[1:])
    seen, turned = extractor.features(images), extractor.features(images[:, :, ::-1])
    plain, mirrored = [], []
    for _ in range(SPLITS):
        one, other = np.array_split(rng.permutation(len(images)), 2)
        size = min(len(one), len(other))
        for features, distances in ((seen, plain), (turned, mirrored)):
            distances.append(kernel_distance(seen[one], features[other], subsets=1, subset_size=size, seed=0).mean)
    return bool(np.mean(mirrored) - np.mean(plain) <= SURE * np.std(plain, ddof=1))
