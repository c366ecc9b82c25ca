"""The variational autoencoder, and the likelihoods that it shares with others."""

import math

import keras
import numpy as np
import pytest
from keras import ops

from gan_core.data import IMAGES, to_float
from gan_core.models import inputs
from gan_core.models.likelihoods import (
    bernoulli, categorical, gaussian, held_out_levels, images_of, kl_to_normal, levels_of,
)
from gan_core.training import loop
from gan_core.training.recorder import Silence


def array(x):
    return ops.convert_to_numpy(x)


# Likelihoods against NumPy


def test_kl_is_the_closed_form_and_the_integral():
    rng = np.random.default_rng(0)
    mean, log_variance = rng.standard_normal((2, 4, 3)).astype(np.float32)
    found = array(kl_to_normal(mean, log_variance))
    x = np.linspace(-12, 12, 20_001)
    for n in range(4):
        closed = integral = 0.0
        for m, v in zip(mean[n].astype(float), log_variance[n].astype(float)):
            closed += -0.5 * (1 + v - m ** 2 - math.exp(v))
            q = np.exp(-0.5 * (x - m) ** 2 / math.exp(v)) / math.sqrt(2 * math.pi * math.exp(v))
            log_ratio = -0.5 * (x - m) ** 2 / math.exp(v) - 0.5 * v + 0.5 * x ** 2
            integral += np.sum(q * log_ratio) * (x[1] - x[0])
        assert found[n] == pytest.approx(closed, rel=1e-5) == pytest.approx(integral, rel=1e-4)
    assert array(kl_to_normal(np.zeros((1, 3), np.float32), np.zeros((1, 3), np.float32))) == 0.0


def test_reconstruction_terms_equal_a_loop():
    rng = np.random.default_rng(0)
    x, logits = rng.integers(0, 2, (3, 4, 4, 1)).astype(np.float32), rng.standard_normal((3, 4, 4, 1)).astype(np.float32)
    chosen, many = rng.integers(0, 5, (3, 4, 4, 1)), rng.standard_normal((3, 4, 4, 1, 5)).astype(np.float32)
    mean, log_variance = logits / 3, np.full((3, 1, 1, 1), -1.5, np.float32)
    for n in range(3):
        bits = density = levels = 0.0
        for place in np.ndindex(4, 4, 1):
            p = 1 / (1 + math.exp(-logits[n][place]))
            bits -= math.log(p if x[n][place] else 1 - p)
            density += 0.5 * math.log(2 * math.pi * math.exp(-1.5)) + (x[n] - mean[n])[place] ** 2 / (2 * math.exp(-1.5))
            weights = [math.exp(v) for v in many[n][place]]
            levels -= math.log(weights[chosen[n][place]] / sum(weights))
        assert array(bernoulli(x, logits))[n] == pytest.approx(bits, rel=1e-5)
        assert array(gaussian(x, mean, log_variance))[n] == pytest.approx(density, rel=1e-5)
        assert array(categorical(chosen, many))[n] == pytest.approx(levels, rel=1e-5)


def test_a_wrong_bit_that_was_certain_costs_its_logit_and_no_more():
    assert float(bernoulli(np.zeros((1, 1), np.float32), np.full((1, 1), 1000.0, np.float32))[0]) == 1000.0
    assert float(bernoulli(np.ones((1, 1), np.float32), np.full((1, 1), 1000.0, np.float32))[0]) == 0.0


# Bits


@pytest.mark.parametrize("levels", [2, 4, 32])
def test_rounding_by_chance_keeps_the_mean(levels):
    grey = np.linspace(-1, 1, 9, dtype=np.float32)
    images = np.tile(grey, (40_000, 1))
    chosen = array(levels_of(images, levels, np.random.default_rng(0).random(images.shape, np.float32)))
    assert chosen.min() == 0 and chosen.max() == levels - 1
    np.testing.assert_allclose(array(images_of(chosen, levels)).mean(axis=0), grey, atol=4 / math.sqrt(40_000))
    assert set(chosen[:, 0]) == {0} and set(chosen[:, -1]) == {levels - 1}, "black and white are certain"


def test_nothing_is_lost_of_256_levels():
    pixels = np.arange(256, dtype=np.uint8)[None]
    for uniform in (0.001, 0.5, 0.999):
        chosen = array(levels_of(to_float(pixels), 256, np.full((1, 256), uniform, np.float32)))
        np.testing.assert_array_equal(chosen, pixels)
        np.testing.assert_allclose(array(images_of(chosen, 256)), to_float(pixels), atol=1e-6)


