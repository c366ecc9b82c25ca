"""The training step and its traps: what is charted, averaged and saved.

Steps are played here one at a time and without a graph; ``test_training.py`` goes through ``fit``.
"""

import keras
import numpy as np
import pytest
from keras import layers, ops

import helpers_engine
from gan_core import engine
from gan_core.data import POINTS
from gan_core.models.adversarial import AdversarialModel
from gan_core.models.inputs import draw
from helpers_engine import array, every_game, grown, moved, only_ranks, play, values, weights
from helpers_zoo import zoo_wide

if engine.BACKEND != "tensorflow":
    pytest.skip("these play TensorFlow's step; tests/engine/test_jax.py plays JAX's", allow_module_level=True)

import tensorflow as tf  # noqa: E402

game, kept_game, toy = helpers_engine.game, helpers_engine.kept_game, helpers_engine.toy  # the fixtures
played_game = helpers_engine.played_game


# What is charted


@zoo_wide
@every_game
def test_a_critic_has_an_estimate_and_a_discriminator_accuracies(played_game, name, kind, knobs):
    model, batch, logs = played_game(name, kind, **knobs)
    assert np.isfinite(list(logs.values())).all()
    charted = {f"{player.key}_{what}" for player in model.players() for what in ("loss", "gradient_norm", "learning_rate")}
    accuracies = {"d_accuracy_real", "d_accuracy_fake"}
    assert charted <= set(logs) and model.main_curve in logs
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


@zoo_wide
@every_game
def test_the_average_follows_all_weights(played_game, name, kind, knobs):
    # A kernel that begins as 0 hides what stands before it from the first gradient.
    model, batch, _ = played_game(name, kind, **knobs)
    assert set(model.averages) == set(model.averaged)
    average = [v for name in model.averaged for v in model.averages[name].variables if "seed_generator" not in v.path]
    original = [v for name in model.averaged for v in weights(model, name)]
    for mean, variable in zip(average, original, strict=True):
        mean.assign(variable)
    assert not {id(v) for v in average} & {id(v) for v in model.trainable_variables}
    before = values(average)
    grown(model)
    decay = float(model.averaging())
    play(model, batch)
    assert len(moved(before, original)) > len(original) / 2, "most of it has moved, or nothing is shown"
    for mean, variable, old in zip(average, original, before, strict=True):
        now = array(variable)
        np.testing.assert_allclose(array(mean), decay * old + (1 - decay) * now, rtol=1e-5, atol=1e-7, err_msg=variable.path)


@zoo_wide
@every_game
def test_the_average_starts_equal(kept_game, name, kind, knobs):
    model, _ = kept_game(name, kind, **knobs)
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


@zoo_wide
@every_game
def test_a_checkpoint_holds_all_that_a_step_depends_on(played_game, game, tmp_path, name, kind, knobs):
    """Weights, averages, statistics, optimizers and the state of every random generator, dropout's too.  That a run goes
    on from there bit for bit is looked at in test_zoo.py."""
    model, batch, _ = played_game(name, kind, **knobs)
    model.save_weights(tmp_path / "saved.weights.h5")
    fresh, _ = game(name, kind, seed=9, **{"ema_decay": 0.9} | knobs)
    states = [v for v in model.variables if "seed_generator" in v.path]
    networks = [*(getattr(model, name) for name in model.network_names), *model.averages.values()]
    chance = (layers.Dropout, layers.LSTM, layers.GRU)  # recurrent ones could drop something, too
    assert len(states) == 1 + sum(isinstance(layer, chance) for net in networks for layer in net._flatten_layers())
    assert len(moved(values(states), [v for v in fresh.variables if "seed_generator" in v.path])) == len(states)
    fresh.load_weights(tmp_path / "saved.weights.h5")
    assert moved(values(model.variables), fresh.variables) == []
    assert moved(values(model.optimizer.variables), fresh.optimizer.variables) == []


def test_the_terms_of_a_gradient_are_summed_in_one_order_whichever_is_ready_first():
    """TensorFlow's own sum of three terms and more begins with one that nobody else needs by then, which chance decides."""
    @tf.function
    def gradient(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = 2.0 * x + ops.sin(x) + ops.exp(x) + ops.tanh(x)
        return tape.gradient(y, x)

    x = ops.convert_to_tensor(np.linspace(-1, 1, 7, dtype=np.float32))
    np.testing.assert_allclose(array(gradient(x)), 2 + np.cos(x) + np.exp(x) + 1 - np.tanh(x) ** 2, rtol=1e-5)
    sums = [op for op in gradient.get_concrete_function(x).graph.get_operations() if op.type == "AddN"]
    assert all(len(op.inputs) == 2 for op in sums)


def test_a_model_knows_when_its_weights_are_no_numbers_any_more(game):
    model, _ = game("gan", POINTS)
    assert model.is_finite()
    kernel = model.generator.trainable_variables[0]
    kernel.assign(np.where(np.arange(np.prod(kernel.shape)).reshape(kernel.shape) == 3, np.nan, array(kernel)))
    assert not model.is_finite()
