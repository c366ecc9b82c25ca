"""InfoGAN: what its codes are read from, and the agreement of an image with its changed self."""

import keras
import numpy as np
import pytest
from keras import ops

from gan_core.data import IMAGES, batches
from gan_core.models.augment import warped
from gan_core.models.losses import mutual_information


def logits(*classes, k=4, sure=50.0):
    return sure * np.eye(k, dtype=np.float32)[list(classes)]


def test_mutual_information_of_sure_equal_and_even_readings_is_ln_k_and_of_others_0():
    even = logits(0, 1, 2, 3, 0, 1, 2, 3)
    assert float(mutual_information(even, even)) == pytest.approx(np.log(4), abs=1e-4)
    assert float(mutual_information(logits(1, 1, 1, 1), logits(1, 1, 1, 1))) == pytest.approx(0, abs=1e-4), "one value only"
    assert float(mutual_information(0 * even, 0 * even)) == pytest.approx(0, abs=1e-5), "unsure"
    assert float(mutual_information(even, logits(0, 0, 0, 0, 1, 1, 1, 1))) < 0.4, "they do not agree"


def test_mutual_information_equals_a_loop_over_samples():
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=(2, 9, 3)).astype(np.float32)
    p, q = (np.exp(each) / np.exp(each).sum(axis=1, keepdims=True) for each in (first, second))
    joint = sum((np.outer(a, b) + np.outer(b, a)) / 2 for a, b in zip(p, q)) / 9
    expected = sum(joint[i, j] * np.log(joint[i, j] / (joint[i].sum() * joint[:, j].sum()))
                   for i in range(3) for j in range(3))
    assert float(mutual_information(first, second)) == pytest.approx(expected, rel=1e-4)


def test_warped_images_keep_their_range_and_what_stands_in_the_middle():
    images = np.full((32, 28, 28, 1), -1.0, np.float32)
    images[:, 10:18, 10:18] = 1.0
    changed = np.asarray(warped(ops.convert_to_tensor(images), keras.random.SeedGenerator(0)))
    assert changed.shape == images.shape and changed.min() >= -1.0 and changed.max() <= 1.0 + 1e-5
    np.testing.assert_allclose(changed[:, 13:15, 13:15], 1.0, atol=1e-5)
    light = (changed + 1).sum(axis=(1, 2, 3)) / (images + 1).sum(axis=(1, 2, 3))
    assert 0.6 < light.min() and light.max() < 1.5 and light.std() > 0.05, "stretched by up to a sixth each way"
    weight = (changed + 1) / (changed + 1).sum(axis=(1, 2, 3), keepdims=True)
    middle = (weight.sum(axis=(2, 3)) * np.arange(28)).sum(axis=1)
    assert 0.3 < middle.std() and np.abs(middle - 13.5).max() < 2.6, "moved by at most a fourteenth"


def test_images_that_are_not_square_can_be_warped():
    assert warped(ops.zeros((2, 8, 12, 3)), keras.random.SeedGenerator(0)).shape == (2, 8, 12, 3)


@pytest.fixture
def game(noise, tiny_model):
    dataset = noise(IMAGES)
    batch = {name: ops.convert_to_tensor(value) for name, value in batches(dataset, 8, seed=0).batch_at(0).items()}
    return lambda **knobs: (tiny_model("infogan", dataset, batch_size=8, **knobs), batch)


def test_agreement_counts_for_the_discriminator_by_its_weight_and_not_at_all_without(game):
    found = {}
    for weight in (0.0, 1.0, 3.0):
        keras.utils.set_random_seed(0)
        model, batch = game(consistency=weight, dropout=0.0)
        loss, logs = model.discriminator_loss(batch)
        found[weight] = float(loss), float(logs.get("code_agreement", np.nan))
    assert np.isnan(found[0.0][1]) and found[1.0][1] == found[3.0][1] > 0
    for weight in (1.0, 3.0):
        assert found[weight][0] == pytest.approx(found[0.0][0] - weight * found[weight][1], abs=1e-5)


def test_codes_are_read_off_any_image(game):
    model, batch = game()
    read = np.asarray(model.read(batch["real"]))
    assert read.shape == (8,) and set(read) <= set(range(model.config.categories))
