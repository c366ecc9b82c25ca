"""Feature extractors: what they promise of every one, the cache of classifiers, and what is refused."""

import dataclasses
import types

import numpy as np
import pytest

from gan_core import data
from gan_core.data import IMAGES, Dataset, to_float
from gan_core.errors import BadInput, RunFailed, Stopped, StoreError
from gan_core.evaluation import extractors, kept_networks
from gan_core.evaluation.extractors import base, classifier, random_network
from helpers_runs import is_a_sentence, start_python

pytestmark = pytest.mark.settled

QUICK = classifier.Recipe(steps=60, batch=64, features=16)


@pytest.fixture(scope="module")
def digits():
    return data.load("digits")


@pytest.fixture(scope="module")
def trained(digits):
    return classifier.extractor(digits, recipe=QUICK)


@pytest.fixture(scope="module")
def random(digits):
    return extractors.for_dataset(digits, "random")


@pytest.fixture(params=["trained", "random"])
def extractor(request):
    return request.getfixturevalue(request.param)


# What every extractor promises


def test_features_are_a_finite_float32_table_of_at_most_128_that_vary(extractor, digits):
    features = extractor.features(digits.x[:300])
    assert features.dtype == np.float32 and features.shape[0] == 300 and 8 <= features.shape[1] <= base.MOST
    assert np.isfinite(features).all() and np.count_nonzero(features.std(axis=0) > 1e-4) > features.shape[1] / 2


def test_the_size_of_batches_and_the_company_of_a_sample_do_not_matter(extractor, digits):
    many = extractor.features(digits.x[:base.BATCH + 3])
    np.testing.assert_allclose(extractor.features(digits.x[base.BATCH - 2:base.BATCH + 3]), many[-5:], rtol=1e-4,
                               atol=1e-5)


def test_floats_and_their_grey_levels_have_the_same_features(extractor, digits):
    np.testing.assert_array_equal(extractor.features(to_float(digits.x[:9])), extractor.features(digits.x[:9]))


def test_progress_is_told_and_a_stop_is_obeyed(extractor, digits):
    told = []
    extractor.features(digits.x[:2 * base.BATCH + 1], progress=told.append)
    assert len(told) == 3 and told == sorted(told) and told[-1] == 1
    with pytest.raises(Stopped):
        extractor.features(digits.x, should_stop=lambda: True)


@pytest.mark.parametrize("samples, says", [
    (np.zeros((4, 9, 9, 1), np.uint8), "9 x 9 x 1 .* 8 x 8 x 1"),
    (np.zeros((4, 8, 8, 3), np.uint8), "8 x 8 x 3"),
    (np.full((4, 8, 8, 1), np.nan), "NaN"),
    (np.full((4, 8, 8, 1), 255.0), r"\[-1, 1\]"),
    (np.full((4, 8, 8, 1), 300, np.int64), "int64"),
    (np.zeros((4, 64), np.uint8), "shape"),
])
def test_what_is_no_such_image_is_refused_in_a_sentence(extractor, samples, says):
    with pytest.raises(BadInput, match=says) as refused:
        extractor.features(samples)
    assert is_a_sentence(str(refused.value))


def test_an_id_is_a_name_and_a_hash_of_the_weights(extractor):
    name, _, shown = extractor.id.rpartition(":")
    assert name == extractor.name and len(shown) == 8 and extractor.hash.startswith(shown)
    weights = extractor.network.get_weights()
    weights[0] = weights[0] + np.float32(1e-3)
    other = type(extractor.network).from_config(extractor.network.get_config())
    other.set_weights(weights)
    assert base.KerasExtractor(extractor.name, other, "").hash != base.KerasExtractor(
        extractor.name, extractor.network, "").hash


# The random network


def test_the_random_network_is_the_same_on_all_machines(random, digits):
    # Recorded on Linux, x86-64.  NumPy has frozen RandomState's stream, and every step from it to a weight is exact.
    assert random.hash[:16] == "9b11877836695296"
    assert random_network.extractor((8, 8, 1)).id == random.id
    assert len({random.id, random_network.extractor((8, 8, 3)).id, random_network.extractor((28, 28, 1)).id}) == 3


@pytest.mark.parametrize("shape", [(4, 4, 1), (5, 7, 3), (28, 28, 1), (32, 32, 3), (64, 64, 3), (160, 256, 3)])
def test_the_random_network_takes_images_of_every_size(shape):
    assert random_network.extractor(shape).features(np.zeros((2, *shape), np.uint8)).shape[1] <= base.MOST


