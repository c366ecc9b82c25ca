"""Grey to colour."""

from gan_core.data.recipes.base import Recipe, luminance, to_pixels


def grey(images, rng=None):
    return to_pixels(luminance(images))[..., None]


RECIPE = Recipe("grey to colour", "a picture without its colours", grey, channels=1, coloured=True)
