"""How people lay out the parts of a set, by the names of its files alone; and lists beside the images that say so."""

import itertools
import json
import re

import pytest

from gan_core.data import layout
from helpers_runs import is_a_sentence


def named(*texts):
    """``"train/{cat,dog}:2"`` are four names."""
    for text in texts:
        path, _, count = text.rpartition(":")
        choices = [part.strip("{}").split(",") for part in re.split(r"({[^}]*})", path)]
        for folder in map("".join, itertools.product(*choices)):
            yield from (f"{folder}/{number}.png".removeprefix("./") for number in range(int(count)))


def of(*texts, lists=None):
    found = layout.of(list(named(*texts)), lists)
    assert all(map(is_a_sentence, (*found.sentences, *found.remarks)))
    return found


def told(found):
    return found.classes, len(found.train), len(found.test)


CAT_DOG = ("cat", "dog")


@pytest.mark.parametrize("train, test", [
    ("seg_train", "seg_test"), ("trainval", "test"), ("Training", "PublicTest"), ("train", "private_test"),
    ("train", "hold_out"), ("train", "hold-out"), ("train", "heldout"), ("train", "development"), ("train", "validate"),
    ("train", "evaluate"),
    ("train", "tests"), ("train", "vali"), ("tr", "te"), ("tr", "cv"), ("TRAIN", "TEST_SIMPLE"), ("trainset", "valset"),
    ("trainset", "validationset"), ("训练集", "测试集"), ("train2017", "val2017"), ("DIV2K_train_HR", "DIV2K_valid_HR"),
    ("my train images", "my test images"), ("train.zip", "test.zip")])
def test_parts_by_whatever_name(train, test):
    found = of(f"{train}/{{cat,dog}}:3", f"{test}/{{cat,dog}}:2")
    assert told(found) == (CAT_DOG, 6, 4) and not found.remarks
    assert f"4 images of the folder {test} are the test set" in found.sentences[0]


@pytest.mark.parametrize("other", ["seg_pred", "seg_pred/seg_pred", "notes"])
def test_what_lies_beside_the_parts_is_none_of_the_set(other):
    found = of("seg_train/seg_train/{cat,dog}:3", "seg_test/seg_test/{cat,dog}:2", f"{other}:2")
    assert told(found) == (CAT_DOG, 6, 4) and len(found.unused[layout.BESIDE]) == 2


@pytest.mark.parametrize("first, last", [("train", "train"), ("train", "Train"), ("train.zip", "train"),
                                         ("train", "training")])
def test_a_part_within_a_folder_of_its_name(first, last):
    """As an archive is unpacked."""
    test = first.replace("train", "test"), last.lower().replace("train", "test")
    assert told(of(f"{first}/{last}/{{cat,dog}}:3", f"{'/'.join(test)}/{{cat,dog}}:2")) == (CAT_DOG, 6, 4)
    assert told(of(f"{first}/{last}:3", f"{'/'.join(test)}:2")) == ((), 3, 2)


@pytest.mark.parametrize("train, test", [("{cats,dogs}_train", "{cats,dogs}_test"),
                                         ("train_{cats,dogs}", "test_{cats,dogs}")])
def test_a_class_within_the_name_of_its_part(train, test):
    found = of(f"{train}:3", f"{test}:2")
    assert told(found) == (("cats", "dogs"), 6, 4)


@pytest.mark.parametrize("test", ["valid", "val", "test"])
def test_domains_have_parts_by_whatever_name(test):
    assert told(of("train{A,B}:3", f"{test}{{A,B}}:2")) == (("A", "B"), 6, 4)


@pytest.mark.parametrize("stray, above", [(".", "a/b"), ("a", "a/b/c"), (".", "a")])
def test_a_stray_above_the_parts_changes_nothing(stray, above):
    found = of(f"{stray}:1", f"{above}/train/{{cat,dog}}:3", f"{above}/test/{{cat,dog}}:2")
    assert told(found) == (CAT_DOG, 6, 4) and len(found.unused[layout.BESIDE]) == 1


def test_parts_may_lie_deep_within_the_classes():
    found = of("{cat,dog}/{small,big}/{train,test}:2")
    assert told(found) == (CAT_DOG, 8, 8)


def test_a_class_beside_others_may_have_no_parts():
    assert told(of("cat/train:5", "cat/test:2", "dog:6")) == (CAT_DOG, 11, 2)


def test_a_few_folders_of_many_are_no_parts():
    assert told(of("cat:9", "dog:9", "dog/old/{train,test}:2"))[1:] == (22, 0)


