"""A direction of one's own: some samples are marked as having a thing, some as not having it, and the direction is that of a
linear classifier (Shen 2020, "Interpreting the latent space of GANs", section 3.1).

What a classifier can tell apart is left alone where there is one: moving along a direction of the thing should not make one
class of another, and in few spaces do the two lie at a right angle by themselves.

A few marks say little of a space of a hundred dimensions, but much of how the samples look.  So a classifier of what is seen
learns from the marks, tells of many fresh samples how much of the thing they have, and the direction follows from those.
"""

import numpy as np

from gan_core.errors import BadInput
from gan_core.exploring import space as spaces
from gan_core.exploring.directions.base import Directions

FRESH = 2000  # samples that are told apart by what the marks have taught
SIDE = 8      # pixels of what is looked at: ten marks teach little of more
EASE = 10.0   # how much the classifier keeps to small weights, against the mean square of what it sees


def found(model, space, having, lacking, extractor=None, seed=0, data=None):
    """:class:`Directions`, one: from lacking the thing to having it.

    Args:
        having, lacking: points of the samples that were marked, one or more each.
        extractor: a classifier of the data, whose classes are to be left alone; None: of those nothing is known.

    Raises:
        BadInput: where one of the two is missing.
    """
    n_having, n_lacking = (len(point[space.name]) if point else 0 for point in (having, lacking))
    if not n_having or not n_lacking:
        raise BadInput("Mark at least one sample that has the thing, and one that does not.")
    both = {name: np.concatenate([having[name], lacking[name]]) for name in having}
    seen = _seen(spaces.samples(model, both))
    wanted = np.concatenate([np.full(n_having, 1 / n_having), np.full(n_lacking, -1 / n_lacking)])
    middle = (seen[:n_having].mean(0) + seen[n_having:].mean(0)) / 2
    centred = seen - middle
    # Ridge regression by its dual: there are fewer marks than numbers.
    gram = centred @ centred.T
    eased = gram + EASE * np.trace(gram) / len(gram) * np.eye(len(gram))
    weights = centred.T @ np.linalg.lstsq(eased, wanted, rcond=None)[0]  # where all are alike, nothing solves it
    fresh = spaces.drawn(model, FRESH, seed, data=data)
    samples, latents = spaces.samples(model, fresh), spaces.places(model, space, fresh)
    scores, latents = (_seen(samples) - middle) @ weights, latents - latents.mean(0)
    shares = None if extractor is None else extractor.probabilities(samples)
    labels = fresh["label"] if "label" in fresh else None if shares is None else shares.argmax(1)
    if labels is not None:  # what the classes differ in is not what was marked
        for label in np.unique(labels):
            scores[labels == label] -= scores[labels == label].mean()
    vector = latents.T @ (scores - scores.mean())
    if shares is not None and "label" not in fresh:
        basis, _ = np.linalg.qr(latents.T @ (shares - shares.mean(0)))
        basis = basis[:, :min(shares.shape[1] - 1, space.size - 1)]  # shares add up to 1
        vector = vector - basis @ (basis.T @ vector)
    length = np.linalg.norm(vector)
    if not length > 0:
        raise BadInput("The marked samples differ in nothing that can be seen; mark others.")
    return Directions((vector / length)[None].astype(np.float32), np.ones(1, np.float32))


def _seen(samples):
    rows = samples
    while rows.ndim == 4 and min(rows.shape[1:3]) >= 2 * SIDE:
        height, width = rows.shape[1] // 2 * 2, rows.shape[2] // 2 * 2
        rows = rows[:, :height, :width].reshape(len(rows), height // 2, 2, width // 2, 2, -1).mean((2, 4))
    return rows.reshape(len(rows), -1).astype(float)
