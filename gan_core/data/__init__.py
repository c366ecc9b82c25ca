"""Datasets: embedded digits, Keras's sets, 2-D points, and the user's own folders and zips of images.

``batches`` here is the function; it hides the submodule of the same name.
"""

from gan_core.data.base import IMAGES, POINTS, DataSpec, Dataset, DatasetInfo
from gan_core.data.batches import batches, some, to_float, to_uint8
from gan_core.data.library import catalogue, default_dataset, load

__all__ = [
    "IMAGES",
    "POINTS",
    "DataSpec",
    "Dataset",
    "DatasetInfo",
    "batches",
    "catalogue",
    "default_dataset",
    "load",
    "some",
    "to_float",
    "to_uint8",
]