@pytest.mark.parametrize("names", [("bullet_train", "test_tube", "cat"), ("tr", "te", "en"), ("A", "B")])
def test_classes_that_are_called_a_little_like_parts_are_classes(names):
    found = of(*(f"{name}:3" for name in names))
    assert set(found.classes) == set(names) and not found.test and not found.remarks


def test_a_class_that_is_called_as_a_part_is_doubted():
    found = of("train:6", "plane:6")
    assert told(found) == (("plane", "train"), 12, 0) and "The folder train became a class" in found.remarks[0]


def test_masks_beside_the_training_part_are_not_trained_on():
    found = of("train:4", "train_masks:4", "test:2")
    assert told(found) == ((), 4, 2) and len(found.unused[layout.BESIDE]) == 4


def test_names_that_look_alike_are_one_class_and_that_is_said():
    found = of("cat:3", "cat :3", " cat:3", "dog:3")
    assert told(found) == (CAT_DOG, 12, 0) and found.sentences == (
        "Folders whose names differ in nothing that can be seen are one class: cat.",)


def test_ligatures_differ_in_more_than_capitals():
    assert not of("fish:3", "\ufb01sh:3").remarks and "capitals" in of("Fish:3", "fish:3").remarks[0]


@pytest.mark.parametrize("folder", ["@eaDir", "@tmp", "@SynoResource", "_vti_cnf", "node_modules"])
def test_what_systems_leave(folder):
    assert layout.is_litter(f"{folder}/1.png") and not layout.is_litter("cat/1.png")


# Lists beside the images


NUMBERED = [f"img/{number}.png" for number in range(10)]


def with_list(content, name="dataset.json"):
    found = layout.of(NUMBERED, {name: content.encode()})
    assert all(map(is_a_sentence, (*found.sentences, *found.remarks)))
    return found


def stylegan(labels):
    return with_list(json.dumps({"labels": labels}))


@pytest.mark.parametrize("label, classes", [
    (lambda number: number % 2, ("0", "1")), (lambda number: CAT_DOG[number % 2], CAT_DOG),
    (lambda number: float(number % 2), ("0", "1")), (lambda number: [[1, 0], [0, 1]][number % 2], ("0", "1"))])
def test_labels_of_stylegan_in_any_form(label, classes):
    found = stylegan([[name, label(number)] for number, name in enumerate(NUMBERED)])
    assert found.classes == classes and len(found.train) == 10
    assert stylegan({name: label(number) for number, name in enumerate(NUMBERED)}).label == found.label


def test_images_without_a_label_are_left_out_and_named():
    found = stylegan([[name, None if number < 2 else number % 2] for number, name in enumerate(NUMBERED)])
    assert told(found) == (("0", "1"), 8, 0) and len(found.unused[layout.WITHOUT_LABEL]) == 2


@pytest.mark.parametrize("found, said", [
    (lambda: stylegan([[name, number] for number, name in enumerate(NUMBERED[:2])]), "it has those of 2 of 10"),
    (lambda: stylegan([[name, [1, 1, 0]] for name in NUMBERED]), "they are not one class an image"),
    (lambda: with_list("file,label\n" + "\n".join(f"{number}.png,{number % 2}" for number in range(4)), "labels.csv"),
     "it has those of 4 of 10"),
    (lambda: with_list("file,label\n" + "\n".join(f"{number % 10}.png,{number % 3}" for number in range(20)), "labels.csv"),
     "some images are in several of its classes")])
def test_labels_that_are_not_used_are_told_with_why(found, said):
    assert not found().label and said in " ".join(found().remarks)


def test_of_two_tables_the_second_is_told():
    tables = {name: ("file,label\n" + "\n".join(f"{number}.png,{number % classes}" for number in range(10))).encode()
              for name, classes in (("a.csv", 2), ("b.csv", 3))}
    found = layout.of(NUMBERED, tables)
    assert found.classes == ("0", "1") and found.remarks == ("b.csv has labels, too, and was not used.",)


@pytest.mark.parametrize("column", ["split", "data set", "Subset", "usage"])
def test_a_column_says_which_images_are_for_tests(column):
    part = ["train"] * 6 + ["val"] * 2 + ["test"] * 2
    rows = [f"{number}.png,{number % 2},{part[number]}" for number in range(10)]
    found = with_list("\n".join([f"file,label,{column}", *rows]), "labels.csv")
    assert told(found) == (("0", "1"), 6, 2) and len(found.unused[layout.FOR_VALIDATION]) == 2
    assert "2 images are the test set and not trained on, as labels.csv says." in found.sentences


def test_a_column_of_something_else_says_nothing_of_parts():
    found = with_list("file,label,set\n" + "\n".join(f"{number}.png,{number % 2},shelf {number}" for number in range(10)),
                      "labels.csv")
    assert told(found) == (("0", "1"), 10, 0)
