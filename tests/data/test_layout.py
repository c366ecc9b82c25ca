"""What a folder of images means: its splits, classes, numbered parts and litter, each taken aloud."""

import json
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest

import helpers_data
from gan_core import data
from gan_core.data import layout, sources
from gan_core.errors import BadInput
from helpers_runs import is_a_sentence
from helpers_data import noise, picture, write_folder, write_zip

make, workspace = helpers_data.make, helpers_data.workspace  # the fixtures


def files(*names):
    return {name: noise(number) for number, name in enumerate(names)}


def counted(dataset):
    """How many images train and test, and of which class: ``[train, ...], [test, ...]``."""
    return [[] if y is None else np.bincount(y, minlength=dataset.n_classes).tolist() for y in (dataset.y, dataset.y_test)]


# Splits


@pytest.mark.parametrize("train, test", [("train", "test"), ("Training", "Testing"), ("train", "val"), ("train", "valid"),
                                         ("train_set", "test-set"), ("TRAIN", "eval")])
def test_the_part_for_testing_is_the_test_set(make, train, test):
    parts = [f"{split}/{name}/{number}.png" for split, numbers in ((train, range(4)), (test, range(4, 6)))
             for name in ("cat", "dog") for number in numbers]
    dataset = data.load(make(files(*parts)))
    assert dataset.classes == ("cat", "dog") and counted(dataset) == [[4, 4], [2, 2]]
    assert f"4 images of the folder {test} are the test set and not trained on." in dataset.note


def test_with_a_test_set_the_validation_set_is_not_used_and_named(make):
    dataset = data.load(make(files(*(f"{split}/{name}/{number}.png" for split in ("train", "val", "test")
                                     for name in ("cat", "dog") for number in range(2)))))
    assert counted(dataset) == [[2, 2], [2, 2]] and "4 for validation (val/cat/0.png, " in dataset.note


def test_splits_may_lie_within_the_classes_and_have_no_classes(make):
    dataset = data.load(make(files(*(f"top/{name}/{split}/{number}.png" for split in ("train", "test")
                                     for name in ("cat", "dog") for number in range(2)))))
    assert dataset.classes == ("cat", "dog") and counted(dataset) == [[2, 2], [2, 2]]
    plain = data.load(make(files("train/1.png", "train/2.png", "test/1.png"), "plain"))
    assert (len(plain), plain.classes, plain.y, len(plain.x_test)) == (2, (), None, 1)


def test_two_domains_are_two_classes(make):
    dataset = data.load(make(files(*(f"{split}{domain}/{number}.png" for split in ("train", "test") for domain in "AB"
                                     for number in range(3)))))
    assert dataset.classes == ("A", "B") and counted(dataset) == [[3, 3], [3, 3]]


def test_parts_of_a_set_without_one_for_training_are_no_classes(make):
    dataset = data.load(make(files("test/cat/1.png", "test/dog/2.png", "val/cat/1.png")))
    assert dataset.classes == ("cat", "dog") and len(dataset) == 3 and dataset.x_test is None
    assert "The folders test and val are parts of a set that has none for training here" in dataset.note
    assert data.load(make(files("train/a/1.png", "train/b/2.png"), "half")).classes == ("a", "b")


def test_a_test_set_is_kept_and_found_by_name(make, workspace):
    path = make(files(*(f"{split}/{name}/{number}.png" for split in ("train", "test") for name in "ab"
                        for number in range(3))))
    first = data.load(path, workspace=workspace)
    again = data.load(first.name, workspace=workspace, held_out=0.1)
    assert np.array_equal(first.x_test, again.x_test) and np.array_equal(first.y_test, again.y_test)
    assert first.identity == again.identity and not again.apart and again.note == first.note


# Classes


