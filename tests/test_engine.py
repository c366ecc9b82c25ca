"""The training step and its traps: who moves, on what, and what is kept.

Steps are played here one at a time and without a graph; ``test_training.py`` goes through ``fit``.
"""

import dataclasses
from contextlib import contextmanager
from dataclasses import dataclass

import keras
import numpy as np
import pytest
from keras import layers, ops

from gan_core import engine
from gan_core.adversarial import AdversarialModel
from gan_core.data import IMAGES, POINTS, batches
from gan_core.inputs import draw
from gan_core.knobs import Config
from gan_core.model import Player
from gan_core.registry import architectures
from gan_core.techniques import Game, Latents, Objective

if engine.BACKEND != "tensorflow":
    pytest.skip("these play TensorFlow's step; tests/test_jax.py plays JAX's", allow_module_level=True)

import tensorflow as tf  # noqa: E402

# Every architecture on every kind of data it learns, and variants that set a trap of their own.
GAMES = [(name, kind, {}) for name, model in architectures().items() for kind in model.kinds]
GAMES += [("dcgan", IMAGES, {"discriminator_norm": True}), ("dcgan", IMAGES, {"discriminator_norm": False}),
          ("gan", IMAGES, {"precision": "mixed_bfloat16"})]
every_game = pytest.mark.parametrize(
    "name, kind, knobs", GAMES,
    ids=lambda v: v if isinstance(v, str) else ",".join(f"{name}={value}" for name, value in v.items()) or "tiny")


def play(model, batch, *names):
    """One round in which only the players of these names move (all when none is named).  Returns the logs."""
    with only(model, *names):
        logs = model.train_step(({key: ops.convert_to_tensor(value) for key, value in batch.items()},))
    return {name: float(value) for name, value in logs.items()}


@contextmanager
def only(model, *names):
    everyone = model.players()
    model.players = lambda: tuple(p for p in everyone if not names or p.name in names)
    yield
    del model.players


def array(tensor):
    """A copy: what NumPy shares with a variable may change with it."""
    return np.array(ops.convert_to_tensor(tensor).numpy())


def values(variables):
    return [array(v) for v in variables]


def moved(before, variables):
    """Paths of the variables that are not bit for bit what they were."""
    return [v.path for old, v in zip(before, variables, strict=True) if not np.array_equal(old, array(v))]


def weights(model, name):
    """All variables of a network but the state of its random generators, which moves with every draw."""
    return [v for v in getattr(model, name).variables if "seed_generator" not in v.path]


def only_ranks(model):
    """Whether its discriminator is a critic, without verdicts."""
    return isinstance(model, AdversarialModel) and not model.objective.accuracy


def grown(model):
    """In the middle of a model's last stage, if it has stages, where the last part is joining and every other has."""
    if model.stages():
        model.rounds.assign(model.stages()[-1] + 1)
        model.enter(model.stage_of(int(model.rounds)))


@pytest.fixture
def game(noise_for, tiny_model):
    """``game(name, kind, **knobs)``: a miniature model and the batch of its first step."""
    def build(name, kind=IMAGES, seed=0, **knobs):
        dataset = noise_for(name, kind)
        model = tiny_model(name, dataset, seed=seed, **knobs)
        grown(model)
        return model, batches(dataset, model.config.batch_size, seed=0, draws=model.draws).batch_at(0)
    return build


# A game of its own for what no architecture does yet


@dataclass(frozen=True, kw_only=True)
class ToyConfig(Objective, Latents, Game, Config):
    """The knobs of any two players."""


class Witness(layers.Layer):
    """Notes how it was called."""

    def __init__(self, **options):
        super().__init__(**options)
        self.seen = []

    def call(self, x, training=None):
        self.seen.append(training)
        return x


