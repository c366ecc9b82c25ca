"""A sample as a graph: what cannot become one says why, and an error of ours is not blamed on an architecture."""

import numpy as np
import pytest
from keras import ops

from gan_core.data import IMAGES
from gan_core.errors import BadInput
from gan_core.models import inputs, sampling
from gan_core.models.exact import exact
from gan_core.models.sampling import operations, reference, sampling_graph
from helpers_runs import is_a_sentence
from helpers_zoo import built


@pytest.mark.parametrize("sample, says", [
    (lambda inputs: ops.cumsum(inputs["latent"]), "the operation Cumsum"),
    (lambda inputs: ops.softmax(ops.reshape(inputs["latent"], (2, 3)), axis=0), "softmax along another axis"),
    (lambda inputs: np.sort(inputs["latent"]), "not made by operations of Keras alone")])
def test_what_is_no_graph_says_why(noise_for, monkeypatch, sample, says):
    model = built("gan", noise_for("gan", IMAGES).spec)
    monkeypatch.setattr(type(model), "sample", lambda self, inputs, training=False: sample(inputs))
    with pytest.raises(BadInput, match=says) as refused:
        sampling_graph(model)
    assert is_a_sentence(str(refused.value))


def test_an_error_in_our_own_code_stays_one(noise_for, monkeypatch):
    def broken(*_):
        raise ValueError("a bug")

    monkeypatch.setitem(operations._SAID, "Matmul", broken)
    with pytest.raises(ValueError, match="a bug"):
        sampling.sampling_graph(built("gan", noise_for("gan", IMAGES).spec))


@pytest.mark.parametrize("name", ["stylegan", "dcgan"])
def test_a_model_of_less_than_single_precision_becomes_a_graph_in_it(noise_for, name):
    half = built(name, noise_for(name, IMAGES).spec, precision="mixed_bfloat16", ema_decay=0.9)
    given = inputs.draw(half.inputs(), 1, seed=0)
    drawn, whole = reference.run(sampling_graph(half), given), np.asarray(exact(half).sample(given))
    np.testing.assert_allclose(drawn, whole, atol=1e-5)
    assert half.config.precision == "mixed_bfloat16" and exact(half) is not half
