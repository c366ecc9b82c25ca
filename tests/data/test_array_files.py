"""Arrays of samples as other programs write them: which are taken for what, what the labels mean, what is asked about."""

import numpy as np
import pytest

from gan_core import data
from gan_core.data import Choices
from gan_core.errors import BadInput
from helpers_runs import is_a_sentence
from helpers_scoring import write

RNG = np.random.default_rng(0)
COLOUR = RNG.integers(0, 256, (12, 8, 8, 3), dtype=np.uint8)
GREY, MASKED = COLOUR[..., :1], RNG.integers(0, 256, (12, 8, 8, 4), dtype=np.uint8)
LABELS = np.arange(12) % 3


def loaded(path, **choices):
    return data.load(str(path), choices=Choices(**choices))


def refusal(path, **choices):
    with pytest.raises(BadInput) as refused:
        loaded(path, **choices)
    assert is_a_sentence(str(refused.value)), str(refused.value)
    return str(refused.value)


# Names of arrays


@pytest.mark.parametrize("names", [
    ("samples", "labels"), ("samples", "y"), ("arr_0", "arr_1"), ("images", "labels"), ("X", "y"), ("data", "target"),
    ("train_images", "train_labels"), ("x_train", "y_train"), ("pictures", "labels"),
    ("trainX", "trainY"), ("images_train", "labels_train")])
def test_samples_and_labels_are_known_by_their_usual_names(tmp_path, names):
    dataset = loaded(write(tmp_path / "a.npz", **dict(zip(names, (COLOUR, LABELS)))))
    assert np.array_equal(dataset.x, COLOUR) and dataset.y.tolist() == LABELS.tolist() and dataset.classes == ("0", "1", "2")
    assert ("was taken for" in dataset.note) == (names[0] != "samples")
    other = loaded(write(tmp_path / "b.npz", samples=COLOUR, labels=LABELS))
    assert dataset.identity == other.identity


def test_a_bare_array_is_samples(tmp_path):
    np.save(tmp_path / "a.npy", COLOUR)
    np.save(tmp_path / "grey.npy", GREY[..., 0])
    assert np.array_equal(loaded(tmp_path / "a.npy").x, COLOUR)
    assert np.array_equal(loaded(tmp_path / "grey.npy").x, GREY)
    np.save(tmp_path / "features.npy", RNG.random((12, 64)))
    assert "features" in refusal(tmp_path / "features.npy")
    np.save(tmp_path / "line.npy", np.arange(5))
    assert "shape (5,)" in refusal(tmp_path / "line.npy")


def test_the_suffix_may_be_in_capitals(tmp_path):
    write(tmp_path / "a.npz", samples=COLOUR).rename(tmp_path / "A.NPZ")
    assert len(loaded(tmp_path / "A.NPZ")) == 12


@pytest.mark.parametrize("one_column", [False, True])
@pytest.mark.parametrize("names", [("x_train", "y_train", "x_test", "y_test"),
                                   ("train_images", "train_labels", "test_images", "test_labels")])
def test_a_test_part_is_the_test_set_and_one_for_validation_is_not_used(tmp_path, names, one_column):
    labels = LABELS[:, None] if one_column else LABELS
    parts = dict(zip(names, (COLOUR, labels, COLOUR[:4], labels[:4])))
    beside = {"val_images": COLOUR[:2], "val_labels": labels[:2]} if "train_images" in parts else {}
    dataset = loaded(write(tmp_path / "a.npz", **parts, **beside))
    assert np.array_equal(dataset.x_test, COLOUR[:4]) and dataset.y_test.tolist() == LABELS[:4].tolist()
    assert dataset.y.shape == (12,) and ("`val_images`" in dataset.note) == bool(beside)
    only = loaded(write(tmp_path / "b.npz", **dict(list(parts.items())[:2])))
    assert only.x_test is None and only.name != dataset.name


def test_a_part_for_validation_is_the_test_set_where_there_is_no_other(tmp_path):
    dataset = loaded(write(tmp_path / "a.npz", train_images=COLOUR, val_images=COLOUR[:3]))
    assert len(dataset.x_test) == 3 and dataset.y is None


def test_a_test_set_is_kept(tmp_path):
    path = write(tmp_path / "a.npz", x_train=COLOUR, y_train=LABELS, x_test=COLOUR[:4], y_test=LABELS[:4])
    first = data.load(str(path), size=16, workspace=tmp_path / "workspace")
    again = data.load(first.name, workspace=tmp_path / "workspace")
    assert first.identity == again.identity and again.x_test.shape == (4, 16, 16, 3) and again.note == first.note


