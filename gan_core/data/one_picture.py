"""A picture that a person gives, of any usual format, as a picture of colours; its pixels are as many as they were."""

import contextlib
import io

import numpy as np
from PIL import Image, ImageOps

from gan_core.data import pixel_bounds
from gan_core.data.pixels import FORMATS, Unreadable, decoding, dimensions
from gan_core.errors import BadInput

MOST_PIXELS = 50_000_000  # of what comes back as large as it was


def size_of(content, name="This"):
    """``(width, height)`` that the header of a picture's file says; BadInput as for :func:`opened`, before anything is
    decoded."""
    pixel_bounds.check(content, name, MOST_PIXELS)
    try:
        return dimensions(content)
    except Unreadable as error:
        raise no_picture(name) from error


def opened(content, name="This", most=None):
    """The picture in the bytes of a file (PIL), as RGB, on white where it is transparent; turned as EXIF says, and of more
    than 8 bits scaled to all of what lies between its darkest and its lightest pixel.

    Args:
        name: what a sentence about it begins with.
        most: how many pixels it may have; None: :data:`MOST_PIXELS`.

    Raises:
        BadInput: for what is no picture, or too large a one.
    """
    pixel_bounds.check(content, name, most or MOST_PIXELS)
    try:
        with decoding(), Image.open(io.BytesIO(content), formats=FORMATS) as image:
            image.load()
            with contextlib.suppress(Exception):  # broken EXIF data says nothing against the pixels
                ImageOps.exif_transpose(image, in_place=True)
            if image.mode.startswith("I") or image.mode == "F":
                values = np.nan_to_num(np.asarray(image, np.float32))
                reach = max(float(np.ptp(values)), 1e-12)
                image = Image.fromarray(np.rint((values - values.min()) * (255 / reach)).astype(np.uint8))
            if image.has_transparency_data:
                image = image.convert("RGBA")
                image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
            return image.convert("RGB")
    except Exception as error:  # each of Pillow's decoders has its own way to fail on a damaged file
        raise no_picture(name) from error


def no_picture(name):
    """The BadInput of a file that Pillow cannot read: its own words name objects of a program."""
    return BadInput(f"{name} is no picture that can be read; give a JPEG, PNG, WebP, AVIF, BMP, GIF or TIFF.")
