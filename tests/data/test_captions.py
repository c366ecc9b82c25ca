"""Images with captions: the coloured digits, and the user's own with a captions.csv."""

import numpy as np
import pytest

from gan_core import data
from gan_core.config.import_knobs import ImportKnobs
from gan_core.data import CAPTIONS, words
from gan_core.data.sets import captions
from gan_core.errors import BadInput
from helpers_data import noise as picture, write_folder, write_zip
from helpers_runs import is_a_sentence


# Words


@pytest.mark.parametrize("text, said", [
    ("A red Seven, on BLUE!", ["a", "red", "seven", "on", "blue"]), ("", []), ("?! \N{GRINNING FACE}", []),
    ("don't 12", ["don", "t", "12"]), ("E\u0301te\u0301", ["été"]), ("赤い七", ["赤", "い", "七"]),
    ("नमस्ते जी", ["नमस्ते", "जी"])])
def test_a_text_is_parted_into_words(text, said):
    assert words.split(text) == said


def test_words_become_numbers_and_come_back():
    known = words.vocabulary(["a red cat", "a blue dog and a cat"])
    assert known == ("a", "and", "blue", "cat", "dog", "red")
    told = words.tokens(["A red cat", "a green dog", ""], known)
    assert told.dtype == np.int32 and told.tolist() == [[1, 6, 4], [1, 5, 0], [0, 0, 0]]
    assert [words.text_of(row, known) for row in told] == ["a red cat", "a dog", ""]
    assert words.unknown("a green, green bird", known) == ["green", "bird"]
    assert words.tokens(["a a a a"], known, 2).tolist() == [[1, 1]]


# The coloured digits


@pytest.fixture(scope="module")
def digits():
    return data.load("captions")


def test_combinations_that_are_never_trained_on_are_in_the_test_set_alone(digits):
    known = dict(digits.traits)["words"]
    texts = [{words.text_of(row, known) for row in part["caption"]} for part in (digits.more, digits.more_test)]
    assert len(captions.unseen()) == 30 and ("red", "seven", "blue") in captions.unseen()
    assert {digit: sum(one[1] == digit for one in captions.unseen()) for digit in captions.DIGITS} == dict.fromkeys(
        captions.DIGITS, 3)
    for colour, digit, ground in captions.unseen():
        wordings = {wording.format(colour=colour, digit=digit, ground=ground) for wording in captions.WORDINGS}
        assert not wordings & texts[0] and wordings & texts[1]
    assert "red 7 on blue" in data.described("captions").note
    every = {wording.format(colour=colour, digit=digit, ground=ground) for wording in captions.WORDINGS
             for colour, digit, ground in captions.combinations()}
    assert texts[0] | texts[1] <= every


def test_each_picture_has_the_colours_that_its_caption_names(digits):
    known, colours = dict(digits.traits)["words"], captions.COLOURS
    for image, row in zip(digits.x[:50], digits.more["caption"]):
        text = words.text_of(row, known).split()
        named = {word for word in text if word in colours}
        near = np.square(image[:, :, None].astype(float) - np.array([*colours.values()], float)).sum(-1).argmin(-1)
        most = np.argsort(np.bincount(near.ravel(), minlength=len(colours)))[-2:]
        assert {list(colours)[place] for place in most} == named


def test_it_is_what_the_catalogue_says_and_comes_in_other_sizes(digits):
    info = data.described("captions")
    assert info.spec() == digits.spec and info.count == len(digits) == 10_800 and len(digits.x_test) == 3000
    assert info.spec(16).beside == info.beside and info.spec(16).shape == (16, 16, 3)
    assert info.kind == CAPTIONS and digits.y is None


# One's own


def files(n=4, table="file,caption\n", **more):
    rows = "".join(f"{number}.png,Picture number {number}\n" for number in range(n))
    return {f"{number}.png": picture(seed=number) for number in range(n)} | {"captions.csv": (table + rows).encode()} | more


