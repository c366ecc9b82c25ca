"""Datasets: embedded digits, Keras's sets, 2-D points, tables, and the user's own images, pairs of them and CSV files.

``batches`` here is the function; it hides the submodule of the same name.
"""

from gan_core.data.base import (ANSWERS, CAPTIONS, DOMAINS, FLAT, IMAGES, MUSIC, PAIRS, POINTS, SOUND, TABLE, TEXT,
                                DataSpec, Dataset, DatasetInfo)
from gan_core.data.batches import batches, floats, some, taken, to_float, to_uint8
from gan_core.data.choices import Choices
from gan_core.data.library import catalogue, default_dataset, described, is_own, load, taken_for

__all__ = [
    "ANSWERS",
    "CAPTIONS",
    "DOMAINS",
    "FLAT",
    "IMAGES",
    "MUSIC",
    "PAIRS",
    "POINTS",
    "SOUND",
    "TABLE",
    "TEXT",
    "Choices",
    "DataSpec",
    "Dataset",
    "DatasetInfo",
    "batches",
    "catalogue",
    "default_dataset",
    "floats",
    "described",
    "is_own",
    "load",
    "some",
    "taken",
    "taken_for",
    "to_float",
    "to_uint8",
]
