"""One picture in the style of another, from files to a file (needs Keras)."""

import time

import numpy as np
from PIL import Image

from gan_core import engine
from gan_core.data import pixel_bounds
from gan_core.data.one_picture import opened
from gan_core.errors import BadInput
from gan_core.restyling import search
from gan_core.tasks.translating import as_png

OFTEN = 1.0  # seconds between two looks that are kept
SMALLEST = 16  # pixels a side


def restyled(content, style, config, cache, progress, should_stop, keep=None):
    """``(PNG, whether it came to its end)`` of the files of two pictures.

    Args:
        content, style: bytes of any usual format.
        config: a :class:`gan_core.tasks.kinds.restyle.Looks`.
        cache: a folder for weights, or None.
        keep: called with ``(PNG, done=share, seconds=...)`` as it goes on.

    Raises:
        BadInput: for what is no picture, or a network that cannot be had.
        Stopped: when it was stopped before there was anything.
    """
    engine.configure()
    side = int(config.side)
    pictures = [_pixels(opened(file, name, pixel_bounds.MOST), side, name)
                for file, name in ((content, "The content"), (style, "The style"))]
    began, shares, kept_at = time.monotonic(), [0.0], [0.0]

    def told(share):
        shares[0] = share
        progress(share, "painting")

    def look(picture):
        now = time.monotonic()
        if keep is not None and now - kept_at[0] >= OFTEN:
            kept_at[0] = now
            keep(_png(picture), done=shares[0], seconds=now - began)

    progress(0.0, "preparing the network")
    made = search.restyled(*pictures, encoder=config.encoder, steps=config.steps, strength=config.strength,
                           keep_colours=config.keep_colours, seed=config.seed, cache=cache, progress=told,
                           should_stop=should_stop, look=look)
    png, done = _png(made), shares[0] >= 1.0
    if keep is not None:
        keep(png, done=1.0 if done else shares[0], seconds=time.monotonic() - began)
    return png, done


def _pixels(picture, side, name):
    """A picture (PIL) as float32 (H, W, 3) in [-1, 1], its longer side at most ``side``."""
    width, height = picture.size
    by = min(1.0, side / max(width, height))
    size = tuple(max(1, round(length * by)) for length in (width, height))
    if min(size) < SMALLEST:
        if max(width, height) > side // SMALLEST * min(width, height):
            raise BadInput(f"{name}, of {width:,} x {height:,} pixels, is too narrow to be restyled: with {side} pixels on "
                           f"its longer side it may be at most {side // SMALLEST} times as long as wide; cut it.")
        raise BadInput(f"{name}, of {width:,} x {height:,} pixels, is too small to be restyled; give one of at least "
                       f"{SMALLEST} pixels on its shorter side.")
    return np.asarray(picture.resize(size, Image.Resampling.LANCZOS), np.float32) / 127.5 - 1.0


def _png(pixels):
    return as_png(Image.fromarray(np.rint((pixels + 1) * 127.5).astype(np.uint8)))