def test_held_out_bits_are_the_same_for_every_model():
    images = np.random.default_rng(0).uniform(-1, 1, (5, 4, 4, 1)).astype(np.float32)
    np.testing.assert_array_equal(held_out_levels(images, 2, 3), held_out_levels(images, 2, 3))
    assert (held_out_levels(images, 2, 3) != held_out_levels(images, 2, 4)).any()


def test_bits_are_thrown_anew_each_time_an_image_is_seen(noise, tiny_model):
    model = tiny_model("vae", noise())
    seen = []
    model.terms = lambda encoder, decoder, images, noise: (seen.append(array(images)), (ops.zeros(4), ops.zeros(4)))[1]
    batch = {"real": ops.zeros((4, 8, 8, 1))}
    for _ in range(2):
        model.negative_elbo(batch)
    assert set(np.unique(seen)) == {-1.0, 1.0} and abs(np.mean(seen)) < 0.25
    assert not np.array_equal(*seen)


# The model


@pytest.mark.parametrize("channels, asked, bits", [(1, "auto", True), (3, "auto", False), (3, "bernoulli", True),
                                                   (1, "gaussian", False)])
def test_the_likelihood_goes_by_the_colour_unless_told(noise, tiny_model, channels, asked, bits):
    model = tiny_model("vae", noise(channels=channels), likelihood=asked)
    said = model.decoder(ops.zeros((2, model.config.latent)))
    assert model.bits is bits and set(said) == ({"logits"} if bits else {"mean", "log_variance"})
    samples = array(model.sample(inputs.draw(model.inputs(), 3, seed=0)))
    assert samples.shape == (3, 8, 8, channels) and np.abs(samples).max() <= 1.0


def test_the_variance_has_a_floor(noise, tiny_model):
    """Or the density of what is reconstructed exactly grows without bounds."""
    model = tiny_model("vae", noise(channels=3))
    layer = model.decoder.layers[-1]
    layer.log_variance.assign(-100.0)
    found = array(model.decoder(ops.zeros((2, model.config.latent)))["log_variance"])
    assert found.shape == (2, 1, 1, 1) and (found > -12).all()


@pytest.mark.parametrize("channels", [1, 3])
def test_what_is_charted_adds_up(noise, tiny_model, channels):
    model, dataset = tiny_model("vae", noise(channels=channels)), noise(channels=channels)
    loss, logs = model.negative_elbo({"real": ops.convert_to_tensor(to_float(dataset.x[:8]))})
    assert float(loss) == pytest.approx(float(logs["reconstruction"]) + float(logs["kl"])) == -float(logs["elbo"])
    assert float(logs["kl"]) > 0


def test_the_latent_is_the_mean_and_the_deviation_times_noise(noise, tiny_model):
    model = tiny_model("vae", noise())
    images, noise_ = np.ones((2, 8, 8, 1), np.float32), np.full((2, model.config.latent), 0.5, np.float32)
    q, seen = model.encoder(images), []
    model.terms(model.encoder, lambda z, training: seen.append(array(z)) or model.decoder(z), images, noise_)
    np.testing.assert_allclose(seen[0], array(q["mean"]) + 0.5 * np.exp(array(q["log_variance"]) / 2), rtol=1e-5)


def test_the_elbo_of_held_out_images_repeats_itself_and_rises(noise, tiny_spec):
    rng = np.random.default_rng(0)
    stripes = noise(n=256)
    stripes.x[:] = 255 * (np.arange(8) % 2 == rng.integers(0, 2, (256, 1, 1))).astype(np.uint8)[..., None]
    spec = tiny_spec("vae", stripes, steps=250, width=32, learning_rate=1e-2)
    model = loop.build(spec)
    images = to_float(stripes.x[:50])
    before = model.elbo(images)
    assert before == model.elbo(images) == pytest.approx(model.elbo(images, batch=7), abs=1e-3)
    assert loop.fit(model, spec, stripes, Silence()).status == "finished"
    assert before < -40 and model.elbo(images) > -8, "one bit is 0.7 nats; without a latent it would be 44"


def test_it_reconstructs_what_it_is_shown(noise, tiny_model):
    model, real = tiny_model("vae", noise()), np.zeros((8, 8, 8, 1), np.float32)
    (title, rows), = model.views({}, real).items()
    assert title == "Reconstructions" and [name for name, _ in rows] == ["real", "reconstructed"]
    assert all(array(row).shape == real.shape for _, row in rows)


def test_xla_is_on_for_dense_networks(noise, tiny_model):
    model = tiny_model("vae", noise(IMAGES), xla="auto")
    assert model.jit_compile and isinstance(model.optimizer, keras.optimizers.MultiOptimizer)