def test_one_stray_takes_no_labels_away_and_is_named(make):
    dataset = data.load(make(files("cat/1.png", "cat/2.png", "dog/1.png", "preview.png")))
    assert dataset.classes == ("cat", "dog") and dataset.y.tolist() == [0, 0, 1]
    assert "1 in no class folder (preview.png)" in dataset.note


def test_strays_of_two_levels_are_none_of_the_classes(make):
    dataset = data.load(make(files("0.png", "set/1.png", *(f"set/{name}/{n}.png" for name in "ab" for n in range(3)))))
    assert dataset.classes == ("a", "b") and len(dataset) == 6
    assert "2 in no class folder (0.png, set/1.png)" in dataset.note


def test_a_folder_within_a_folder_of_images_is_no_class(make):
    dataset = data.load(make(files("1.png", "more/2.png", "more/3.png")))
    assert (dataset.classes, dataset.y, len(dataset)) == ((), None, 3)


def test_more_strays_than_labels_leave_no_labels_and_that_is_said(make):
    dataset = data.load(make(files("a/1.png", "b/2.png", "3.png", "4.png")))
    assert dataset.classes == () and "2 images of 4 lie in no class folder, so that none has a label." in dataset.note


def test_numbered_classes_are_in_the_order_of_people(make):
    dataset = data.load(make(files(*(f"{number}/x.png" for number in (1, 2, 10, 11)))))
    assert dataset.classes == ("1", "2", "10", "11")
    assert data.load(make(files("Zebra/1.png", "ape/1.png", "Ärger/1.png"), "words")).classes == ("ape", "Zebra", "Ärger")


def test_names_of_composed_and_decomposed_letters_are_one_class(tmp_path):
    names = {"caf\N{LATIN SMALL LETTER E WITH ACUTE}/1.png": 1, "cafe\N{COMBINING ACUTE ACCENT}/2.png": 2, "tea/3.png": 3}
    dataset = data.load(write_zip(tmp_path / "x.zip", {name: noise(n) for name, n in names.items()}))
    assert dataset.classes == ("café", "tea")


@pytest.mark.parametrize("code_page, words", [
    ("utf-8", ("猫", "狗")), ("gb18030", ("猫", "狗")), ("gb18030", ("A类", "貓 b")), ("gb18030", ("汽车", "卡车")),
    ("gb18030", ("鸟", "鹿", "青蛙", "马", "船")), ("cp866", ("кот", "собака")), ("cp866", ("Ёж и кот", "dog")),
    ("cp1251", ("кот", "собака")), ("cp1251", ("Лошадь", "Ёлка", "cat")), ("cp932", ("ねこ", "いぬ")),
    ("cp932", ("猫", "犬")), ("cp932", ("車の写真", "トラック", "cat")), ("cp949", ("고양이", "강아지")),
    ("cp949", ("자동차", "트럭 2")), ("cp949", ("양성", "악성")), ("cp437", ("Männer", "Frauen")),
    ("cp437", ("été", "ñandú")), ("cp437", ("über", "öl")), ("cp437", ("Größe", "klein"))])
def test_names_of_a_zip_that_does_not_say_its_code_page(tmp_path, code_page, words):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number, word in enumerate(words):
            archive.writestr(f"{'?' * len(word.encode(code_page))}/{number}.png", noise(number))
    content = path.read_bytes()
    for number, word in enumerate(words):
        raw = word.encode(code_page)
        content = content.replace(b"?" * len(raw) + b"/%d" % number, raw + b"/%d" % number)
    path.write_bytes(content)
    dataset = data.load(path)
    assert set(dataset.classes) == set(words)
    assert ("does not say how its names are written" in dataset.note) == (code_page != "utf-8"), "a guess is told"


def test_names_of_a_folder_that_are_not_utf_8_stay_apart(tmp_path):
    for letter in (b"\xe9", b"\xe8"):
        folder = os.fsencode(tmp_path) + b"/x/" + letter + b"t"
        os.makedirs(folder)
        for number in range(2):
            with open(folder + b"/%d.png" % number, "wb") as file:
                file.write(noise(number + letter[0]))
    dataset = data.load(tmp_path / "x")
    assert dataset.classes == ("\xe8t", "\xe9t") and counted(dataset)[0] == [2, 2]
    assert "Some names are not in UTF-8" in dataset.note


