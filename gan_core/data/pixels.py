"""From an image file of any size and mode to a square of uint8 pixels, and from one square size to another."""

import contextlib
import io
import operator
import warnings
from dataclasses import dataclass, replace

import numpy as np
from PIL import ExifTags, Image, ImageOps

from gan_core.data import file_kinds
from gan_core.data.choices import CROP, PAD, TILES
from gan_core.errors import BadInput

MIN_SIZE, MAX_SIZE = 4, 256
TOTAL_LIMIT = 2 * 2**30  # bytes of one dataset's uint8 array

# Pillow knows dozens of formats, some of which start other programs; a dataset needs these.
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF", "PPM", "AVIF")
_FILTER, NEAREST = Image.Resampling.BICUBIC, Image.Resampling.NEAREST
LEFT, RIGHT = "left", "right"
_LYING = (5, 6, 7, 8)  # orientations of EXIF by which width and height change places


class Unreadable(Exception):
    """One file's pixels cannot be had; the file is skipped and counted.  ``why`` completes "3 files "."""

    why = "that could not be decoded"


class Foreign(Unreadable):
    """It is a picture, of a kind that is not read here, whatever its name says: photographs of telephones are sent so."""

    why = file_kinds.FOREIGN


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


def dimensions(data: bytes) -> tuple[int, int]:
    """``(width, height)`` that a file's header says, as it is stored; Unreadable when it is no image."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            return image.size
    except Exception as error:  # as in decode
        raise Unreadable(str(error)) from error


@dataclass(frozen=True, eq=False)
class Picture:
    """One file as squares of the side that was asked for.

    Attributes:
        squares: uint8 (size, size, 1 or 3), on white where transparent; of ``deep`` pictures float32 (size, size, 1), NaN
            where nothing of the picture is.
        clear: the same as RGBA, uint8 (size, size, 4), where the picture has transparent parts; else empty.
        shape: ``(width, height)`` of the whole picture, or the half, as the file has it.
        reach: the lowest and the highest number of a picture of more than 8 bits; None of others.
        deep: whether its numbers are still to be scaled.
        halved: whether it has 16 bits a colour, of which Pillow gives the upper eight.
        floats: whether its numbers are no whole ones by type.
        frames: whether the file has more frames or pages, of which this is the first.
    """

    squares: list
    clear: list
    shape: tuple[int, int]
    reach: tuple[float, float] | None = None
    deep: bool = False
    halved: bool = False
    frames: bool = False
    floats: bool = False


def decode(data: bytes, size: int, fit: str = CROP, fill: int | None = 255, half: str = "", crisp: bool = False) -> Picture:
    """A file's bytes -> a :class:`Picture`.  The first frame; turned as EXIF says.  Raises Unreadable.

    Args:
        fit: see :class:`gan_core.data.choices.Choices`.
        fill: the grey beside a picture that is padded, 0..255; None is nothing, and makes it transparent there.
        half: :data:`LEFT` or :data:`RIGHT`, of a file that holds two pictures side by side; "" of one that holds one.
        crisp: whether pixels keep their colours where the size changes, as those of label maps have to.
    """
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            # A JPEG decoder can leave out detail that resizing would average away: large photographs load faster.
            if min(image.size) < MIN_SIZE:
                raise TooSmall(f"{image.width} x {image.height} pixels")
            halved = image.mode in ("RGB", "RGBA", "LA") and any(";16" in str(tile[3]) for tile in image.tile)
            frames = False
            with contextlib.suppress(Exception):  # whatever is wrong with the others, the first may be whole
                frames = bool(getattr(image, "is_animated", False))
            width, height = image.size  # a draft has fewer pixels than the file
            if not crisp:
                image.draft(None, (4 * size if half else 2 * size, 2 * size))
            image.load()
            # Broken EXIF data says nothing against the pixels, which are loaded by now.
            with contextlib.suppress(Exception):
                lies = image.getexif().get(ExifTags.Base.Orientation) in _LYING
                ImageOps.exif_transpose(image, in_place=True)
                width, height = (height, width) if lies else (width, height)
            if half:
                width //= 2
                middle = image.width // 2
                image = image.crop((0, 0, middle, image.height) if half == LEFT else
                                   (image.width - middle, 0, image.width, image.height))
            picture = _picture(image, size, fit, fill, halved, NEAREST if crisp else _FILTER)
            return replace(picture, shape=(width, height), frames=frames)
    except TooSmall:
        raise
    except Exception as error:  # each of Pillow's decoders has its own way to fail on a corrupt file
        foreign = file_kinds.why_not("", data[:file_kinds.SNIFFED]) == file_kinds.FOREIGN
        raise (Foreign if foreign else Unreadable)(str(error)) from error


def _picture(image, size, fit, fill, halved, filter):
    shape, original = image.size, image.getbands()
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        values = np.asarray(image, dtype=np.float32)
        seen = values[np.isfinite(values)]
        low, high = (float(seen.min()), float(seen.max())) if seen.size else (0.0, 0.0)
        values = np.nan_to_num(values, nan=low, posinf=high, neginf=low)
        squares = [np.asarray(square)[..., None]
                   for square in _squares(Image.fromarray(values), size, fit, float("nan"), filter)]
        return Picture(squares, [], shape, (low, high), deep=True, floats=image.mode == "F")
    bands = image.getextrema() if halved else ()
    clear = []
    if image.has_transparency_data or fill is None and fit == PAD:
        image = image.convert("RGBA")
        clear = [np.asarray(square) for square in _squares(image, size, fit, (0, 0, 0, 0), filter)]
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    fill = 255 if fill is None else fill
    image = image if image.mode in ("L", "RGB") else image.convert("RGB")
    squares = [_grey_if_it_is(np.asarray(square))
               for square in _squares(image, size, fit, fill if image.mode == "L" else (fill,) * 3, filter)]
    colours = [high for (_, high), band in zip(bands, original) if band != "A"]
    reach = (0.0, 257.0 * max(colours)) if halved else None
    clear = clear if any((square[..., 3] < 255).any() for square in clear) else []
    return Picture(squares, clear, shape, reach, halved=halved)


def _grey_if_it_is(pixels):
    if pixels.ndim == 2:
        return pixels[..., None]
    # By content, because many sets of grey images are stored as RGB or with a palette.
    grey = (pixels == pixels[..., :1]).all()
    return pixels[..., :1] if grey else pixels


def _squares(image, size, fit, fill, filter):
    """The squares of ``size`` pixels that an image becomes."""
    width, height = image.size
    short, long = sorted(image.size)
    if fit == PAD and width != height:
        inside = tuple(max(1, round(side * size / long)) for side in image.size)
        square = Image.new(image.mode, (size, size), fill)
        square.paste(image.resize(inside, filter), tuple((size - side) // 2 for side in inside))
        return [square]
    count = round(long / short) if fit == TILES else 1
    if count < 2:
        return [ImageOps.fit(image, (size, size), filter)]
    starts = [number * (long - short) / (count - 1) for number in range(count)]
    boxes = [(start, 0, start + short, height) if width > height else (0, start, width, start + short) for start in starts]
    return [image.resize((size, size), filter, box=box) for box in boxes]


def resized(x, size) -> tuple[np.ndarray, str]:
    """uint8 (N, H, H, C) -> (N, size, size, C), and a sentence saying so; unchanged when ``size`` is None or H."""
    count, side, _, channels = x.shape
    if size is None or size == side:
        return x, ""
    check_total(count, size, channels)
    out = np.empty((count, size, size, channels), np.uint8)
    for source, target in zip(x, out):
        image = Image.fromarray(source[..., 0] if channels == 1 else source)  # of four channels RGBA
        target[...] = np.asarray(image.resize((size, size), _FILTER)).reshape(target.shape)
    return out, f"Resized from {side} to {size} pixels."
