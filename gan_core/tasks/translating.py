"""A picture of any size and shape, translated by a model of small squares, and back in its own shape (needs Keras)."""

import io
import itertools
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageOps

from gan_core.data import palettes, to_float, to_uint8
from gan_core.data.one_picture import MOST_PIXELS
from gan_core.errors import BadInput, Stopped
from gan_core.tasks.kinds.translate import refusal

PAD, CROP = "pad", "crop"
FITS = (PAD, CROP)
BATCH = 16
TILE = 96  # pixels a side of what is enlarged at once


@dataclass(frozen=True)
class Placed:
    """Where a picture lies in the square that is translated: ``box`` (left, top, right, bottom), as shares of it; ``size``
    is (width, height) of what comes back."""

    size: tuple[int, int]
    box: tuple[float, float, float, float]


class Made(NamedTuple):
    """What became of a picture, all of them PIL: the ``source`` as the model saw it, the ``result``, the same translated
    back again where there is a way back, and what plain enlarging makes where the model enlarges."""

    source: Image.Image
    result: Image.Image
    again: Image.Image | None = None
    plain: Image.Image | None = None


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
    pixels = of_channels(pixels, channels)
    if colours is not None:
        pixels = palettes.snapped(pixels, np.asarray(colours, np.uint8))
    return to_float(np.ascontiguousarray(pixels)), placed


def of_channels(pixels, channels):
    """RGB pixels (h, w, 3) as they are, or as one channel of grey."""
    return np.rint(pixels @ np.float32([0.299, 0.587, 0.114])).astype(np.uint8)[..., None] if channels == 1 else pixels


def back(translated, placed, times=1):
    """What a square became, (S, S, C) in [-1, 1], as the picture it was made of: ``times`` its size, without what was put
    around it."""
    image = as_picture(to_uint8(translated))
    left, top, right, bottom = (share * image.width for share in placed.box)
    size = tuple(times * length for length in placed.size)
    return image.resize(size, Image.Resampling.BICUBIC, box=(left, top, right, bottom))


def as_picture(pixels):
    return Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels[..., :3])


def way(model, to):
    """The name of a way of translating that a model has; its usual one where none is asked for.  BadInput where it has none,
    or not this one."""
    if not model.translations:
        raise BadInput(refusal(model.title, paints=hasattr(model, "painted")))
    if to and to not in model.translations:
        raise BadInput(f"{model.title} has no way to {to!r}; choose from {', '.join(model.translations)}.")
    return to or next(iter(model.translations))


def translated(model, pictures, **options):
    """Pictures (PIL, RGB), translated, all at once: a list of :class:`Made`; see :func:`each_translated`."""
    for picture, name in zip(pictures, options.pop("names", None) or ["A picture"] * len(pictures)):
        check_size(model, picture.size, name, options.get("to", ""))
    return list(each_translated(model, pictures, len(pictures), **options))


def each_translated(model, pictures, count, *, to="", fit=PAD, colours=None, seed=0, progress=None, should_stop=None):
    """Pictures (PIL, RGB), translated: one :class:`Made` after the other, each in its own shape, and larger by as much as
    the model makes its sources larger.  In memory are no more of them than who takes them keeps: a camera's are large.

    Args:
        pictures: any number, ``count`` in all, which are taken as they are needed; :func:`check_size` has seen them.
        to: of the model's ``translations``; "" the usual one.
        fit, colours: see :func:`square`; of no meaning to a model that takes pictures of any size.
        progress, should_stop: as for :func:`gan_core.tasks.sampling.draw_from`.

    Raises:
        BadInput: for a way that the model does not have.
    """
    to = way(model, to)
    shape, times, back_way = model.source_shape(to), _times(model, to), _way_back(model, to)
    if (any_size := model.any_size(to)) is not None:
        for number, picture in enumerate(pictures):
            yield _whole(*any_size, picture, shape[-1], times, should_stop,
                         lambda share, number=number: progress and progress((number + share) / count))
        return
    given, done = iter(pictures), 0
    while some := [square(picture, shape, fit, colours) for picture in itertools.islice(given, BATCH)]:
        _ask(should_stop)
        results = finite(model.translate(np.stack([source for source, _ in some]), to, seed))
        again = finite(model.translate(results, back_way, seed)) if back_way else [None] * len(some)
        done += len(some)
        if progress is not None:
            progress(done / count)
        for (source, place), result, third in zip(some, results, again):
            yield Made(back(source, place), back(result, place, times), None if third is None else back(third, place))


def _times(model, to):
    """By how much a model makes its sources larger."""
    return max(1, model.data.shape[0] // model.source_shape(to)[0])


def _way_back(model, to):
    """The other of two ways, which leads back; "" where there is none."""
    other = [name for name in model.translations if name != to]
    return other[0] if len(other) == 1 and model.source_shape(other[0]) == tuple(model.data.shape) else ""


def check_size(model, size, name="A picture", to=""):
    """BadInput where what a model that takes pictures of any size makes of one of ``size`` (width, height) has too many
    pixels."""
    to, (width, height) = way(model, to), size
    if model.any_size(to) is None:
        return
    if (times := _times(model, to)) ** 2 * width * height > MOST_PIXELS:
        raise BadInput(f"{name} has {width:,} x {height:,} pixels and would become {times * width:,} x {times * height:,}; "
                       f"give one of at most {MOST_PIXELS // times ** 2 / 10**6:g} megapixels.")


def _whole(network, surroundings, picture, channels, times, should_stop, progress):
    """A picture of any size as it is, in tiles that overlap by what a pixel depends on: no seam is to be seen."""
    width, height = picture.size
    pixels = to_float(of_channels(np.asarray(picture), channels))
    made = None
    places = [(top, left) for top in range(0, height, TILE) for left in range(0, width, TILE)]
    for number, (top, left) in enumerate(places):
        _ask(should_stop)
        bottom, right = min(top + TILE, height), min(left + TILE, width)
        first, start = max(0, top - surroundings), max(0, left - surroundings)
        tile = pixels[first:bottom + surroundings, start:right + surroundings]
        result = to_uint8(finite(network(tile[None], training=False))[0])
        if made is None:
            made = np.empty((times * height, times * width, result.shape[-1]), np.uint8)
        made[times * top:times * bottom, times * left:times * right] = (
            result[times * (top - first):times * (bottom - first), times * (left - start):times * (right - start)])
        progress((number + 1) / len(places))
    plain = picture.resize((times * width, times * height), Image.Resampling.BICUBIC) if times > 1 else None
    return Made(picture, as_picture(made), None, plain)


def _ask(should_stop):
    if should_stop is not None and should_stop():
        raise Stopped


def finite(results):
    results = np.asarray(results, np.float32)
    if not np.isfinite(results).all():
        raise BadInput("What this checkpoint makes holds NaN or infinite values: the network has diverged, or the "
                       "checkpoint is damaged; choose an earlier one.")
    return results


def small(image, side):
    """A picture, or a smaller one where it is longer than ``side`` pixels."""
    if max(image.size) <= side:
        return image
    by = side / max(image.size)
    return image.resize([max(1, round(length * by)) for length in image.size], Image.Resampling.BICUBIC)


def as_png(image):
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()
