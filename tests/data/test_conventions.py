"""Folders as other programs and sites lay them out, and files that are no images: what is meant is taken, and said."""

import json

import numpy as np
import pytest
from PIL import Image

from gan_core import data
from gan_core.errors import BadInput
from helpers_data import encoded, noise, write_folder, write_zip


def files(*names):
    return {name: noise(number) for number, name in enumerate(names)}


@pytest.fixture
def make(tmp_path):
    return lambda files, name="set": write_folder(tmp_path / name, files)


# Folders


@pytest.mark.parametrize("train, test", [
    ("train2017", "val2017"), ("DIV2K_train_HR", "DIV2K_valid_HR"), ("seg_train", "seg_test"), ("trainImages", "testImages"),
    ("images-train", "images-val"), ("01 Train", "01 Test"), ("train", "test1"), ("train", "test_images"),
    ("Train_small", "val")])
def test_splits_may_be_a_part_of_the_name_that_they_share(make, train, test):
    dataset = data.load(make(files(*(f"{split}/{number}.png" for split in (train, test) for number in range(3)))))
    assert (len(dataset), len(dataset.x_test), dataset.classes) == (3, 3, ())
    assert f"3 images of the folder {test} are the test set" in dataset.note


def test_what_lies_beside_a_training_and_a_test_part_is_neither(make):
    parts = ("train", "test", "extra")
    dataset = data.load(make(files(*(f"{part}/{number}.png" for part in parts for number in range(2)))))
    assert (len(dataset), len(dataset.x_test), dataset.classes) == (2, 2, ())
    assert "2 beside the folders (extra/0.png, extra/1.png)" in dataset.note


@pytest.mark.parametrize("names", [("train station", "bus test"), ("train", "bus"), ("test drive", "train track"),
                                   ("train 1", "train 2"), ("train_cats", "test")])
def test_words_of_splits_among_others_are_classes(make, names):
    dataset = data.load(make(files(*(f"{name}/{number}.png" for name in names for number in range(2)))))
    assert {*dataset.classes} == {*names}


def test_a_test_part_without_classes_is_no_test_set(make):
    dataset = data.load(make(files("train/a/1.png", "train/b/2.png", "val/3.png", "val/4.png")))
    assert dataset.x_test is None and "test set" not in dataset.note and "2 in no class folder" in dataset.note


@pytest.mark.parametrize("pictures, masks", [("images", "masks"), ("JPEGImages", "SegmentationClass"), ("imgs", "labels")])
def test_masks_beside_images_are_no_class(make, pictures, masks):
    dataset = data.load(make(files(*(f"{folder}/{number}.png" for folder in (pictures, masks) for number in range(3)))))
    assert (len(dataset), dataset.classes) == (3, ()) and "3 masks beside the images" in dataset.note
    split = data.load(make(files(*(f"{part}/{folder}/{number}.png" for part in ("train", "test")
                                   for folder in (pictures, masks) for number in range(2))), "split"))
    assert (len(split), len(split.x_test), split.classes) == (2, 2, ())


def test_names_of_classes_that_only_look_equal_are_one_or_pointed_out(make):
    assert data.load(make(files("cat/1.png", "cat /2.png", "dog/3.png"))).classes == ("cat", "dog")
    twins = data.load(make(files("cat/1.png", "Cat/2.png", "dog/3.png"), "twins"))
    assert len(twins.classes) == 3 and "capitals alone are kept apart: " in twins.note
    control = data.load(make(files("a\nb/1.png", "c\x1b[31m/2.png"), "control"))
    assert control.classes == ("a b", "c\N{REPLACEMENT CHARACTER}[31m") and control.note.isprintable()
    persian = "\u0645\u06cc\N{ZERO WIDTH NON-JOINER}\u0631"  # written with a joiner, as emoji of several are
    joined = data.load(make(files(f"{persian}/1.png", "cat\N{ZERO WIDTH JOINER}/2.png", "cat\N{ZERO WIDTH SPACE}/3.png"),
                            "joined"))
    assert joined.classes == ("cat\N{REPLACEMENT CHARACTER}", persian)