@pytest.mark.parametrize("write", [write_folder, write_zip])
def test_images_come_with_their_captions(tmp_path, write):
    path = tmp_path / ("mine" if write is write_folder else "mine.zip")
    write(path, files())
    dataset = data.load(str(path), size=16, workspace=tmp_path / "workspace")
    assert dataset.kind == CAPTIONS and dataset.x.shape == (4, 16, 16, 3) and dataset.skipped == 0
    known = dict(dataset.traits)["words"]
    assert [words.text_of(row, known) for row in dataset.more["caption"]] == [f"picture number {n}" for n in range(4)]
    again = data.load(dataset.name, workspace=tmp_path / "workspace")
    assert again.identity == dataset.identity and again.traits == dataset.traits
    info = next(info for info in data.catalogue(tmp_path / "workspace") if info.name == dataset.name)
    assert info.spec() == dataset.spec


@pytest.mark.parametrize("name, table", [
    ("metadata.csv", "file_name,text\n0.png,a red ball\n1.png,two birds\n"),
    ("metadata.jsonl", '{"file_name": "0.png", "text": "a red ball"}\n\n{"file_name": "1.png", "text": "two birds"}\n')])
def test_captions_are_taken_as_hugging_face_has_them(tmp_path, name, table):
    found = data.load(write_folder(tmp_path / "own", {"0.png": picture(0), "1.png": picture(1), name: table.encode()}))
    known = dict(found.traits)["words"]
    assert found.kind == CAPTIONS and {words.text_of(row, known) for row in found.more["caption"]} == {
        "a red ball", "two birds"}


@pytest.mark.parametrize("table", ["file_name,text,label\n0.png,a red ball,x\n1.png,two birds,y\n2.png,one bird,y\n",
                                   "file_name,width\n0.png,3\n1.png,4\n2.png,4\n", ""])
def test_other_metadata_make_no_captions(tmp_path, table):
    images = {f"{number}.png": picture(number) for number in range(3)}
    assert data.load(write_folder(tmp_path / "own", images | {"metadata.csv": table.encode()})).kind == data.IMAGES


def test_a_broken_line_of_json_is_named(tmp_path):
    table = b'{"file_name": "0.png", "text": "a red ball"}\n["1.png"]\n'
    folder = write_folder(tmp_path / "own", {"0.png": picture(0), "1.png": picture(1), "metadata.jsonl": table})
    with pytest.raises(BadInput, match="Line 2 of metadata.jsonl cannot be read") as refused:
        data.load(folder)
    assert is_a_sentence(str(refused.value))


def test_other_captions_are_other_data(tmp_path):
    write_folder(tmp_path / "mine", files())
    first = data.load(str(tmp_path / "mine"), size=16, workspace=tmp_path / "workspace")
    (tmp_path / "mine" / "captions.csv").write_text("file,caption\n0.png,a\n1.png,b\n")
    other = data.load(str(tmp_path / "mine"), size=16, workspace=tmp_path / "workspace")
    assert first.name != other.name and len(other) == 2


@pytest.mark.parametrize("table", ["Image;Text\n", "image_name,comment_number,comment\n", "caption\tfilename\n"])
def test_columns_are_found_by_many_names(tmp_path, table):
    delimiter = next(letter for letter in ";\t," if letter in table)
    columns = table.strip().split(delimiter)
    rows = "".join(delimiter.join({"caption": "a cat", "comment": "a cat", "Text": "a cat", "comment_number": "0"}.get(
        column, f"{n}.png") for column in columns) + "\n" for n in range(4))
    write_folder(tmp_path / "mine", files() | {"captions.csv": (table + rows).encode()})
    dataset = data.load(str(tmp_path / "mine"))
    assert len(dataset) == 4 and dict(dataset.traits)["words"] == ("a", "cat")


def test_captions_without_pictures_and_the_other_way_round_are_counted_and_named(tmp_path):
    table = b"file,caption\n0.png,a cat\n1.png,a dog\n1.png,another dog\n2.png,?!\nlost.png,a bird\n"
    write_folder(tmp_path / "mine", files(5) | {"captions.csv": table, "broken.png": b"no image"})
    note = data.load(str(tmp_path / "mine")).note
    assert "Not used: 3 pictures with no caption (3.png, 4.png, broken.png)." in note
    assert "Not used: 1 picture with a caption without a word (2.png)." in note
    assert "Not used: 1 caption with no picture (lost.png)." in note
    assert "the first is used; 1 caption more is left out" in note


