"""A picture of any size and shape, translated by a model of small squares, and back in its own shape (needs Keras)."""

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageOps

from gan_core.data import palettes, to_float, to_uint8
from gan_core.data.pixels import FORMATS, decoding
from gan_core.errors import BadInput, Stopped

PAD, CROP = "pad", "crop"
FITS = (PAD, CROP)
MOST_PIXELS = 50_000_000  # of a picture
BATCH = 16


@dataclass(frozen=True)
class Placed:
    """Where a picture lies in the square that is translated: ``box`` (left, top, right, bottom), as shares of it; ``size``
    is (width, height) of what comes back."""

    size: tuple[int, int]
    box: tuple[float, float, float, float]


def opened(content):
    """The picture in the bytes of a file, as RGB, on white where it is transparent; turned as EXIF says.

    Raises:
        BadInput: for what is no picture, or one of more than 50 million pixels.
    """
    try:
        with decoding(), Image.open(io.BytesIO(content), formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise BadInput(f"A picture of {image.width:,} x {image.height:,} pixels is too large to translate; make it "
                               f"smaller than {MOST_PIXELS // 10**6} million pixels.")
            image.load()
            image = ImageOps.exif_transpose(image)
            if image.mode.startswith("I") or image.mode == "F":
                values = np.nan_to_num(np.asarray(image, np.float32))
                reach = max(float(np.ptp(values)), 1e-12)
                image = Image.fromarray(np.rint((values - values.min()) * (255 / reach)).astype(np.uint8))
            if image.has_transparency_data:
                image = image.convert("RGBA")
                image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
            return image.convert("RGB")
    except BadInput:
        raise
    except Exception as error:  # each of Pillow's decoders has its own way to fail on a damaged file
        raise BadInput("This is no picture that can be read; give a JPEG, PNG, WebP, AVIF, BMP, GIF or TIFF.") from error


def square(picture, shape, fit=PAD, colours=None):
    """``(source (*shape) in [-1, 1], Placed)`` of a picture, for a model whose sources have that ``shape``.

    Args:
        fit: "pad": all of it, with its edge repeated around it; "crop": its middle.
        colours: of label maps (K, C), to one of which each pixel is brought; None where sources are pictures.
    """
    width, height = picture.size
    filter = Image.Resampling.NEAREST if colours is not None else Image.Resampling.BICUBIC
    side, channels = shape[0], shape[-1]
    if fit == CROP or width == height:
        least = min(width, height)
        pixels = np.asarray(ImageOps.fit(picture, (side, side), filter))
        placed = Placed((least, least), (0.0, 0.0, 1.0, 1.0))
    else:
        inside = [max(1, round(length * side / max(width, height))) for length in (width, height)]
        left, top = ((side - length) // 2 for length in inside)
        pixels = np.asarray(picture.resize(inside, filter))
        pixels = np.pad(pixels, ((top, side - inside[1] - top), (left, side - inside[0] - left), (0, 0)), mode="edge")
        placed = Placed((width, height), (left / side, top / side, (left + inside[0]) / side, (top + inside[1]) / side))
    if channels == 1:
        pixels = np.rint(pixels @ np.float32([0.299, 0.587, 0.114])).astype(np.uint8)[..., None]
    if colours is not None:
        pixels = palettes.snapped(pixels, np.asarray(colours, np.uint8))
    return to_float(np.ascontiguousarray(pixels)), placed


def back(translated, placed, times=1):
    """What a square became, (S, S, C) in [-1, 1], as the picture it was made of: ``times`` its size, without what was put
    around it."""
    pixels = to_uint8(translated)
    image = Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels[..., :3])
    left, top, right, bottom = (share * image.width for share in placed.box)
    size = tuple(times * length for length in placed.size)
    return image.resize(size, Image.Resampling.BICUBIC, box=(left, top, right, bottom))


def way(model, to):
    """The name of a way of translating that a model has; its usual one where none is asked for.  BadInput where it has none,
    or not this one."""
    if not model.translations:
        raise BadInput(f"{model.title} makes samples out of noise and translates nothing; choose a run of an architecture "
                       "that learns pairs.")
    if to and to not in model.translations:
        raise BadInput(f"{model.title} has no way to {to!r}; choose from {', '.join(model.translations)}.")
    return to or next(iter(model.translations))


def translated(model, pictures, *, to="", fit=PAD, colours=None, seed=0, progress=None, should_stop=None):
    """Pictures (PIL, RGB), translated: ``[(source as the model saw it, result)]``, PIL; each in its own shape, and larger by
    as much as the model makes its sources larger.

    Args:
        to: of the model's ``translations``; "" the usual one.
        fit, colours: see :func:`square`.
        progress, should_stop: as for :func:`gan_core.tasks.sampling.draw_from`.
    """
    to = way(model, to)
    shape, made = model.source_shape(to), []
    times = max(1, model.data.shape[0] // shape[0])
    placed = [square(picture, shape, fit, colours) for picture in pictures]
    for first in range(0, len(placed), BATCH):
        if should_stop is not None and should_stop():
            raise Stopped
        some = placed[first:first + BATCH]
        results = np.asarray(model.translate(np.stack([source for source, _ in some]), to, seed))
        if not np.isfinite(results).all():
            raise BadInput("What this checkpoint makes holds NaN or infinite values: the network has diverged, or the "
                           "checkpoint is damaged; choose an earlier one.")
        made += [(back(source, place), back(result, place, times)) for (source, place), result in zip(some, results)]
        if progress is not None:
            progress(min(first + BATCH, len(placed)) / len(placed))
    return made


def as_png(image):
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()