def test_arrays_that_are_not_used_are_named(tmp_path):
    dataset = loaded(write(tmp_path / "a.npz", samples=COLOUR, ids=np.arange(12), weights=np.ones(12)))
    assert "Not used of a.npz: `ids`, `weights`." in dataset.note


def test_what_may_be_anything_is_asked_about(tmp_path):
    said = refusal(write(tmp_path / "a.npz", one=COLOUR, two=COLOUR))
    assert "one (12, 8, 8, 3)" in said and "two" in said and "save one under that name" in said
    assert "holds statistics" in refusal(write(tmp_path / "s.npz", mu=np.zeros(4), sigma=np.eye(4)))
    assert refusal(write(tmp_path / "line.npz", **{"a\x1b[31m": LABELS})).isprintable()
    assert "no arrays" in refusal(write(tmp_path / "none.npz"))


# Labels


@pytest.mark.parametrize("labels, classes", [
    (np.where(LABELS == 0, 3, 999), ("3", "999")), (LABELS + 1, ("1", "2", "3")), (LABELS[:, None], ("0", "1", "2")),
    (np.eye(3)[LABELS], ("0", "1", "2")), (np.eye(3, dtype=bool)[LABELS], ("0", "1", "2")),
    (LABELS.astype(float), ("0", "1", "2")), (LABELS.astype(np.uint64), ("0", "1", "2")),
    (LABELS > 0, ("0", "1")), (np.array(["10", "2", "1"])[LABELS], ("1", "2", "10")),
    (np.array(["caf\u00e9", "cafe\u0301", "tea"])[LABELS], ("café", "tea")),
    (np.array([b"dog", b"cat", b"ape"])[LABELS], ("ape", "cat", "dog"))])
def test_the_labels_that_occur_are_the_classes(tmp_path, labels, classes):
    dataset = loaded(write(tmp_path / "a.npz", samples=COLOUR, labels=labels))
    assert dataset.classes == classes and dataset.y.dtype == np.int32 and dataset.y.shape == (12,)
    assert np.bincount(dataset.y).min() > 0 and len(np.bincount(dataset.y)) == len(classes)


@pytest.mark.parametrize("labels, names, classes", [
    (LABELS, ["cat", "dog", "ape"], ("cat", "dog", "ape")), (LABELS + 1, ["cat", "dog", "ape"], ("cat", "dog", "ape")),
    (LABELS * 2, ["a", "b", "c", "d", "e"], ("a", "c", "e")), (LABELS, ["cat", "dog"], ("0", "1", "2")),
    (LABELS, ["cat", "cat", "dog"], ("0", "1", "2"))])
def test_classes_have_their_names_where_there_is_one_for_each(tmp_path, labels, names, classes):
    dataset = loaded(write(tmp_path / "a.npz", samples=COLOUR, labels=labels, classes=names))
    assert dataset.classes == classes and ("were not used" in dataset.note) == (classes == ("0", "1", "2"))
    path = write(tmp_path / "b.npz", images=COLOUR, labels=labels, label_names=np.array(names, "S"))
    assert loaded(path).classes == classes


@pytest.mark.parametrize("name", ["samples", "x_train", "images", "X", "data", "train_images", "arr_0"])
def test_images_that_differ_in_size_are_told_to_be_that(tmp_path, name):
    """Whatever the array is called that NumPy makes of them."""
    ragged = np.empty(3, object)
    ragged[:] = [np.zeros((8 + number, 8, 3), np.uint8) for number in range(3)]
    np.savez(tmp_path / "a.npz", **{name: ragged})
    assert "the images differ in size" in refusal(tmp_path / "a.npz")


def test_labels_that_are_objects_may_be_saved_as_texts(tmp_path):
    np.savez(tmp_path / "a.npz", x_train=COLOUR, y_train=np.array(["a", "b"] * 6, object))
    assert "numpy.array(labels, str)" in refusal(tmp_path / "a.npz")


def test_both_parts_are_doubted_and_two_scales(tmp_path):
    bright, half = COLOUR / np.float32(255), COLOUR / np.float32(127.5) - np.float32(1)
    both = loaded(write(tmp_path / "a.npz", x_train=bright, x_test=bright)).note
    assert all(f"The {part} in a.npz are floats from 0 to 1" in both for part in ("samples", "test samples"))
    mixed = loaded(write(tmp_path / "b.npz", x_train=COLOUR, x_test=half)).note
    assert "are whole numbers and the test samples in b.npz floats" in mixed
    assert "whole numbers and" not in loaded(write(tmp_path / "c.npz", x_train=COLOUR, x_test=COLOUR)).note


