"""AdaIN: features take the style's statistics, strength and mixtures lie between, and any size will do."""

import numpy as np
import pytest

from gan_core import data
from gan_core.models import inputs
from gan_core.models.networks import stylised
from helpers_engine import array, play
from helpers_zoo import built


@pytest.fixture
def model(noise):
    return built("adain", noise().spec)


def some(n=3, side=8, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, (n, side, side, 1)).astype(np.float32)


def test_features_get_the_mean_and_deviation_of_the_style(model):
    content, style = some(), some(seed=1) * 0.2 + 0.5
    maps = [model._maps(images)[-1] for images in (content, style)]
    made = model._meant(*maps)
    for found, wanted in zip(stylised.statistics(made), stylised.statistics(maps[1])):
        np.testing.assert_allclose(array(found), array(wanted), rtol=0.05, atol=0.01)
    np.testing.assert_allclose(array(model._meant(*maps, 0.0)), array(maps[0]))


def test_a_mixture_of_one_style_is_that_style(model):
    content, styles = some(1), [some(1, seed=seed) for seed in (1, 2)]
    alone = array(model.painted(content, [(styles[0], 1.0)]))
    np.testing.assert_allclose(array(model.painted(content, [(styles[0], 1.0), (styles[1], 0.0)])), alone, atol=1e-6)
    np.testing.assert_allclose(array(model.sample({"content": content, "style": styles[0],
                                                   "strength": np.ones(1, np.float32)})), alone, atol=1e-5)
    assert not np.allclose(array(model.painted(content, [(styles[0], 0.5), (styles[1], 0.5)])), alone)


def test_pictures_of_any_size_are_painted(model):
    made = array(model.painted(some(1, 24)[:, :16], [(some(1, 12), 1.0)]))
    assert made.shape == (1, 16, 24, 1) and np.abs(made).max() <= 1


def test_its_inputs_are_images_of_the_data(model, noise):
    dataset = noise(n=40)
    drawn = inputs.draw(model.inputs(), 5, 0, dataset)
    known = {image.tobytes() for image in data.floats(dataset.x)}
    assert all(image.tobytes() in known for name in ("content", "style") for image in drawn[name])
    assert not np.array_equal(drawn["content"], drawn["style"]) and drawn["strength"].tolist() == [1.0] * 5


def test_features_are_the_same_on_every_machine(noise):
    one, other = (stylised.features((8, 8, 1), 4).get_weights() for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(one, other))
    assert float(np.abs(one[0]).sum()) == pytest.approx(12.5940523, rel=1e-5)


def test_it_learns_to_give_an_image_back(noise, tiny_model):
    dataset = noise(n=32)
    model = tiny_model("adain", dataset, learning_rate=3e-3, filters=8, style=0.0)
    batch = data.batches(dataset, model.config.batch_size, seed=0).batch_at(0)
    first = play(model, batch)["kept"]
    for _ in range(60):
        last = play(model, batch)["kept"]
    assert last < 0.9 * first
