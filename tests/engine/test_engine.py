"""The training step and its traps: who moves, and on what.

Steps are played here one at a time and without a graph; ``test_training.py`` goes through ``fit``.
"""

import dataclasses

import keras
import numpy as np
import pytest
from keras import ops

import helpers_engine
from gan_core import engine
from gan_core.data import IMAGES, POINTS
from gan_core.models.adversarial import AdversarialModel
from gan_core.models.base import Player
from gan_core.models.inputs import draw
from gan_core.models.losses import HINGE
from helpers_engine import Toy, Witness, array, every_game, grown, moved, only_ranks, play, values, weights
from helpers_zoo import zoo_wide

if engine.BACKEND != "tensorflow":
    pytest.skip("these play TensorFlow's step; tests/engine/test_jax.py plays JAX's", allow_module_level=True)

import tensorflow as tf  # noqa: E402

game, kept_game, toy = helpers_engine.game, helpers_engine.kept_game, helpers_engine.toy  # the fixtures


# Who moves


@zoo_wide
@every_game
def test_each_turn_moves_the_players_own_networks_and_the_others_not_a_bit(kept_game, name, kind, knobs):
    model, batch = kept_game(name, kind, **knobs)
    play(model, batch)  # a kernel that begins as 0 hides what stands before it from the first gradient
    for player in model.players():
        own = [v for network in player.networks for v in weights(model, network)]
        others = [v for network in model.network_names if network not in player.networks
                  for v in weights(model, network)]
        before, their, state = values(own), values(others), array(model.random.state)
        grown(model)
        play(model, batch, player.name)
        assert moved(their, others) == [], "moving statistics included"
        # Of a kernel with one output the singular vector is the number 1.
        still = {v.path for v in own if v.shape != (1,) or "singular" not in v.path} - set(moved(before, own))
        # The loss of a critic is a difference of its outputs: a constant added to both cancels; so it does in a hinge, as
        # long as both sides are on its slope.
        may = {path for path in still if "logit" in path and path.endswith("/bias")} if only_ranks(model) or (
            getattr(model, "objective", None) is HINGE) else set()
        assert still <= may | {path for path in still if "fixed_" in path}, player.name
        # What works on samples of the data may have no noise: each has one answer.
        # Of texts the likelihood is computed, in which nothing is thrown.
        if model.noise(2) if isinstance(model, AdversarialModel) else name != "lstm" and not any(
                one.from_data for one in model.inputs()):
            assert not np.array_equal(state, array(model.random.state)), "the noise must be fresh each time"


def test_statistics_of_a_normalised_discriminator_move_in_its_own_turn(game):
    model, batch = game("dcgan", discriminator_norm=True)
    statistics = [v for v in model.discriminator.variables if "moving_" in v.path]
    before = values(statistics)
    play(model, batch, "generator")
    assert statistics and moved(before, statistics) == []
    play(model, batch, "discriminator")
    assert len(moved(before, statistics)) == len(statistics)


def test_spectral_normalisation_leaves_the_discriminator_as_it_was_in_the_generators_turn(toy):
    """It assigns the kernel, a trained variable, whenever it is called in training."""
    model, batch = toy()
    model.compile()
    before = values(weights(model, "discriminator"))
    play(model, batch, "generator")
    assert moved(before, weights(model, "discriminator")) == []
    play(model, batch, "discriminator")
    assert any("vector_u" in path for path in moved(before, weights(model, "discriminator")))


def test_the_singular_vector_moves_in_the_discriminators_turn_only(game):
    model, batch = game("sngan")
    vectors = [v for v in model.discriminator.variables if v.path.endswith("singular/u") and v.shape != (1,)]
    before = values(vectors)
    play(model, batch, "generator")
    assert vectors and moved(before, vectors) == []
    play(model, batch, "discriminator")
    assert len(moved(before, vectors)) == len(vectors)


def test_only_the_players_own_optimizer_moves(game):
    model, batch = game("gan", POINTS)
    d, g = (model.optimizer_of(player) for player in model.players())
    play(model, batch, "discriminator")
    assert (int(d.iterations), int(g.iterations)) == (1, 0)
    play(model, batch)
    assert (int(d.iterations), int(g.iterations)) == (2, 1)


def test_each_player_has_its_own_learning_rate(game):
    model, batch = game("gan", POINTS, generator_rate=1e-3, discriminator_rate=4e-3)
    logs = play(model, batch)
    assert logs["g_learning_rate"] == pytest.approx(1e-3) and logs["d_learning_rate"] == pytest.approx(4e-3)