class Toy(AdversarialModel):
    """Points, with a network of each kind small enough to follow by hand."""

    Config = ToyConfig
    title = "Toy"
    kinds = (POINTS,)

    def networks(self):
        z, x = keras.Input((self.config.latent,)), keras.Input((2,))
        generator = layers.Dense(2)(layers.BatchNormalization()(layers.Dense(4)(Witness()(z))))
        spectral = layers.SpectralNormalization(layers.Dense(4))(x)
        logit = layers.Dense(1)(layers.LeakyReLU()(Witness()(spectral)))
        return {"generator": keras.Model(z, generator), "discriminator": keras.Model(x, logit)}


@pytest.fixture
def toy(noise):
    dataset = noise(POINTS, classes=())

    def build(cls=Toy, **knobs):
        keras.utils.set_random_seed(0)
        model = cls(ToyConfig.tiny(**knobs), dataset.spec)
        return model, batches(dataset, model.config.batch_size, seed=0, draws=model.draws).batch_at(0)
    return build


# Who moves


@every_game
def test_each_turn_moves_the_players_own_networks_and_the_others_not_a_bit(game, name, kind, knobs):
    model, batch = game(name, kind, **knobs)
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
        # The loss of a critic is a difference of its outputs: a constant added to both cancels.
        assert still <= ({"logit/bias"} if only_ranks(model) else set()), player.name
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


@every_game
def test_sampling_moves_nothing_and_repeats_itself(game, name, kind, knobs):
    model, batch = game(name, kind, **knobs)
    play(model, batch)
    before, inputs = values(model.variables), draw(model.inputs(), 3, seed=5)
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
    from gan_core.zoo import wgan_gp

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


# What is charted


@every_game
def test_a_critic_has_an_estimate_and_a_discriminator_accuracies(game, name, kind, knobs):
    model, batch = game(name, kind, **knobs)
    logs = play(model, batch)
    assert np.isfinite(list(logs.values())).all()
    charted = {f"{player.key}_{what}" for player in model.players() for what in ("loss", "gradient_norm", "learning_rate")}
    accuracies = {"d_accuracy_real", "d_accuracy_fake"}
    assert charted <= set(logs) and "g_loss" in logs
    if not isinstance(model, AdversarialModel):
        return
    if not only_ranks(model):
        assert accuracies <= set(logs) and "critic_estimate" not in logs
        assert all(0 <= logs[key] <= 1 for key in accuracies)
    else:
        assert "critic_estimate" in logs and not accuracies & set(logs)


@pytest.mark.parametrize("loss, real, fake", [("non-saturating", 0.75, 0.5), ("least-squares", 0.5, 0.75)])
def test_accuracy_is_by_the_logits_side_of_the_threshold(game, loss, real, fake):
    """The verdict of least squares lies at 0.5: its logits are drawn to 0 and 1."""
    model, _ = game("gan", POINTS, loss=loss)
    verdicts = model.verdicts(np.array([[-1.0], [0.2], [0.6], [3.0]], np.float32),
                              np.array([[-2.0], [-0.1], [0.4], [0.9]], np.float32))
    assert float(verdicts["d_accuracy_real"]) == real and float(verdicts["d_accuracy_fake"]) == fake


def test_a_critics_estimate_is_its_difference_between_real_and_generated(game):
    model, _ = game("wgan_gp", POINTS)
    estimate = model.verdicts(np.array([[3.0], [1.0]], np.float32), np.array([[-1.0], [2.0]], np.float32))
    assert float(estimate["critic_estimate"]) == pytest.approx(1.5)


def test_label_smoothing_reaches_the_discriminators_loss(game):
    smooth, batch = game("gan", POINTS, label_smoothing=0.3)
    plain, _ = game("gan", POINTS, label_smoothing=0.0)
    assert play(smooth, batch)["d_loss"] != pytest.approx(play(plain, batch)["d_loss"], abs=1e-4)


def test_gradient_norms_are_those_of_the_gradients(toy):
    """With SGD of rate 1 the step is the gradient."""
    model, batch = toy()
    model.compile()
    sgd = keras.optimizers.SGD(1.0)
    sgd.build(model.generator.trainable_variables)
    model._optimizers["generator"] = sgd
    before = values(model.generator.trainable_variables)
    logs = play(model, batch, "generator")
    steps = [new - old for new, old in zip(values(model.generator.trainable_variables), before)]
    assert logs["g_gradient_norm"] == pytest.approx(np.sqrt(sum((s ** 2).sum() for s in steps)), rel=1e-4)


