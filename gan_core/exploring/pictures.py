"""A picture of one's own, as a model's data are."""

import numpy as np

from gan_core.data import one_picture, pixel_bounds, to_float
from gan_core.data.pixels import MIN_SIZE, TooSmall, Unreadable, decode
from gan_core.data.pictures import scaled
from gan_core.errors import BadInput
from gan_core.modalities.base import PICTURE, abilities_of


def like(data, content, name="This"):
    """A picture (H, W, C) in [-1, 1] of the bytes of a file, of the shape of ``data``, a
    :class:`gan_core.data.DataSpec`: what is not square loses its ends, and colours become grey where the data are.

    Args:
        name: what a sentence about it begins with.

    Raises:
        BadInput: for what is no picture, or too large a one, or data that are no images.
    """
    if PICTURE not in abilities_of(data.kind):
        raise BadInput("A picture can be projected onto a model of images alone; choose a run on images.")
    pixel_bounds.check(content, name)
    height, _, channels = data.shape
    try:
        square = decode(content, height).squares[0]
    except TooSmall as error:
        raise BadInput(f"{name} has {error}, too few to be looked at; give one of at least {MIN_SIZE} a side.") from None
    except Unreadable:
        raise one_picture.no_picture(name) from None
    square = np.asarray(square)
    if square.ndim == 2:
        square = square[..., None]
    if square.dtype != np.uint8:  # more than 8 bits a colour
        square = scaled(square, float(square.min()), float(square.max()))
    grey = square[..., :3] @ np.array([0.299, 0.587, 0.114]) if square.shape[-1] >= 3 else square[..., 0]
    if channels <= 2:
        colours = np.rint(grey)[..., None]
    else:
        colours = square[..., :3] if square.shape[-1] >= 3 else square[..., :1].repeat(3, axis=-1)
    if channels in (2, 4):
        colours = np.concatenate([colours, np.full((*colours.shape[:2], 1), 255)], axis=-1)
    return to_float(np.clip(colours, 0, 255).astype(np.uint8))