def test_a_variable_of_two_players_is_refused(toy):
    class Shared(Toy):
        def players(self):
            d, g = super().players()
            return d, Player("generator", "g", ("generator", "discriminator"), g.loss)

    model, _ = toy(Shared)
    with pytest.raises(ValueError, match="belongs to both discriminator and generator"):
        model.compile()


def test_a_variable_of_no_player_is_refused(toy):
    class Forgetful(Toy):
        def players(self):
            return super().players()[:1]

    model, _ = toy(Forgetful)
    with pytest.raises(ValueError, match="belongs to no player"):
        model.compile()


# On what


@pytest.mark.parametrize("labelled", [True, False])
def test_updates_of_a_round_see_consecutive_slices(game, labelled):
    model, batch = game("wgan_gp", discriminator_updates=3)
    if not labelled:
        del batch["label"]
    n = model.config.batch_size
    assert model.draws == 3 and len(batch["real"]) == 3 * n
    parts = [model.slice_of(batch, update) for update in range(3)]
    for key in batch:
        np.testing.assert_array_equal(np.concatenate([part[key] for part in parts]), batch[key])
        assert all(len(part[key]) == n for part in parts)


def test_each_update_gets_the_slice_of_its_number(game):
    model, batch = game("wgan_gp", POINTS, discriminator_updates=3)
    seen = {"discriminator": [], "generator": []}

    def spied(player):
        def loss(part):
            seen[player.name].append(array(part["real"]))
            return player.loss(part)
        return Player(player.name, player.key, player.networks, loss, player.updates)

    players = [spied(player) for player in model.players()]
    model.players = lambda: players
    play(model, batch)
    np.testing.assert_array_equal(np.concatenate(seen["discriminator"]), batch["real"])
    assert len(seen["discriminator"]) == 3 and len(seen["generator"]) == 1
    assert len(seen["generator"][0]) == model.config.batch_size


def test_two_updates_are_two_rounds_of_one_on_their_halves(game):
    both, batch = game("gan", POINTS, discriminator_updates=2)
    apart, _ = game("gan", POINTS)
    once, _ = game("gan", POINTS)
    n = both.config.batch_size
    halves = [{key: part[at:at + n] for key, part in batch.items()} for at in (0, n)]
    play(both, batch, "discriminator")
    for half in halves:
        play(apart, half, "discriminator")
    play(once, halves[0], "discriminator")
    for ours, theirs, other in zip(both.discriminator.get_weights(), apart.discriminator.get_weights(),
                                   once.discriminator.get_weights()):
        np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-7)
        assert not np.allclose(ours, other, rtol=1e-6, atol=1e-7)


def watched(model):
    """Lists that fill with the samples it makes, and with those that each player is shown."""
    made, shown = [], {"discriminator": [], "generator": []}
    everyone, generate = model.players(), model.generate

    def generating(batch):
        made.append(generate(batch))
        return made[-1]

    def told(player):
        def loss(batch):
            batch = model.with_made(batch)
            shown[player.name].append(array(batch["made"]))
            return player.loss(batch)
        return dataclasses.replace(player, loss=loss)

    model.generate = generating
    players = tuple(told(player) for player in everyone)
    model.players = lambda: players
    return made, shown


@pytest.mark.parametrize("updates", [(1, 1), (3, 1), (1, 2)])
def test_shared_samples_are_made_once_for_both(game, updates):
    """The discriminator's last update and the generator's first see the same ones, all others fresh ones."""
    model, batch = game("gan", POINTS, discriminator_updates=updates[0], generator_updates=updates[1])
    made, shown = watched(model)
    play(model, batch)
    assert len(made) == sum(updates) - 1
    np.testing.assert_array_equal(shown["discriminator"][-1], shown["generator"][0])
    everything = np.concatenate(shown["discriminator"] + shown["generator"][1:])
    assert len(np.unique(everything, axis=0)) == len(everything)


def test_unshared_samples_are_made_for_each(game):
    model, batch = game("gan", POINTS, shared_samples=False)
    made, shown = watched(model)
    play(model, batch)
    assert len(made) == 2 and not np.isin(shown["discriminator"][0], shown["generator"][0]).any()