def test_mixed_precision_computes_in_half_and_keeps_in_full(game):
    model, batch = game("dcgan", precision="mixed_bfloat16")
    play(model, batch)
    convolution = next(layer for layer in model.discriminator.layers if isinstance(layer, layers.Conv2D))
    assert convolution.compute_dtype == "bfloat16"
    assert {v.dtype for v in model.trainable_variables} == {"float32"}
    real = ops.convert_to_tensor(batch["real"])
    assert keras.backend.standardize_dtype(model.discriminate(real, batch).dtype) == "float32"
    assert keras.backend.standardize_dtype(model.generate(batch | model.noise(8)).dtype) == "float32"
    assert keras.config.dtype_policy().name == "float32", "the policy of everyone else stays"


@pytest.mark.parametrize("xla", ["off", "on"])
def test_a_compiled_round_puts_statistics_back_in_the_right_order(game, xla):
    """The same round as without a graph.  XLA draws other noise from the same seed, so the noise is fixed here."""
    plain, batch = game("dcgan", discriminator_norm=True, dropout=0.0)
    compiled, _ = game("dcgan", discriminator_norm=True, dropout=0.0, xla=xla)
    assert compiled.jit_compile is (xla == "on")
    noise = draw(plain.inputs(), plain.config.batch_size, seed=0)["latent"]
    for model in (plain, compiled):
        model.generate = lambda batch, network=model.generator: network(noise, training=True)
    started = values(plain.variables)
    play(plain, batch)
    compiled.fit(engine.feed(iter([batch]), batch), shuffle=False, steps_per_epoch=1, verbose=0)
    for ours, theirs, before in zip(compiled.variables, plain.variables, started, strict=True):
        if "moving_" in ours.path:
            assert not np.array_equal(array(ours), before)
            np.testing.assert_allclose(array(ours), array(theirs), rtol=1e-4, atol=1e-6, err_msg=ours.path)


# The average


@every_game
def test_the_average_follows_all_weights(game, name, kind, knobs):
    model, batch = game(name, kind, **{"ema_decay": 0.9} | knobs)
    assert set(model.averages) == set(model.averaged)
    average = [v for name in model.averaged for v in model.averages[name].variables if "seed_generator" not in v.path]
    original = [v for name in model.averaged for v in weights(model, name)]
    play(model, batch)  # a kernel that begins as 0 hides what stands before it from the first gradient
    for mean, variable in zip(average, original, strict=True):
        mean.assign(variable)
    assert not {id(v) for v in average} & {id(v) for v in model.trainable_variables}
    before = values(average)
    grown(model)
    play(model, batch)
    assert len(moved(before, original)) > len(original) / 2, "most of it has moved, or nothing is shown"
    for mean, variable, old in zip(average, original, before, strict=True):
        now = array(variable)
        np.testing.assert_allclose(array(mean), 0.9 * old + 0.1 * now, rtol=1e-5, atol=1e-7, err_msg=variable.path)


@every_game
def test_the_average_starts_equal(game, name, kind, knobs):
    model, _ = game(name, kind, **{"ema_decay": 0.9} | knobs)
    for network in model.averaged:
        assert moved(values(weights(model, network)), [v for v in model.averages[network].variables
                                                       if "seed_generator" not in v.path]) == []


def test_the_average_covers_the_statistics_of_batch_norm(game):
    model, _ = game("gan")
    assert any("moving_variance" in v.path for v in model.averages["generator"].variables)
    assert not model.averages["generator"].trainable_variables


