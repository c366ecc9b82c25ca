"""How many pixels may be decoded: of one picture, and of all for what is paid for them in bytes.

A file of some kilobytes may hold a picture of gigabytes.  Its header tells, before anything is decoded.
"""

import io
import math
import struct

from PIL import Image

from gan_core.data.pixels import FORMATS, Unreadable, decoding
from gan_core.errors import BadInput

MOST = Image.MAX_IMAGE_PIXELS  # of one picture: from there on Pillow takes it for an attack
FREE = 2 * 10**9  # of all pictures: some 20 seconds of decoding, whatever they are made of
PER_BYTE = 200  # more than these for each byte of the files; photographs have 10, flat drawings 100
PLAIN = 10**6  # a picture of fewer does no harm by itself
_PNG = b"\x89PNG\r\n\x1a\n"


class TooLarge(Unreadable):
    """It has more pixels than are decoded."""

    why = f"of more than {MOST / 10**6:.0f} megapixels"


def pixels_of(data) -> int:
    """How many pixels the header in a file's bytes promises; 0 where there is none that can be read."""
    if data[:8] == _PNG and len(data) >= 24:
        return math.prod(struct.unpack(">II", data[16:24]))
    return _pixels_in(io.BytesIO(data))


def pixels_in(stream) -> int:
    """The same of an open file, of which no more is read than the header."""
    return pixels_of(start) if (start := stream.read(24))[:8] == _PNG else _pixels_in(stream)


def _pixels_in(stream):
    stream.seek(0)
    try:
        with Image.open(stream, formats=FORMATS) as image:
            return math.prod(image.size)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return MOST + 1
    except Exception:  # each of Pillow's readers has its own way to fail; who decodes it tells
        return 0


def check(content, name="This", most=MOST):
    """BadInput where the header of a picture that a person gave promises more pixels than ``most``; ``name`` begins the
    sentence."""
    with decoding():
        if pixels_of(content) > most:
            raise BadInput(f"{name} has more than {most / 10**6:.0f} megapixels, too many for one picture; make it smaller.")


def is_cheap(pixels, size):
    """Whether a picture in so many bytes has more pixels than are fair for them."""
    return pixels > PLAIN and pixels > PER_BYTE * size


def allowed(size):
    """How many pixels pictures may have in all that take ``size`` bytes together."""
    return FREE + PER_BYTE * size
