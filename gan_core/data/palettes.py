"""The few colours of which label maps are made: found in maps that JPEG has blurred, and given back to every pixel."""

import numpy as np

MOST = 32       # colours, beyond which it is no label map
NEAR = 25.0     # distance in RGB, within which a pixel is of a colour
APART = 50.0    # distance of two colours, at least
RARE = 0.001    # share of those pixels, below which a colour is none
COVERED = 0.9   # share of them near a colour, from which on maps are label maps
FLAT = 0.5      # share of pixels inside of a patch, from which on maps may be label maps
STILL = 12      # of 255
SAMPLED = 200_000  # pixels looked at


def found(maps, most=None):
    """The colours of label maps, uint8 (K, C), the most frequent first; None where they are no label maps.

    Args:
        maps: uint8 (N, H, W, C).
        most: how many there are, or at most; None where nobody knows, and whether there are any.
    """
    inside = _inside(maps)
    if most is None and inside.mean() < FLAT:
        return None
    # Inside of patches alone: where two meet JPEG mixes their colours, and so does resizing.
    pixels = maps[inside] if inside.any() else maps.reshape(-1, maps.shape[-1])
    rng = np.random.default_rng(0)
    if len(pixels) > SAMPLED:
        pixels = pixels[rng.choice(len(pixels), SAMPLED, replace=False)]
    left, colours = pixels.astype(np.float32), []
    while len(colours) < (most or MOST) and len(left):
        # The fullest of the cells of 16 levels, and what lies around its middle.
        cells, counts = np.unique((left // 16).astype(np.uint8), axis=0, return_counts=True)
        middle = cells[counts.argmax()].astype(np.float32) * 16 + 8
        around = left[_distance(left, middle) < NEAR]
        colour = np.median(around, axis=0) if len(around) else middle
        if most is None and (_distance(left, colour) < NEAR).sum() < RARE * len(pixels):
            break
        colours.append(colour)
        left = left[_distance(left, colour) >= APART]
    colours = np.rint(colours).astype(np.uint8)
    if most is None and (len(colours) < 2 or _share_near(pixels, colours) < COVERED):
        return None
    return colours


def snapped(maps, colours):
    """Each pixel of (N, H, W, C) in the nearest of ``colours``, uint8."""
    return colours[numbers(maps, colours)]


def numbers(maps, colours):
    """The number of the nearest of ``colours`` (K, C) of each pixel: (..., C) -> int (...)."""
    nearest, least = np.zeros(maps.shape[:-1], np.int64), np.full(maps.shape[:-1], np.inf, np.float32)
    for number, colour in enumerate(colours):
        distance = np.square(maps.astype(np.float32) - colour).sum(-1)
        nearer = distance < least
        nearest[nearer], least[nearer] = number, distance[nearer]
    return nearest


def of(maps):
    """The colours of maps that are snapped already, uint8 (K, C), the most frequent first; None of more than MOST."""
    colours, counts = np.unique(maps.reshape(-1, maps.shape[-1]), axis=0, return_counts=True)
    return colours[np.argsort(-counts, kind="stable")] if len(colours) <= MOST else None


def of_sources(dataset):
    """The colours of the sources of pairs, uint8 (K, C), where these are label maps; None where they are pictures."""
    if dataset.label_maps is False:  # by the import, which knows more than a few shades do
        return None
    colours = of(dataset.more["source"])
    return None if colours is None or len(colours) < 2 else colours


def _distance(pixels, colour):
    return np.sqrt(np.square(pixels - colour).sum(-1))


def _share_near(pixels, colours):
    near = np.zeros(len(pixels), bool)
    for colour in colours:
        near |= _distance(pixels.astype(np.float32), colour.astype(np.float32)) < NEAR
    return near.mean()


def _inside(maps):
    """Which pixels are nearly as their four neighbours, (N, H, W)."""
    values = maps.astype(np.int16)
    across = np.abs(np.diff(values, axis=2)).max(-1) <= STILL
    down = np.abs(np.diff(values, axis=1)).max(-1) <= STILL
    inside = np.ones(maps.shape[:3], bool)
    inside[:, :, 1:] &= across
    inside[:, :, :-1] &= across
    inside[:, 1:] &= down
    inside[:, :-1] &= down
    return inside