def test_random_features_tell_other_images_from_other_samples_of_the_same(random, digits):
    def gap(one, other):
        return np.linalg.norm(random.features(one).mean(axis=0) - random.features(other).mean(axis=0))

    one, other = digits.x[::2], digits.x[1::2]  # as alike as two sets of the same writers can be
    noise = np.random.default_rng(0).permuted(other.reshape(len(other), -1), axis=1).reshape(other.shape)
    same = gap(one, other)
    assert gap(one, other[:, :, ::-1]) > 2 * same, "where things are is seen"
    assert gap(one, noise) > 3 * same
    assert gap(one, other[digits.y[1::2] == 1]) > 3 * same, "one class is not all"


def test_the_random_network_knows_no_classes(random, digits):
    assert random.accuracy is None and random.outputs(digits.x[:3])[1] is None
    with pytest.raises(BadInput, match="no classes"):
        random.probabilities(digits.x[:3])


# The classifier


def test_the_classifier_learns_the_digits(trained, digits):
    assert trained.accuracy > 0.9 and trained.classes == 10
    probabilities = trained.probabilities(digits.x_test)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-4)
    assert (probabilities.argmax(axis=1) == digits.y_test).mean() == trained.accuracy


def test_a_classifier_is_trained_once_for_the_same_data_and_recipe(digits, tmp_path):
    told = []
    first = classifier.extractor(digits, tmp_path, recipe=QUICK, progress=told.append)
    assert told[-1] == 1 and len(told) == QUICK.steps
    again = classifier.extractor(digits, tmp_path, recipe=QUICK, progress=told.append)
    assert len(told) == QUICK.steps and (again.id, again.accuracy) == (first.id, first.accuracy)
    np.testing.assert_allclose(again.features(digits.x[:5]), first.features(digits.x[:5]), rtol=1e-5)
    kept, = (tmp_path / "cache" / "extractors").glob("*.npz")

    other = dataclasses.replace(digits, y=(digits.y + 1) % 10, y_test=(digits.y_test + 1) % 10)
    short = dataclasses.replace(QUICK, steps=2)
    classifier.extractor(other, tmp_path, recipe=short)
    classifier.extractor(digits, tmp_path, recipe=short)
    assert len(list(kept.parent.glob("*.npz"))) == 3

    kept.write_bytes(kept.read_bytes()[:1000])
    assert classifier.extractor(digits, tmp_path, recipe=QUICK).accuracy > 0.9, "a damaged one is made anew"


TRAIN = """
import sys
from gan_core import data
from gan_core.evaluation.extractors import classifier
steps = []
found = classifier.extractor(data.load("digits"), sys.argv[1], recipe=classifier.Recipe(steps=40, batch=32, features=8),
                             progress=steps.append)
print(found.hash, len(steps))
"""


def test_two_processes_at_once_train_one_classifier(tmp_path):
    processes = [start_python(TRAIN, tmp_path) for _ in range(2)]
    answers = [process.communicate(timeout=180) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], answers
    (one, trained), (other, waited) = sorted((out.split() for out, _ in answers), key=lambda found: -int(found[1]))
    assert one == other and (int(trained), int(waited)) == (40, 0)
    assert [path.suffix for path in sorted((tmp_path / "cache" / "extractors").iterdir())] in ([".npz"],
                                                                                            [".lock", ".npz"])


def test_training_can_be_stopped_and_leaves_nothing_behind(digits, tmp_path):
    steps = []
    with pytest.raises(Stopped):
        classifier.extractor(digits, tmp_path, recipe=QUICK, progress=steps.append, should_stop=lambda: len(steps) == 3)
    assert len(steps) == 3 and not list(tmp_path.rglob("*.npz")) and not list(tmp_path.rglob(".partial*"))


def test_a_workspace_that_cannot_be_written_is_said_so(digits, tmp_path):
    (tmp_path / "cache").write_text("a file where a folder should be")
    with pytest.raises(StoreError) as refused:
        classifier.extractor(digits, tmp_path, recipe=dataclasses.replace(QUICK, steps=1))
    assert is_a_sentence(str(refused.value)) and "workspace" in str(refused.value)


def test_data_without_a_test_set_holds_every_sixth_image_out(digits):
    own = dataclasses.replace(digits, x_test=None, y_test=None)
    x, y, x_test, y_test = classifier.split(own)
    assert len(x_test) == len(own) // 6 and len(x) + len(x_test) == len(own)
    np.testing.assert_array_equal(x_test[1], own.x[11])
    assert len(y) == len(x) and y_test[1] == own.y[11]