@pytest.mark.parametrize("names", [[f"{k:x}{k:x}/{k:x}{k:x}{'0123456789abcdef' * 2}.png" for k in range(6)],
                                   [f"{k % 1000:04d}/{k}.png" for k in (37, 1074, 5900)]])
def test_folders_by_a_hash_or_the_rest_of_a_division_are_no_classes(make, names):
    assert data.load(make(files(*names))).classes == ()


def test_what_may_be_no_classes_is_pointed_out(make):
    few = data.load(make(files(*(f"person {number}/{number}.png" for number in range(20)))))
    assert few.n_classes == 20 and "Its 20 classes have 1.0 images each" in few.note
    deep = data.load(make(files("animal/cat/1.png", "animal/dog/2.png", "plant/rose/3.png"), "deep"))
    assert deep.classes == ("animal", "plant") and "not told apart: cat, dog, rose." in deep.note
    plain = data.load(make(files("top/a/x/1.png", "top/b/x/2.png", "top/a/x/3.png"), "plain"))
    assert "not told apart" not in plain.note


# Labels in a table beside


TABLE = b"file_name,label\n0.png,cat\n1.png,dog\n2.png,cat\n3.png,dog\n"


@pytest.mark.parametrize("name, content, column, classes", [
    ("metadata.csv", TABLE, "label", ("cat", "dog")),
    ("labels.csv", TABLE.replace(b"file_name,label", b"id,breed").replace(b".png", b""), "breed", ("cat", "dog")),
    ("list.csv", b"\xef\xbb\xbf" + TABLE.replace(b",", b";"), "label", ("cat", "dog")),
    ("list.tsv", TABLE.replace(b",", b"\t").replace(b"label", b"Class"), "Class", ("cat", "dog")),
    ("metadata.jsonl", "\n".join(json.dumps({"file_name": f"{k}.png", "label": 10 * (k % 2) + 2})
                                 for k in range(4)).encode(), "label", ("2", "12")),
    ("all.csv", TABLE + b"9.png,bird\n", "label", ("cat", "dog")),
    ("excel.csv", TABLE.decode().replace(",", "\t").encode("utf-16"), "label", ("cat", "dog")),
    ("mac.csv", TABLE.replace(b"\n", b"\r"), "label", ("cat", "dog")),
    ("tabs.csv", TABLE.replace(b",", b"\t"), "label", ("cat", "dog")),
    ("pandas.csv", TABLE.replace(b"cat", b"2.0").replace(b"dog", b"12.0"), "label", ("2", "12")),
    ("signs.csv", TABLE.replace(b"cat", b"-1").replace(b"dog", b"1"), "label", ("-1", "1")),
    ("kaggle.csv", TABLE.replace(b"file_name,label", b"Image Id,Label Name"), "Label Name", ("cat", "dog")),
    ("dot.csv", b"filepaths, labels\n" + TABLE.split(b"\n", 1)[1].replace(b"\n", b"\n./"), "labels", ("cat", "dog")),
    ("windows.csv", TABLE.replace(b"0.", b"C:\\set\\0.").replace(b"1.", b"C:\\set\\1."), "label", ("cat", "dog")),
    ("elsewhere.csv", b"".join(b"/kaggle/input/%b\n" % line if line[:1].isdigit() else line + b"\n"
                               for line in TABLE.split(b"\n")), "label", ("cat", "dog")),
    ("jpeg.csv", TABLE.replace(b".png", b".JPG"), "label", ("cat", "dog")),
    ("floats.jsonl", "\n".join(json.dumps({"image": f"{k}.png", "label": float(k % 2)}) for k in range(4)).encode(),
     "label", ("0", "1"))])
def test_a_table_beside_the_images_names_their_classes(make, name, content, column, classes):
    dataset = data.load(make(files(*(f"{number}.png" for number in range(4))) | {name: content}))
    assert dataset.classes == classes and dataset.y.tolist() == [0, 1, 0, 1]
    assert f"The classes are those of {name}, column {column}." in dataset.note and "Not used" not in dataset.note


