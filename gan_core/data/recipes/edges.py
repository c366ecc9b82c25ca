"""Lines to picture: where brightness changes most, black on white, as one would draw them."""

import numpy as np

from gan_core.data.recipes.base import Recipe, luminance

BLUR = 1.0      # pixels at 64 a side, more of larger images: what is finer is texture, and nobody draws it
STRONG = 0.25   # of the 99th percentile of an image's slopes
EIGHTH = np.float32(np.sqrt(2) - 1)  # tangent of the angle between two of the eight ways
DIFFERENCE, SMOOTH = [-0.5, 0, 0.5], [0.25, 0.5, 0.25]
LEAST = 8.0     # levels of 255 a pixel, below which there is no edge, as in an image of one colour


def edges(images, rng=None):
    """uint8 (N, H, W, C) -> uint8 (N, H, W, 1), 0 where a line is, 255 elsewhere.

    Lines are one pixel wide: places where the slope is steeper than on both sides across it (Canny 1986, section VIII).
    """
    from scipy.ndimage import correlate1d, gaussian_filter

    grey = luminance(images)
    grey = gaussian_filter(grey, (0, *[BLUR * max(1.0, min(grey.shape[1:]) / 64)] * 2))
    # Sobel's slopes, a level a pixel; of each image alone, where SciPy's own smooths along the first axis, too.
    down, across = (correlate1d(correlate1d(grey, DIFFERENCE, axis), SMOOTH, 3 - axis) for axis in (1, 2))
    # Nothing but sums, products and comparisons: a line may hang on the last bit, which functions round as they like.
    slope, flat, steep = down * down + across * across, np.abs(down), np.abs(across)
    slanted = np.where((down > 0) == (across > 0), 1, 3)
    way = np.where(flat <= EIGHTH * steep, 0, np.where(steep <= EIGHTH * flat, 2, slanted))
    padded = np.pad(slope, ((0, 0), (1, 1), (1, 1)))
    height, width = slope.shape[1:]

    def beside(y, x):
        return padded[:, 1 + y:1 + y + height, 1 + x:1 + x + width]

    ways = [(0, 1), (1, 1), (1, 0), (1, -1)]  # across the edge, in eighths of a turn
    steepest = np.zeros(slope.shape, bool)
    for number, (y, x) in enumerate(ways):
        # Of two that are as steep the first: an edge of two pixels is one line.
        steepest |= (way == number) & (slope >= beside(y, x)) & (slope > beside(-y, -x))
    usual = np.percentile(slope, 99, axis=(1, 2), keepdims=True, method="lower")
    enough = np.maximum(STRONG ** 2 * usual, LEAST ** 2)
    return np.where(steepest & (slope >= enough), 0, 255).astype(np.uint8)[..., None]


RECIPE = Recipe("lines to picture", "the lines of a picture", edges, channels=1)
