"""Photographs and textures that come with scikit-image and scikit-learn: something to begin with where nothing else is at
hand."""

import numpy as np

from gan_core.errors import BadInput

# Name -> title; the function of skimage.data, or the file of sklearn.datasets, is of that name.
PHOTOGRAPHS = {"astronaut": "Astronaut", "chelsea": "Cat", "coffee": "Cup of coffee", "rocket": "Rocket", "china": "Temple",
               "flower": "Flower"}
TEXTURES = {"hubble_deep_field": "Galaxies", "immunohistochemistry": "Tissue, stained", "brick": "Bricks", "grass": "Grass",
            "gravel": "Gravel"}
ALL = PHOTOGRAPHS | TEXTURES
OF_SKLEARN = {"china": "china.jpg", "flower": "flower.jpg"}


def picture(name):
    """One of :data:`ALL`, uint8 (H, W, 3).  BadInput for another name."""
    if name not in ALL:
        raise BadInput(f"No picture {name!r} comes along; choose from {', '.join(ALL)}.")
    if name in OF_SKLEARN:
        from sklearn.datasets import load_sample_image

        return np.asarray(load_sample_image(OF_SKLEARN[name]))
    from skimage import data

    pixels = np.asarray(getattr(data, name)())
    return np.repeat(pixels[..., None], 3, axis=-1) if pixels.ndim == 2 else pixels[..., :3]