def test_a_few_images_without_a_label_take_none_away_and_are_counted(make):
    images = files(*(f"{number}.png" for number in range(4)))
    for table in (TABLE.replace(b"3.png,dog\n", b""), TABLE.replace(b"3.png,dog", b"3.png,")):
        dataset = data.load(make(images | {"l.csv": table}))
        assert dataset.y.tolist() == [0, 1, 0] and "1 without a label (3.png)" in dataset.note


def test_labels_that_look_the_same_are_one_class(make):
    table = "file,label\n0.png,caf\u00e9\n1.png,cafe\u0301\n2.png,a  b\n3.png,a b\n".encode()
    assert data.load(make(files(*(f"{number}.png" for number in range(4))) | {"l.csv": table})).classes == ("a b", "café")


def test_columns_may_be_the_classes(make):
    table = b"image_id,rust,scab\n0,1,0\n1,0,1.0\n2,1,0\n3,0,1\n"
    images = files(*(f"images/{number}.jpg" for number in range(4)))
    dataset = data.load(make(images | {"train.csv": table}))
    assert dataset.classes == ("rust", "scab") and dataset.y.tolist() == [0, 1, 0, 1]
    assert "train.csv, whose columns are classes." in dataset.note
    several = data.load(make(images | {"train.csv": table.replace(b"2,1,0", b"2,1,1")}, "several"))
    assert several.classes == () and "1 no images (train.csv)" in several.note


@pytest.mark.parametrize("content", [
    b"", b"\xff\xfe", b"a,b\n1,2\n", b"file,label\n0.png,cat\n", TABLE.replace(b"dog", b""), b"file,label\n0.png\n",
    b"file,label\n" + b"".join(b"%d.png,picture %d\n" % (k, k) for k in range(4)), b"{", b"[1]\n[2]", b"file,label",
    b"[" * 100_000, TABLE.replace(b"cat", b"\xff"), TABLE + b"0.png,dog\n"])
@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_a_table_that_does_not_name_the_class_of_each_is_not_used_and_counted(make, content, ending):
    dataset = data.load(make(files(*(f"{number}.png" for number in range(4))) | {f"table.{ending}": content}))
    assert dataset.classes == () and f"1 no images (table.{ending})" in dataset.note


@pytest.mark.parametrize("label", ["9" * 5000, "\N{SUPERSCRIPT TWO}", "a\x1b[31m"], ids=["long", "digit", "control"])
def test_labels_of_a_table_are_names_whatever_they_are(make, label):
    table = TABLE.replace(b"dog", label.encode()).replace(b"cat", b"1")
    assert "1" in data.load(make(files(*(f"{number}.png" for number in range(4))) | {"l.csv": table})).classes


@pytest.mark.parametrize("content", [b"[" * 100_000, b'{"labels": [["0.png", ' + b"9" * 5000 + b"]]}", b"{}",
                                     b'{"labels": [["0.png", [0.3, 0.7]], ["1.png", [0.6, 0.4]]]}',
                                     b'{"labels": [["0.png", [NaN, 1]], ["1.png", [1, 0]]]}'])
def test_a_list_of_stylegan_that_says_nothing_is_counted(make, content):
    dataset = data.load(make(files("0.png", "1.png") | {"dataset.json": content}))
    assert dataset.classes == () and "1 no images (dataset.json)" in dataset.note


def test_folders_of_classes_say_more_than_a_table(make):
    dataset = data.load(make(files("a/0.png", "a/1.png", "b/2.png", "b/3.png") | {"metadata.csv": TABLE}))
    assert dataset.classes == ("a", "b") and "1 no images (metadata.csv)" in dataset.note


def test_a_table_may_leave_the_test_images_out_and_each_part_may_have_its_own(make):
    parts = files(*(f"{part}/{number}.png" for part in ("train", "test") for number in range(4)))
    kaggle = data.load(make(parts | {"train.csv": TABLE}))
    assert kaggle.classes == ("cat", "dog") and kaggle.x_test is None and "4 without a label" in kaggle.note
    lists = {"train/metadata.csv": TABLE, "test/metadata.csv": TABLE.replace(b"1.png,dog", b"1.png,cat")}
    own = data.load(make(parts | lists, "own"))
    assert [np.bincount(y).tolist() for y in (own.y, own.y_test)] == [[2, 2], [3, 1]]


