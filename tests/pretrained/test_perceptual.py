"""The perceptual distance: that of a picture from itself is 0, and it ranks as eyes do where pixels do not."""

import numpy as np
import pytest
from PIL import Image, ImageFilter

from gan_core.evaluation import scoring
from gan_core.pretrained import lite, perceptual

pytestmark = pytest.mark.skipif(bool(lite.missing("lite0")), reason=lite.missing("lite0"))


@pytest.fixture(scope="module")
def picture():
    from sklearn.datasets import load_sample_image

    return np.asarray(Image.fromarray(load_sample_image("china.jpg")[:384, :384]).resize((96, 96)))


@pytest.fixture(scope="module")
def distance():
    return perceptual.Perceptual((96, 96, 3))


def floats(*images):
    return np.stack(images).astype(np.float32) / 127.5 - 1


def between(distance, one, other):
    return float(np.asarray(distance(floats(one), floats(other)))[0])


def blurred(image, radius):
    return np.asarray(Image.fromarray(image).filter(ImageFilter.GaussianBlur(radius)))


def test_it_is_0_of_itself_and_the_same_both_ways(distance, picture):
    other = blurred(picture, 2)
    assert between(distance, picture, picture) == pytest.approx(0, abs=1e-5)
    assert between(distance, picture, other) == pytest.approx(between(distance, other, picture), rel=1e-4) and \
        0 < between(distance, picture, other) < 2


def test_more_blur_and_more_noise_are_farther(distance, picture):
    rng = np.random.default_rng(0)
    noise = rng.standard_normal(picture.shape)
    for worse in ([blurred(picture, radius) for radius in (0.7, 1.5, 3)],
                  [np.clip(picture + level * noise, 0, 255).astype(np.uint8) for level in (8, 20, 50)]):
        found = [between(distance, picture, image) for image in worse]
        assert np.diff(found).min() > 0, found


def test_a_pixel_to_the_side_is_nearer_than_a_blur_though_pixels_say_otherwise(distance, picture):
    """Zhang 2018, figure 1."""
    moved, blur = np.roll(picture, 1, axis=1), blurred(picture, 1.2)
    pixels = [float(np.square(floats(image) - floats(picture)).mean()) for image in (moved, blur)]
    seen = [between(distance, picture, image) for image in (moved, blur)]
    assert pixels[0] > pixels[1] and seen[0] < seen[1], (pixels, seen)


def test_gradients_lead_back_to_the_picture(distance, picture):
    from keras import ops

    from gan_core.engine.autodiff import input_gradient

    wanted = distance.features(floats(picture))
    image = floats(blurred(picture, 3))
    before = float(np.asarray(distance.between(distance.features(image), wanted))[0])
    for _ in range(8):
        slope = np.array(input_gradient(lambda x: distance.between(distance.features(x), wanted), image))
        assert np.isfinite(slope).all()
        image = image - 0.02 * np.sign(slope)
    assert float(np.asarray(distance.between(distance.features(ops.convert_to_tensor(image)), wanted))[0]) < 0.9 * before


def test_pairs_are_scored_by_it_where_the_network_is(picture, monkeypatch):
    pairs = np.stack([picture, blurred(picture, 1)]), np.stack([blurred(picture, 1), blurred(picture, 4)])
    assert 0 < scoring.score_pairs(*pairs)["perceptual"] < 2
    monkeypatch.setattr(lite, "_path", lambda variant: None)
    assert "perceptual" not in scoring.score_pairs(*pairs)