def test_long_captions_are_cut_and_that_is_said(tmp_path):
    table = "file,caption\n" + "".join(f"{n}.png,{'so ' * 50}long\n" for n in range(4))
    write_folder(tmp_path / "mine", files() | {"captions.csv": table.encode()})
    dataset = data.load(str(tmp_path / "mine"))
    assert dataset.more["caption"].shape == (4, words.LONGEST)
    assert f"Of 4 captions the first {words.LONGEST} words are used." in dataset.note


@pytest.mark.parametrize("table, says", [
    (b"", "needs the columns file and caption"), (b"one,two\n0.png,a cat\n", "has one, two"),
    (b"file,caption\n0.png,a cat\n", "has 1 picture with a caption"), (b"file,caption\nx.png,a\ny.png,b\n", "no picture"),
    ("file,caption\n0.png,ä\n".encode("latin-1"), "UTF-8")])
def test_tables_that_cannot_be_used_are_refused_with_a_sentence(tmp_path, table, says):
    write_folder(tmp_path / "mine", files() | {"captions.csv": table})
    with pytest.raises(BadInput, match=says) as refused:
        data.load(str(tmp_path / "mine"))
    assert is_a_sentence(str(refused.value))


def captioned(tmp_path, table, name="mine"):
    write_folder(tmp_path / name, files() | {"captions.csv": table if isinstance(table, bytes) else table.encode()})
    dataset = data.load(str(tmp_path / name))
    known = dict(dataset.traits)["words"]
    return [words.text_of(row, known) for row in dataset.more["caption"]], dataset.note


def test_a_caption_with_commas_is_whole_where_it_is_the_last_in_its_line(tmp_path):
    table = "file,caption\n0.png,a red, round ball\n1.png,\"a blue, flat one\"\n2.png,one\n3.png\n"
    told, note = captioned(tmp_path, table)
    assert told == ["a red round ball", "a blue flat one", "one"]
    assert "Not used: 1 line of captions.csv with another number of values than its first (5)." in note
    assert "In 1 line of captions.csv the caption holds ',' without quotes, and was taken whole." in note
    told, note = captioned(tmp_path, "caption,file\na red, round ball,0.png\na dog,1.png\na cat,2.png\n", "other")
    assert told == ["a dog", "a cat"] and "1 line of captions.csv with another" in note and "no caption" in note


def test_a_quote_that_is_never_closed_swallows_no_other_captions(tmp_path):
    with pytest.raises(BadInput, match="Line 3 of captions.csv cannot be read") as refused:
        captioned(tmp_path, 'file,caption\n0.png,"a red\n1.png,"a blue\n2.png,"a\n3.png,"a\n')
    assert is_a_sentence(str(refused.value))


def test_captions_in_other_letters_than_those_of_unicode_are_read_and_that_is_said(tmp_path):
    told, note = captioned(tmp_path, "file,caption\n0.png,Köln\n1.png,der Fluß\n".encode("cp1252"))
    assert told == ["köln", "der fluss"] and "Windows 1252" in note
    with pytest.raises(BadInput, match="letters that cannot be told"):
        captioned(tmp_path, "file,caption\n0.png,红色\n1.png,东西\n".encode("gb18030"), "chinese")


def test_who_asks_for_pairs_gets_no_captions_and_a_share_is_kept_apart_with_its_words(tmp_path):
    write_folder(tmp_path / "mine", {f"source/{name}": content for name, content in files().items()}
                 | {f"target/{n}.png": picture(seed=9 + n) for n in range(4)})
    assert data.load(str(tmp_path / "mine"), choices=ImportKnobs.parse({"pairs": "folders"}).choices).kind == data.PAIRS
    write_folder(tmp_path / "many", files(320))
    dataset = data.load(str(tmp_path / "many"), size=8, held_out=0.1)
    assert len(dataset.more_test["caption"]) == len(dataset.x_test) == 32 and len(dataset.more["caption"]) == len(dataset)
