"""StyleGAN2: styles, modulated convolutions and what is done with them."""

import keras
import numpy as np
import pytest
from keras import ops

from gan_core import engine
from gan_core.data import batches
from gan_core.models import describe, inputs
from gan_core.models.networks import style
from gan_core.models.networks.reparametrised import EqualConv2D, EqualDense, SpectralDense

if engine.BACKEND != "tensorflow":
    pytest.skip("plays TensorFlow's step; tests/engine/test_jax.py plays JAX's", allow_module_level=True)


@pytest.fixture(scope="module")
def images(noise):
    return noise(size=8)


@pytest.fixture
def model(tiny_model, images):
    return tiny_model("stylegan", images)


def array(tensor):
    return np.array(ops.convert_to_numpy(tensor))


def drawn(model, n=4, **dials):
    """Inputs of ``n`` samples with the dials set."""
    return inputs.draw(model.inputs(), n, seed=0) | {
        name: np.full(n, value, np.float32) for name, value in dials.items()}


def livened(model, seed=0):
    """Weights of one size everywhere, averages too: at the start styles hardly differ and noise has no strength."""
    rng = np.random.default_rng(seed)
    for name in ("mapping", "generator"):
        for network in (getattr(model, name), model.averages[name]):
            network.set_weights([w + 0.1 * rng.standard_normal(w.shape).astype(np.float32) for w in network.get_weights()])
    return model


def round_of(model, images, steps=1):
    """Logs of the last of some rounds."""
    source = batches(images, model.config.batch_size, seed=0, draws=model.draws)
    for step in range(steps):
        batch = {key: ops.convert_to_tensor(value) for key, value in source.batch_at(step).items()}
        logs = model.train_step((batch,))
    return {key: float(value) for key, value in logs.items()}


# The modulated convolution


def by_hand(x, kernel, styles, demodulate):
    """Equations 1 and 3 with a kernel for every sample, one output pixel at a time."""
    n, height, width, _ = x.shape
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    y = np.zeros((n, height, width, kernel.shape[-1]))
    for sample in range(n):
        own = kernel * styles[sample][:, None]
        if demodulate:
            own = own / np.sqrt((own ** 2).sum(axis=(0, 1, 2)) + 1e-8)
        for row in range(height):
            for column in range(width):
                window = padded[sample, row:row + 3, column:column + 3]
                y[sample, row, column] = np.tensordot(window, own, axes=3)
    return y


@pytest.mark.parametrize("demodulate", [True, False])
def test_a_modulated_convolution_has_a_kernel_for_every_sample(demodulate):
    rng = np.random.default_rng(0)
    x, styles = (rng.standard_normal(shape).astype(np.float32) for shape in ((3, 5, 4, 6), (3, 6)))
    layer = style.ModulatedConv2D(7, 3, padding="same", demodulate=demodulate)
    found = array(layer(x, styles))
    np.testing.assert_allclose(found, by_hand(x, array(layer.kernel), styles, demodulate), rtol=1e-4, atol=1e-4)
    layer.bias.assign(np.arange(7.0))
    np.testing.assert_allclose(array(layer(x, styles)), found + np.arange(7), rtol=1e-4, atol=1e-4)


def test_demodulated_outputs_have_unit_variance_whatever_the_style():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((2, 32, 32, 16)).astype(np.float32)
    styles = np.stack([np.full(16, 50.0), rng.uniform(0.01, 0.1, 16)]).astype(np.float32)
    found = array(style.ModulatedConv2D(32, 3)(x, styles))  # no padding: zeros have no variance
    np.testing.assert_allclose(found.std(axis=(1, 2, 3)), 1.0, atol=0.03)
    plain = array(style.ModulatedConv2D(32, 3, demodulate=False)(x, styles))
    assert plain[0].std() > 10 > 1 > plain[1].std()


def test_parameters_at_28_pixels():
    """Widths 64, 32, 16 at 7, 14, 28 pixels, styles of 64 numbers; each noise has a strength."""
    def conv(k, a, b):
        return k * k * a * b + b

    def styled(k, a, b):
        return conv(k, a, b) + (64 + 1) * a

    generator = 49 * 64 + sum(styled(1, width, 1) for width in (64, 32, 16)) + sum(
        styled(3, a, b) + 1 for a, b in ((64, 64), (64, 32), (32, 32), (32, 16), (16, 16)))
    discriminator = conv(1, 1, 16) + sum(conv(3, a, a) + conv(3, a, b) + a * b for a, b in ((16, 32), (32, 64))) + conv(
        3, 65, 64) + (49 * 64 + 1) * 64 + 65
    assert describe.card("stylegan").parameters == {
        "mapping": 2 * (64 + 1) * 64, "generator": generator, "discriminator": discriminator}


# Checkpoints of layers with a computed kernel


