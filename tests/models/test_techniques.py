"""What the shared knobs do: to optimizers, to what the discriminator sees, and to its loss."""

import keras
import numpy as np
import pytest
from keras import ops

from gan_core import engine
from gan_core.data import POINTS
from gan_core.models import augment
from gan_core.models.adversarial import packed
from gan_core.models.base import Player
from gan_core.models.registry import architecture

if engine.BACKEND != "tensorflow":
    pytest.skip("plays TensorFlow's step", allow_module_level=True)

PLAYER = Player("generator", "g", (), None)


def optimizer(player=PLAYER, **knobs):
    return architecture("dcgan").Config(**knobs).optimizer_for(player)


# Optimizers


def test_rmsprop_takes_steps_as_long_when_gradients_are_a_million_times_smaller():
    """As those are that reach a generator through a critic of clipped weights."""
    moved = []
    for scale in (1.0, 1e-6):
        weight, rule = keras.Variable(np.zeros(2, "float32")), optimizer(optimizer="rmsprop")
        for _ in range(5):
            rule.apply([scale * ops.convert_to_tensor([1.0, -1.0])], [weight])
        moved.append(np.asarray(weight))
    np.testing.assert_allclose(moved[1], moved[0], rtol=0.05)


@pytest.mark.parametrize("name, kind", [("adam", "Adam"), ("adamw", "AdamW"), ("rmsprop", "RMSprop"), ("sgd", "SGD")])
def test_each_optimizer_can_be_had(name, kind):
    found = optimizer(optimizer=name, beta_1=0.3, beta_2=0.8, generator_rate=1e-3)
    assert type(found).__name__ == kind and float(found.learning_rate) == pytest.approx(1e-3)
    assert getattr(found, "beta_1", getattr(found, "momentum", None)) == 0.3
    assert name != "rmsprop" or found.rho == 0.8


def test_rates_are_by_the_side_of_a_player():
    judge = Player("coarse critic", "coarse_d", (), None, side="discriminator")
    assert float(optimizer(judge, discriminator_rate=3e-4).learning_rate) == pytest.approx(3e-4)


@pytest.mark.parametrize("schedule, halfway, end", [("linear", 0.5, 0.0), ("cosine", 0.5, 0.0),
                                                    ("exponential", 0.1 ** 0.5, 0.1), ("constant", 1.0, 1.0)])
def test_a_schedule_goes_by_rounds_whatever_the_updates_of_a_player(schedule, halfway, end):
    for updates in (1, 5):
        player = Player("generator", "g", (), None, updates=updates)
        found = optimizer(player, schedule=schedule, schedule_steps=100, generator_rate=1e-3)
        for rounds, share in ((0, 1.0), (50, halfway), (100, end)):
            found.iterations.assign(rounds * updates)
            assert float(found.learning_rate) == pytest.approx(1e-3 * share, abs=1e-9)


@pytest.mark.parametrize("clip, expected", [("none", [3.0, 4.0]), ("norm", [0.6, 0.8]), ("value", [1.0, 1.0])])
def test_gradients_are_clipped_by_norm_over_all_weights_or_by_value(clip, expected):
    sgd = optimizer(optimizer="sgd", beta_1=0.0, generator_rate=0.1, clip=clip, clip_at=1.0)
    weights = [keras.Variable([0.0]), keras.Variable([0.0])]
    sgd.build(weights)
    sgd.apply([ops.convert_to_tensor([3.0]), ops.convert_to_tensor([4.0])], weights)
    np.testing.assert_allclose([float(w[0]) for w in weights], [-0.1 * e for e in expected], rtol=1e-5)


# What the discriminator sees


def test_packs_hold_samples_behind_one_another_and_leave_the_rest():
    images = np.arange(5 * 2 * 2 * 3, dtype=np.float32).reshape(5, 2, 2, 3)
    together = np.asarray(packed(ops.convert_to_tensor(images), 2))
    assert together.shape == (2, 2, 2, 6)
    np.testing.assert_array_equal(together[0], np.concatenate([images[0], images[1]], axis=-1))
    np.testing.assert_array_equal(together[1], np.concatenate([images[2], images[3]], axis=-1))


