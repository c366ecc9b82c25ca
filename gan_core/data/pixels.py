"""From an image file of any size and mode to a square of uint8 pixels, and from one square size to another."""

import contextlib
import io
import operator
import warnings

import numpy as np
from PIL import Image, ImageOps

from gan_core.errors import BadInput

MIN_SIZE, MAX_SIZE = 4, 256
TOTAL_LIMIT = 2 * 2**30  # bytes of one dataset's uint8 array

# Pillow knows dozens of formats, some of which start other programs; a dataset needs these.
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF", "PPM", "AVIF")
_FILTER = Image.Resampling.BICUBIC


class Unreadable(Exception):
    """One file's pixels cannot be had; the file is skipped and counted.  ``why`` completes "3 files "."""

    why = "that could not be decoded"


class TooSmall(Unreadable):
    """It has less pixels than a dataset's smallest images: a placeholder."""

    why = f"of less than {MIN_SIZE} pixels a side"


def check_size(size) -> int:
    """``size``, a side in pixels, as an int; BadInput when it is not a whole number in 4..256."""
    try:
        if MIN_SIZE <= operator.index(size) <= MAX_SIZE:
            return operator.index(size)
    except TypeError:
        pass
    sentence = (
        f"The image size must be a whole number from {MIN_SIZE} to {MAX_SIZE} pixels, not {size}: smaller leaves "
        "the networks nothing to halve, larger does not train in reasonable time and memory here."
    )
    raise BadInput(sentence, {"size": sentence})


def check_total(count, size, channels):
    """BadInput when ``count`` images of (size, size, channels) would not fit the limit on memory."""
    total = count * size * size * channels
    if total > TOTAL_LIMIT:
        sentence = (
            f"{count:,} images of {size} x {size} x {channels} take {total / 2**30:.1f} GiB of memory and the limit "
            f"is {TOTAL_LIMIT / 2**30:.0f} GiB; choose a smaller size or fewer images."
        )
        raise BadInput(sentence, {"size": sentence})


@contextlib.contextmanager
def decoding():
    """Around many calls of ``decode``: Pillow's warning of a decompression bomb becomes an error, the others silent."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


def decode(data: bytes, size: int) -> np.ndarray:
    """A file's bytes -> uint8 (size, size, 3), or (size, size, 1) when the image has no colour.

    The first frame; turned as EXIF says; composited on white where transparent; the short side resized to ``size``
    and the long one cropped around the centre. Raises Unreadable.
    """
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            # A JPEG decoder can leave out detail that resizing would average away: large photographs load faster.
            if min(image.size) < MIN_SIZE:
                raise TooSmall(f"{image.width} x {image.height} pixels")
            image.draft(None, (2 * size, 2 * size))
            image.load()
            # Broken EXIF data says nothing against the pixels, which are loaded by now.
            with contextlib.suppress(Exception):
                ImageOps.exif_transpose(image, in_place=True)
            pixels = np.asarray(ImageOps.fit(_plain(image), (size, size), _FILTER))
    except TooSmall:
        raise
    except Exception as error:  # each of Pillow's decoders has its own way to fail on a corrupt file
        raise Unreadable(str(error)) from error
    if pixels.ndim == 2:
        return pixels[..., None]
    # By content, because many sets of grey images are stored as RGB or with a palette.
    grey = (pixels == pixels[..., :1]).all()
    return pixels[..., :1] if grey else pixels


def _plain(image):
    """The image in mode L or RGB, without transparency."""
    if image.mode.startswith("I;16"):
        # Pillow's own conversion clips at 255 instead of scaling.
        return Image.fromarray(np.rint(np.asarray(image) / 257).astype(np.uint8))
    if image.mode in ("I", "F"):
        # 32-bit samples have no agreed white: stretch from the darkest to the lightest, as image viewers do.
        values = np.nan_to_num(np.asarray(image, dtype=np.float64), posinf=0, neginf=0)
        low, high = values.min(), values.max()
        return Image.fromarray(np.rint((values - low) * (255 / max(high - low, 1e-300))).astype(np.uint8))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    return image if image.mode in ("L", "RGB") else image.convert("RGB")


def resized(x, size) -> tuple[np.ndarray, str]:
    """uint8 (N, H, H, C) -> (N, size, size, C), and a sentence saying so; unchanged when ``size`` is None or H."""
    count, side, _, channels = x.shape
    if size is None or size == side:
        return x, ""
    check_total(count, size, channels)
    out = np.empty((count, size, size, channels), np.uint8)
    for source, target in zip(x, out):
        image = Image.fromarray(source[..., 0] if channels == 1 else source)
        target[...] = np.asarray(image.resize((size, size), _FILTER)).reshape(target.shape)
    return out, f"Resized from {side} to {size} pixels."
