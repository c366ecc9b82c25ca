"""Fill the hole: a rectangle of the image is grey."""

from gan_core.data.recipes.base import Recipe

GREY = 127
SHARES = 0.25, 0.5  # of a side, the hole's at least and at most


def masked(images, rng):
    images, (height, width) = images.copy(), images.shape[1:3]
    for image in images:
        tall, wide = (int(side * rng.uniform(*SHARES)) for side in (height, width))
        top, left = rng.integers(0, height - tall + 1), rng.integers(0, width - wide + 1)
        image[top:top + tall, left:left + wide, :3] = GREY
    return images


RECIPE = Recipe("fill the hole", "a picture with a hole", masked)
