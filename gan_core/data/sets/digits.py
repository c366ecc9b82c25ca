"""The 8 x 8 handwritten digits that scikit-learn ships: real scans, and always at hand."""

import numpy as np

from gan_core.data.base import IMAGES, Dataset, DatasetInfo
from gan_core.data.pixels import resized

ORDER = 10

_CLASSES = tuple("0123456789")
_SIDE = 8
_TOTAL = 1797
_TEST_EVERY = 6


def infos(workspace=None) -> list[DatasetInfo]:
    return [
        DatasetInfo(
            name="digits",
            title="Digits, 8 x 8",
            kind=IMAGES,
            shape=(_SIDE, _SIDE, 1),
            classes=_CLASSES,
            count=_TOTAL - _TOTAL // _TEST_EVERY,
            available=True,
            note="The 1,797 handwritten digits that scikit-learn ships; every sixth is held out as the test set.",
            licence="CC BY 4.0 (UCI Machine Learning Repository)",
        )
    ]


def load(name, size=None, workspace=None) -> Dataset:
    """(1498, 8, 8, 1) for training and (299, 8, 8, 1) held out, or ``size`` pixels a side."""
    from sklearn.datasets import load_digits  # here, because scikit-learn takes seconds to import

    scans = load_digits()
    # Grey levels 0..16, hence 17 values spread over 0..255.
    x = np.rint(scans.images[..., None] * (255 / 16)).astype(np.uint8)
    x, note = resized(x, size)
    y = scans.target.astype(np.int32)
    test = np.arange(len(x)) % _TEST_EVERY == _TEST_EVERY - 1
    return Dataset(name, IMAGES, x[~test], y[~test], _CLASSES, x[test], y[test], note=note)
