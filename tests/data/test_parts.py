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


@pytest.mark.parametrize("train, test", [
    ("Trainingsdaten", "Testdaten"), ("Training", "Validierung"), ("entraînement", "test"), ("apprentissage", "validation"),
    ("données d'entraînement", "données de test"), ("entrenamiento", "pruebas"), ("treino", "teste"),
    ("Treinamento", "Validação"), ("addestramento", "validazione"), ("eğitim", "doğrulama"), ("träning", "validering"),
    ("trening", "walidacja"), ("обучение", "тест"), ("Обучающая", "Тестовая"), ("train", "тест"), ("学習", "テスト"),
    ("訓練データ", "検証データ"), ("訓練集", "測試集"), ("훈련", "테스트"), ("학습", "검증"), ("latih", "uji"),
    ("تدريب", "اختبار"), ("imagesTr", "imagesTs")])
def test_parts_in_other_languages(train, test):
    found = of(f"{train}/{{cat,dog}}:3", f"{test}/{{cat,dog}}:2")
    assert told(found) == (CAT_DOG, 6, 4) and not found.remarks and "are the test set" in found.sentences[0]


@pytest.mark.parametrize("train", ["trainning", "trian", "train_aug", "learn", "Base"])
def test_what_has_the_classes_of_a_part_for_tests_beside_it_is_for_training(train):
    found = of(f"{train}/{{cat,dog,ox}}:3", "test/{cat,dog}:2")
    assert found.classes == ("cat", "dog", "ox") and len(found.train) == 9 and len(found.test) == 4
    assert f"The folder {train} was taken for the training part" in found.sentences[1]
    assert told(of("cat/{a,b}:3", "dog/{a,b}:3", "test/{a,b}:2"))[1:] == (16, 0), "nobody knows which"
    assert told(of(f"{train}:3", "test:2"))[1:] == (5, 0), "they may be classes"


@pytest.mark.parametrize("name", ["fold{1,2,3}", "part_{1,2,3}", "batch-{01,02,03}", "Chunk {1,2,3}", "split{0,1,2}",
                                  "archive ({1,2,3})", "data{1,2,3}", "images_{001,002,012}"])
def test_numbered_parts_are_no_classes(name):
    first = re.sub(r"{([^,]*).*}", r"\1", name)
    for found, classes in ((of(f"{name}/{{cat,dog}}:2"), CAT_DOG), (of(f"{name}:2"), ())):
        assert found.classes == classes and len(found.train) == (12 if classes else 6)
        assert f"The folders {first} to " in found.sentences[0] and "parts of one set and no classes" in found.sentences[0]
    folds = of(f"{name}/train/{{cat,dog}}:2", f"{name}/test/{{cat,dog}}:2")
    assert told(folds) == (CAT_DOG, 12, 12)
    assert told(of("part_1:2", "batch_2:2"))[0] == ("batch_2", "part_1"), "of two words"
    assert not of(f"{{cat,dog}}/{name}:2").remarks, "nothing is in doubt"


def test_classes_of_five_digits_are_counted_anew_and_shards_go_on():
    signs = [f"{number:05d}/{track:05d}_{shot:05d}.ppm" for number in range(3) for track in range(2) for shot in range(2)]
    assert layout.of(signs).classes == ("00000", "00001", "00002")
    assert layout.of([f"{number // 4:05d}/img{number:08d}.png" for number in range(12)]).classes == ()


@pytest.mark.parametrize("pictures, masks", [
    ("{cat,dog}/images", "{cat,dog}/masks"), ("leftImg8bit/{cat,dog}", "gtFine/{cat,dog}"),
    ("Images/{cat,dog}", "Annotation/{cat,dog}"), ("images/{cat,dog}", "ground truth"),
    ("top/{cat,dog}/img", "top/cat/label")])
def test_masks_are_known_wherever_they_lie(pictures, masks):
    found = of(f"{pictures}:3", f"{masks}:3")
    assert told(found) == (CAT_DOG, 6, 0) and len(found.unused[layout.MASKED]) in (3, 6)


@pytest.mark.parametrize("test", ["val", "val/images", "test/{c,d}", "testA"])
def test_a_part_for_tests_none_of_whose_classes_is_trained_is_none(test):
    """As in Tiny ImageNet, whose images for validation lie in no folders of classes."""
    found = of("train/{a,b}/images:3", f"{test}:4")
    assert told(found) == (("a", "b"), 6, 0)
    assert len(found.unused[layout.IN_NO_CLASS if test == "val" else layout.UNTRAINED]) in (4, 8)


