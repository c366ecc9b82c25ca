"""Inside the networks: what is shown of a layer is what it gives, and saliency is the gradient it claims to be."""


import keras
import numpy as np
import pytest
from keras import layers, ops

from gan_core import data
from gan_core.data import IMAGES
from gan_core.errors import BadInput
from gan_core.models import describe, inputs
from gan_core.models.registry import architectures
from gan_core.tasks import inspection
from gan_core.training import loop
from helpers_runs import is_a_sentence
from helpers_zoo import zoo_wide

GAMES = [(name, kind) for name, model in architectures().items() for kind in model.kinds]


@pytest.fixture
def looked_at(noise_for, tiny_spec):
    """looked_at(name, kind) -> model, spec and dataset of a miniature run that has not been trained."""
    def build(name, kind=IMAGES, **values):
        dataset = noise_for(name, kind)
        spec = tiny_spec(name, dataset, **values)
        return loop.build(spec), spec, dataset
    return build


# What a layer gives


@zoo_wide
@pytest.mark.parametrize("name, kind", GAMES)
def test_every_layer_of_every_network_can_be_looked_at(looked_at, monkeypatch, name, kind):
    model, spec, dataset = looked_at(name, kind)
    # A network is fed once for all of its layers: what it is fed with does not depend on the layer.
    feed, fed = inspection.fed, {}
    monkeypatch.setattr(inspection, "fed", lambda model, network, samples, batch: fed[network] if network in fed else
                        fed.setdefault(network, feed(model, network, samples, batch)))
    for real in (None, dataset):
        samples, batch = inspection.subject(model, 3, real=real, data=dataset)
        fed.clear()
        for network in inspection.networks(model):
            for layer in network["layers"] if real is None else network["layers"][-1:]:
                values = inspection.activation(model, network["name"], layer["name"], samples, batch)
                assert list(values.shape) == layer["shape"] and values.dtype == np.float32
                picture, figures = inspection.picture(values)
                assert min(picture.size) > 0 and figures["low"] <= figures["high"]


def test_a_feature_map_is_the_output_of_the_layer(looked_at):
    model, spec, _ = looked_at("dcgan")
    samples, batch = inspection.subject(model, 5)
    conv = next(layer for layer in model.discriminator.layers if isinstance(layer, layers.Conv2D))
    by_hand = np.asarray(ops.conv(samples[:1], conv.kernel, strides=2, padding="same") + conv.bias)[0]
    found = inspection.activation(model, "discriminator", "conv2d_1", samples, batch)
    np.testing.assert_allclose(found, by_hand, rtol=1e-4, atol=1e-5)
    last = describe.network("generator", model.generator)["layers"][-1]["name"]
    np.testing.assert_allclose(inspection.activation(model, "generator", last, samples, batch), samples[0],
                               rtol=1e-4, atol=1e-5)


def test_the_sample_is_the_one_on_the_runs_sheet(looked_at):
    model, _, _ = looked_at("dcgan", seed=5)
    grid, _ = inputs.draw_grid(model.inputs(), 8, 8)
    sheet = np.asarray(model.sample(grid))
    samples, _ = inspection.subject(model, 62)
    np.testing.assert_allclose(samples[:3], sheet[[62, 63, 0]], rtol=1e-4, atol=1e-5)


def test_a_class_can_be_asked_for_and_a_real_sample_brings_its_own(looked_at):
    model, spec, dataset = looked_at("cgan")
    drawn, _ = inspection.subject(model, 1, label=0)
    other, batch = inspection.subject(model, 1, label=2)
    assert set(batch["label"]) == {2} and not np.allclose(drawn[0], other[0])
    samples, batch = inspection.subject(model, 4, real=dataset)
    assert batch["label"][0] == dataset.y[4]
    np.testing.assert_allclose(samples[0], dataset.x[4] / 127.5 - 1, atol=0.01)


@pytest.mark.parametrize("name, told", [("cgan", r"choose from 0 to 2 \(a, b, c\)"), ("dcgan", "no labels")])
def test_a_class_that_there_is_not_is_refused(looked_at, name, told):
    with pytest.raises(BadInput, match=told) as refused:
        inspection.subject(looked_at(name)[0], 1, label=77)
    assert is_a_sentence(str(refused.value))


