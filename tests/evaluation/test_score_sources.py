"""What `score` takes, and what it says of it: folders and zips of images, arrays of any convention, statistics."""

import numpy as np
import pytest
from PIL import Image

from gan_core.data import Choices
from gan_core.errors import BadInput
from gan_core.evaluation import metrics, score_files, score_names
from helpers_data import encoded, noise, write_folder, write_zip
from helpers_runs import is_a_sentence
from helpers_scoring import write

RNG = np.random.default_rng(0)
REAL, FAKE = RNG.standard_normal((2, 60, 5)) + [[[0]], [[1]]]


def statistics(features, **more):
    return {"mu": features.mean(axis=0), "sigma": np.cov(features, rowvar=False)} | more


def refusal(real, fake, extractor=None, **options):
    with pytest.raises(BadInput) as refused:
        score_files.score(score_files.read(real, fake, **options), extractor=extractor)
    assert is_a_sentence(str(refused.value)), str(refused.value)
    return str(refused.value)


# Statistics


@pytest.mark.parametrize("real, fake", [(statistics(REAL), statistics(FAKE)), (statistics(REAL), {"features": FAKE}),
                                        ({"features": REAL}, statistics(FAKE)), (statistics(REAL), {"arr_0": FAKE})])
def test_statistics_give_the_distance_of_the_features_that_they_are_of(tmp_path, real, fake):
    pair = score_files.read(write(tmp_path / "a.npz", **real), write(tmp_path / "b.npz", **fake))
    found = score_files.score(pair)
    assert found["frechet"] == pytest.approx(metrics.frechet_distance(REAL, FAKE)) and "kernel" not in found
    assert [found["n_real"], found["n_fake"]] == [None if "mu" in side else 60 for side in (real, fake)]
    assert any("nothing but the Fréchet distance" in note for note in found["notes"])
    assert any("do not say which extractor" in note for note in found["notes"])
    lines = list(score_names.as_text(found))
    assert lines[1].startswith("Fréchet distance") and all(map(is_a_sentence, found["notes"]))


def test_features_of_which_one_side_alone_names_the_extractor_are_doubted(tmp_path):
    sides = [write(tmp_path / f"{name}.npz", features=features, **more) for name, features, more in
             (("a", REAL, {"extractor": "mine"}), ("b", FAKE, {}), ("c", FAKE, {"extractor": "mine"}))]
    doubted, known = (score_files.score(score_files.read(sides[0], other)) for other in sides[1:])
    assert any("b.npz does not say which extractor" in note for note in doubted["notes"])
    assert not any("does not say" in note for note in known["notes"]) and known["extractor"] == "mine"


def test_what_means_nothing_for_tables_is_refused(tmp_path):
    (tmp_path / "t.csv").write_text("height,size\n" + "\n".join(f"{number / 7},{'ab'[number % 2]}" for number in range(60)))
    with pytest.raises(BadInput, match="these are rows; leave --paired out"):
        score_files.score(score_files.read(tmp_path / "t.csv", tmp_path / "t.csv"), paired=True)
    assert "holds no images" in refusal(tmp_path / "t.csv", write(tmp_path / "a.npz", **statistics(REAL)))
    assert "leave --size out" in refusal(tmp_path / "t.csv", tmp_path / "t.csv", size=32)


def test_statistics_may_name_their_extractor(tmp_path):
    sides = [statistics(features, extractor="vgg16") for features in (REAL, FAKE)]
    found = score_files.score(score_files.read(*(write(tmp_path / f"{k}.npz", **side) for k, side in enumerate(sides))))
    assert found["extractor"] == "vgg16" and len(found["notes"]) == 1
    other = write(tmp_path / "c.npz", **statistics(FAKE, extractor="vgg19"))
    assert "vgg16 and vgg19" in refusal(tmp_path / "0.npz", other)


@pytest.mark.parametrize("real, fake, says", [
    (statistics(REAL), statistics(FAKE[:, :3]), "5 features and"), (statistics(REAL), {"features": FAKE[:4]}, "at least 6"),
    (statistics(REAL), {"samples": np.zeros((9, 8, 8, 1), np.uint8)}, "say with --extractor"),
    (statistics(RNG.random((9, 2048))), {"samples": np.zeros((9, 8, 8, 1), np.uint8)}, "are of inception"),
    ({"mu": np.zeros(4), "sigma": np.eye(3)}, {"features": FAKE}, r"(4,) and (3, 3)"),
    ({"mu": np.full(5, np.nan), "sigma": np.eye(5)}, {"features": FAKE}, "NaN"),
    ({"mu": np.array(["a"]), "sigma": np.eye(1)}, {"features": FAKE}, "not numbers"),
    ({"mu": np.zeros(5) * 1j, "sigma": np.eye(5)}, {"features": FAKE}, "not numbers"),
    ({"mu": np.zeros(5), "sigma": -np.eye(5)}, {"features": FAKE}, "negative variances"),
    ({"mu": np.full(5, 1e200), "sigma": np.eye(5)}, {"features": FAKE}, "beyond 1e+100"),
    (statistics(REAL), {"features": np.zeros((60, 5))}, "constant")])
def test_statistics_that_do_not_fit_are_refused(tmp_path, real, fake, says):
    assert says in refusal(write(tmp_path / "a.npz", **real), write(tmp_path / "b.npz", **fake))


def test_samples_beside_statistics_are_what_is_scored(tmp_path):
    """Reference batches for diffusion models hold both."""
    images = RNG.integers(0, 256, (30, 8, 8, 3), dtype=np.uint8)
    fake = write(tmp_path / "b.npz", arr_0=images)
    pair = score_files.read(write(tmp_path / "a.npz", arr_0=images, **statistics(REAL)), fake)
    assert not pair.statistics and pair.real["samples"].shape == (30, 8, 8, 3)
    assert "`mu`, `sigma`" in pair.real["notes"][1]


