"""Sheets of samples: arrays to pictures, for files and for people."""

import functools
import importlib.util
import io
import unicodedata
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from gan_core.data import to_uint8

GAP = 2  # pixels between samples
CHECKS, CHECK_GREYS = 8, (153, 204)  # squares a side of the board behind transparent samples, and their two greys
GREY, ORANGE = "#98a0ac", "#d8670f"  # of points: seen on white and on near-black
# Latin letters that no accent makes, for a font that lacks them.
PLAIN = str.maketrans({"ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "ł": "l",
                       "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ı": "i", "…": "...",
                       "–": "-", "—": "-", "’": "'", "‘": "'", "“": '"', "”": '"', "µ": "u", "€": "EUR"})
CELL = 56  # pixels a sample is enlarged to at least, so that 8 x 8 digits can be seen


def sheet(samples, grid):
    """A picture of images in a grid.

    Args:
        samples: (rows * columns, H, W, C) in [-1, 1], C 1, 3, or 4 with alpha, in reading order.
        grid: ``(rows, columns)``.

    Returns:
        A PIL image; every sample is enlarged by the same whole factor, without smoothing.
    """
    pixels = to_uint8(samples)
    rows, columns = grid
    scale = max(1, -(-CELL // pixels.shape[1]))
    pixels = on_checks(pixels.repeat(scale, axis=1).repeat(scale, axis=2))
    n, height, width, channels = pixels.shape
    canvas = np.full((rows * (height + GAP) + GAP, columns * (width + GAP) + GAP, channels), 127, np.uint8)
    for i in range(min(n, rows * columns)):
        top, left = GAP + (i // columns) * (height + GAP), GAP + (i % columns) * (width + GAP)
        canvas[top:top + height, left:left + width] = pixels[i]
    return Image.fromarray(canvas[..., 0] if channels == 1 else canvas)


def on_checks(pixels):
    """RGBA pixels (N, H, W, 4) uint8 as RGB over a board of grey squares, which their transparent parts show; others as
    they are."""
    if pixels.shape[-1] != 4:
        return pixels
    height, width = pixels.shape[1:3]
    rows, columns = (np.arange(side) * CHECKS // max(side, CHECKS) for side in (height, width))
    board = np.where((rows[:, None] + columns) % 2, *CHECK_GREYS)[..., None]
    share = pixels[..., 3:] / np.float32(255)
    return np.rint(pixels[..., :3] * share + board * (1 - share)).astype(np.uint8)


def grid_for(n, columns=None):
    """``(rows, columns)`` of a sheet of ``n`` samples: in ``columns``, or in about as many as there are rows."""
    columns = min(n, columns or max(1, round(n ** 0.5)))
    return -(-n // columns), columns


def cells(image, grid):
    """The samples in a sheet, as arrays of uint8 (rows * columns, h, w, C), enlarged as they stand there."""
    pixels = np.asarray(image)
    if pixels.ndim == 2:
        pixels = pixels[..., None]
    rows, columns = grid
    height, width = (pixels.shape[0] - GAP) // rows, (pixels.shape[1] - GAP) // columns
    return np.stack([pixels[GAP + r * height:(r + 1) * height, GAP + c * width:(c + 1) * width]
                     for r in range(rows) for c in range(columns)])


def scatter(points, reference=None, side=472):
    """A picture of points in the plane, over the real ones in grey; the background shows through.

    Args:
        points: (N, 2).
        reference: (M, 2) real points, which also set the frame; without them the points do.
    """
    frame = np.asarray(points if reference is None else reference)
    middle = (frame.max(axis=0) + frame.min(axis=0)) / 2
    reach = max(float(np.max(frame.max(axis=0) - frame.min(axis=0))) * 0.65, 1e-6)
    double = 2 * side  # drawn at twice the size and halved: smooth dots
    picture = Image.new("RGBA", (double, double), (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    for cloud, colour, radius in ((reference, GREY, 3), (points, ORANGE, 4)):
        if cloud is None:
            continue
        xy = (np.asarray(cloud, float) - middle) / (2 * reach) + 0.5
        for x, y in xy[np.isfinite(xy).all(axis=1)]:
            x, y = x * double, (1 - y) * double
            if -9 < x < double + 9 and -9 < y < double + 9:
                draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
    return picture.resize((side, side), Image.Resampling.LANCZOS)


class Histogram(NamedTuple):
    """Shares of samples (K,), and of real ones or None, in K bins; ``low`` and ``high`` name the first and the last."""

    title: str
    low: str
    high: str
    shares: np.ndarray
    real: np.ndarray | None = None


def histograms(panels, columns=4, width=172, height=110):
    """A picture of some :class:`Histogram` s, ``columns`` a row: samples in orange, real ones wider, in grey, behind."""
    columns = min(columns, len(panels))
    double = 2  # drawn at twice the size and halved
    picture = Image.new("RGBA", (columns * width * double, -(-len(panels) // columns) * height * double), (0, 0, 0, 0))
    draw, font = ImageDraw.Draw(picture), _font()
    for place, panel in enumerate(panels):
        left, top = (place % columns) * width * double + 12, (place // columns) * height * double + 4
        right, floor, ceiling = left + width * double - 24, top + height * double - 36, top + 34
        draw.text((left, top), _short(panel.title, 24), GREY, font)
        draw.line((left, floor, right, floor), GREY, 2)
        draw.text((left, floor + 4), _short(panel.low, 11), GREY, font)
        draw.text((right, floor + 4), _short(panel.high, 11), GREY, font, anchor="ra")
        tallest = max(shares.max() for shares in (panel.shares, panel.real) if shares is not None) or 1.0
        bar = (right - left) / len(panel.shares)
        for shares, colour, inset in ((panel.real, GREY, 0.04), (panel.shares, ORANGE, 0.25)):
            for number, share in enumerate(() if shares is None else shares):
                if share > 0:
                    draw.rectangle((left + (number + inset) * bar, floor - share / tallest * (floor - ceiling),
                                    left + (number + 1 - inset) * bar, floor), fill=colour)
    return picture.resize((picture.width // double, picture.height // double), Image.Resampling.LANCZOS)


LINE, INSIDE = 32, 6  # pixels of a line of a caption, and around it


def captioned(images, captions, grid, width=176):
    """A picture of a ``grid`` of images (N, H, W, C) in [-1, 1], each above up to two lines; None draws the lines alone.

    ``captions`` are for each image its lines, ``(text, figure, colour)``: a :func:`writable` text that is cut off where it
    is too long for ``width`` pixels, and a figure after it that never is.  The background shows through.
    """
    (rows, columns), font = grid, _font()
    side = 0 if images is None else width - 2 * INSIDE
    height = side + 2 * LINE + 3 * INSIDE
    picture = Image.new("RGBA", (columns * width, rows * height), (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    for place, lines in enumerate(captions[:rows * columns]):
        left, top = place % columns * width + INSIDE, place // columns * height + INSIDE
        if images is not None:
            picture.paste(one(images[place], 1).resize((side, side), Image.Resampling.NEAREST).convert("RGBA"), (left, top))
        for number, (text, figure, colour) in enumerate(lines):
            end, line = left + width - 2 * INSIDE, top + side + number * LINE
            room = end - left - (draw.textlength(figure, font) + INSIDE if figure else 0)
            draw.text((left, line), _fitting(text, room, draw, font), colour, font)
            draw.text((end, line), figure, colour, font, anchor="ra")
    return picture


def _fitting(text, room, draw, font):
    """As much of a text as fits into so many pixels."""
    shown = text
    while shown and draw.textlength(shown, font) > room:
        text = text[:-1]
        shown = text.rstrip() + writable("…")
    return shown


def _short(text, most):
    if len(text) <= most:
        return text
    dots = writable("…")
    return text[:most - len(dots)] + dots


def writable(text, font=None):
    """A text as a picture can have it: what its font lacks is written in plain letters (é as e, ß as ss).

    "" where that cannot be, as of a script that the font has no letter of: an empty box would stand there.
    """
    font = font or _font()
    written = "".join(letter if _has(font, letter) else _plain(letter)
                      for letter in unicodedata.normalize("NFC", " ".join(text.split())))
    return written if all(_has(font, letter) for letter in written) else ""


def _plain(letter):
    parts = unicodedata.normalize("NFKD", letter.translate(PLAIN))
    return "".join(part for part in parts if not unicodedata.combining(part)).translate(PLAIN)


@functools.cache
def _has(font, letter):
    """Whether a font has a picture of a letter of its own, and not only the box that stands for those that it lacks."""
    return bytes(font.getmask(letter)) != bytes(font.getmask("\U0010fffe"))


def small_font():
    """For words beside a picture that is not drawn at twice its size."""
    return _font(12)


@functools.cache
def _font(size=24):
    """Source Sans (Latin, Greek, Cyrillic), which Streamlit brings along as a file; Pillow's own, which has little more than
    ASCII, where there is no such file or Pillow cannot read it."""
    package = importlib.util.find_spec("streamlit")
    for path in sorted(Path(package.origin).parent.glob("static/static/media/SourceSans*Upright*")) if package else ():
        try:
            font = ImageFont.truetype(path, size)
            font.set_variation_by_axes([400])
            return font
        except (OSError, NotImplementedError):
            pass  # packed in a way that this Pillow was built without
    return ImageFont.load_default(size - 2)


def maps(channels, columns, cell=CELL, gap=6):
    """A picture of feature maps (C, H, W) in [-1, 1], each enlarged to at least ``cell`` pixels, with gaps that the
    background shows through: maps are as grey as any grey between them would be."""
    scale = max(1, -(-cell // max(channels.shape[1:])))
    pixels = to_uint8(channels).repeat(scale, axis=1).repeat(scale, axis=2)
    n, height, width = pixels.shape
    canvas = np.zeros((-(-n // columns) * (height + gap) - gap, columns * (width + gap) - gap, 2), np.uint8)
    for i, channel in enumerate(pixels):
        top, left = i // columns * (height + gap), i % columns * (width + gap)
        canvas[top:top + height, left:left + width, 0] = channel
        canvas[top:top + height, left:left + width, 1] = 255
    return Image.fromarray(canvas)


def strip(values, columns=32, cell=16):
    """A picture of numbers (N,) in rows: orange above zero and blue below, the stronger the farther from it.

    The background shows through, so that it suits a light page and a dark one.
    """
    values = np.nan_to_num(np.asarray(values, float))
    columns = min(columns, len(values))
    strength = np.abs(values) / max(np.abs(values).max(), 1e-12)
    pixels = np.zeros((-(-len(values) // columns) * cell, columns * cell, 4), np.uint8)
    for i, value in enumerate(values):
        top, left = i // columns * cell, i % columns * cell
        colour = (216, 103, 15) if value > 0 else (47, 127, 214)
        pixels[top:top + cell - 1, left:left + cell - 1] = (*colour, 24 + int(231 * strength[i]))
    return Image.fromarray(pixels)


def heat(sample, weights, side=280):
    """A sample (H, W, C) in [-1, 1], darkened, with ``weights`` (H, W) of at least 0 glowing over it."""
    pixels = on_checks(to_uint8(sample[None]))[0].astype(float)
    pixels = pixels.mean(axis=-1, keepdims=True).repeat(3, axis=-1) * 0.5
    share = np.nan_to_num(weights / max(float(weights.max()), 1e-30))[..., None]
    glow = np.concatenate([np.full_like(share, 255), 90 + 150 * share, 60 * share], axis=-1)
    factor = max(1, side // len(pixels))
    mixed = ((1 - share) * pixels + share * glow).astype(np.uint8)
    return Image.fromarray(mixed.repeat(factor, axis=0).repeat(factor, axis=1))


def one(sample, side=280):
    """One sample (H, W, C) in [-1, 1], enlarged to about ``side`` pixels without smoothing."""
    pixels = to_uint8(sample[None])
    factor = max(1, side // pixels.shape[1])
    pixels = on_checks(pixels.repeat(factor, axis=1).repeat(factor, axis=2))[0]
    return Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)


def roll(notes, width=640, height=200):
    """A picture of notes (:class:`gan_core.sound.notes.Note`): time from left to right, pitch upwards, a line at each C."""
    double = 2  # drawn at twice the size and halved
    picture = Image.new("RGBA", (width * double, height * double), (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    notes = list(notes)
    low, high = (pick((note.pitch for note in notes), default=60) for pick in (min, max))
    end, row = max((note.start + note.seconds for note in notes), default=1.0), height * double / (high - low + 3)
    for octave in range(-(-low // 12) * 12, high + 1, 12):
        y = (high + 1.5 - octave) * row
        draw.line((0, y, width * double, y), GREY, 1)
    for note in notes:
        left, right = (place / end * width * double for place in (note.start, note.start + note.seconds))
        top = (high + 1 - note.pitch) * row
        draw.rectangle((left, top, max(right - 2, left + 2), top + row - 1), fill=ORANGE)
    return picture.resize((width, height), Image.Resampling.LANCZOS)


def png(picture):
    """The bytes of a picture's PNG file."""
    buffer = io.BytesIO()
    picture.save(buffer, format="PNG")
    return buffer.getvalue()


def turntable(frames, file, *, there_and_back=False, pause=80):
    """Write an animated GIF of PIL images of one size to a file, round and round, or ``there_and_back``; each is seen for
    ``pause`` milliseconds."""
    frames = [frame.convert("RGB") for frame in frames]
    frames += frames[-2:0:-1] if there_and_back else []
    frames[0].save(file, format="GIF", save_all=True, append_images=frames[1:], loop=0, duration=pause, disposal=1)


def animation(sheets, file, *, seconds=6.0, side=480):
    """Write an animated GIF of sheets (in order) to a file; the last one stays on for a second.  All are paths, or open
    files."""
    frames = []
    for source in sheets:
        with Image.open(source) as picture:
            if picture.mode == "RGBA":  # a GIF has no half-transparent dots
                picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
            picture = picture.convert("RGB")
            picture.thumbnail((side, side))
            frames.append(picture)
    pause = int(max(40, min(400, 1000 * seconds / len(frames))))
    frames[0].save(file, format="GIF", save_all=True, append_images=frames[1:], loop=0,
                   duration=[pause] * (len(frames) - 1) + [1000])
