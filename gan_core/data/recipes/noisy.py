"""Restore: pixels are noisy, some images more than others."""

import numpy as np

from gan_core.data.recipes.base import Recipe, to_pixels

DEVIATIONS = 15.0, 60.0  # of 255


def noisy(images, rng):
    # One image after the other: each is the same however many come with it.
    noise = [rng.uniform(*DEVIATIONS) * rng.standard_normal(images.shape[1:], np.float32) for _ in images]
    return to_pixels(images + np.stack(noise))


RECIPE = Recipe("restore what is noisy", "a noisy picture", noisy)