def test_the_gradient_of_shared_samples_reaches_the_generator(game):
    """Its step is that of its loss on these samples, judged by the discriminator as it is after its own move."""
    model, batch = game("gan", POINTS, optimizer="sgd", beta_1=0.0, generator_rate=0.1, discriminator_rate=0.1)
    before = values(model.generator.trainable_variables)
    drawn = {"latent": ops.convert_to_tensor(np.random.default_rng(0).standard_normal((8, model.config.latent), np.float32))}
    model.noise = lambda n: drawn
    play(model, batch)
    after = values(model.generator.trainable_variables)
    for variable, old in zip(model.generator.trainable_variables, before):
        variable.assign(old)
    with tf.GradientTape() as tape:
        loss = ops.mean(ops.softplus(-model.discriminator(model.generator(drawn["latent"], training=True), training=True)))
    for old, new, gradient in zip(before, after, tape.gradient(loss, model.generator.trainable_variables), strict=True):
        np.testing.assert_allclose(new, old - 0.1 * array(gradient), rtol=1e-4, atol=1e-6)


def test_networks_are_told_that_they_are_training(toy):
    model, batch = toy()
    model.compile()
    witnesses = [layer for name in ("generator", "discriminator") for layer in getattr(model, name).layers
                 if isinstance(layer, Witness)]
    for witness in witnesses:
        witness.seen.clear()  # building the network called it once
    play(model, batch)
    assert [set(witness.seen) for witness in witnesses] == [{True}, {True}]
    model.sample(draw(model.inputs(), 3, seed=0))
    average = next(layer for layer in model.averages["generator"].layers if isinstance(layer, Witness))
    assert average.seen[-1] is False or average.seen[-1] is None


@zoo_wide
@every_game
def test_sampling_moves_nothing_and_repeats_itself(kept_game, noise_for, name, kind, knobs):
    model, batch = kept_game(name, kind, **knobs)
    play(model, batch)
    before, inputs = values(model.variables), draw(model.inputs(), 3, seed=5, data=noise_for(name, kind))
    first, second = (array(model.sample(inputs)) for _ in range(2))
    assert moved(before, model.variables) == []
    np.testing.assert_array_equal(first, second)


def test_dropout_is_on_in_training_and_off_outside(game):
    model, batch = game("dcgan", dropout=0.5)
    real = ops.convert_to_tensor(batch["real"])
    one, other = (array(model.discriminate(real, batch)) for _ in range(2))
    assert not np.array_equal(one, other)
    still = [array(model.discriminator(real, training=False)) for _ in range(2)]
    np.testing.assert_array_equal(*still)


def test_real_and_generated_samples_pass_apart_through_batch_norm(game):
    """One pass of both would mix their statistics: the logits of real samples must not depend on the generator."""
    model, batch = game("dcgan", discriminator_norm=True, dropout=0.0)
    alone = array(model.discriminate(ops.convert_to_tensor(batch["real"]), batch))
    seen = []
    model.verdicts = lambda real, fake: seen.append(array(real)) or {}
    model.discriminator_loss({key: ops.convert_to_tensor(value) for key, value in batch.items()})
    np.testing.assert_allclose(seen[0], alone, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind, shape", [(IMAGES, (8, 1, 1, 1)), (POINTS, (8, 1))])
def test_the_penalty_is_taken_at_one_random_place_for_each_sample(game, monkeypatch, kind, shape):
    from gan_core.models.zoo import wgan_gp

    model, batch = game("wgan_gp", kind, discriminator_updates=1)
    drawn, places = [], []
    uniform, penalised = keras.random.uniform, wgan_gp.input_gradient
    monkeypatch.setattr(keras.random, "uniform", lambda *a, **k: drawn.append(uniform(*a, **k)) or drawn[-1])
    monkeypatch.setattr(wgan_gp, "input_gradient", lambda f, x: places.append(array(x)) or penalised(f, x))
    real, fake = ops.convert_to_tensor(batch["real"]), ops.zeros_like(batch["real"])
    model.penalty(real, fake, batch)
    alpha = array(drawn[0])
    assert alpha.shape == shape and len(np.unique(alpha)) == 8 and ((0 <= alpha) & (alpha < 1)).all()
    np.testing.assert_allclose(places[0], alpha * batch["real"], rtol=1e-6)


def test_the_penalty_of_a_linear_critic_reaches_the_loss_with_its_weight(noise, tiny_model):
    model = tiny_model("wgan_gp", noise(POINTS, classes=()), penalty_weight=7.0)
    model.discriminate = lambda x, batch: ops.matmul(x, np.array([[0.0], [2.0]], np.float32))
    penalty, logs = model.penalty(ops.ones((4, 2)), ops.zeros((4, 2)), {})
    assert float(penalty) == pytest.approx(7.0, rel=1e-4) and float(logs["gradient_penalty"]) == pytest.approx(1.0, rel=1e-4)