def test_training_leaves_the_random_state_of_keras_alone(digits):
    import keras

    keras.utils.set_random_seed(5)
    undisturbed = np.asarray(keras.random.normal((3,))), np.random.random(3)
    keras.utils.set_random_seed(5)
    classifier.extractor(digits, recipe=dataclasses.replace(QUICK, steps=2))
    np.testing.assert_array_equal(undisturbed, (np.asarray(keras.random.normal((3,))), np.random.random(3)))


def test_shifting_moves_each_image_and_repeats_its_edge():
    rng = np.random.RandomState(0)
    images = np.random.default_rng(0).integers(0, 256, (50, 6, 6, 2), dtype=np.uint8)
    moved = kept_networks.shifted(images, 1, rng)
    assert moved.shape == images.shape and moved.dtype == np.uint8

    def shifts(image, other):
        padded = np.pad(image, [(1, 1), (1, 1), (0, 0)], mode="edge")
        return [(i, j) for i in range(3) for j in range(3) if np.array_equal(padded[i:i + 6, j:j + 6], other)]

    found = [shifts(image, other) for image, other in zip(images, moved)]
    assert all(found) and len({each[0] for each in found}) > 4
    assert kept_networks.shifted(images, 0, rng) is images


# Which one


def test_each_kind_of_data_has_its_extractor(digits, noise, tmp_path, monkeypatch):
    made = []
    monkeypatch.setattr(classifier, "extractor", lambda dataset, *_, **__: made.append(dataset) or good(dataset))
    assert extractors.for_dataset(digits).id == "classifier-digits:" + "0" * 8 and made == [digits]
    assert extractors.for_dataset(dataclasses.replace(digits, y=None, y_test=None)).name == "random"
    points = extractors.for_dataset(noise("points"))
    assert points.name == "coordinates"
    np.testing.assert_array_equal(points.features([[1, 2], [3, 4]]), np.float32([[1, 2], [3, 4]]))


def good(dataset, accuracy=0.99, held_out=300):
    return types.SimpleNamespace(id=f"classifier-{dataset.name}:{'0' * 8}", name="classifier", accuracy=accuracy,
                                 held_out=held_out, shape=dataset.x.shape[1:], notes=[])


def test_a_classifier_that_fails_is_refused_where_one_is_known_to_work(digits, monkeypatch):
    monkeypatch.setattr(classifier, "extractor", lambda dataset, *_, **__: good(dataset, 0.94))
    with pytest.raises(RunFailed, match="94.00 % .* 95.0 %") as refused:
        extractors.for_dataset(digits)
    assert is_a_sentence(str(refused.value)) and "--extractor random" in str(refused.value)


def test_a_classifier_that_fails_on_ones_own_data_gives_way_and_says_so(digits, monkeypatch):
    own = Dataset("pets", IMAGES, digits.x, digits.y, digits.classes)
    for accuracy, held_out in ((0.59, 300), (1.0, 19)):
        monkeypatch.setattr(classifier, "extractor", lambda dataset, *_, **__: good(dataset, accuracy, held_out))
        found = extractors.for_dataset(own)
        assert found.name == "random" and is_a_sentence(found.notes[0]) and "random network" in found.notes[0]
        with pytest.raises(RunFailed):
            extractors.for_dataset(own, "classifier")
    monkeypatch.setattr(classifier, "extractor", lambda dataset, *_, **__: good(dataset, 0.61))
    assert extractors.for_dataset(own).name == "classifier" and not extractors.for_dataset(own).notes


def test_mnist_must_reach_what_the_project_asks_for():
    assert classifier.REQUIRED["mnist", 28] == 0.992 and classifier.Recipe().features <= 128


@pytest.mark.parametrize("kind, name, says", [
    ("images", "vgg", "classifier, lite0, lite1, random, inception"), ("points", "random", "their own features"),
])
def test_an_extractor_that_does_not_exist_or_fit_is_refused(noise, kind, name, says):
    with pytest.raises(BadInput, match=says) as refused:
        extractors.for_dataset(noise(kind), name)
    assert is_a_sentence(str(refused.value))


def test_a_classifier_of_data_without_labels_is_refused(noise):
    with pytest.raises(BadInput, match="labels"):
        extractors.for_dataset(noise(classes=()), "classifier")
