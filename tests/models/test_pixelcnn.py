"""PixelCNN: what a pixel may see, and samples drawn pixel by pixel."""

import itertools
import math

import numpy as np
import pytest
from keras import ops

from gan_core.data import to_float
from gan_core.engine.autodiff import input_gradient
from gan_core.models import inputs
from gan_core.models.networks import masked
from gan_core.tasks import sampling


def network(shape, levels, *, blocks=2, filters=12, seed=0):
    """One whose weights, biases included, are all at work."""
    found = masked.pixel_network(shape, levels, filters, blocks)
    rng = np.random.default_rng(seed)
    found.set_weights([w + rng.normal(0.0, 0.2, w.shape) for w in found.get_weights()])
    return found


@pytest.mark.parametrize("channels", [1, 3])
def test_a_masked_pixel_never_sees_its_future(channels):
    shape = (4, 4, channels)
    found = network(shape, 3, filters=24)
    images = np.random.default_rng(1).uniform(-1, 1, (16, *shape)).astype(np.float32)
    values = list(np.ndindex(shape))
    for place, (row, column, channel) in enumerate(values):
        slope = ops.convert_to_numpy(input_gradient(lambda x: found(x)[:, row, column, channel, 1], images))
        seen = np.abs(slope).sum(axis=0).reshape(-1)
        assert not seen[place:].any(), f"{values[place]} sees {values[place + int(np.flatnonzero(seen[place:])[0])]}"
        near = [i for i, (r, c, _) in enumerate(values[:place]) if row - r <= 3 and abs(column - c) <= 3]
        assert seen[near].all(), f"{values[place]} is blind to something before it"


@pytest.mark.parametrize("shape, levels", [((2, 2, 1), 2), ((1, 1, 3), 3)])
def test_the_probabilities_of_all_images_add_up_to_one(shape, levels):
    found = network(shape, levels)
    every = np.array(list(itertools.product(range(levels), repeat=math.prod(shape)))).reshape(-1, *shape)
    logits = ops.convert_to_numpy(found(2.0 * every / (levels - 1) - 1.0)).astype(float)
    p = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    assert np.take_along_axis(p, every[..., None], -1).prod(axis=(1, 2, 3, 4)).sum() == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("shape, levels", [((7, 6, 1), 2), ((4, 3, 3), 4)])
def test_cached_sampling_equals_the_whole_network_at_each_pixel(shape, levels):
    found = network(shape, levels)
    uniform = np.random.default_rng(0).random((6, *shape), np.float32)
    slow = np.zeros(uniform.shape, np.float32)
    for row, column, channel in np.ndindex(shape):
        logits = ops.convert_to_numpy(found(slow))[:, row, column, channel]
        slow[:, row, column, channel] = 2.0 * masked.pick(logits, uniform[:, row, column, channel]) / (levels - 1) - 1.0
    np.testing.assert_array_equal(masked.draw(found, uniform, 2, lambda share: None), slow)
    assert len(np.unique(slow)) == levels and len(np.unique(slow.reshape(6, -1), axis=0)) == 6


def test_a_level_is_picked_where_the_cumulative_probability_exceeds_the_number():
    logits = np.log(np.array([[0.2, 0.5, 0.3]] * 6))
    np.testing.assert_array_equal(masked.pick(logits, np.array([0.0, 0.19, 0.21, 0.69, 0.71, 0.9999])), [0, 0, 1, 1, 2, 2])
    assert masked.pick(np.array([[-800.0, 800.0]]), np.array([0.0]))[0] == 1, "what is impossible is not drawn"


def test_the_same_numbers_give_the_same_sample_whatever_is_drawn_beside_it(noise, tiny_model):
    model = tiny_model("pixelcnn", noise())
    drawn = inputs.draw(model.inputs(), 9, seed=3)
    whole = np.asarray(model.sample(drawn))
    np.testing.assert_array_equal(whole[:4], model.sample({"uniform": drawn["uniform"][:4]}))
    assert set(np.unique(whole)) <= set(np.linspace(-1, 1, 4, dtype=np.float32)), "four levels"


def test_sampling_tells_how_far_it_is(noise, tiny_model, monkeypatch):
    model, told = tiny_model("pixelcnn", noise()), []
    monkeypatch.setattr(sampling.models, "load", lambda store, run, step: (model, 0))
    monkeypatch.setattr(sampling, "BATCH", 3)
    samples, labels = sampling.draw(None, None, 5, progress=told.append)
    assert samples.shape == (5, 8, 8, 1) and labels is None
    assert len(told) == 16 and told == sorted(told) and told[0] == pytest.approx(3 / 40) and told[-1] == 1.0


@pytest.mark.parametrize("channels, asked, levels", [(1, "auto", 2), (3, "auto", 32), (1, "256", 256)])
def test_grey_images_have_two_levels_and_colour_has_more(noise, tiny_model, channels, asked, levels):
    model = tiny_model("pixelcnn", noise(channels=channels), levels=asked)
    assert model.levels == levels
    assert model.network.output.shape == (None, 8, 8, channels, levels)


def test_an_untrained_network_needs_about_the_bits_that_levels_have(noise, tiny_model):
    dataset = noise(channels=3)
    model = tiny_model("pixelcnn", dataset, levels="16")
    nats, logs = model.negative_log_likelihood({"real": ops.convert_to_tensor(to_float(dataset.x[:8]))})
    assert float(logs["bits_per_dim"]) == pytest.approx(4.0, abs=0.3)
    assert float(nats) == pytest.approx(float(logs["bits_per_dim"]) * 192 * math.log(2), rel=1e-5)


def test_the_likelihood_of_held_out_images_repeats_itself(noise, tiny_model):
    model, images = tiny_model("pixelcnn", noise(), levels="2"), to_float(noise().x[:20])
    found = model.log_likelihood(images)
    assert found == model.log_likelihood(images) == pytest.approx(model.log_likelihood(images, batch=7), abs=1e-3)
    assert found != model.log_likelihood(images, seed=1) and -60 < found < -35, "64 bits are 44 nats"