@pytest.mark.parametrize("layer", [lambda: EqualDense(3, rate=0.01), lambda: EqualConv2D(3, 1), lambda: SpectralDense(3)])
def test_a_computed_kernel_survives_a_checkpoint(layer, tmp_path):
    """Keras saves what ``kernel`` returns, and would load it as the weight that it is computed from."""
    def network():
        x = keras.Input((2, 2, 4))
        return keras.Model(x, layer()(x))

    first, second = network(), network()
    first.layers[-1].bias.assign([1.0, 2.0, 3.0])
    first.save_weights(tmp_path / "kept.weights.h5")
    second.load_weights(tmp_path / "kept.weights.h5")
    for ours, theirs in zip(first.variables, second.variables, strict=True):
        np.testing.assert_array_equal(array(ours), array(theirs), err_msg=ours.path)


def test_the_rate_of_a_layer_is_that_of_its_bias_too():
    layer = EqualDense(2, rate=0.01)
    x = np.zeros((1, 3), np.float32)
    layer(x)
    layer.bias.assign([1.0, -2.0])
    np.testing.assert_allclose(array(layer(x)), [[0.01, -0.02]], rtol=1e-6)


# Styles


def test_without_mixing_all_layers_are_of_the_first_latent_and_with_all_of_it_of_the_second(model):
    livened(model)
    one, swapped = drawn(model), drawn(model)
    swapped["latent"], swapped["second"] = one["second"], one["latent"]

    def sample(given, mixing):
        return array(model.sample(given | {"mixing": np.full(4, mixing, np.float32)}))

    np.testing.assert_allclose(sample(one, 0), sample(swapped, 1), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(sample(one, 0), sample(one | {"second": one["latent"]}, 0.5), rtol=1e-5, atol=1e-6)
    assert not np.allclose(sample(one, 0), sample(one, 1), atol=1e-3)
    assert not np.allclose(sample(one, 0.5), sample(one, 0), atol=1e-3)
    assert not np.allclose(sample(one, 0.5), sample(one, 1), atol=1e-3)


def test_the_second_style_takes_over_from_the_finest_layers_on(model):
    livened(model)
    styles = array(model.styles(model.mapping, drawn(model, 3) | {"seconds": np.array([0, 1, 4], np.int32)}, False))
    w, second = (array(model.mapping(drawn(model, 3)[name], training=False)) for name in ("latent", "second"))
    assert styles.shape == (3, 4, model.config.latent), "8 pixels: two convolutions at 8, one at 4, one way out at the end"
    for sample, taken in ((0, 0), (1, 1), (2, 4)):
        for place in range(4):
            np.testing.assert_allclose(styles[sample, place], (second if place >= 4 - taken else w)[sample], rtol=1e-5,
                                       atol=1e-6)


def test_truncation_0_is_the_average_style_for_all(model):
    livened(model).mean_w.assign(np.linspace(-1, 1, model.config.latent))
    none, half, whole = (array(model.sample(drawn(model, truncation=psi))) for psi in (0.0, 0.5, 1.0))
    np.testing.assert_allclose(none, none[:1].repeat(4, axis=0), rtol=1e-5, atol=1e-6)
    spread = [float(each.std(axis=0).mean()) for each in (none, half, whole)]
    assert spread[0] < 1e-5 < spread[1] < spread[2]


def test_the_average_style_is_that_of_the_mapping_that_samples_go_through(tiny_model, images):
    model = tiny_model("stylegan", images, path_length=0.0)
    latent = model.noise(8)
    model.averages["mapping"].set_weights([w + 1 for w in model.mapping.get_weights()])
    mean = array(model.averages["mapping"](latent["latent"], training=False)).mean(axis=0)
    model.more_for_generator(None, None, latent)
    np.testing.assert_allclose(array(model.mean_w), 0.01 * mean, rtol=1e-4, atol=1e-7)


def test_r1_is_half_gamma_the_squared_gradient_as_many_times_as_it_is_left_out(tiny_model, images):
    """Against differences of a discriminator whose logit is a square: D(x) = |x|^2 / 2, so its gradient is x."""
    model = tiny_model("stylegan", images, r1=3.0, penalty_every=4)
    model.judge = lambda x, batch: {"logits": ops.sum(ops.square(x), axis=(1, 2, 3))[:, None] / 2}
    real = batches(images, 8, seed=0).batch_at(0)["real"]
    batch = {"real": ops.convert_to_tensor(real)} | model.noise(8)
    made = model.with_made(batch)
    slope = sum(float(value) ** 2 for value in real.astype(float).reshape(-1)) / len(real)
    losses = []
    for step in (0, 1, 4):
        model.rounds.assign(step)
        loss, logs = model.discriminator_loss(made)
        losses.append(float(loss))
        assert float(logs["r1_penalty"]) == pytest.approx(slope, rel=1e-4), "between, the chart keeps what was found"
    assert losses[0] - losses[1] == pytest.approx(0.5 * 3.0 * slope * 4, rel=1e-4) and losses[2] == pytest.approx(losses[0])


def test_the_average_style_follows_the_mapping_network(model, images):
    assert not array(model.mean_w).any()
    round_of(model, images)
    once = np.abs(array(model.mean_w)).sum()
    round_of(model, images, 3)
    assert 0 < once < np.abs(array(model.mean_w)).sum()


def test_styles_are_mixed_in_training_as_often_as_the_knob_says(tiny_model, images):
    never, always, often = (tiny_model("stylegan", images, mixing=share) for share in (0.0, 1.0, 0.5))
    assert not array(never.noise(50)["seconds"]).any()
    seconds = array(always.noise(200)["seconds"])
    assert set(seconds) == {1, 2, 3}, "never all layers"
    assert 60 < (array(often.noise(200)["seconds"]) > 0).sum() < 140


def test_noise_is_fresh_in_training_and_has_no_say_before_it_is_learned(model):
    batch = model.noise(4)
    again = batch | {"noise": model.noise(4)["noise"]}
    assert not np.array_equal(array(batch["noise"]), array(again["noise"]))
    assert batch["noise"].shape == (4, 4 * 4 + 2 * 8 * 8)
    np.testing.assert_array_equal(array(model.generate(batch)), array(model.generate(again)))
    for layer in model.generator.layers:
        if isinstance(layer, style.PixelNoise):
            layer.strength.assign(1.0)
    assert not np.allclose(array(model.generate(batch)), array(model.generate(again)), atol=1e-3)


# The game


def test_path_lengths_are_looked_at_every_so_many_rounds(tiny_model, images):
    model = tiny_model("stylegan", images, path_length=1.0, path_every=2)
    first = round_of(model, images)
    mean = float(array(model.mean_path))
    assert first["path_penalty"] > 0 and mean == pytest.approx(first["path_length"]) and mean > 0
    second = round_of(model, images)
    assert second["path_penalty"] == pytest.approx(0, abs=1e-10) and float(array(model.mean_path)) == pytest.approx(mean)
    assert round_of(model, images)["path_penalty"] > 0


def test_the_weight_of_path_lengths_reaches_the_generators_loss(tiny_model, images):
    found = {weight: round_of(tiny_model("stylegan", images, path_length=weight, path_every=2), images)
             for weight in (0.0, 1.0, 3.0)}
    assert "path_length" not in found[0.0]
    penalty = found[1.0]["path_penalty"]
    for weight in (1.0, 3.0):
        assert found[weight]["g_loss"] - found[0.0]["g_loss"] == pytest.approx(weight * 2 * penalty, rel=0.02)


def test_the_path_length_of_a_linear_generator_is_the_norm_of_its_matrix(tiny_model, images):
    """G(w) = sum over layers of A w: every J_w^T y is A^T y."""
    model = tiny_model("stylegan", images, path_length=1.0, path_every=1)
    size = model.config.latent
    matrix = np.zeros((size, 64), np.float32)
    matrix[0] = 3.0

    model.generator = lambda given, training: ops.reshape(
        ops.matmul(ops.sum(given[0], axis=1), matrix), (-1, 8, 8, 1))
    batch = model.noise(64)
    _, logs = model._path_length(ops.zeros((64, 8, 8, 1)), batch)
    # 3 sum(y) / 8 has a standard deviation of 3: the mean of its absolute value is 3 sqrt(2 / pi).
    found = float(logs["path_length"]) / 0.01
    assert found == pytest.approx(3 * np.sqrt(2 / np.pi), rel=0.35)


def test_samples_repeat_themselves_and_come_from_both_averages(model, images):
    livened(model)
    first = array(model.sample(drawn(model)))
    np.testing.assert_array_equal(first, array(model.sample(drawn(model))))
    for name in ("mapping", "generator"):
        getattr(model, name).set_weights([w + 1 for w in getattr(model, name).get_weights()])
        np.testing.assert_array_equal(first, array(model.sample(drawn(model))))
        model.averages[name].set_weights([w * 1.5 for w in model.averages[name].get_weights()])
        moved = array(model.sample(drawn(model)))
        assert not np.allclose(first, moved, atol=1e-4)
        first = moved


def test_it_shows_truncation_and_mixing(model):
    views = model.views(drawn(model), np.zeros((4, 8, 8, 1), np.float32))
    assert {title: [name for name, _ in rows] for title, rows in views.items()} == {
        "Truncation": ["0", "0.5", "1"], "Style mixing": ["0", "0.5", "1"]}
    assert all(array(row).shape == (4, 8, 8, 1) for rows in views.values() for _, row in rows)
