"""From the pictures of a set to one array: one scale, ground and number of channels for all, and what was done in words.

What a single picture cannot tell, the set does: of what bits its numbers are made, and on which ground it can be seen.
"""

from typing import NamedTuple

import numpy as np

from gan_core.data.choices import ALPHA, AUTO, BLACK, CROP, DEPTH, GREY, PAD, SET, WHITE
from gan_core.data.pixels import check_total, decode

COLOURS = {WHITE: 255, BLACK: 0, GREY: 127}
ONE_COLOUR = 8  # levels of 256 that a picture reaches over at most which is taken for plain
MUCH = 0.25     # share of a picture's longer side that is not cut off in silence
LONG = 2        # times as long as high, from which on more than a little is cut off


class Taken(NamedTuple):
    """What a set decided for itself: the ground, and what is black and what white of more than 8 bits; None where nothing
    was to be decided."""

    ground: str | None = None
    scale: tuple[float, float] | None = None


class Pictures:
    """The squares of a set, as its files come in.

    Args:
        expected: how many there may be.
        like: the :class:`Taken` of another set, which is to be compared with this one.
        half, crisp: see :func:`gan_core.data.pixels.decode`.
    """

    def __init__(self, size, choices, expected, like=None, half="", crisp=False):
        self._like, self.taken = like or Taken(), Taken()
        check_total(expected, size, channels=1)
        self._size, self._choices, self._half, self._crisp = size, choices, half, crisp
        self._x, self._count = np.empty((expected, size, size, 1), np.uint8), 0
        self._deep, self._clear, self._halved = {}, {}, []  # numbers, RGBA, and which have 16 bits a colour
        self._shapes, self._reaches = [], []
        self._frames, self._floats = 0, False
        # Beside what is padded; None: nothing, where alpha is learned.
        self._fill = None if choices.ground == ALPHA else COLOURS.get(choices.ground, 255)

    def decoded(self, content):
        """The :class:`gan_core.data.pixels.Picture` of a file's bytes; Unreadable when it has none."""
        return decode(content, self._size, self._choices.fit, self._fill, self._half, self._crisp)

    def add(self, picture):
        """Take a picture's squares in, and say how many they are."""
        self._shapes.append(picture.shape)
        self._frames += picture.frames
        self._floats |= picture.floats
        if picture.reach:
            self._reaches.append(picture.reach)
        for number, square in enumerate(picture.squares):
            place = self._count
            self._make_room(place + 1, 1 if picture.deep else square.shape[-1])
            if picture.deep:
                check_total(4 * (len(self._deep) + 1), self._size, channels=1)
                self._deep[place] = square
            else:
                self._x[place] = square
            if picture.clear:
                self._clear[place] = picture.clear[number]
            if picture.halved:
                self._halved.append(place)
            self._count += 1
        return len(picture.squares)

    def _make_room(self, count, channels):
        before, most = self._x, max(channels, self._x.shape[-1])
        if count > len(before) or most > before.shape[-1]:
            capacity = len(before) if count <= len(before) else max(count, len(before) * 3 // 2)
            check_total(capacity, self._size, most)
            self._x = np.empty((capacity, self._size, self._size, most), np.uint8)
            self._x[:self._count] = before[:self._count]

    def together(self):
        """``(x, sentences)``: uint8 (N, size, size, C), and what was done to them."""
        have = "has" if self._frames == 1 else "have"
        frames = f"{self._frames:,} of the files {have} more frames or pages: the first is used."
        said = [*([frames] if self._frames else []), *self._on_fit(), *self._scaled(), *self._on_ground()]
        return self._x[:self._count], said

    def _on_fit(self):
        wide = sum(width > LONG * height for width, height in self._shapes)
        high = sum(height > LONG * width for width, height in self._shapes)
        if self._choices.fit == CROP:
            if len(self._shapes) > 1 and all(width == LONG * height for width, height in self._shapes):
                return ["All pictures are just twice as wide as high, as pairs side by side are: of each the middle is "
                        "used (fit=tiles makes two images of each)."]
            counts = {"wide as high": wide, "high as wide": high}
            return [f"{_number(count)} more than twice as {ways}: {'its' if count == 1 else 'their'} middle is used "
                    "(fit=pad or fit=tiles uses all)." for ways, count in counts.items() if count] + self._lost()
        count = sum(width != height for width, height in self._shapes)
        if not count:
            return []
        if self._choices.fit == PAD:
            beside = "nothing" if self._fill is None else _colour(self._fill)
            return [f"{_number(count)} not square: {beside} was put beside {'it' if count == 1 else 'them'}."]
        return [f"The {len(self._shapes):,} pictures were cut into {self._count:,} squares."]

    def _lost(self):
        """A sentence on what is cut off of pictures that are not that long."""
        lost = [1 - min(shape) / max(shape) for shape in self._shapes if max(shape) <= LONG * min(shape)]
        cut = [share for share in lost if share >= MUCH]
        return [f"{len(cut):,} of {len(self._shapes):,} pictures lose up to {100 * max(cut):.0f} % at their ends, for "
                "squares are cut out of the middle."] if cut else []

    def _scaled(self):
        """Bring what has more than 8 bits to one scale."""
        if not self._reaches:
            return []
        low, high = min(low for low, _ in self._reaches), max(high for _, high in self._reaches)
        black, white = self._like.scale or scale(self._choices.scale, low, high, self._floats)
        self.taken = self.taken._replace(scale=(black, white))
        for place, values in self._deep.items():
            pixels, beside = scaled(values, black, white), np.isnan(values)
            self._x[place] = np.where(beside, self._fill or 0, pixels)
            if self._fill is None and beside.any():
                alpha = np.where(beside, 0, 255)
                self._clear[place] = np.concatenate([*[pixels] * 3, alpha], axis=-1).astype(np.uint8)
        # Of those with 16 bits a colour the upper eight are there: only a set that does not use them all needs more.
        if self._halved and (black, white) != (0, 65535):
            for place in self._halved:
                if place in self._clear:
                    clear = self._clear[place] = self._clear[place].copy()
                    clear[..., :3] = scaled(257.0 * clear[..., :3], black, white)
                    self._x[place] = over(clear, 255)[..., :self._x.shape[-1]]
                else:
                    self._x[place] = scaled(257.0 * self._x[place], black, white)
        self._deep.clear()
        upper = f" Of the colours of {len(self._halved):,} the upper eight bits are used." if self._halved else ""
        return [f"Pictures of more than 8 bits, {len(self._reaches):,} of {len(self._shapes):,}, have one scale: "
                f"{black:,.6g} is black and {white:,.6g} white.{upper}"]

    def _on_ground(self):
        ground, count = self._choices.ground, len(self._clear)
        if ground == ALPHA:
            return self._with_alpha()
        if not count:
            return []
        hidden = {}
        ground = self._like.ground or ground if ground == AUTO else ground
        if ground == AUTO:
            hidden = {name: sum(_plain(over(clear, colour)) for clear in self._clear.values())
                      for name, colour in COLOURS.items()} if any(_plain(self._x[place]) for place in self._clear) else {}
            ground = min(hidden, key=hidden.get) if hidden else WHITE
        self.taken = self.taken._replace(ground=ground)
        if ground != WHITE:
            for place, clear in self._clear.items():
                self._x[place] = over(clear, COLOURS[ground])[..., :self._x.shape[-1]]
        why = f", for on white {hidden[WHITE]:,} would be plain" if hidden and ground != WHITE else ""
        return [f"{_number(count)} transparent in parts, and stand{'s' * (count == 1)} on {ground}{why}."]

    def _with_alpha(self):
        if not self._clear:
            return ["No picture has transparent parts, so that there is no alpha to learn."]
        check_total(self._count, self._size, channels=4)
        x = np.empty((self._count, self._size, self._size, 4), np.uint8)
        x[..., :3], x[..., 3] = self._x[:self._count], 255
        for place, clear in self._clear.items():
            x[place] = clear
            x[place][clear[..., 3] == 0] = 0  # a colour that nobody sees is nothing to learn
        self._x = x
        return [f"{_number(len(self._clear))} transparent in parts: alpha is learned as a fourth channel."]


def scale(choice, low, high, floats=False):
    """``(black, white)`` of numbers from ``low`` to ``high``, those of a whole set.

    What 16 bits hold is of 16 bits, and floats are of the range to 1, or else of that to 255; a set that uses less than
    half of its range begins at 0 and ends at its highest, and one that uses less than an eighth of that begins at its
    lowest.
    """
    full = next((top for top in ((1.0, 255.0) if floats else (65535.0,)) if 0 <= low and high <= top), None)
    if choice == SET or full is None:
        return low, max(high, low + 1e-12)
    if choice == DEPTH:
        return 0.0, full
    white = full if high > full / 2 else high
    return (low, high) if 0 < high - low <= white / 8 else (0.0, white or full)


def scaled(values, black, white):
    """Numbers of any range as uint8."""
    return np.nan_to_num(np.rint(np.clip((values - black) * (255 / (white - black)), 0, 255))).astype(np.uint8)


def doubts(x):
    """A sentence on uint8 images (N, H, W, C) that are hardly worth learning, all the same or each of one colour."""
    if all(np.array_equal(x[0], image) for image in x[1:]):
        return [f"All {len(x):,} images are the same one, which is seldom meant."]
    different = len({hash(image.tobytes()) for image in x})
    if 2 * different <= len(x):
        return [f"Only {different:,} of {len(x):,} images differ from one another, which is seldom meant."]
    plain = int(np.count_nonzero(_plain(x)))
    if 2 * plain >= len(x):
        return [f"{plain:,} of {len(x):,} images are of one colour, or nearly, which is seldom meant."]
    return []


def _plain(images):
    """Whether an image (H, W, C), or each of several, is of one colour, or nearly."""
    return (np.ptp(images, axis=(-3, -2)) <= ONE_COLOUR).all(axis=-1)


def over(clear, colour):
    """RGBA uint8 (..., H, W, 4) on a grey of 0..255: RGB."""
    share = clear[..., 3:] / np.float32(255)
    return np.rint(clear[..., :3] * share + colour * (1 - share)).astype(np.uint8)


def _number(count):
    return f"{count:,} pictures are" if count != 1 else "1 picture is"


def _colour(value):
    return next(name for name, colour in COLOURS.items() if colour == value)
