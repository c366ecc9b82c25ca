"""VAE/GAN: three players, each with its own loss."""

import keras
import numpy as np
import pytest
from keras import ops

from gan_core.data import batches
from gan_core.models.likelihoods import kl_to_normal

PLAYERS = ("encoder", "generator", "discriminator")


@pytest.fixture
def game(noise, tiny_model):
    """``game(**knobs)``: a miniature model and a batch."""
    def build(**knobs):
        model = tiny_model("vaegan", noise(), **knobs)
        batch = batches(noise(), model.config.batch_size, seed=0, draws=model.draws).batch_at(0)
        return model, {key: ops.convert_to_tensor(value) for key, value in batch.items()}
    return build


def array(x):
    return ops.convert_to_numpy(x)


def player(model, name):
    return next(each for each in model.players() if each.name == name)


@pytest.mark.parametrize("mover", PLAYERS)
def test_each_players_loss_moves_its_own_network_alone(game, mover):
    model, batch = game()
    one = player(model, mover)
    before = {name: [array(v) for v in getattr(model, name).trainable_variables] for name in PLAYERS}
    statistics = {name: [array(v) for v in getattr(model, name).non_trainable_variables] for name in PLAYERS}
    model.players = lambda: (one,)
    _step(model, batch)
    for name in PLAYERS:
        now = [array(v) for v in getattr(model, name).trainable_variables]
        moved = [not np.array_equal(a, b) for a, b in zip(before[name], now)]
        assert all(moved) if name == mover else not any(moved), f"{mover} moves {name}: {moved}"
        if name != mover:
            for a, v in zip(statistics[name], getattr(model, name).non_trainable_variables):
                np.testing.assert_array_equal(a, array(v))


def _step(model, batch):
    if keras.backend.backend() != "tensorflow":
        pytest.skip("plays TensorFlow's step")
    return model.train_step((batch,))


def test_likeness_is_half_the_squared_distance_of_features(game):
    model, batch = game()
    again = ops.flip(batch["real"], axis=1)
    found, _ = model.unlike(batch["real"], again, batch)
    real, drawn = (array(model.judge(x, batch)["features"]) for x in (batch["real"], again))
    expected = [0.5 * sum((a - b) ** 2 for a, b in zip(x.astype(float), y.astype(float))) for x, y in zip(real, drawn)]
    np.testing.assert_allclose(array(found), expected, rtol=1e-4)
    np.testing.assert_allclose(array(model.unlike(batch["real"], batch["real"], batch)[0]), 0.0, atol=1e-6)


@pytest.mark.parametrize("knobs", [{"augment": "diffaugment"}, {"instance_noise": 1.0, "instance_noise_steps": 100}],
                         ids=["augmented", "noisy"])
def test_both_are_compared_under_the_same_changes(game, knobs):
    model, batch = game(**knobs)
    changed = array(model.seen(batch["real"]))
    assert not np.allclose(changed, array(batch["real"])) and not np.allclose(changed, array(model.seen(batch["real"])))
    unlike, _ = model.unlike(batch["real"], batch["real"], batch)
    np.testing.assert_allclose(array(unlike), 0.0, atol=1e-6, err_msg="an image is like itself")


def test_no_knob_speaks_of_samples_that_are_never_shared(game):
    model, _ = game()
    assert "shared_samples" not in {knob.name for knob in model.Config.knobs()}
    assert not any(one.makes for one in model.players())


def test_the_encoder_pays_for_the_prior_and_for_likeness(game):
    model, batch = game()
    loss, logs = model.encoder_loss(batch)
    q = model.encoder(batch["real"], training=True)
    assert float(logs["kl"]) == pytest.approx(float(np.mean(array(kl_to_normal(**q)))), rel=1e-4)
    assert float(loss) == pytest.approx(float(logs["kl"]) + float(logs["feature_distance"]), rel=1e-5)


def test_gamma_weighs_likeness_for_the_generator_alone(game):
    losses = {}
    for gamma in (0.0, 2.0):
        model, batch = game(gamma=gamma)
        losses[gamma] = {name: float(player(model, name).loss(batch)[0]) for name in ("generator", "encoder")}
        if gamma == 0.0:
            fresh, _ = game(gamma=gamma)
            fresh.noise(batch["real"].shape[0])  # what the generator's loss draws before
            again, _ = fresh.redrawn(batch["real"])
            unlike = float(np.mean(array(fresh.unlike(batch["real"], again, batch)[0])))
    assert losses[2.0]["generator"] - losses[0.0]["generator"] == pytest.approx(2.0 * unlike, rel=1e-3)
    assert losses[2.0]["encoder"] == pytest.approx(losses[0.0]["encoder"], rel=1e-5)


def test_the_discriminator_judges_real_drawn_and_reconstructed_images(game):
    model, batch = game(label_smoothing=0.0)
    model.judge = lambda samples, batch: {"logits": ops.full((8, 1), 2.0), "features": ops.zeros((8, 1))}
    loss, logs = model.discriminator_loss(batch)
    assert float(loss) == pytest.approx(np.log1p(np.exp(-2.0)) + 2 * np.log1p(np.exp(2.0)), rel=1e-5)
    assert (float(logs["d_accuracy_real"]), float(logs["d_accuracy_fake"])) == (1.0, 0.0)


def test_a_round_charts_all_three_and_it_reconstructs(game):
    model, batch = game()
    logs = _step(model, batch)
    assert {"e_loss", "g_loss", "d_loss", "kl", "d_accuracy_real", "d_accuracy_fake"} <= set(logs)
    rows = model.views({}, array(batch["real"]))["Reconstructions"]
    assert [name for name, _ in rows] == ["real", "reconstructed"]
    assert array(rows[1][1]).shape == array(batch["real"]).shape and np.abs(array(rows[1][1])).max() <= 1.0


def test_statistics_settle_soon(game):
    """With Keras's momentum of 0.99 the encoder's latents were far too near 0 outside training, copies grey."""
    model, _ = game()
    for name in PLAYERS:
        norms = [layer for layer in getattr(model, name).layers if isinstance(layer, keras.layers.BatchNormalization)]
        assert norms and {layer.momentum for layer in norms} == {0.9}, name