def test_every_file_of_a_foreign_kind_is_counted(make):
    heic = b"\0\0\0\x18ftypheic" + b"0" * 60
    foreign = {f"{number}.HEIC": heic for number in range(4)} | {"renamed.jpg": heic}
    dataset = data.load(make(files("1.png", "2.png") | foreign))
    assert "Not used: 5 images of a kind that cannot be read here" in dataset.note


# Numbered parts


def test_shards_are_no_classes_and_their_labels_stand_beside_them(tmp_path):
    names = [f"{number // 4:05d}/img{number:08d}.png" for number in range(8)]
    labels = [[name, number % 3] for number, name in enumerate(names)]
    shards = files(*names)
    bare = data.load(write_zip(tmp_path / "bare.zip", shards))
    assert bare.classes == () and len(bare) == 8
    assert "Its 2 numbered folders are parts of one set and no classes." in bare.note
    told = data.load(write_zip(tmp_path / "told.zip", shards | {"dataset.json": json.dumps({"labels": labels}).encode()}))
    assert told.classes == ("0", "1", "2") and told.y.tolist() == [number % 3 for number in range(8)]
    assert "The classes are those of dataset.json." in told.note
    above = {f"top/{name}": content for name, content in shards.items()}
    above["top/dataset.json"] = json.dumps({"labels": [[name, [0.0, 1.0]] for name, _ in labels]}).encode()
    assert data.load(write_zip(tmp_path / "above.zip", above)).classes == ("1",), "one-hot"


@pytest.mark.parametrize("content", [b"", b"[]", b'{"labels": null}', b'{"labels": [["00000/x.png", 1]]}', b"\xff"])
def test_a_list_of_labels_that_says_nothing_of_them_is_passed_over(tmp_path, content):
    names = files("a/1.png", "b/2.png")
    assert data.load(write_zip(tmp_path / "x.zip", names | {"dataset.json": content})).classes == ("a", "b")


def test_thousands_of_files_are_parts_and_years_are_classes():
    assert layout.of([f"{number // 1000}/{number}.png" for number in range(0, 3000, 250)]).classes == ()
    assert layout.of([f"{year}/{number}.png" for year in (1999, 2000) for number in range(3)]).classes == ("1999", "2000")
    assert layout.of([f"{number:02d}/{n}.png" for number in range(1, 13) for n in (1, 2)]).classes[:3] == ("01", "02", "03")


# What is none of it


def test_litter_is_left_out_and_counted(make):
    names = ["a/1.png", "b/2.png", "@eaDir/1.png", "a/@eaDir/1.png/thumb.png", "#recycle/3.png", ".Trashes/4.png",
             "lost+found/5.png", "thumbnails/6.png", "a/Thumbs.db", "@Recycle/1.png", "#snapshot/2.png", "FOUND.000/3.png",
             "Network Trash Folder/4.png", "a/1.png~", "a/1.png.bak", "b/~$2.png", "b/2.png.crdownload"]
    dataset = data.load(make(files(*names)))
    assert dataset.classes == ("a", "b") and len(dataset) == 2
    assert "15 kept by systems for themselves (" in dataset.note


def test_an_image_is_known_by_its_content(make):
    forms = {"1.jfif": picture(form="JPEG"), "2.pgm": picture((9, 9, 9), form="PPM"), "3": picture(form="PNG"),
             "4.dat": picture(form="GIF"), "5.txt": b"hello", "6.csv": b"a,b"}
    dataset = data.load(make(forms))
    assert len(dataset) == 4 and dataset.skipped == 0 and "2 no images (5.txt, 6.csv)" in dataset.note


