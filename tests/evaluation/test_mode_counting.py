"""Stacked MNIST, and the counting of modes where the data has known ones."""

import math

import numpy as np
import pytest

from gan_core import data
from gan_core.errors import BadInput, RunFailed
from gan_core.evaluation import mode_counting
from gan_core.evaluation.extractors import classifier
from helpers_runs import is_a_sentence

SIDE = 28


def images_of(labels):
    """Digits that can be told by their brightness."""
    return np.broadcast_to((20 * labels + 10)[:, None, None], (len(labels), SIDE, SIDE)).astype(np.uint8)


class ByBrightness:
    """A classifier of :func:`images_of`."""

    def probabilities(self, samples):
        assert samples.shape[1:] == (SIDE, SIDE, 1)
        return np.eye(10)[samples[:, 0, 0, 0] // 20]


@pytest.fixture
def mnist(tmp_path, monkeypatch):
    """Ten digits for training and five for testing in the place of MNIST."""
    train, test = np.arange(10), np.arange(5)
    np.savez(tmp_path / "mnist.npz", x_train=images_of(train), y_train=train, x_test=images_of(test), y_test=test)
    monkeypatch.setenv("GAN_DATA", str(tmp_path))


def test_three_digits_in_three_channels(mnist):
    dataset = data.load("stacked_mnist")
    assert dataset.x.shape == (60_000, SIDE, SIDE, 3) and dataset.x.dtype == np.uint8
    assert dataset.x_test.shape == (26_000, SIDE, SIDE, 3), "as many as are counted in the paper"
    assert dataset.y is None and not dataset.labelled, "a thousand labels would be no help"
    digits = mode_counting.Triples(ByBrightness()).seen(dataset.x)
    assert len(np.unique(digits)) == 1000, "every triple is there"
    assert np.abs(np.bincount(digits, minlength=1000) - 60).max() < 50, "and none much more often"
    assert set(np.unique(dataset.x_test)) == {10, 30, 50, 70, 90}, "of test digits alone"


def test_the_same_triples_for_everyone(mnist):
    np.testing.assert_array_equal(data.load("stacked_mnist").x[:50], data.load("stacked_mnist").x[:50])
    assert data.load("stacked_mnist", size=16).x.shape[1:] == (16, 16, 3)


def test_it_is_there_when_mnist_is(mnist, tmp_path, monkeypatch):
    def listed():
        return next(info for info in data.catalogue() if info.name == "stacked_mnist")

    assert listed().available and listed().shape == (SIDE, SIDE, 3)
    monkeypatch.setenv("GAN_DATA", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    assert not listed().available and "mnist.npz" in listed().note


def test_a_triple_is_a_number_of_three_digits():
    channels = [images_of(np.array(digits))[..., None] for digits in ([1, 0, 9], [2, 0, 9], [3, 4, 9])]
    counter = mode_counting.Triples(ByBrightness())
    np.testing.assert_array_equal(counter.seen(np.concatenate(channels, axis=-1)), [123, 4, 999])


@pytest.mark.parametrize("seen, captured, reverse_kl", [
    (np.arange(1000), 1000, 0.0), (np.full(500, 7), 1, math.log(1000)), (np.arange(1000) // 2, 500, math.log(2))])
def test_modes_and_their_evenness(seen, captured, reverse_kl):
    found = mode_counting.Triples(None).report(seen)
    assert found == {"modes": 1000, "modes_captured": captured, "reverse_kl": pytest.approx(reverse_kl, abs=1e-9)}


def test_nobody_knows_the_modes_of_digits():
    assert mode_counting.for_dataset(data.load("digits")) is None


def test_a_classifier_that_errs_counts_nothing(mnist, tmp_path):
    """Fifteen digits teach no classifier."""
    quick = classifier.Recipe(steps=2, batch=4)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(classifier.extractor, "__kwdefaults__", classifier.extractor.__kwdefaults__ | {"recipe": quick})
        with pytest.raises(RunFailed) as told:
            mode_counting.for_dataset(data.load("stacked_mnist"), tmp_path)
    assert is_a_sentence(str(told.value)) and "held-out" in str(told.value)


def test_without_mnist_a_sentence_says_what_to_place(tmp_path, monkeypatch):
    from gan_core.data.sets import keras_sets

    monkeypatch.setenv("GAN_DATA", str(tmp_path))
    monkeypatch.setattr(keras_sets, "_from_keras", lambda name: (_ for _ in ()).throw(BadInput("place mnist.npz")))
    with pytest.raises(BadInput, match="mnist.npz"):
        data.load("stacked_mnist")