def test_classes_of_test_images_alone_are_told():
    """As in MVTec AD, where what is odd is for tests alone."""
    found = of("train/good:5", "test/{good,broken,cut}:2", "ground_truth/{broken,cut}:2")
    assert told(found) == (("broken", "cut", "good"), 5, 6)
    assert found.remarks == ("2 of the classes have test images alone: broken, cut.",)


def test_classes_that_all_have_the_same_folders_are_doubted():
    assert "the same folders (cat, dog)" in of("color/{cat,dog}:2", "grey/{cat,dog}:2").remarks[0]
    assert "the same folders" not in " ".join(of("cat/{a,b}:2", "dog/{a,c}:2").remarks)


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


LISTED = "\n".join(f"{number}.png,{'ab'[number % 2]}" for number in range(10))


@pytest.mark.parametrize("content, column", [
    (LISTED, "2"), (f"image,level\n{LISTED}", "level"), (f"Datei,Klasse\n{LISTED}", "Klasse"),
    (f"ファイル,ラベル\n{LISTED}", "ラベル"), (f"photo,gender\n{LISTED}", "gender"), (f"url,category\n{LISTED}", "category"),
    ("lesion_id,image_id,dx,age\n" + "\n".join(f"L,{number},{'ab'[number % 2]},5" for number in range(10)), "dx"),
    ("id,photo,label\n" + "\n".join(f"{number + 100},img\\{number}.png,{'ab'[number % 2]}" for number in range(10)),
     "label")])
def test_a_table_is_known_by_the_images_that_it_lists(content, column):
    found = with_list(content, "x.csv")
    assert told(found) == (("a", "b"), 10, 0) and f"The classes are those of x.csv, column {column}." in found.sentences


@pytest.mark.parametrize("content, said", [
    ("image_id,Bald,Young\n" + "\n".join(f"{number}.png,1,-1" for number in range(10)),
     "in which of its columns (Bald, Young)"),
    ("file,label,label\n" + "\n".join(f"{number}.png,1,{number % 2}" for number in range(10)), "several of its columns")])
def test_of_a_table_that_lists_the_images_and_is_not_used_it_is_said_why(content, said):
    assert said in " ".join(with_list(content, "x.csv").remarks) and not with_list(content, "x.csv").label


@pytest.mark.parametrize("content", [
    "image,caption\n" + "\n".join(f"{number}.png,picture {number // 2}" for number in range(9)),
    "row,age,label\n" + "\n".join(f"x{number},{number % 4},{number}" for number in range(10)),
    "city,people\n" + "\n".join(f"c{number},{number}" for number in range(10))])
def test_a_table_of_something_else_is_passed_over(content):
    assert not with_list(content, "x.csv").label and not with_list(content, "x.csv").remarks


@pytest.mark.parametrize("missing", ["nan", "NaN", "<NA>", "null", "N/A"])
def test_what_stands_for_no_label_is_no_class(missing):
    found = with_list(f"file,label\n{LISTED}".replace("9.png,b", f"9.png,{missing}"), "x.csv")
    assert told(found) == (("a", "b"), 9, 0) and len(found.unused[layout.WITHOUT_LABEL]) == 1


@pytest.mark.parametrize("column, words", [("is_test", ("False", "True")), ("is_train", ("1", "0")),
                                           ("split", ("Training", "Prüfung")), ("subset", ("обучение", "тест"))])
def test_a_column_of_yes_and_no_or_of_other_languages_says_what_is_for_tests(column, words):
    rows = [f"{number}.png,{'ab'[number % 2]},{words[number > 7]}" for number in range(10)]
    found = with_list("\n".join([f"file,label,{column}", *rows]), "x.csv")
    assert told(found) == (("a", "b"), 8, 2)
    rows = [f"{number}.png,{'ab'[number % 2]},{number % 3}" for number in range(10)]
    odd = with_list("\n".join([f"file,label,{column}", *rows]), "x.csv")
    assert told(odd) == (("a", "b"), 10, 0) and f"Of x.csv the column {column} was not used" in odd.remarks[0]