def test_samples_come_from_the_average(game):
    model, batch = game("gan", POINTS, ema_decay=0.9)
    inputs = draw(model.inputs(), 4, seed=0)
    before = array(model.sample(inputs))
    model.generator.set_weights([w + 1 for w in model.generator.get_weights()])
    np.testing.assert_array_equal(array(model.sample(inputs)), before)
    model.averages["generator"].set_weights([w + 1 for w in model.averages["generator"].get_weights()])
    assert not np.allclose(array(model.sample(inputs)), before)


def test_without_averaging_samples_come_from_the_generator(game):
    model, batch = game("gan", POINTS, ema_decay=0.0)
    assert model.averages == {}
    inputs = draw(model.inputs(), 4, seed=0)
    before = array(model.sample(inputs))
    play(model, batch)
    assert not np.array_equal(array(model.sample(inputs)), before)


def test_training_never_overwrites_the_generator_with_its_average(game):
    """As Keras's own ``use_ema`` does when ``fit`` ends."""
    model, batch = game("gan", POINTS)
    model.fit(engine.feed(iter([batch] * 2), batch), shuffle=False, steps_per_epoch=2, verbose=0)
    assert moved(values(model.averages["generator"].variables), model.generator.variables)


# Seeds and saving


def test_the_same_seed_gives_the_same_run_and_another_seed_another(game):
    runs = {}
    for key, seed in (("first", 1), ("again", 1), ("other", 2)):
        model, batch = game("cgan", seed=seed)
        started = values(model.trainable_variables)
        play(model, batch)
        runs[key] = started, values(model.variables)
    first, again, other = runs["first"], runs["again"], runs["other"]
    assert all(np.array_equal(a, b) for a, b in zip(first[0], again[0]))
    assert all(np.allclose(a, b, rtol=1e-5, atol=1e-6) for a, b in zip(first[1], again[1]))
    assert any(not np.allclose(a, b, atol=1e-3) for a, b in zip(first[0], other[0]))
    assert any(not np.array_equal(a, b) for a, b in zip(first[1], other[1]))


def test_the_noise_of_training_depends_on_the_seed(game):
    one, batch = game("gan", POINTS, seed=1)
    other, _ = game("gan", POINTS, seed=2)
    other.generator.set_weights(one.generator.get_weights())
    again, _ = game("gan", POINTS, seed=1)
    generated = [array(model.generate(batch | model.noise(8))) for model in (one, again, other)]
    np.testing.assert_array_equal(generated[0], generated[1])
    assert not np.allclose(generated[0], generated[2])


@every_game
def test_a_checkpoint_holds_all_that_a_step_depends_on(game, tmp_path, name, kind, knobs):
    """Weights, averages, statistics, optimizers and the state of every random generator, dropout's too."""
    model, batch = game(name, kind, **knobs)
    play(model, batch)
    model.save_weights(tmp_path / "saved.weights.h5")
    fresh, _ = game(name, kind, seed=9, **knobs)
    states = [v for v in model.variables if "seed_generator" in v.path]
    networks = [*(getattr(model, name) for name in model.network_names), *model.averages.values()]
    assert len(states) == 1 + sum(isinstance(layer, layers.Dropout) for net in networks for layer in net._flatten_layers())
    assert len(moved(values(states), [v for v in fresh.variables if "seed_generator" in v.path])) == len(states)
    fresh.load_weights(tmp_path / "saved.weights.h5")
    assert moved(values(model.variables), fresh.variables) == []
    assert moved(values(model.optimizer.variables), fresh.optimizer.variables) == []
    ours, theirs = play(model, batch), play(fresh, batch)
    assert ours == pytest.approx(theirs, rel=1e-4, abs=1e-5)
    for a, b in zip(model.variables, fresh.variables, strict=True):
        np.testing.assert_allclose(array(a), array(b), rtol=1e-4, atol=1e-5, err_msg=a.path)


def test_a_model_knows_when_its_weights_are_no_numbers_any_more(game):
    model, _ = game("gan", POINTS)
    assert model.is_finite()
    kernel = model.generator.trainable_variables[0]
    kernel.assign(np.where(np.arange(np.prod(kernel.shape)).reshape(kernel.shape) == 3, np.nan, array(kernel)))
    assert not model.is_finite()