def test_placeholders_are_too_small(make):
    dataset = data.load(make({"1.png": noise(1), "2.png": noise(2), "3.png": noise(3, side=1), "4.png": noise(4, side=3)}))
    assert len(dataset) == 2 and dataset.skipped == 2 and "2 of less than 4 pixels a side (3.png, 4.png)" in dataset.note


def test_linked_folders_and_images_are_followed_and_loops_are_not(tmp_path):
    store = write_folder(tmp_path / "store", files("cats/1.png", "cats/2.png", "one.png"))
    top = write_folder(tmp_path / "set", files("dog/1.png"))
    (top / "cat").symlink_to(store / "cats", target_is_directory=True)
    (top / "dog" / "2.png").symlink_to(store / "one.png")
    (top / "dog" / "loop").symlink_to(top, target_is_directory=True)
    dataset = data.load(top)
    assert dataset.classes == ("cat", "dog") and dataset.y.tolist() == [0, 0, 1, 1]


def test_folders_that_link_to_each_other_end(tmp_path):
    top = write_folder(tmp_path / "set", files("a/1.png", "b/2.png"))
    (top / "a" / "other").symlink_to(top / "b", target_is_directory=True)
    (top / "b" / "other").symlink_to(top / "a", target_is_directory=True)
    assert len(data.load(top)) == 4


def test_links_whose_paths_double_at_each_step_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "_MOST_LINKS", 50)
    top = write_folder(tmp_path / "set", {f"{number}/{number}.png": noise(number) for number in range(20)})
    for number in range(19):
        for name in "xy":
            (top / f"{number}" / name).symlink_to(top / f"{number + 1}", target_is_directory=True)
    with pytest.raises(BadInput, match="The folder set is refused because more than 50 links to folders"):
        data.load(top)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="a system without /proc")
@pytest.mark.parametrize("folder", ["/proc", "/proc/self", "/sys"])
def test_what_the_system_tells_is_no_set_of_images(folder):
    with pytest.raises(BadInput, match="holds what the system tells"):
        data.load(folder)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="a system without /proc")
def test_a_link_to_what_the_system_tells_is_left_out_and_named(tmp_path):
    top = write_folder(tmp_path / "set", files("a/1.png", "a/2.png"))
    (top / "system").symlink_to("/proc", target_is_directory=True)
    dataset = data.load(top)
    assert len(dataset) == 2 and "1 that could not be opened (system/)" in dataset.note


def test_a_folder_of_other_things_is_not_searched_to_its_end(tmp_path, monkeypatch):
    """Such as the top of a disk, or a home."""
    monkeypatch.setattr(sources, "_MOST_OTHERS", 20)
    top = write_folder(tmp_path / "set", files("a/1.png", "a/2.png"))
    for number in range(30):
        (top / f"{number}.txt").write_text("no image")
    with pytest.raises(BadInput, match="set is refused because .* are no images; give the folder") as refused:
        data.load(top)
    assert is_a_sentence(str(refused.value))
    for number in range(12):
        (top / f"{number}.txt").unlink()
    assert len(data.load(top)) == 2, "some beside them are usual"


def test_an_unreadable_folder_is_named(tmp_path, monkeypatch):
    top, scandir = write_folder(tmp_path / "set", files("a/1.png", "b/2.png", "c/3.png")), os.scandir

    def refused(folder):  # as whoever may not read it is; the administrator may
        if Path(folder) == top / "c":
            raise PermissionError(13, "Permission denied", str(folder))
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", refused)
    dataset = data.load(top)
    assert dataset.classes == ("a", "b") and "1 that could not be opened (c/)" in dataset.note


def test_what_holds_no_images_says_what_it_holds(make):
    with pytest.raises(BadInput, match=r"holds no images .* Not used: 1 no images \(readme.txt\)"):
        data.load(make({"readme.txt": b"hello"}))