def test_a_bare_array_of_any_version_is_read_and_a_damaged_one_told(tmp_path):
    with open(tmp_path / "a.npy", "wb") as file:
        np.lib.format.write_array(file, COLOUR, version=(3, 0))
    assert np.array_equal(loaded(tmp_path / "a.npy").x, COLOUR)
    for content in (b"", b"x" * 10, b"\x93NUMPY\x09\x00"):
        (tmp_path / "b.npy").write_bytes(content)
        assert "not a readable .npy file; save it with numpy.save." in refusal(tmp_path / "b.npy")
    np.save(tmp_path / "c.npy", COLOUR)
    with open(tmp_path / "c.npy", "ab") as file:
        file.write(bytes(500))
    assert "its header speaks of" in refusal(tmp_path / "c.npy"), "images may be missing"


@pytest.mark.parametrize("labels", [np.eye(3)[LABELS] + np.eye(3)[0], LABELS / 2, np.full(12, np.nan), LABELS[:5],
                                    -LABELS, np.zeros((12, 2, 2)), LABELS * 1j, LABELS * 1e30,
                                    LABELS.astype(np.uint64) + 2**63])
def test_labels_that_name_no_class_are_refused(tmp_path, labels):
    assert "labels in a.npz" in refusal(write(tmp_path / "a.npz", samples=COLOUR, labels=labels))


def test_labels_of_a_test_part_are_of_the_same_classes(tmp_path):
    dataset = loaded(write(tmp_path / "a.npz", x_train=COLOUR, y_train=LABELS * 5, x_test=COLOUR[:2], y_test=[10, 7]))
    assert dataset.classes == ("0", "5", "7", "10") and dataset.y_test.tolist() == [3, 2]
    assert "none of its test images" in refusal(write(tmp_path / "b.npz", x_train=COLOUR, y_train=LABELS, x_test=COLOUR))


def test_classes_may_be_renamed_and_merged(tmp_path):
    path = write(tmp_path / "a.npz", samples=COLOUR, labels=LABELS, classes=["cat", "chat", "dog"])
    dataset = loaded(path, rename="chat=cat, dog=hound")
    assert dataset.classes == ("cat", "hound") and np.bincount(dataset.y).tolist() == [8, 4]
    assert loaded(path).name != dataset.name
    assert "no class 'cow'" in refusal(path, rename="cow=cat") and "cat, chat, dog" in refusal(path, rename="cow=cat")
    assert "OLD=NEW" in refusal(path, rename="cow")
    assert "there are no classes" in refusal(write(tmp_path / "b.npz", samples=COLOUR), rename="cow=cat")


def test_names_of_classes_are_fit_to_be_shown(tmp_path):
    texts = np.array(["a\nb", "", "c\x1b[31m"])[LABELS]
    classes = loaded(write(tmp_path / "a.npz", samples=COLOUR, labels=texts)).classes
    assert classes == ("a b", "c\N{REPLACEMENT CHARACTER}[31m", "no name")


def test_an_empty_test_part_is_none_and_the_usual_spelling_comes_first(tmp_path):
    assert loaded(write(tmp_path / "a.npz", x_train=COLOUR, x_test=COLOUR[:0])).x_test is None
    assert np.array_equal(loaded(write(tmp_path / "b.npz", SAMPLES=GREY, samples=COLOUR, Samples=GREY)).x, COLOUR)


# Images


@pytest.mark.parametrize("images", [COLOUR, GREY, MASKED, GREY[..., 0], COLOUR.astype(int), COLOUR.astype(np.uint16),
                                    COLOUR / 127.5 - 1, COLOUR > 99])
def test_images_are_grey_coloured_or_have_alpha_in_any_type(tmp_path, images):
    x = loaded(write(tmp_path / "a.npz", samples=images)).x
    assert x.dtype == np.uint8 and x.shape == (*images.shape[:3], *(images.shape[3:] or (1,)))
    assert x.max() > 200 and x.min() < 50


