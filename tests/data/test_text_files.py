"""Files of text: in any script and code page, cut into passages, refused with a sentence where nothing can be learned."""

import os

import numpy as np
import pytest

from gan_core import data
from gan_core.data import TEXT, characters, code_pages, tune_grammar
from gan_core.data.sets import text_files, tunes
from gan_core.errors import BadInput
from gan_core.sound.abc_notation import parsed
from helpers_runs import cli, is_a_sentence

ENGLISH = "The quick brown fox jumps over the lazy dog, and then it sleeps. "
RUSSIAN = "Широкая электрификация южных губерний даст мощный толчок подъёму сельского хозяйства, и это хорошо. "
CHINESE = "我们在这里说的话，他们都听不到。天地玄黄，宇宙洪荒。日月盈昃，辰宿列张。人不知道自己的心。"
TRADITIONAL = "我們在這裡說的話，他們都聽不到。天地玄黃，宇宙洪荒。人不知道自己的心，也不知道大家的事。"
JAPANESE = "これはとてもながい文章です。わたしたちはここにいて、その人のことをかんがえていました。"
KOREAN = "나는 오늘 학교에 가서 친구를 만나고 이야기를 했다. 그리고 우리는 집으로 돌아왔다. "
GREEK = "Η γρήγορη αλεπού πηδάει πάνω από τον τεμπέλη σκύλο και μετά κοιμάται. "
ARABIC = "الثعلب البني السريع يقفز فوق الكلب الكسول ثم ينام. "
EMOJI = "🎲🎻🎵 👩‍🚀 dances 🎉 and 🎻 plays 🇮🇪. "


def written(path, text, page="utf-8", times=40):
    path.write_bytes((text * times).encode(page))
    return str(path)


@pytest.mark.parametrize("text", [ENGLISH, RUSSIAN, CHINESE, JAPANESE, KOREAN, GREEK, ARABIC, EMOJI])
def test_a_text_in_any_script_comes_back_as_it_was(tmp_path, text):
    dataset = data.load(written(tmp_path / "a.txt", text))
    again = "".join(characters.decoded(dataset.x, dataset.spec.trait("characters")))
    assert dataset.kind == TEXT and again == (text * 40).strip() and "read as" not in dataset.note
    assert set(dataset.spec.trait("characters")) == set(text)


@pytest.mark.parametrize("text, page, told", [
    (ENGLISH, "utf-16", "UTF-16"), (CHINESE, "utf-16", "UTF-16"), (ENGLISH, "utf-16-le", "UTF-16"),
    (RUSSIAN, "utf-32", "UTF-32"),
    (ENGLISH, "utf-8-sig", "UTF-8"), (RUSSIAN, "cp1251", "1251"), (RUSSIAN, "koi8_r", "KOI8"), (RUSSIAN, "cp866", "866"),
    (CHINESE, "gb18030", "GB 18030"), (JAPANESE, "cp932", "Shift JIS"), (KOREAN, "cp949", "EUC-KR"),
    (GREEK, "cp1253", "1253"), (TRADITIONAL, "big5", "Big5"),
    ("Über die Brücke läuft ein größerer Bär, äußerst müde. ", "cp1252", "1252")])
def test_a_code_page_is_guessed_and_told(tmp_path, text, page, told):
    content = (text * 40).encode(page)
    read, said = code_pages.read(content, "a.txt")
    assert read == text * 40
    assert (told in said and is_a_sentence(said)) or page == "utf-8-sig" and said == ""


def test_one_zero_byte_makes_no_chinese_of_a_text():
    for place in (1000, 1001):
        content = bytearray((ENGLISH * 40).encode()[:2400])
        content[place] = 0
        read, said = code_pages.read(bytes(content), "a.txt")
        assert len(read) == 2399 and read.isascii() and said == ""


def test_lines_of_two_files_keep_their_letters_and_that_is_said():
    content = (RUSSIAN + "\n").encode() * 5 + ("Über die Brücke läuft ein größerer Bär.\n" * 2).encode("cp1252")
    read, said = code_pages.read(content, "a.txt")
    assert read == (RUSSIAN + "\n") * 5 + "Über die Brücke läuft ein größerer Bär.\n" * 2
    assert said.startswith("It was read as UTF-8, and 2 lines of it as Western European") and is_a_sentence(said)


def test_a_script_that_cannot_be_told_is_refused_and_not_made_another():
    for text, page in (("שלום עולם וזה טקסט ", "cp1255"), ("مرحبا بالعالم ", "cp1256")):
        with pytest.raises(BadInput, match="letters that cannot be told"):
            code_pages.read((text * 100).encode(page), "a.txt")


def test_line_ends_and_accents_are_brought_to_one_form():
    assert code_pages.read("a\r\nb\rc\u0308 e\u0301".encode(), "a.txt")[0] == "a\nb\nc\u0308 \u00e9"


@pytest.mark.parametrize("content", [
    b"\x7fELF\x02\x01\x01" + bytes(range(256)) * 20, b"\x89PNG\r\n\x1a\n" + bytes(2000), os.urandom(4000), bytes(5000),
    b"short text", b"", b"   \n \n\t" * 500, b"a" * 5000, b"a a\n" * 2000],
    ids=["program", "picture", "noise", "zeros", "short", "empty", "blank", "one letter", "one line"])
