"""Layers whose kernel or whose features are scaled: spectral norm, equalised rates, minibatch deviation, pixel norm."""

import numpy as np
import pytest
from keras import ops

from gan_core import engine
from gan_core.data import batches
from gan_core.models.networks.reparametrised import EqualDense, SpectralConv2D, SpectralDense
from gan_core.models.networks.statistics import MinibatchStd, PixelNorm
from gan_core.models.registry import architecture

pytestmark = pytest.mark.settled

plays_tensorflow = pytest.mark.skipif(engine.BACKEND != "tensorflow",
                                      reason="plays TensorFlow's step; tests/engine/test_jax.py plays JAX's")


@pytest.mark.parametrize("layer, shape", [(SpectralDense(7), (None, 5)), (SpectralConv2D(6, 3), (None, 8, 8, 4))])
def test_a_spectral_kernel_has_norm_1_from_the_start_and_after_its_weight_has_moved(layer, shape):
    layer.build(shape)
    rng = np.random.default_rng(0)

    def largest():
        kernel = np.asarray(layer.kernel)
        return np.linalg.svd(kernel.reshape(-1, kernel.shape[-1]), compute_uv=False)[0]

    assert largest() == pytest.approx(1.0, abs=0.01)
    x = ops.convert_to_tensor(rng.normal(size=(2, *shape[1:])).astype(np.float32))
    for _ in range(30):
        layer._kernel.assign(layer._kernel + 0.003 * rng.normal(size=layer._kernel.shape))
        layer(x, training=True)
    assert largest() == pytest.approx(1.0, abs=0.01)
    before = np.asarray(layer.singular.u)
    layer(x, training=False)
    np.testing.assert_array_equal(before, layer.singular.u, "outside training nothing moves")


@plays_tensorflow
def test_the_gradient_passes_through_the_division():
    """d (w / |w|) / dw of one output is the projection off w: scaling w changes nothing."""
    import tensorflow as tf

    layer = SpectralDense(1, use_bias=False)
    layer.build((None, 3))
    x = tf.constant([[1.0, 2.0, 3.0]])
    with tf.GradientTape() as tape:
        y = ops.sum(layer(x))
    gradient = np.asarray(tape.gradient(y, layer._kernel.value))
    assert float((gradient * np.asarray(layer._kernel)).sum()) == pytest.approx(0.0, abs=1e-5)
    assert np.abs(gradient).max() > 1e-3


def assert_bounded(discriminator, within=0.01):
    """Every kernel that a sample passes has norm 1: whatever is learned and has more than one axis, but for what stands in
    for a class before it joins the sample."""
    layers = [layer for layer in discriminator._flatten_layers() if hasattr(layer, "kernel")]
    weights = {id(v) for v in discriminator.trainable_variables
               if len(v.shape) > 1 and not v.path.endswith("embeddings")}
    assert weights == {id(layer._kernel) for layer in layers} and len(weights) >= 3
    for layer in layers:
        kernel = np.asarray(layer.kernel)
        norm = np.linalg.svd(kernel.reshape(-1, kernel.shape[-1]), compute_uv=False)[0]
        assert norm == pytest.approx(1.0, abs=within), layer.path


@plays_tensorflow
@pytest.mark.parametrize("name, knobs", [
    ("sngan", {"attention": True}), ("biggan", {"attention": True}), ("dcgan", {"spectral_norm": True}),
    ("acgan", {"spectral_norm": True}), ("infogan", {"spectral_norm": True}), ("vaegan", {"spectral_norm": True}),
    ("cgan", {"spectral_norm": True}), ("cgan", {"spectral_norm": True, "conditioning": "projection"}),
    ("wgan_gp", {"spectral_norm": True})])
def test_every_kernel_of_a_spectral_discriminator_stays_at_1_in_training(game, name, knobs):
    model, batch = game(name, **knobs)
    for _ in range(2):
        model.train_step((batch,))
    assert_bounded(model.discriminator)


def test_kernels_of_full_width_stay_at_1_over_some_tens_of_steps(noise, tiny_model):
    dataset = noise()
    defaults = {knob.name: knob.default for knob in architecture("sngan").Config.knobs()}
    model = tiny_model("sngan", dataset, **defaults | {"batch_size": 8, "xla": "off", "precision": "float32"})
    feed = iter(batches(dataset, 8, seed=0, stop=8, draws=model.draws))
    model.fit(engine.feed(feed, batches(dataset, 8, seed=0, draws=model.draws).batch_at(0)), steps_per_epoch=8, verbose=0,
              shuffle=False)
    assert int(model.optimizer_of(model.players()[0]).iterations) == 40 and model.config.filters == 64
    assert_bounded(model.discriminator, within=0.02)  # processors round differently: 0.6 to 1.2 % were seen


def test_an_equalised_layer_starts_with_unit_variance_out_whatever_its_width():
    x = np.random.default_rng(0).normal(size=(2000, 300)).astype(np.float32)
    layer = EqualDense(50, gain=1.0)
    assert np.asarray(layer(ops.convert_to_tensor(x))).std() == pytest.approx(1.0, rel=0.1)


def test_minibatch_std_is_the_mean_deviation_over_the_batch():
    x = np.random.default_rng(0).normal(0, 3, (50, 4, 4, 2)).astype(np.float32)
    out = np.asarray(MinibatchStd()(ops.convert_to_tensor(x)))
    assert out.shape == (50, 4, 4, 3)
    np.testing.assert_allclose(out[..., 2], x.std(axis=0).mean(), rtol=1e-4)
    alike = np.asarray(MinibatchStd()(ops.convert_to_tensor(np.repeat(x[:1], 8, axis=0))))
    assert alike[..., 2].max() < 1e-3


def test_pixel_norm_makes_the_mean_square_of_channels_1():
    x = np.random.default_rng(0).normal(0, 5, (3, 4, 4, 8)).astype(np.float32)
    out = np.asarray(PixelNorm()(ops.convert_to_tensor(x)))
    np.testing.assert_allclose((out ** 2).mean(axis=-1), 1.0, rtol=1e-4)
