"""The numerics of the laboratory beside Keras: networks, losses, penalties, Adam; each gradient to 1e-5."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from gan_core.engine.autodiff import input_gradient
from gan_core.models import losses
from gan_core.models.networks import mlp
from helpers_laboratory import evaluated

BATCH, LATENT, CLOSE = 12, 3, 1e-5
LOSS = {"minimax": losses.MINIMAX, "non_saturating": losses.NON_SATURATING, "least_squares": losses.LEAST_SQUARES,
        "wgan": losses.WASSERSTEIN, "wgan_gp": losses.WASSERSTEIN, "r1": losses.NON_SATURATING,
        "relativistic": losses.RELATIVISTIC}
CASES = [(game, {}) for game in LOSS] + [
    ("wgan_gp", {"penalty": 0.0}), ("minimax", {"r1": 2.0}), ("minimax", {"r2": 3.0}),
    ("relativistic", {"r1": 0.5, "r2": 0.7}),
    ("wgan_gp", {"packing": 3, "r1": 0.3}), ("non_saturating", {"packing": 2, "r1": 0.3, "r2": 0.2}),
    ("relativistic", {"packing": 2, "d_depth": 1, "d_width": 5}), ("r1", {"r1": 1.0, "d_depth": 3, "g_depth": 1}),
    ("wgan_gp", {"waves": 3}), ("relativistic", {"waves": 2, "packing": 2, "r1": 0.5, "r2": 0.7})]

GRADIENTS = """({ settings, generator, discriminator, real, latents, alpha }) => {
    const game = new Game(settings)
    game.generator.theta.set(generator)
    game.discriminator.theta.set(discriminator)
    game.generator.turn()
    game.discriminator.turn()
    game.shown.set(real)
    const made = game.generator.forward(Float64Array.from(latents), game.n)
    for (let i = 0; i < 2 * game.n; i++) game.shown[2 * game.n + i] = made[i]
    game.discriminatorGradient(alpha)
    const d = Array.from(game.discriminator.grad)
    game.discriminator.grad.fill(0)
    game.generatorGradient()
    const told = { ...game.told, penalty: game.told.penalty }
    const left = game.discriminator.grad.some((value) => value !== 0)
    const g = Array.from(game.generator.grad)
    const before = Array.from(game.generator.theta)
    game.generator.update(settings, 0.01)
    return { d, g, told, left, before, after: Array.from(game.generator.theta) }
}"""


def settings_of(game, **changed):
    base = {"data": "ring", "clip": 0.1, "penalty": 0.4, "r1": 0.0, "r2": 0.0, "g_rate": 1e-3, "d_rate": 1e-3,
            "optimiser": "adam", "beta_1": 0.5, "beta_2": 0.99, "d_steps": 1, "g_steps": 1, "batch": BATCH, "packing": 1,
            "instance_noise": 0.0, "latent": LATENT, "noise": "gaussian", "g_depth": 2, "g_width": 7, "d_depth": 2,
            "d_width": 6, "seed": 1, "waves": 0, "game": game}
    return base | changed


def flat(variables):
    """As the laboratory has them: of each layer its kernel with a row for each unit, and its biases."""
    return np.concatenate([np.asarray(value).T.ravel() for value in variables])


@pytest.mark.parametrize("game, changed", CASES, ids=lambda word: word if isinstance(word, str) else "-".join(
    f"{name}{value}" for name, value in word.items()))
def test_gradients_are_those_of_keras(game, changed):
    s, rng = settings_of(game, **changed), np.random.default_rng(3)
    packs = BATCH // s["packing"]
    G = mlp.generator(LATENT, (2,), [s["g_width"]] * s["g_depth"], bounded=False, norm=None)
    D = net = mlp.discriminator((2 * (1 + 2 * s["waves"]),), [s["d_width"]] * s["d_depth"], packing=s["packing"])
    for network in (G, net):  # biases too, and steeper than they begin
        network.set_weights([rng.normal(0, 0.6, weights.shape) for weights in network.get_weights()])
    real, latents = rng.normal(0, 1, (BATCH, 2)), rng.normal(0, 1, (BATCH, LATENT))
    alpha, loss = rng.random(packs), LOSS[game]
    here = evaluated(GRADIENTS, {"settings": s, "generator": flat(G.get_weights()).tolist(), "alpha": alpha.tolist(),
                                 "discriminator": flat(net.get_weights()).tolist(), "real": real.ravel().tolist(),
                                 "latents": latents.ravel().tolist()})

    if s["waves"]:
        def D(samples):
            parts = [samples]
            for k in range(s["waves"]):
                parts += [ops.sin(2**k * np.pi * samples) / 2**k, ops.cos(2**k * np.pi * samples) / 2**k]
            return net(ops.reshape(ops.stack(parts, axis=-1), (samples.shape[0], -1)))

    def packed(samples):
        return ops.reshape(samples, (packs, 2 * s["packing"]))

    real_packs = packed(ops.convert_to_tensor(real, "float32"))
    z = ops.convert_to_tensor(latents, "float32")
    with tf.GradientTape() as tape:
        fake_packs = ops.stop_gradient(packed(G(z)))
        d_loss = ops.mean(loss.discriminator(D(real_packs), D(fake_packs)))
        penalty = 0.0
        if game == "wgan_gp":
            mix = ops.convert_to_tensor(alpha[:, None], "float32")
            between = mix * real_packs + (1.0 - mix) * fake_packs
            penalty += s["penalty"] * ops.mean(losses.gradient_penalty(input_gradient(D, between)))
        penalty += 0.5 * s["r1"] * ops.mean(losses.zero_centred_penalty(input_gradient(D, real_packs)))
        penalty += 0.5 * s["r2"] * ops.mean(losses.zero_centred_penalty(input_gradient(D, fake_packs)))
        total = d_loss + penalty
    # Of some losses the last bias has none.
    wanted = flat([ops.zeros_like(variable) if gradient is None else gradient for gradient, variable in zip(
        tape.gradient(total, net.trainable_variables), net.trainable_variables)])
    np.testing.assert_allclose(here["d"], wanted, rtol=0, atol=CLOSE * max(1.0, np.abs(wanted).max()))
    assert np.abs(wanted).max() > 1e-3 and not here["left"], "the generator's step leaves the discriminator's gradient alone"
    with tf.GradientTape() as tape:
        made = G(z)
        tape.watch(made)
        g_loss = ops.mean(loss.generator(D(real_packs), D(packed(made))))
    by_samples, *by_weights = tape.gradient(g_loss, [made, *G.trainable_variables])
    wanted = flat(by_weights)
    np.testing.assert_allclose(here["g"], wanted, rtol=0, atol=CLOSE * max(1.0, np.abs(wanted).max()))
    told = here["told"]
    assert told["d_loss"] == pytest.approx(float(d_loss), abs=CLOSE)
    assert told["g_loss"] == pytest.approx(float(g_loss), abs=CLOSE)
    slopes = np.linalg.norm(np.asarray(by_samples), axis=1)
    assert told["gradient"] == pytest.approx(slopes.sum(), rel=1e-4)
    optimizer = keras.optimizers.Adam(0.01, beta_1=0.5, beta_2=0.99)
    optimizer.apply([ops.convert_to_tensor(gradient) for gradient in by_weights], G.trainable_variables)
    np.testing.assert_allclose(here["after"], flat(G.get_weights()), rtol=0, atol=CLOSE)


def test_penalties_are_told():
    """The mean of (|grad| - 1)^2 of a critic without hidden kinks: a.x has |a| everywhere."""
    answer = evaluated("""() => {
        const net = new Network([2, 1], new Chance(1))
        net.theta.set([0.6, 0.8, 0.3])
        net.turn()
        const x = new Float64Array([1, 2, 3, 4])
        const one = net.penalise(x, 2, 1, 1), square = net.penalise(x, 2, 1, null)
        return [one, square, Array.from(net.grad)]
    }""")
    assert answer[0] == pytest.approx(0.0, abs=1e-12) and answer[1] == pytest.approx(1.0)
    np.testing.assert_allclose(answer[2], [1.2, 1.6, 0.0], atol=1e-9)


def test_products_of_every_size_are_those_of_numpy():
    """Blocks of four by two, and what is left at the edges."""
    rng = np.random.default_rng(0)
    for n, out, inner in [(1, 1, 1), (4, 2, 3), (5, 3, 2), (7, 1, 4), (8, 5, 1), (3, 2, 6)]:
        a, w, b = rng.normal(size=(n, inner)), rng.normal(size=(out, inner)), rng.normal(size=out)
        answer = evaluated("""([a, w, b, n, out, inner]) => {
            const [A, W, B] = [a, w, b].map((values) => Float64Array.from(values))
            const C = new Float64Array(n * out), P = new Float64Array(n * out).fill(1), Q = P.slice()
            affine(A, W, B, C, n, out, inner, 0.2)
            products(A, W, P, n, out, inner, false)
            products(A, W, Q, n, out, inner, true)
            return [C, P, Q].map((values) => Array.from(values))
        }""", [a.ravel().tolist(), w.ravel().tolist(), b.tolist(), n, out, inner])
        plain = a @ w.T
        linear = plain + b
        np.testing.assert_allclose(answer[0], np.where(linear > 0, linear, 0.2 * linear).ravel(), atol=1e-12)
        np.testing.assert_allclose(answer[1], plain.ravel(), atol=1e-12)
        np.testing.assert_allclose(answer[2], plain.ravel() + 1, atol=1e-12)


def test_random_numbers_are_fair_and_come_again():
    values, again = (np.array(evaluated("""() => {
        const chance = new Chance(5), first = Array.from({ length: 20000 }, () => chance.normal())
        return first.concat(Array.from({ length: 20000 }, () => chance.uniform()))
    }""")) for _ in range(2))
    np.testing.assert_array_equal(values, again)
    normal, uniform = values[:20000], values[20000:]
    assert abs(normal.mean()) < 0.03 and abs(normal.std() - 1) < 0.02 and abs((normal**4).mean() - 3) < 0.3
    assert abs(uniform.mean() - 0.5) < 0.01 and 0 < uniform.min() < 0.001 and 0.999 < uniform.max() < 1


def test_denormal_moments_become_0():
    """A gradient of 0 must not leave moments that fall for ever: arithmetic with them takes a hundred times as long."""
    assert evaluated("""(s) => {
        const net = new Network([1, 1], new Chance(1))
        net.grad.fill(1e-150)
        for (let i = 0; i < 400; i++) net.update(s, 0)
        return [...net.first, ...net.second].every((value) => value === 0)
    }""", settings_of("minimax"))
