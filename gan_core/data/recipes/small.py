"""Small to large, four times: means over squares of pixels, which is all that is left of an image at that size."""

import numpy as np

from gan_core.data.recipes.base import Recipe, to_pixels


def smaller(times):
    """A recipe's ``make`` that divides the sides by ``times``.

    One antialiased way for training and for whatever is held against it: of other ways of making images small a model that
    has learned this one makes sharp nonsense.
    """
    def make(images, rng=None):
        n, height, width, channels = images.shape
        fields = images.reshape(n, height // times, times, width // times, times, channels)
        return to_pixels(fields.mean((2, 4), dtype=np.float32))

    return make


def recipe(times):
    return Recipe(f"{times} times larger", f"a picture at a {['', '', 'half', 'third', 'quarter'][times]} of its size",
                  smaller(times), smaller=times)


RECIPE = recipe(4)
