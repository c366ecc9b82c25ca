"""Sheets of what other programs draw: arrays as they come, and pictures that they have written, as PNG."""

import io
import math

import numpy as np
from PIL import Image

from gan_core.errors import BadInput
from gan_core.modalities import drawing

CHANNELS = (1, 3, 4)
LAST, FIRST = "last", "first"
SHOWN = 64  # samples on a sheet
LARGEST_SIDE = 1024  # pixels of one sample; of larger ones every second pixel is shown, or every third
MOST_PIXELS = 8 * 10**6  # of a sheet
DECODED = 89 * 10**6  # pixels of a picture that is read
WIDEST = 2048  # pixels of one that is kept


def as_array(samples):
    """What a program draws as an array: NumPy's, or a tensor of PyTorch, TensorFlow or JAX, wherever it lies.

    Raises:
        BadInput: when it is none.
    """
    try:
        if hasattr(samples, "detach"):  # PyTorch, on any device and of any type
            samples = samples.detach().cpu()
            samples = samples.float() if "bfloat16" in str(samples.dtype) else samples
            samples = samples.numpy()
        array = np.asarray(samples)
        if array.dtype.kind not in "fiub":
            array = array.astype("float32")
        return array
    except Exception as error:
        raise BadInput(f"Samples must be an array of numbers ({type(error).__name__}); give one of NumPy's.") from None


def sheet(samples, *, channels=None, pixels=(-1, 1)):
    """``(png, (rows, columns), sentences)`` of an array of samples.

    Args:
        samples: pictures (N, H, W, C) or (N, C, H, W), C 1, 3 or 4, or (N, H, W), of uint8 or of floats; or points (N, 2).
        channels: "last" or "first"; None looks at the shape, and takes them for last where it could be both.
        pixels: what black and white are in floats.

    Raises:
        BadInput: when they are none of these.
    """
    array = as_array(samples)
    if array.ndim == 2 and array.shape[1] == 2 and len(array):
        return drawing.png(drawing.scatter(np.nan_to_num(array.astype(float)))), (1, 1), []
    array = _channels_last(array, channels)
    step = max(1, math.ceil(max(array.shape[1:3]) / LARGEST_SIDE))
    array = array[:SHOWN, ::step, ::step]
    # What is small is drawn larger, so that it is seen.
    scale = max(1, math.ceil(drawing.CELL / array.shape[1]))
    array = array[:max(1, MOST_PIXELS // (array.shape[1] * array.shape[2] * scale**2))]
    floats, said = _floats(array, pixels)
    grid = drawing.grid_for(len(floats))
    return drawing.png(drawing.sheet(floats, grid)), grid, said


def _channels_last(array, channels):
    if array.ndim == 3:
        array = array[..., None]
        channels = LAST
    if array.ndim != 4 or 0 in array.shape:
        raise BadInput(f"Samples of the shape {array.shape} are no pictures; give (N, H, W, C), (N, C, H, W), (N, H, W), or "
                       "points (N, 2).")
    if channels is None:
        channels = FIRST if array.shape[1] in CHANNELS and array.shape[-1] not in CHANNELS else LAST
    if channels == FIRST:
        array = array.transpose(0, 2, 3, 1)
    if array.shape[-1] not in CHANNELS:
        raise BadInput(f"Samples of the shape {array.shape} have {array.shape[-1]} channels and not 1, 3 or 4; say whether "
                       "these are first or last.")
    return array


def _floats(array, pixels):
    """``(float32 in [-1, 1], sentences)``."""
    if array.dtype == np.uint8:
        return array.astype("float32") / 127.5 - 1, []
    array = array.astype("float32")
    low, high = map(float, pixels)
    finite = array[np.isfinite(array)]
    said = []
    if finite.size:
        least, most = float(finite.min()), float(finite.max())
        reach = high - low
        if most > high + reach / 4 or least < low - reach / 4:
            said = [f"Samples lie between {least:.3g} and {most:.3g}, and black is {low:g} and white is {high:g}: what lies "
                    "beyond is cut off; say pixels=(BLACK, WHITE)."]
        elif (low, high) == (-1, 1) and least >= 0 and most <= 1 and most > 0.5:
            said = ["Samples lie between 0 and 1, and black is -1: they look pale; where black is 0, say pixels=(0, 1)."]
    scaled = (np.nan_to_num(array, nan=low, posinf=high, neginf=low) - low) / (high - low)
    return np.clip(2 * scaled - 1, -1, 1), said


def from_files(contents):
    """The PNG of some pictures of one moment, PNG or JPEG bytes, beside each other where they are of one size.

    Raises:
        BadInput: when the first cannot be read.
    """
    pictures = []
    for content in contents[:SHOWN]:
        picture = _opened(content)
        if pictures and picture.size != pictures[0].size:
            break
        pictures.append(picture)
    if len(pictures) == 1:
        return drawing.png(pictures[0])
    rows, columns = drawing.grid_for(len(pictures))
    width, height = pictures[0].size
    whole = Image.new("RGB", (columns * (width + drawing.GAP) + drawing.GAP, rows * (height + drawing.GAP) + drawing.GAP),
                      (127, 127, 127))
    for place, picture in enumerate(pictures):
        row, column = divmod(place, columns)
        whole.paste(picture.convert("RGB"), (drawing.GAP + column * (width + drawing.GAP),
                                             drawing.GAP + row * (height + drawing.GAP)))
    return drawing.png(_bounded(whole))


def _opened(content):
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as picture:
            if picture.width * picture.height > DECODED:
                raise BadInput(f"A picture has {picture.width:,} x {picture.height:,} pixels, more than is decoded.")
            picture.load()
            return _bounded(picture.convert("L" if picture.mode in ("1", "L", "I", "I;16", "F") else "RGB"))
    except BadInput:
        raise
    except Exception as error:  # Pillow raises nearly everything for what is damaged
        raise BadInput(f"A picture cannot be read ({type(error).__name__}).") from None


def _bounded(picture):
    if max(picture.size) > WIDEST:
        picture.thumbnail((WIDEST, WIDEST))
    return picture