def test_alpha_in_an_array_is_learned_unless_a_ground_is_chosen(tmp_path):
    alpha = np.where(GREY > 99, 255, 0).astype(np.uint8)
    path = write(tmp_path / "a.npz", samples=np.concatenate([COLOUR, alpha], axis=-1))
    kept, white, black = (loaded(path, ground=ground) for ground in ("auto", "white", "black"))
    assert kept.x.shape[-1] == 4 and "alpha" in kept.note and "ground=white" in kept.note
    clear = GREY[..., 0] <= 99
    assert (white.x[clear] == 255).all() and (black.x[clear] == 0).all() and "on black" in black.note
    assert np.array_equal(white.x[~clear], COLOUR[~clear]) and len({kept.name, white.name, black.name}) == 3


@pytest.mark.parametrize("images", [COLOUR, GREY, MASKED])
def test_channels_first_is_asked_about(tmp_path, images):
    path = write(tmp_path / "a.npz", samples=np.moveaxis(images, -1, 1))
    said = refusal(path)
    assert "the channels seem to come first; say channels=first" in said
    assert np.array_equal(loaded(path, channels="first").x, images)
    assert "8 x 8" in refusal(path, channels="last")
    wrong = write(tmp_path / "b.npz", samples=np.zeros((5, 8, 8, 3), np.uint8))
    assert "cannot come first" in refusal(wrong, channels="first")


@pytest.mark.parametrize("images, says", [
    (np.full((12, 8, 8), "a"), "<U1: images"), (np.zeros((12, 8, 8), "M8[s]"), "in [-1, 1]."),
    (COLOUR.reshape(12, -1), "features"), (COLOUR.astype(int) * 9, "from 0 to"), (COLOUR - 1.0j, "complex"),
    (np.zeros((12, 8, 8, 5), np.uint8), "8 x 8 x 5"), (np.zeros((0, 8, 8, 3), np.uint8), "(0, 8, 8, 3)")])
def test_other_arrays_are_refused_with_their_shape_or_reach(tmp_path, images, says):
    assert says in refusal(write(tmp_path / "a.npz", arr_0=images))


@pytest.mark.parametrize("images", [COLOUR.astype(np.uint16) * 257, COLOUR.astype(float), COLOUR.astype(int) - 128])
def test_what_a_scale_would_bring_in_is_refused_as_a_matter_of_choice(tmp_path, images):
    """Whoever sent such a file by the form can choose there: it is not thrown away."""
    with pytest.raises(BadInput) as refused:
        loaded(write(tmp_path / "a.npz", samples=images))
    assert list(refused.value.fields) == ["scale"] and len(loaded(tmp_path / "a.npz", scale="set")) == 12


@pytest.mark.parametrize("images, says", [
    (COLOUR > 99, ""), ((COLOUR > 99).astype(np.uint8), "whole numbers from 0 to 1"), (COLOUR, ""),
    ((COLOUR > 99).astype(np.int64), "whole numbers from 0 to 1"), (COLOUR / 255 - 0.5, "are floats from -0.5 to 0.5"),
    (COLOUR / 127.5 - 1, "")])
def test_what_uses_little_of_its_scale_is_doubted_and_can_be_brought_to_it(tmp_path, images, says):
    path = write(tmp_path / "a.npz", samples=images)
    note = loaded(path).note
    assert says in note if says else "were taken to lie" not in note
    for scale in ("set", "depth") if "whole" in says else ("set",):
        x = loaded(path, scale=scale).x
        assert x.max() == 255 and x.min() == 0 and "were taken to lie" not in loaded(path, scale=scale).note


def test_classes_of_one_image_each_are_doubted(tmp_path):
    images = RNG.integers(0, 256, (24, 8, 8, 1), dtype=np.uint8)
    note = loaded(write(tmp_path / "a.npz", samples=images, labels=np.arange(24))).note
    assert "Its 24 classes have 1.0 images each, if these labels are classes." in note
    assert "images each" not in loaded(write(tmp_path / "b.npz", samples=images, labels=np.arange(24) % 3)).note


def test_large_images_need_a_size(tmp_path):
    path = write(tmp_path / "a.npz", samples=np.zeros((2, 300, 300, 1), np.uint8))
    assert "choose a size of at most 256" in refusal(path)
    assert data.load(str(path), size=32).x.shape == (2, 32, 32, 1)


def test_arrays_that_claim_too_much_are_refused_before_they_are_read(tmp_path):
    with open(tmp_path / "a.npy", "wb") as file:
        np.lib.format.write_array_header_1_0(file, {"shape": (10**9, 32, 32, 3), "fortran_order": False, "descr": "|u1"})
    assert "the limit is 2 GiB" in refusal(tmp_path / "a.npy")
