"""Whether images may be learned in a mirror is told from them."""

import numpy as np
import pytest
from PIL import Image

from gan_core import data
from gan_core.evaluation import mirror


def crops(n):
    from sklearn.datasets import load_sample_image

    rng, found = np.random.default_rng(0), []
    for number in range(n):
        picture = load_sample_image(("china.jpg", "flower.jpg")[number % 2])
        top, left = (int(rng.integers(0, length - 120)) for length in picture.shape[:2])
        crop = picture[top:top + 120, left:left + 120]
        found.append(np.asarray(Image.fromarray(crop[:, ::rng.choice((-1, 1))]).resize((32, 32))))
    return np.stack(found)


def test_digits_may_not_and_what_lies_either_way_may():
    assert not mirror.allowed(data.load("digits").x)
    assert mirror.allowed(crops(120))


@pytest.mark.parametrize("n", [2, 15])
def test_of_too_few_nothing_is_said(n):
    assert not mirror.allowed(crops(n))
