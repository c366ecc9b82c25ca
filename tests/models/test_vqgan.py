"""VQGAN: codes are the nearest ones, gradients go where the paper says, dead codes begin anew, and it learns."""

import numpy as np
import pytest
from keras import ops

from gan_core import data
from gan_core.engine import autodiff
from gan_core.models.networks import quantised
from gan_core.models.zoo import vqgan
from gan_core.training import loop
from gan_core.training.recorder import MemoryRecorder
from helpers_engine import array, play
from helpers_zoo import built


def some(n=6, side=8, channels=1, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, (n, side, side, channels)).astype(np.float32)


@pytest.fixture
def model(noise):
    return built("vqgan", noise().spec)


def test_a_vector_becomes_the_nearest_of_the_codes():
    book = quantised.codebook((3, 2, 5), 11)
    vectors, codes = some(4, 3, 5)[:, :, :2], array(book.layers[-1].vectors)
    found = book(vectors)
    apart = np.square(vectors[..., None, :] - codes).sum(-1)
    assert np.array_equal(array(found["codes"]), apart.argmin(-1))
    np.testing.assert_array_equal(array(found["nearest"]), codes[apart.argmin(-1)])


def test_the_codes_follow_the_encoder_and_beta_is_on_the_encoders_side():
    """Van den Oord 2017, equation 3: a mistake of the authors' of VQGAN had beta on the other term."""
    book, vectors = quantised.codebook((1, 1, 2), 2), np.array([[[[0.4, 0.0]]]], np.float32)
    book.layers[-1].vectors.assign([[0.0, 0.0], [5.0, 5.0]])

    def loss(values):
        nearest = ops.reshape(values[1][0], (1, 1, 1, 2))
        code = ops.mean(ops.square(ops.stop_gradient(values[0]) - nearest))
        return code + 0.25 * ops.mean(ops.square(values[0] - ops.stop_gradient(nearest)))

    to_vectors, to_codes = (array(one) for one in autodiff.gradients(loss, [vectors, book.layers[-1].vectors.value]))
    np.testing.assert_allclose(to_codes[0], [-0.4, 0.0], atol=1e-6)
    np.testing.assert_allclose(to_vectors.ravel(), [0.25 * 0.4, 0.0], atol=1e-6)


def test_perplexity_counts_the_codes_that_are_alike_often():
    assert quantised.perplexity(np.repeat(np.arange(5), 3).reshape(3, 5), 9) == pytest.approx(5)
    assert quantised.perplexity(np.zeros((2, 2), int), 9) == pytest.approx(1)


def test_the_games_weight_is_the_ratio_of_the_gradients_at_the_last_layer(noise):
    """Equation 7, by automatic differentiation of the last kernel itself."""
    decoder = quantised.decoder((8, 8, 3), 4, 5, 0)
    features = array(decoder(some(2, 2, 5))["features"])
    last, goal = decoder.get_layer("to_image"), some(2, 8, 3, seed=1)

    def lost(values):
        image = ops.einsum("nhwc,cd->nhwd", features, values[0][0, 0]) + ops.convert_to_tensor(last.bias)
        return ops.mean(ops.abs(image - goal))

    wanted = np.linalg.norm(array(autodiff.gradients(lost, [last.kernel.value])[0]))
    values, slope = autodiff.valued_gradient(lambda image: ops.mean(ops.abs(image - goal), axis=(1, 2, 3)) / 2,
                                             last(features))
    assert array(values).shape == (2,)
    assert float(array(vqgan._last_layers(features, slope))) == pytest.approx(wanted, rel=1e-4)


def test_dead_codes_begin_anew_as_vectors_of_the_round(model):
    codes, width = model.config.codes, model.config.code_width
    model.code_use.assign(np.where(np.arange(codes) % 2, 1.0, 0.0))
    model.spare.assign(np.full((codes, width), 7.0))
    before = array(model.codebook.layers[-1].vectors).copy()
    model.end_round()
    after = array(model.codebook.layers[-1].vectors)
    assert (after[::2] == 7.0).all() and np.array_equal(after[1::2], before[1::2])
    assert (array(model.code_use) == 1.0).all()


def test_without_restarts_codes_stay_dead(noise):
    model = built("vqgan", noise().spec, restart=False)
    before = array(model.codebook.layers[-1].vectors).copy()
    model.end_round()
    assert np.array_equal(array(model.codebook.layers[-1].vectors), before)


def test_the_discriminator_waits_for_its_stage(noise, tiny_model):
    dataset = noise(n=32)
    model = tiny_model("vqgan", dataset, adversarial_steps=2)
    assert model.stages() == (2,) and not model.playing
    before = [array(v).copy() for v in model.discriminator.trainable_variables]
    play(model, next(data.batches(dataset, model.config.batch_size, seed=0)))
    assert all(np.array_equal(array(v), b) for v, b in zip(model.discriminator.trainable_variables, before))
    model.enter(1)
    assert model.playing


def test_samples_are_images_as_they_come_back(model, noise):
    images = some()
    made = array(model.sample({"image": images}))
    assert np.array_equal(made, array(model.reconstruction(images))) and np.abs(made).max() <= 1
    codes = array(model.codes_of(images))
    again = array(model.decoded(array(model.vectors)[codes]))
    np.testing.assert_allclose(np.clip(again, -1, 1), made, atol=1e-5)
    assert 1 <= model.measured(noise(n=20))["code_perplexity"] <= model.config.codes


def test_where_no_network_looks_pixels_alone_count(noise, monkeypatch):
    monkeypatch.setattr(vqgan.lite, "missing", lambda name: "The network lite0 is not installed; `pip install x` brings it.")
    model = built("vqgan", noise().spec, look=0.5)
    assert model._looks is None and model.prepare(noise(), 0).startswith("Images are compared by their pixels alone.")


def test_it_learns_to_give_images_back(tiny_spec):
    """Squares of two colours: within a few hundred steps they come back, through the game's beginning."""
    rng = np.random.default_rng(0)
    x = np.repeat(np.repeat(rng.choice([30, 220], (300, 2, 2, 1)), 4, 1), 4, 2).astype(np.uint8)
    dataset = data.Dataset("squares", data.IMAGES, x, None)
    spec = tiny_spec("vqgan", dataset, steps=250, batch_size=32, filters=8, adversarial_steps=200, look=0.0,
                     generator_rate=3e-3, steps_per_call=25, ema_decay=0.9)
    model = loop.build(spec)
    images = data.floats(x[:50])
    before = np.abs(array(model.reconstruction(images)) - images).mean()
    assert loop.fit(model, spec, dataset, MemoryRecorder()).status == "finished"
    after = np.abs(array(model.reconstruction(images)) - images).mean()
    assert after < 0.25 * before and after < 0.2