def test_what_teaches_nothing_is_refused_with_a_sentence(tmp_path, content):
    (tmp_path / "book.txt").write_bytes(content)
    with pytest.raises(BadInput, match="book.txt") as refused:
        data.load(str(tmp_path / "book.txt"))
    assert is_a_sentence(str(refused.value))


def test_a_text_that_is_too_large_is_refused_before_it_is_read(tmp_path):
    with open(tmp_path / "huge.txt", "wb") as file:
        file.truncate(300 * 10**6)
    with pytest.raises(BadInput, match="300 MB and a text may have 50") as refused:
        data.load(str(tmp_path / "huge.txt"))
    assert is_a_sentence(str(refused.value))


def test_one_line_of_a_million_characters_is_cut_at_spaces(tmp_path):
    dataset = data.load(written(tmp_path / "line.txt", ENGLISH, times=1_000_000 // len(ENGLISH)))
    texts = characters.decoded(dataset.x, dataset.spec.trait("characters"))
    assert dataset.x.shape[1] == 256 and all(text.endswith(" ") for text in texts[:-1])
    assert sum(map(len, texts)) == len((ENGLISH * (1_000_000 // len(ENGLISH))).strip())
    dataset = data.load(written(tmp_path / "solid.txt", "abc", times=20_000))
    assert (dataset.x[:-1] > 0).all(), "where it must be cut it is full"


def test_rare_characters_are_one_for_unknown_and_that_is_said(tmp_path):
    rare = "".join(chr(0x4E00 + number) for number in range(2500))
    dataset = data.load(written(tmp_path / "many.txt", CHINESE * 200 + rare, times=1))
    letters = dataset.spec.trait("characters")
    assert len(letters) == characters.MOST and letters[-1] == characters.UNKNOWN
    assert "are one character for unknown" in dataset.note and is_a_sentence(dataset.note)
    assert letters[0] == "，" or letters[0] == "。"


def test_a_text_is_kept_under_a_name_and_parted_by_passages(tmp_path):
    path = written(tmp_path / "Мой роман.txt", "\n\n".join(f"{RUSSIAN} {number}" for number in range(500)), times=1)
    dataset = data.load(path, workspace=tmp_path / "ws", held_out=0.1)
    assert dataset.apart and len(dataset.x_test) == len(dataset.x) // 9
    again = data.load(dataset.name, workspace=tmp_path / "ws", held_out=0.1)
    assert np.array_equal(again.x, dataset.x) and again.spec == dataset.spec and again.note == dataset.note
    assert {row.tobytes() for row in dataset.x}.isdisjoint(row.tobytes() for row in dataset.x_test)
    info = next(info for info in data.catalogue(tmp_path / "ws") if info.name == dataset.name)
    assert info.spec() == dataset.spec and info.available
    (tmp_path / "ws" / "datasets" / f"{dataset.name}.text.npz").write_bytes(b"damaged")
    assert not next(info for info in data.catalogue(tmp_path / "ws") if info.name == dataset.name).available


def test_short_texts_say_that_nothing_is_kept_apart(tmp_path):
    dataset = data.load(written(tmp_path / "a.txt", ENGLISH, times=40), held_out=0.1)
    assert dataset.x_test is None and "no bits a character are measured" in dataset.note and dataset.x.shape[1] == 64


def test_tunes_of_ones_own_are_a_passage_each(tmp_path):
    collection = "\n\n".join(tune_grammar.tunes(450, 1))
    dataset = data.load(written(tmp_path / "tunes.abc", collection, times=1))
    texts = characters.decoded(dataset.x, dataset.spec.trait("characters"))
    assert len(texts) == 450 and all(parsed(text) for text in texts) and "ABC" in dataset.note


def test_choices_of_images_and_a_size_are_refused(tmp_path):
    path = written(tmp_path / "a.txt", ENGLISH)
    for options in ({"size": 32}, {"choices": data.Choices(ground="white")}):
        with pytest.raises(BadInput, match="is a text") as refused:
            data.load(path, **options)
        assert is_a_sentence(str(refused.value))
    answer = cli("train", "gan", "--data", path, "--pairs", "edges", workspace=tmp_path / "ws")
    assert answer.code == 2 and "is a text" in answer.err


# Made tunes


def test_made_tunes_are_the_same_ones_different_and_whole():
    dataset, again = data.load("tunes"), tune_grammar.tunes(50, 2017)
    texts = characters.decoded(np.concatenate([dataset.x, dataset.x_test]), dataset.spec.trait("characters"))
    assert texts[:50] == again and len(set(texts)) == len(texts) == tunes.N_TRAIN + tunes.N_TEST
    assert set("".join(texts)) == set(tune_grammar.CHARACTERS)
    for text in texts[::40]:
        tune = parsed(text)
        assert tune.fitting() == 1.0 and len(tune.bars) == 16 and len(tune.played()) == 32
        assert all(50 <= note.pitch <= 90 for note in tune.notes())
    assert "made by a grammar" in next(info for info in data.catalogue() if info.name == "tunes").note


def test_a_passage_holds_whole_paragraphs_where_it_can():
    parts = ["a" * 10, "b" * 20, "c" * 40, "word " * 30]
    made = characters.passages(parts, 50)
    assert made[0] == "a" * 10 + "\n\n" + "b" * 20 and made[1] == "c" * 40
    assert all(len(passage) <= 50 for passage in made) and "".join(made[2:]) == "word " * 30
    assert text_files.is_text("A.TXT") and not text_files.is_text("a.csv")
