"""Inception as a feature extractor: optional, and fetched."""

import sys
import types

import numpy as np
import pytest

from gan_core.errors import BadInput, RunFailed
from gan_core.evaluation import extractors
from helpers_runs import is_a_sentence


def test_without_torch_fidelity_inception_says_what_to_install(noise, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch_fidelity", None)
    with pytest.raises(BadInput, match="pip install") as refused:
        extractors.for_dataset(noise(), "inception")
    assert is_a_sentence(str(refused.value))


def torch_fidelity(monkeypatch, network):
    module = types.ModuleType("torch_fidelity.feature_extractor_inceptionv3")
    module.FeatureExtractorInceptionV3 = network
    monkeypatch.setitem(sys.modules, "torch_fidelity", types.ModuleType("torch_fidelity"))
    monkeypatch.setitem(sys.modules, module.__name__, module)


def test_weights_that_cannot_be_fetched_are_a_sentence(noise, monkeypatch):
    def network(name, features):
        raise OSError("<urlopen error [Errno -2] Name or service not known>")

    torch_fidelity(monkeypatch, network)
    with pytest.raises(RunFailed, match="could not be fetched .*not known") as failed:
        extractors.for_dataset(noise(), "inception")
    assert is_a_sentence(str(failed.value))


def test_inception_is_given_colour_images_as_it_wants_them(noise, monkeypatch):
    torch = pytest.importorskip("torch", reason="torch is not installed")

    class Network(torch.nn.Linear):
        def __init__(self, name, features):
            assert features == ["2048", "logits_unbiased"]
            super().__init__(1, 1)

        def __call__(self, images):
            assert images.dtype == torch.uint8 and images.shape[1:] == (3, 8, 8)
            return images[:, :, 0, 0].float(), images[:, :, 1, 1].float()

    torch_fidelity(monkeypatch, Network)
    dataset = noise()
    found = extractors.for_dataset(dataset, "inception")
    features, probabilities = found.outputs(dataset.x)
    np.testing.assert_array_equal(features, np.repeat(dataset.x[:, 0, 0], 3, axis=1))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    assert found.accuracy is None, "its classes are not the data's"
