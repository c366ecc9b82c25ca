"""GRAN: a canvas that is added to."""

import keras
import numpy as np
import pytest

from gan_core.data import IMAGES
from gan_core.models import flops, inputs
from gan_core.models.networks import canvas


@pytest.fixture
def build(noise_for, tiny_model):
    return lambda **knobs: tiny_model("gran", noise_for("gran", IMAGES), **knobs)


def drawn(model):
    return inputs.draw(model.inputs(), 4, seed=0)


@pytest.mark.parametrize("steps", [1, 3])
def test_the_last_canvas_is_the_sample(build, steps):
    model = build(canvas_steps=steps)
    rows = model.views(drawn(model), None)["Canvas"]
    assert [name for name, _ in rows] == [f"step {t + 1}" for t in range(steps)]
    assert all(row.shape == (4, *model.data.shape) for _, row in rows)
    np.testing.assert_array_equal(np.asarray(rows[-1][1]), np.asarray(model.sample(drawn(model))))


def test_the_canvas_is_tanh_of_the_sum_of_what_was_written(build):
    model = build(canvas_steps=3)
    network = model.averages["generator"]
    for kernel in network.variables:
        if kernel.path.endswith("kernel"):
            kernel.assign(5 * kernel)  # at first, what a step sees of the last one is lost in rounding
    adds = [layer for layer in network.layers if isinstance(layer, keras.layers.Conv2DTranspose)][-1:]
    written = [node.outputs[0] for node in adds[0]._inbound_nodes if node.outputs[0].shape[1:] == model.data.shape]
    deltas = [np.asarray(d) for d in keras.Model(network.input, written[-3:])(drawn(model)["latent"])]
    canvases = [np.asarray(row) for _, row in model.views(drawn(model), None)["Canvas"]]
    for t in range(3):
        np.testing.assert_allclose(np.tanh(sum(deltas[:t + 1])), canvases[t], atol=1e-5)
    assert not np.array_equal(deltas[1], deltas[2]), "each step looks at the one before"


def test_more_steps_have_no_more_kernels(build):
    def kernels(steps):
        return {v.path: tuple(v.shape) for v in build(canvas_steps=steps).generator.trainable_variables
                if v.path.endswith("kernel")}

    assert len(kernels(2)) == len(kernels(4))
    assert sorted(kernels(2).values()) == sorted(kernels(4).values())


def test_each_step_counts_in_its_cost():
    one, three = (flops.flops(canvas.writer(4, (8, 8, 1), 4, steps)) for steps in (1, 3))
    assert three > 2.5 * one


def test_the_average_follows_every_steps_normalisation(build):
    model = build(canvas_steps=3)
    norms = [layer for layer in model.averages["generator"].layers
             if isinstance(layer, keras.layers.BatchNormalization)]
    assert len(norms) == 3 * 3