@pytest.mark.parametrize("network, layer, told", [("critic", "x", "generator, discriminator"),
                                                  ("generator", "conv9", "dense_1")])
def test_what_is_not_there_is_a_sentence(looked_at, network, layer, told):
    model, spec, _ = looked_at("gan")
    with pytest.raises(BadInput, match=told) as error:
        inspection.activation(model, network, layer, *inspection.subject(model, 0))
    assert is_a_sentence(str(error.value))


def test_looking_changes_nothing(looked_at):
    model, spec, dataset = looked_at("dcgan", discriminator_norm=True, ema_decay=0.9)
    before = [ops.convert_to_numpy(v) for v in model.variables]
    for real in (None, dataset):
        samples, batch = inspection.subject(model, 0, real=real)
        inspection.saliency(model, samples, batch)
        inspection.activation(model, "discriminator", "logit", samples, batch)
    for variable, value in zip(model.variables, before):
        np.testing.assert_array_equal(ops.convert_to_numpy(variable), value, err_msg=variable.path)
    assert "call" not in vars(model.discriminator), "and nobody listens any more"


def test_names_of_layers_do_not_depend_on_what_was_built_before(looked_at):
    once, again = (describe.networks(looked_at("cgan")[0]) for _ in range(2))
    assert once == again
    for network in once:
        names = [layer["name"] for layer in network["layers"]]
        assert len(set(names)) == len(names)
        assert all(each in names for layer in network["layers"] for each in layer["feeds"])
        assert sum(layer["parameters"] for layer in network["layers"]) == network["parameters"]


@pytest.mark.parametrize("name", ["dcgan", "sngan", "lapgan", "stylegan", "vae"])
def test_an_averaged_network_has_as_many_parameters_as_the_runs_log_says(looked_at, name):
    model, _, _ = looked_at(name, ema_decay=0.9)
    assert model.averages, "samples are drawn from an average, which is frozen"
    networks = inspection.networks(model)
    assert {network["name"]: network["parameters"] for network in networks} == model.parameters()
    assert all(any(layer["parameters"] for layer in network["layers"]) for network in networks)
    for network in networks:
        own = describe.network(network["name"], getattr(model, network["name"]))
        assert [layer["parameters"] for layer in network["layers"]] == [layer["parameters"] for layer in own["layers"]]


# Saliency


class Linear:
    """A model whose discriminator is a . x: |a| is its saliency, wherever it looks."""

    def __init__(self):
        sample = keras.Input((4, 4, 3), name="sample")
        self.discriminator = keras.Model(sample, layers.Dense(1)(layers.Flatten()(sample)))
        self.network_names = ("discriminator",)

    def sampler(self, name):
        return getattr(self, name)

    def score(self, samples, batch):
        return self.discriminator(samples, training=True)


def test_the_saliency_of_a_linear_discriminator_is_the_size_of_its_weights():
    model = Linear()
    weights = np.random.default_rng(0).normal(size=(48, 1)).astype(np.float32)
    model.discriminator.layers[-1].set_weights([weights, np.array([0.5], np.float32)])
    samples = np.random.default_rng(1).normal(size=(8, 4, 4, 3)).astype(np.float32)
    logit, slopes = inspection.saliency(model, samples, {})
    assert logit == pytest.approx(float(samples[0].reshape(-1) @ weights[:, 0]) + 0.5, rel=1e-4)
    np.testing.assert_allclose(slopes, np.abs(weights).reshape(4, 4, 3), rtol=1e-5)


def livened(model):
    """Kernels that pass on what they are given in full size: at the start some of them are nearly 0."""
    rng = np.random.default_rng(0)
    for kernel in (v for v in model.trainable_variables if len(v.shape) > 1):
        scale = max(np.asarray(kernel).std(), np.prod(kernel.shape[:-1]) ** -0.5)
        kernel.assign(scale * rng.standard_normal(kernel.shape))


