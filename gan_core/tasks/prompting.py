"""A picture that fits some words, by a run of VQGAN and one of CLIP (needs Keras)."""

import time

import numpy as np

from gan_core import engine
from gan_core.data import words
from gan_core.errors import BadInput
from gan_core.modalities import drawing
from gan_core.models.networks import contrast
from gan_core.prompting import search

OFTEN = 0.7  # seconds between two looks that are kept


def prompted(painter, judge, config, progress, should_stop, keep=None):
    """:class:`gan_core.prompting.search.Found` for the words of a :class:`gan_core.tasks.kinds.prompt.Looks`.

    Args:
        painter, judge: models, of a VQGAN and of a CLIP, that learned images of one shape.
        keep: called with ``(PNG, done=share, seconds=...)`` as it goes on.

    Raises:
        BadInput: for images of other shapes.
        Stopped: when it was stopped before there was anything.
    """
    engine.configure()
    if tuple(painter.data.shape) != tuple(judge.data.shape):
        raise BadInput(f"The run paints images of {_by(painter.data.shape)}, and that of CLIP knows "
                       f"{_by(judge.data.shape)}; choose two runs on the same data.")
    length, = dict(judge.data.beside)["caption"]
    caption = words.tokens([config.text], judge.data.trait("words"), length)
    began, shares, kept_at = time.monotonic(), [0.0], [0.0]

    def told(share):
        shares[0] = share
        progress(share, "painting")

    def look(picture):
        now = time.monotonic()
        if keep is not None and now - kept_at[0] >= OFTEN:
            kept_at[0] = now
            keep(as_png(picture), done=shares[0], seconds=now - began)

    return search.searched(painter, judge, caption.astype(np.float32), (contrast.squares_by, contrast.squares),
                           steps=config.steps, cutouts=config.cutouts, starts=config.starts, seed=config.seed, progress=told,
                           should_stop=should_stop, look=look)


def as_png(picture):
    """A picture (H, W, C) in [-1, 1], enlarged so that it can be seen."""
    return drawing.png(drawing.one(picture, 256))


def _by(shape):
    return " x ".join(map(str, shape))