def test_instance_noise_goes_down_in_a_line_and_is_gone_at_its_step(game):
    model, batch = game("dcgan", instance_noise=0.8, instance_noise_steps=10)
    for step, left in ((0, 0.8), (5, 0.4), (10, 0.0), (20, 0.0)):
        model.rounds.assign(step)
        added = np.asarray(model.seen(batch["real"]) - batch["real"])
        assert added.std() == pytest.approx(left, rel=0.1, abs=1e-6)


def test_augmentation_with_probability_0_changes_nothing_and_with_1_everything():
    images = np.random.default_rng(0).uniform(-1, 1, (16, 8, 8, 3)).astype(np.float32)
    seed = keras.random.SeedGenerator(0)
    np.testing.assert_array_equal(augment.augmented(ops.convert_to_tensor(images), 0.0, seed), images)
    changed = np.asarray(augment.augmented(ops.convert_to_tensor(images), 1.0, seed))
    assert all(not np.array_equal(a, b) for a, b in zip(changed, images)) and np.isfinite(changed).all()


def test_a_shift_moves_whole_lines_and_fills_with_black():
    images = np.full((64, 8, 8, 1), 1.0, np.float32)
    moved = np.asarray(augment._shift(ops.convert_to_tensor(images), keras.random.SeedGenerator(1)))
    assert set(np.unique(moved)) == {-1.0, 1.0}
    lost = (moved == -1.0).sum(axis=(1, 2, 3))
    assert set(lost) <= {0, 8, 15} and len(set(lost)) > 1, "by at most one line each way"


def test_gradients_pass_through_augmentation(game):
    import tensorflow as tf

    images = tf.random.normal((4, 8, 8, 1))
    with tf.GradientTape() as tape:
        tape.watch(images)
        total = ops.sum(augment.augmented(images, 1.0, keras.random.SeedGenerator(0)) ** 2)
    assert float(ops.max(ops.abs(tape.gradient(total, images)))) > 0


def test_ada_goes_up_while_the_discriminator_is_too_sure_and_stays_a_probability():
    p = ops.convert_to_tensor(0.5)
    assert float(augment.adapted(p, 0.9, 0.6, 500)) == pytest.approx(0.501)
    assert float(augment.adapted(p, 0.1, 0.6, 500)) == pytest.approx(0.499)
    assert float(augment.adapted(ops.convert_to_tensor(0.0), 0.1, 0.6, 500)) == 0.0


def test_the_probability_of_ada_is_charted_and_kept_with_a_checkpoint(game, tmp_path):
    model, batch = game("dcgan", augment="ada", ada_target=0.0)
    logs = model.train_step((batch,))
    assert {"augment_p", "sure_of_real"} <= set(logs)
    model.augment_p.assign(0.25)
    model.save_weights(tmp_path / "x.weights.h5")
    fresh, _ = game("dcgan", augment="ada", ada_target=0.0)
    fresh.load_weights(tmp_path / "x.weights.h5")
    assert float(fresh.augment_p) == 0.25


# Penalties


def linear(model, slope):
    """Make the discriminator D(x) = slope . x, the first coordinate."""
    def judge(x, batch):
        flat = ops.reshape(x, (x.shape[0], -1))
        return {"logits": slope * flat[:, :1]}
    model.judge = judge


def test_r1_and_r2_are_half_gamma_times_the_squared_slope(game):
    model, batch = game("gan", POINTS, r1=4.0, r2=0.0)
    linear(model, 3.0)
    total, logs = model._zero_centred(batch["real"], batch["real"], batch)
    assert float(total) == pytest.approx(0.5 * 4.0 * 9.0) and float(logs["r1_penalty"]) == pytest.approx(9.0)
    model, batch = game("gan", POINTS, r1=1.0, r2=2.0)
    linear(model, 3.0)
    total, logs = model._zero_centred(batch["real"], batch["real"], batch)
    assert float(total) == pytest.approx(0.5 * 9.0 + 9.0) and set(logs) == {"r1_penalty", "r2_penalty"}