@zoo_wide
@pytest.mark.parametrize("name, kind", GAMES)
def test_saliency_is_the_difference_that_a_small_change_makes(looked_at, name, kind):
    model, spec, dataset = looked_at(name, kind)
    livened(model)
    # An untrained generator draws at the kink of ReLUs.
    samples, batch = inspection.subject(model, 0, real=dataset, data=dataset)
    found = inspection.saliency(model, samples, batch)
    if not hasattr(model, "score"):
        assert found is None, "without a discriminator there is nothing to be sensitive"
        return
    logit, slopes = found
    assert slopes.shape == samples.shape[1:] and np.isfinite(slopes).all()
    place = np.unravel_index(slopes.argmax(), slopes.shape)
    differences = []
    for step in (2e-3, 1e-3):
        changed = [samples.copy(), samples.copy()]
        for each, way in zip(changed, (step, -step)):
            each[0][place] += way
        with inspection.listening(model):
            more, less = (float(np.asarray(inspection.judge(model, each, batch))[0, 0]) for each in changed)
        differences.append((more - less) / (2 * step))
    assert slopes[place] > 0.01, "or rounding is all that is compared"
    # What curves is taken away by the difference of the two.
    assert abs(4 * differences[1] - differences[0]) / 3 == pytest.approx(slopes[place], rel=0.05)


def test_a_model_without_a_discriminator_has_no_saliency():
    class Plain:
        network_names = ()

    assert inspection.saliency(Plain(), np.zeros((8, 2)), {}) is None


# Copies


def test_the_nearest_training_images_are_found_and_a_copy_is_told(noise_for):
    dataset = noise_for("gan", IMAGES)
    real = data.to_float(dataset.x)
    flat = real.reshape(len(real), -1)
    copy = np.clip(real[7] + 0.01, -1, 1)
    places, distances, spacing = inspection.nearest(copy, dataset)
    by_hand = np.linalg.norm(flat - copy.reshape(-1), axis=1)
    assert list(places) == list(np.argsort(by_hand)[:inspection.NEIGHBOURS]) and places[0] == 7
    np.testing.assert_allclose(distances, np.sort(by_hand)[:inspection.NEIGHBOURS], rtol=1e-5)
    assert spacing == pytest.approx(np.sort(np.linalg.norm(flat - flat[7], axis=1))[1], rel=1e-5) and distances[0] < spacing
    places, distances, spacing = inspection.nearest(real[7], dataset, place=7)
    assert 7 not in places and distances[0] == pytest.approx(np.sort(np.linalg.norm(flat - flat[7], axis=1))[1], rel=1e-5)
    places, distances, spacing = inspection.nearest(np.zeros_like(copy), dataset)
    assert distances[0] == pytest.approx(np.linalg.norm(flat, axis=1).min(), rel=1e-5)


# Pictures


def test_each_channel_is_stretched_over_its_own_range():
    ramp = np.linspace(0, 1, 16, dtype=np.float32).reshape(4, 4)
    picture, figures = inspection.picture(np.stack([ramp, 100 * ramp - 7, np.full((4, 4), 3.0)], -1))
    assert figures | {"low": 0, "high": 0} == {"shape": [4, 4, 3], "low": 0, "high": 0, "shown": 3, "of": 3, "flat": 1}
    grey, solid = np.moveaxis(np.asarray(picture), -1, 0)
    side = int(np.argmin(solid[0]))  # up to the gap, through which the page shows
    one, two = grey[:side, :side], grey[:side, -side:]
    np.testing.assert_allclose(one, two, atol=1)
    assert (one.min(), one.max()) == (0, 255) and not solid[:, side].any() and not solid[-1, -1], "three of four"


def test_units_are_orange_above_zero_blue_below_and_pale_at_it():
    picture, figures = inspection.picture(np.array([1.0, -1.0, 0.0], np.float32))
    red, blue, pale = (picture.getpixel((16 * i + 4, 4)) for i in range(3))
    assert red[0] > red[2] and blue[2] > blue[0] and red[3] == blue[3] == 255 and pale[3] < 64
    assert figures["flat"] == 1


def test_many_channels_are_cut_to_what_can_be_seen():
    _, figures = inspection.picture(np.zeros((2, 2, 600), np.float32))
    assert (figures["shown"], figures["of"]) == (inspection.MOST, 600)
    _, figures = inspection.picture(np.zeros(5000, np.float32))
    assert figures["shown"] < figures["of"] == 5000