def test_another_table_is_another_dataset(tmp_path):
    images = files(*(f"{number}.png" for number in range(4)))
    paths = [write_zip(tmp_path / f"{number}.zip", images | {"l.csv": table})
             for number, table in enumerate((TABLE, TABLE.replace(b"dog", b"cow")))]
    first, second = (data.load(path, workspace=tmp_path / "workspace") for path in paths)
    assert first.name != second.name and second.classes == ("cat", "cow")


# Files that are no images


@pytest.mark.parametrize("name, content, why", [
    ("a.heic", b"\0\0\0\x18ftypheic", "converted to PNG or JPEG"), ("a", b"\0\0\0\x18ftypheic", "converted to PNG or JPEG"),
    ("a.svg", b"<svg/>", "converted"), ("a.CR2", b"II*\0", "converted"), ("a.tar.gz", b"", "unpacked first"),
    ("a.zip", b"PK", "unpacked first"), ("a", b"Rar!\x1a\x07", "unpacked first"), ("x.npy", b"", "given by themselves"),
    ("photo.jpg", b"\0\0\0\x18ftypheic", "converted to PNG or JPEG"), ("a.ico", b"\0\0\1\0", "converted"),
    ("a", b"P7\n", "converted"), ("a.png", b"<svg/>", "converted"), ("a.jpg", b"<html/>", "could not be decoded"),
    ("a.pef", b"MM\0*", "converted"), ("a.nrw", b"II*\0", "converted"), ("a.dds", b"", "converted"),
    ("a", b"qoif", "converted"), ("a.txt", b"", "no images")])
def test_what_is_no_image_is_counted_for_what_it_is(make, name, content, why):
    dataset = data.load(make(files("1.png", "2.png") | {name: content}))
    assert len(dataset) == 2 and why in dataset.note and f"({name})" in dataset.note


@pytest.mark.parametrize("name, content, says", [
    ("a.tar.xz", b"\xfd7zXZ\0", "a tar archive; unpack it"), ("a", b"\0" * 257 + b"ustar", "a tar archive"),
    ("a.7z", b"7z\xbc\xaf\x27\x1c", "a 7z archive"), ("a.h5", b"\x89HDF\r\n\x1a\n", "HDF5 file; save its images"),
    ("a.pkl", b"\x80", "may run any program"), ("a.png", noise(), "a single image; give a folder"),
    ("a.heic", b"", "cannot be read"), ("a.mp4", b"", "a video"),
    ("data_batch_1", b"\x80\4\x95", "may run any program"), ("train-images-idx3-ubyte", b"\0\0\x08\3", "an IDX file"),
    ("a.xlsx", b"PK\3\4", "a spreadsheet; save its table as CSV"), ("iris.data", b"1,2\n", "ends in .csv")])
def test_another_file_in_the_place_of_a_zip_is_told_what_it_is(tmp_path, name, content, says):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadInput, match="is not a zip file but ") as refused:
        data.load(tmp_path / name)
    assert says in str(refused.value)


def test_long_names_are_shortened_in_the_note(make):
    dataset = data.load(make(files("1.png", "2.png") | {"x" * 200 + ".txt": b""}))
    assert "x" * 40 + "..." in dataset.note and "x" * 100 not in dataset.note


def test_frames_that_are_not_used_are_told(make):
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    one = {"1.gif": encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])}
    assert "1 of the files has more frames" in data.load(make(one | files("2.png"), "one")).note
    animated = {f"{form}.{form}": encoded(frames[0], form, save_all=True, append_images=frames[1:])
                for form in ("gif", "webp", "png", "tiff")}
    assert "4 of the files have more frames or pages: the first is used." in data.load(make(animated | files("1.png"))).note
