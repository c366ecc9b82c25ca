"""LAPGAN: two games on a pyramid of images."""

import numpy as np
import pytest
from keras import ops

from gan_core.data import IMAGES
from gan_core.models import inputs
from gan_core.models.networks.pyramid import doubled, halved


@pytest.fixture
def model(noise_for, tiny_model):
    return tiny_model("lapgan", noise_for("lapgan", IMAGES))


def test_a_pyramid_of_a_real_image_is_that_image():
    images = np.random.default_rng(0).uniform(-1, 1, (3, 12, 12, 2)).astype(np.float32)
    small = np.asarray(halved(images))
    np.testing.assert_allclose(small, images.reshape(3, 6, 2, 6, 2, 2).mean((2, 4)), atol=1e-6)
    blurred = np.asarray(doubled(small))
    assert blurred.shape == images.shape
    np.testing.assert_allclose(blurred + (images - blurred), images, atol=1e-6)
    flat = np.full((1, 4, 4, 1), 0.3, np.float32)
    np.testing.assert_allclose(np.asarray(doubled(flat)), np.full((1, 8, 8, 1), 0.3), atol=1e-6)


def test_a_sample_is_the_coarse_image_enlarged_plus_the_detail(model):
    drawn = inputs.draw(model.inputs(), 4, seed=0)
    (coarse, detail, total), = [[np.asarray(row) for _, row in rows] for rows in model.views(drawn, None).values()]
    assert coarse.shape == detail.shape == total.shape == (4, *model.data.shape)
    np.testing.assert_allclose(np.clip(coarse + detail, -1, 1), total, atol=1e-6)
    np.testing.assert_array_equal(total, np.asarray(model.sample(drawn)))
    small = model.averages["coarse_generator"](drawn["latent"])
    np.testing.assert_allclose(np.asarray(doubled(small)), coarse, atol=1e-6)
    other = drawn | {"detail": -drawn["detail"]}
    (again, changed, _), = [[np.asarray(row) for _, row in rows] for rows in model.views(other, None).values()]
    np.testing.assert_array_equal(again, coarse)
    assert not np.allclose(changed, detail, atol=1e-7), "the detail has noise of its own"


def test_the_fine_level_learns_on_real_images_blurred(model):
    """With nothing added, what its discriminator sees are the real images without their detail (section 3.2), their contrast
    raised by tanh of twice as much, in which detail is added."""
    images = np.random.default_rng(0).uniform(-1, 1, (8, *model.data.shape)).astype(np.float32)
    last = [layer for layer in model.generator.layers if layer.weights][-1]
    last.set_weights([np.zeros_like(w) for w in last.get_weights()])
    batch = {"real": ops.convert_to_tensor(images)}
    seen = model.generate(batch | model.noise(8))
    np.testing.assert_allclose(np.asarray(seen), np.tanh(2 * np.asarray(doubled(halved(images)))), atol=1e-6)


def test_detail_leaves_the_sum_within_bounds(model):
    drawn = model.noise(8) | {"real": ops.convert_to_tensor(np.sign(np.random.default_rng(1).normal(
        size=(8, *model.data.shape))).astype(np.float32))}
    last = [layer for layer in model.generator.layers if layer.weights][-1]
    last.set_weights([100 * w for w in last.get_weights()])
    assert np.abs(np.asarray(model.generate(drawn))).max() <= 1 + 1e-6


def test_each_level_moves_its_own_networks_on_its_own_images(model):
    batch = {"real": ops.ones((8, *model.data.shape))}
    seen = []
    judge = model.judge
    model.judge = lambda samples, batch: seen.append(samples.shape[1]) or judge(samples, batch)
    sizes = {}
    for player in model.players():
        seen.clear()
        _, logs = player.loss(batch)
        sizes[player.key] = set(seen)
        assert all(name.startswith("coarse_") == player.key.startswith("coarse_") for name in logs)
    full = model.data.shape[0]
    assert sizes == {"d": {full}, "g": {full}, "coarse_d": {full // 2}, "coarse_g": {full // 2}}
    rates = {player.key: model.config.rate(player) for player in model.players()}
    assert rates["coarse_d"] == rates["d"] and rates["coarse_g"] == rates["g"]


def test_both_generators_are_averaged(model):
    assert set(model.averages) == {"generator", "coarse_generator"}