# Folders and zips


def folder(path, count=30, first=0, side=24, classes="ab"):
    return write_folder(path, {f"{classes[k % len(classes)]}/{k}.png": noise(first + k, side) for k in range(count)})


def test_images_of_folders_and_zips_are_brought_to_one_size(tmp_path):
    real, fake = folder(tmp_path / "real", 4), folder(tmp_path / "fake", 4, 9, side=16)
    pair = score_files.read(real, fake)
    assert pair.real["samples"].shape == pair.fake["samples"].shape == (4, 16, 16, 3)
    assert pair.real["labels"].tolist() == list("aabb") and "16 x 16" in pair.real["notes"][0]
    assert score_files.read(real, fake, size=8).real["samples"].shape == (4, 8, 8, 3)
    packed = write_zip(tmp_path / "x.zip", {f"{k}.png": noise(k) for k in range(3)})
    array = write(tmp_path / "a.npz", samples=np.zeros((5, 12, 12, 3), np.uint8))
    assert score_files.read(packed, array).real["samples"].shape == (3, 12, 12, 3)
    assert score_files.read(array, packed).fake["samples"].shape == (3, 12, 12, 3)
    assert "labels" not in score_files.read(packed, array).real


def test_a_folder_is_scored_against_an_array_by_the_names_of_classes(tmp_path, monkeypatch):
    real = folder(tmp_path / "real", 60, side=8)
    images = RNG.integers(0, 256, (40, 8, 8, 3), dtype=np.uint8)
    fake = write(tmp_path / "fake.npz", arr_0=images, arr_1=np.arange(40) % 2)
    found = score_files.score(score_files.read(real, fake), extractor="random")
    assert found["extractor"].startswith("random:") and found["n_real"] == 60 and "kernel" in found
    assert any("none of those in real" in note for note in found["notes"]) and "Imported from real." in found["notes"][0]


@pytest.mark.parametrize("real, fake, asked, said", [
    ({"labels": [3, 999]}, {"labels": [999, 3]}, [1, 0], 0), ({"labels": [3, 999]}, {"labels": [999, 5]}, [1, -1], 1),
    ({"labels": [0, 1], "classes": ["cat", "dog"]}, {"labels": [0, 1], "classes": ["dog", "cat"]}, [1, 0], 0),
    ({"labels": [0, 1], "classes": ["cat", "dog"]}, {"labels": [1, 1]}, [1, 1], 0),
    ({"labels": ["3", "7"]}, {"labels": [7, 3]}, [1, 0], 0),
    ({"labels": [[1, 0], [0, 1]]}, {"labels": [[1], [0]]}, [1, 0], 0)])
def test_labels_of_both_sides_mean_the_same_classes(tmp_path, real, fake, asked, said):
    samples = np.zeros((2, 8, 8, 1), np.uint8)
    paths = [write(tmp_path / f"{k}.npz", samples=samples, **side) for k, side in enumerate((real, fake))]
    pair = score_files.read(*paths)
    labels, notes = score_files._asked_for(pair)
    assert labels.tolist() == asked and len(notes) == said and all(map(is_a_sentence, notes))


def test_grey_beside_colour_is_compared_as_rgb(tmp_path):
    sides = [RNG.integers(0, 256, (30, 8, 8, channels), dtype=np.uint8) for channels in (1, 3)]
    paths = [write(tmp_path / f"{k}.npz", samples=side) for k, side in enumerate(sides)]
    found = score_files.score(score_files.read(*paths))
    assert any("compared as RGB" in note for note in found["notes"]) and "kernel" in found


def test_channels_first_is_asked_about_in_the_words_of_training(tmp_path):
    images = RNG.integers(0, 256, (30, 3, 8, 8), dtype=np.uint8)
    path = write(tmp_path / "a.npz", samples=images)
    other = write(tmp_path / "b.npz", samples=np.moveaxis(images, 1, -1))
    assert "the channels seem to come first; say channels=first" in refusal(path, other)
    for mixed in (path, tmp_path / "c.npz"):
        write(tmp_path / "c.npz", samples=images + np.uint8(1))
        assert "kernel" in score_files.score(score_files.read(path, mixed, choices=Choices(channels="first")))


def test_both_sides_have_the_scale_and_the_ground_of_the_real_one(tmp_path):
    def deep(highest):
        return encoded(Image.fromarray(np.linspace(0, highest, 256).reshape(16, 16).astype(np.uint16)))

    def icon(colour):
        image = Image.new("RGBA", (16, 16), (0, 0, 0, 0))
        image.paste((*colour, 255), (2, 2, 9, 9))
        return encoded(image)

    sides = [write_folder(tmp_path / f"{highest}", {"1.png": deep(highest), "2.png": deep(highest), "3.png": icon(colour)})
             for highest, colour in ((4000, (255, 255, 255)), (2000, (90, 9, 9)))]
    real, fake = score_files.read(*sides)[:2]
    assert real["samples"][0].max() == 255 and 126 <= fake["samples"][0].max() <= 129
    assert (real["samples"][2, -1, -1] == 0).all() and (fake["samples"][2, -1, -1] == 0).all()


def test_what_is_neither_is_refused(tmp_path):
    (tmp_path / "a.txt").write_text("hello")
    assert "not a zip file" in refusal(tmp_path / "a.txt", tmp_path / "a.txt")
    assert "There is no file" in refusal(tmp_path / "none", tmp_path / "none")
    (tmp_path / "empty").mkdir()
    assert "holds no images" in refusal(tmp_path / "empty", tmp_path / "empty")
