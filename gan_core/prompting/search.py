"""The search for a map of codes whose picture fits some words: downhill (Crowson 2022, "VQGAN-CLIP: Open Domain Image
Generation and Editing with Natural Language Guidance", section 3).

A map of vectors begins as one random code everywhere.  Each step makes pictures of the nearest codes, looks at random
squares of them, and moves the vectors so that what is seen points more to where the words point; the gradient passes the
choice of codes straight through.  Without the squares the search would find noise that only looks right to the network.
"""

from typing import NamedTuple

import numpy as np
from keras import ops

from gan_core.engine import autodiff
from gan_core.errors import Stopped

RATE = 0.1  # of Adam, in deviations of the codes
BETAS = 0.9, 0.999
FINAL = 32  # squares by which the starts are compared in the end


class Found(NamedTuple):
    """The ``picture`` (H, W, C) in [-1, 1], how well it fits, the mean cosine of random squares of it and the words, and
    whether the search came to its ``end``."""

    picture: np.ndarray
    likeness: float
    end: bool


def searched(painter, judge, caption, squares, *, steps=200, cutouts=16, starts=4, seed=0, progress=None, should_stop=None,
             look=None):
    """:class:`Found` for a caption.

    Args:
        painter: has ``vectors`` (codes, d), ``map_shape`` (h, w) and ``decoded(vectors)``: a VQGAN.
        judge: has ``seen(images)`` and ``read(captions)``, vectors of length 1: a CLIP.
        caption: (1, length), as the judge reads it.
        squares: ``(drawn, seen)``: ``drawn(rng, shape)`` gives arrays for random squares of images of a shape, and
            ``seen(images, *arrays)`` these squares.
        cutouts: random squares of a picture at each step.
        starts: pictures that are looked for side by side, of which the best one counts.
        progress: called with the share that is done.
        should_stop: asked at every step; once it answers True what there is by then is returned.
        look: called with the best picture as it is, every so many steps.

    Raises:
        Stopped: when it was stopped before there was anything.
    """
    drawn, seen = squares
    codes = np.asarray(painter.vectors, np.float32)
    low, high, spread = codes.min(axis=0), codes.max(axis=0), codes.std()
    rng, goal = np.random.default_rng(seed), ops.convert_to_tensor(np.asarray(judge.read(caption)))
    # One code everywhere: from a map of many the search does not come back to a ground of one colour.
    vectors = np.tile(codes[rng.integers(0, len(codes), (starts, 1, 1))], (1, *painter.map_shape, 1))
    book = ops.convert_to_tensor(codes)

    def painted(vectors):
        """Pictures of the nearest codes, through which the gradient goes as if there were no choice."""
        flat = ops.reshape(vectors, (-1, codes.shape[1]))
        apart = ops.sum(ops.square(book), axis=1) - 2.0 * ops.matmul(flat, ops.transpose(book))
        nearest = ops.reshape(ops.take(book, ops.argmin(apart, axis=1), axis=0), vectors.shape)
        return painter.decoded(vectors + ops.stop_gradient(nearest - vectors))

    def likeness(pictures, chance):
        """Of random squares with the words, (starts, squares)."""
        several = ops.repeat(ops.clip(pictures, -1.0, 1.0), chance[0].shape[0] // starts, axis=0)
        return ops.reshape(ops.sum(judge.seen(seen(several, *chance)) * goal, axis=1), (starts, -1))

    def step(vectors, mean, square, number, *chance):
        def loss(values):
            pictures = painted(values[0])
            # The square of the angle (Crowson 2022, equation 1); what lies beyond what a picture can be is bent back.
            angle = 2.0 * ops.square(ops.arcsin(ops.clip(
                ops.sqrt(ops.maximum(2.0 - 2.0 * likeness(pictures, chance), 1e-6)) / 2.0, 0.0, 0.9999)))
            beyond = ops.mean(ops.square(ops.relu(ops.abs(pictures) - 1.0)), axis=(1, 2, 3))
            return ops.sum(ops.mean(angle, axis=1) + beyond)

        slope, = autodiff.gradients(loss, [vectors])
        first, second = BETAS
        mean, square = first * mean + (1.0 - first) * slope, second * square + (1.0 - second) * ops.square(slope)
        there = mean / (1.0 - first ** number) / (ops.sqrt(square / (1.0 - second ** number)) + 1e-8)
        return ops.clip(vectors - RATE * float(spread) * there, low, high), mean, square

    def judged(vectors, *chance):
        pictures = ops.clip(painted(vectors), -1.0, 1.0)
        return pictures, ops.mean(likeness(pictures, chance), axis=1)

    stepping, judging = autodiff.compiled(step), autodiff.compiled(judged)
    side = painter.data.shape
    fixed = drawn(np.random.default_rng(seed), (starts * FINAL, *side))

    def best():
        pictures, fits = (np.asarray(values) for values in judging(vectors, *fixed))
        return pictures[fits.argmax()], float(fits.max())

    mean, square, done = np.zeros_like(vectors), np.zeros_like(vectors), 0
    for number in range(steps):
        if should_stop is not None and should_stop():
            break
        chance = drawn(rng, (starts * cutouts, *side))
        vectors, mean, square = stepping(vectors, mean, square, np.float32(number + 1), *chance)
        done = number + 1
        if progress is not None:
            progress(done / steps)
        if look is not None and (done in (1, 5) or done % 10 == 0):
            look(best()[0])
    if not done:
        raise Stopped
    return Found(*best(), done == steps)
