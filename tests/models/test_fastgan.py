"""FastGAN: gates, excitation, and a discriminator that redraws what it has seen."""

import numpy as np
import pytest
from keras import ops

from gan_core import engine
from gan_core.data import batches
from gan_core.engine.autodiff import compiled
from gan_core.models import inputs
from gan_core.models.networks import fastgan

if engine.BACKEND != "tensorflow":
    pytest.skip("plays TensorFlow's step; tests/engine/test_jax.py plays JAX's", allow_module_level=True)


def array(tensor):
    return np.array(ops.convert_to_numpy(tensor))


def test_a_gate_is_half_of_the_channels_times_the_sigmoid_of_the_others():
    x = np.random.default_rng(0).standard_normal((2, 3, 3, 6)).astype(np.float32)
    expected = x[..., :3] / (1 + np.exp(-x[..., 3:]))
    np.testing.assert_allclose(array(fastgan.GatedLinear()(x)), expected, rtol=1e-5)


@pytest.mark.parametrize("side", [8, 12, 20, 28, 32, 48, 64, 128])
def test_networks_fit_every_size(side):
    shape = (side, side, 3)
    assert fastgan.generator(4, shape, 4).output_shape == (None, *shape)
    said = fastgan.discriminator(shape, 4).output
    assert said["logits"].shape == (None, 1)
    coarse, fine = said["coarse"].shape[1:], said["fine"].shape[1:]
    part = (fine[0] // 2, fine[1] // 2, fine[2])
    redrawn = fastgan.decoder(coarse, part, shape, 4).output
    for name, whole in (("whole", side), ("part", side // 2)):
        assert whole % redrawn[name].shape[1] == 0, "what is redrawn is the image made smaller by a whole number"


@pytest.mark.parametrize("side, leaps", [(8, 1), (16, 1), (32, 1), (64, 2), (128, 2)])
def test_small_maps_excite_large_ones(side, leaps):
    def excitations(**options):
        network = fastgan.generator(4, (side, side, 3), 4, **options)
        return sum(type(layer).__name__ == "Multiply" for layer in network.layers)

    assert excitations() == leaps and excitations(excitation=False) == 0


def test_one_convolution_a_doubling_is_the_smaller_generator():
    large, small = (fastgan.generator(4, (32, 32, 3), 4, convolutions=n).count_params() for n in (2, 1))
    assert small < large


def test_quarters_are_those_of_the_image():
    maps = np.arange(16, dtype=np.float32).reshape(1, 4, 4, 1)
    from gan_core.models.zoo.fastgan import _pooled, _quarter

    for corner in ((0, 0), (0, 1), (1, 0), (1, 1)):
        top, left = 2 * corner[0], 2 * corner[1]
        found = array(_quarter(ops.convert_to_tensor(maps), ops.convert_to_tensor(corner)))
        np.testing.assert_array_equal(found, maps[:, top:top + 2, left:left + 2])
    np.testing.assert_allclose(array(_pooled(ops.convert_to_tensor(maps), 2))[0, :, :, 0], [[2.5, 4.5], [10.5, 12.5]])


def test_redrawing_is_learned_from_real_images(tiny_model, noise):
    dataset = noise(size=16, n=8)
    model = tiny_model("fastgan", dataset, batch_size=8, augment="none", discriminator_rate=1e-2)
    source, errors = batches(dataset, 8, seed=0, draws=model.draws), []
    play = compiled(lambda batch: model.train_step((batch,)))
    for step in range(25):
        batch = {key: ops.convert_to_tensor(value) for key, value in source.batch_at(step).items()}
        errors.append(float(play(batch)["reconstruction"]))
    assert np.mean(errors[-5:]) < 0.95 * np.mean(errors[:5])
    assert "decoder" not in tiny_model("fastgan", dataset, reconstruction=0.0).network_names


def test_the_class_is_told_where_there_is_one(tiny_model, noise):
    labelled, plain = noise(size=8), noise(size=8, classes=())
    names = {label: [each.name for each in tiny_model("fastgan", dataset, **knobs).inputs()]
             for label, dataset, knobs in (("told", labelled, {}), ("untold", labelled, {"class_conditional": False}),
                                           ("none", plain, {}))}
    assert names == {"told": ["latent", "label"], "untold": ["latent"], "none": ["latent"]}
    model = tiny_model("fastgan", labelled)
    drawn = inputs.draw(model.inputs(), 2, seed=0)
    one, other = (array(model.sample(drawn | {"label": np.full(2, label, np.int32)}, training=True)) for label in (0, 1))
    assert not np.allclose(one, other)