def test_a_lazy_penalty_counts_as_much_over_its_rounds_and_the_chart_keeps_what_was_found(game):
    model, batch = game("gan", POINTS, r1=2.0, penalty_every=4)
    linear(model, 3.0)
    totals, charted = [], []
    for step in range(8):
        model.rounds.assign(step)
        total, logs = model._zero_centred(batch["real"], batch["real"], batch)
        totals.append(float(total))
        charted.append(float(logs["r1_penalty"]))
    assert totals == pytest.approx([36.0, 0, 0, 0] * 2) and charted == pytest.approx([9.0] * 8)
    assert sum(totals) / 8 == pytest.approx(0.5 * 2.0 * 9.0)


# What is particular to a family


def test_clipped_weights_stay_within_their_bound(game):
    model, batch = game("wgan", discriminator_rate=0.1, clip_weights=0.05)
    before = [np.asarray(v) for v in model.generator.trainable_variables]
    model.train_step((batch,))
    assert max(np.abs(np.asarray(v)).max() for v in model.discriminator.trainable_variables) <= 0.05 + 1e-7
    assert any(np.abs(b).max() > 0.05 for b in before), "the generator is not clipped"


def test_attention_begins_as_nothing_and_then_looks_everywhere():
    from gan_core.models.networks.attention import SelfAttention

    layer = SelfAttention()
    x = ops.convert_to_tensor(np.random.default_rng(0).normal(size=(2, 4, 4, 8)).astype(np.float32))
    np.testing.assert_array_equal(layer(x), x)
    layer.gamma.assign(1.0)
    far = np.array(x)
    far[0, 3, 3] += 5.0
    changed = np.abs(np.asarray(layer(ops.convert_to_tensor(far)) - layer(x)))
    assert changed[0, 0, 0].max() > 1e-6 and changed[1].max() == 0, "a far pixel is seen; another image is not"


def test_truncated_noise_keeps_its_order_and_its_bound():
    from gan_core.models.zoo.biggan import truncated

    z = np.random.default_rng(0).standard_normal((1000, 4)).astype(np.float32)
    usual = np.abs(z) < 3
    np.testing.assert_allclose(np.asarray(truncated(z, np.full(1000, 4.0, np.float32)))[usual], z[usual], atol=0.02)
    cut = np.asarray(truncated(z, np.full(1000, 0.5, np.float32)))
    assert np.abs(cut).max() <= 0.5 + 1e-4 and cut.std() == pytest.approx(0.5 / 3 ** 0.5, rel=0.05)
    assert (np.argsort(cut[:, 0]) == np.argsort(z[:, 0])).mean() > 0.99


def test_the_second_head_reads_codes_and_classes(game):
    model, batch = game("infogan")
    assert np.asarray(model.read(batch["real"])).shape == (8,)
    logs = model.train_step((batch,))
    assert 0 <= float(logs["code_accuracy"]) <= 1
    logs = game("acgan")[0].train_step((game("acgan")[1],))
    assert {"class_accuracy_real", "class_accuracy_fake"} <= set(logs)


def test_orthogonal_regularisation_is_0_for_orthogonal_kernels():
    from gan_core.models.zoo.biggan import overlap

    assert float(overlap(ops.convert_to_tensor(3.0 * np.eye(4, dtype=np.float32)))) == pytest.approx(0.0)
    for shape in ((3, 3, 2, 5), (3, 40)):  # narrowing, widening
        kernel = np.random.default_rng(0).normal(size=shape).astype(np.float32)
        gram = kernel.reshape(-1, shape[-1]).T @ kernel.reshape(-1, shape[-1])
        off = gram - np.diag(np.diag(gram))
        assert float(overlap(ops.convert_to_tensor(kernel))) == pytest.approx((off ** 2).sum(), rel=1e-4)


def test_a_residual_block_without_normalisation_begins_as_nothing():
    from gan_core.models.zoo.r3gan import _residual

    x = keras.Input((8, 8, 4))
    block = keras.Model(x, _residual(x, blocks=3, of=6))
    image = np.random.default_rng(0).normal(size=(2, 8, 8, 4)).astype(np.float32)
    np.testing.assert_array_equal(block(image), image)


def test_a_relativistic_generator_looks_at_real_samples_too(game):
    model, batch = game("r3gan")
    seen = []
    score = model.discriminate
    model.discriminate = lambda x, batch: seen.append(x) or score(x, batch)
    model.generator_loss(batch)
    assert len(seen) == 1 and np.array_equal(seen[0], batch["real"])
