"""Unrolled GAN: the generator's gradient passes through the discriminator's imagined steps."""

import keras
import numpy as np
import pytest
from keras import layers, ops

from gan_core import engine
from gan_core.data import POINTS, batches
from gan_core.engine.autodiff import gradients_at, standing_in

if engine.BACKEND != "tensorflow":
    pytest.skip("these take their gradients by TensorFlow's tape", allow_module_level=True)

import tensorflow as tf


@pytest.fixture
def game(noise, tiny_model):
    """``game(name, **knobs)``: a miniature model with equal weights and noise for all, and a batch."""
    dataset = noise(POINTS, classes=())

    def build(name="unrolled", **knobs):
        model = tiny_model(name, dataset, latent=6, batch_size=8, ema_decay=0.0, **knobs)
        rng = np.random.default_rng(0)
        for network in (model.generator, model.discriminator):
            network.set_weights([rng.standard_normal(w.shape).astype(np.float32) / 2 for w in network.get_weights()])
        batch = batches(dataset, 8, seed=0).batch_at(0)
        latent = rng.standard_normal((8, 6)).astype(np.float32)
        model.noise = lambda n: {"latent": ops.convert_to_tensor(latent)}
        return model, {name: ops.convert_to_tensor(value) for name, value in batch.items()}
    return build


def generator_gradient(model, batch):
    with tf.GradientTape() as tape:
        loss, _ = model.generator_loss(batch)
    return [ops.convert_to_numpy(g) for g in tape.gradient(loss, [v.value for v in model.generator.trainable_variables])]


def play(model, batch, *players):
    everyone = model.players()
    model.players = lambda: [player for player in everyone if player.name in players]
    model.train_step((batch,))
    del model.players


@pytest.mark.parametrize("loss", ["minimax", "non-saturating", "least-squares"])
def test_without_unrolling_it_is_the_usual_game(game, loss):
    ours, theirs = game(unrolling=0, loss=loss), game("gan", loss=loss)
    for a, b in zip(generator_gradient(*ours), generator_gradient(*theirs), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("steps", [1, 3])
def test_the_gradient_through_the_steps_is_that_of_finite_differences(game, steps, monkeypatch):
    """Seen from one weight of the generator, with the moments that a few real steps have left."""
    # Through a kink of LeakyReLU the imagined steps jump, and differences with them.
    monkeypatch.setattr(layers, "LeakyReLU", lambda **_: layers.Activation("tanh"))
    model, batch = game(unrolling=steps, discriminator_rate=0.05)
    for _ in range(3):
        play(model, batch, "discriminator")
    kernel = model.generator.trainable_variables[-1]
    found, h = generator_gradient(model, batch)[-1], 1e-2
    start, plain = ops.convert_to_numpy(kernel).copy(), []
    for sign in (1, -1):
        kernel.assign(start + sign * h * np.eye(len(start), dtype=np.float32)[0])
        plain.append(float(model.generator_loss(batch)[0]))
    kernel.assign(start)
    assert found[0] == pytest.approx((plain[0] - plain[1]) / (2 * h), rel=2e-2)
    usual, _ = game(unrolling=0)
    usual.generator.set_weights(model.generator.get_weights())
    usual.discriminator.set_weights(model.discriminator.get_weights())
    assert generator_gradient(usual, batch)[-1][0] != pytest.approx(found[0], rel=0.1), "or the steps do nothing"


@pytest.mark.parametrize("knobs", [
    {}, {"optimizer": "adamw", "weight_decay": 0.5}, {"clip": "norm", "clip_at": 0.5}, {"clip": "value", "clip_at": 0.1},
    {"schedule": "linear", "schedule_steps": 8}], ids=lambda knobs: next(iter(knobs.values()), "adam"))
def test_the_imagined_steps_are_those_of_the_discriminators_optimizer(game, knobs):
    """Each imagined step lands where a real one on the same samples does."""
    model, batch = game(unrolling=3, discriminator_rate=0.05, **knobs)
    for _ in range(2):
        play(model, batch, "discriminator")
    fake = model.generate(batch | model.noise(8))
    imagined = [np.asarray(w) for w in model.unrolled(batch["real"], fake, batch)]
    for _ in range(3):
        play(model, batch, "discriminator")
    for ours, real in zip(imagined, model.discriminator.trainable_variables, strict=True):
        np.testing.assert_allclose(ours, ops.convert_to_numpy(real), rtol=1e-4, atol=1e-5)


def test_the_generator_is_judged_by_what_the_discriminator_is_drawn_to(game):
    """f(theta_G, theta_D) is one function for both, smoothed targets included."""
    model, batch = game(unrolling=0, label_smoothing=0.3)
    made = model.with_made(batch)
    lost, _ = model.discriminator_loss(made)
    assert float(model.generator_loss(made)[0]) == pytest.approx(-float(lost), rel=1e-5)


def test_the_discriminator_stays_bit_for_bit_while_the_generator_thinks_ahead(game):
    model, batch = game(unrolling=3)
    before = [ops.convert_to_numpy(v).copy() for v in model.discriminator.variables]
    moments = [ops.convert_to_numpy(v).copy() for v in model.optimizer_of(model.players()[0]).variables]
    play(model, batch, "generator")
    assert all(np.array_equal(old, ops.convert_to_numpy(v).copy()) for old, v in zip(before, model.discriminator.variables))
    now = model.optimizer_of(model.players()[0]).variables
    assert all(np.array_equal(old, ops.convert_to_numpy(v).copy()) for old, v in zip(moments, now))


def test_a_second_derivative_through_a_linear_discriminator():
    """D(x) = a x and f = D^2 / 2 at x: one step of rate r gives a' = a - r a x^2, and d(a' x)/dx = a - 3 r a x^2."""
    x_in = keras.Input((1,))
    network = keras.Model(x_in, layers.Dense(1, use_bias=False)(x_in))
    network.set_weights([np.array([[2.0]], np.float32)])
    x, rate = tf.constant([[3.0]]), 0.1
    with tf.GradientTape() as tape:
        tape.watch(x)
        weights = [ops.convert_to_tensor(v) for v in network.trainable_variables]
        slope = gradients_at(lambda: ops.sum(ops.square(network(x))) / 2, network.trainable_variables, weights)
        with standing_in(network.trainable_variables, [w - rate * g for w, g in zip(weights, slope)]):
            y = ops.sum(network(x))
    assert float(slope[0][0, 0]) == pytest.approx(18.0)
    assert float(y) == pytest.approx((2 - rate * 18) * 3)
    assert float(tape.gradient(y, x)[0, 0]) == pytest.approx(2 - 3 * rate * 2 * 9)
    assert float(network.get_weights()[0][0, 0]) == 2.0
