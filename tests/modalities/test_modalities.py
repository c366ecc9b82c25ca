"""What every kind of sample must be able to do; tables and pairs from file to sample."""

import csv
import dataclasses
import io
import json
import re
import sys

import numpy as np
import pytest
from PIL import Image

from gan_core import data
from gan_core.config.spec import RunSpec
from gan_core.data import PAIRS, TABLE, Dataset, column_kinds, csv_table, finding
from gan_core.errors import BadInput
from gan_core.evaluation import score_names
from gan_core.modalities import base
from gan_core.modalities.base import Artifact, counted, modalities, modality, save_as
from gan_core.training.recorder import MemoryRecorder
from helpers_data import noise as picture, write_folder, write_zip
from helpers_runs import cli, is_a_sentence
from pages.components import artifact_view

KINDS = list(modalities())
every = pytest.mark.parametrize("kind", KINDS)
MAGIC = {"image/png": b"\x89PNG", "text/html": b"<table>", "audio/wav": b"RIFF", "text/plain": b""}


# The contract


def test_the_kinds_there_are():
    assert {"images", "points", "pairs", "table", "text"} <= set(KINDS) and base.broken() == ()


@every
def test_every_member_is_there(kind):
    found = modality(kind)
    assert found.name == kind and found.icon.startswith(":material/") and len(found.words) == 2
    assert found.example.kind == kind and found.example.flat == (kind in data.FLAT)
    assert found.abilities <= base.ABILITIES and all(suffix.startswith(".") for suffix in found.suffixes)
    assert 0 < found.shown[0] <= found.shown[1] and found.company > 0 and min(found.grid) > 0
    known = {score.key: score for score in score_names.SCORES}
    assert found.scores <= known.keys() and found.headline.key in found.scores
    assert found.headline.better == known[found.headline.key].better
    assert len(found.axes(found.example)) == (found.example.shape[0] if found.example.flat else 0)


@every
def test_a_batch_has_the_fields_and_equal_rows(kind, noise):
    dataset, found = noise(kind, n=20), modality(kind)
    batch = next(data.batches(dataset, 8, seed=0, take=found.batch))
    assert set(batch) == {*found.fields, *(["label"] if dataset.labelled else [])}
    assert all(len(values) == 8 for values in batch.values())
    assert all(batch[name].dtype == np.float32 for name in found.fields)


@every
def test_samples_are_drawn_as_what_they_are_said_to_be(kind, noise):
    dataset, found = noise(kind, n=20), modality(kind)
    samples = data.floats(dataset.x)
    beside = found.beside(dataset, 20) if found.overlays or found.beside(dataset, 1) else None
    for artifact in (found.draw(samples, dataset.spec), found.draw(samples, dataset.spec, (4, 5), beside),
                     found.draw(samples[:1], dataset.spec), found.look(dataset), found.portrait(samples, dataset.spec)):
        assert isinstance(artifact, Artifact) and artifact.data.startswith(MAGIC[artifact.mime]) and artifact.alt
    nowhere = np.full_like(samples, np.nan)  # of a generator that diverged
    assert found.draw(found.rounded(nowhere, dataset.spec), dataset.spec).data


@every
def test_colours_are_explained_where_samples_lie_over_real_ones(kind):
    found = modality(kind)
    legend = found.legend(found.example)
    assert legend or not found.overlays
    assert not found.overlays or "Orange" in legend and "Grey" in legend
    assert not legend or is_a_sentence(legend)


@every
def test_what_is_saved_is_loaded_again(kind, noise, tmp_path):
    dataset, found = noise(kind, n=20), modality(kind)
    samples = found.rounded(data.floats(dataset.x), dataset.spec)
    beside = found.beside(dataset, 20)
    for suffix in found.suffixes:
        save_as(found, tmp_path / f"samples{suffix}", samples, dataset.spec, dataset.y, beside)
        loaded = found.load(tmp_path / f"samples{suffix}", dataset.spec)
        assert np.allclose(loaded.samples, samples, atol=1e-6) and np.array_equal(loaded.labels, dataset.y)
        assert all(np.allclose(loaded.beside[name], beside[name]) for name in loaded.beside)
    for suffix in found.one_way:
        save_as(found, tmp_path / f"samples{suffix}", samples, dataset.spec, dataset.y, beside)
        assert (tmp_path / f"samples{suffix}").read_bytes().startswith(MAGIC[base.mime_of(f"samples{suffix}")])
    sheet = tmp_path / f"sheet{found.sheet_suffix}"
    save_as(found, sheet, samples, dataset.spec)
    assert found.draw(samples, dataset.spec).suffix == found.sheet_suffix and sheet.stat().st_size
    assert found.sheet_suffix != ".png" or Image.open(sheet).format == "PNG"
    with pytest.raises(BadInput, match=found.sheet_suffix) as refused:
        save_as(found, tmp_path / "samples.exe", samples, dataset.spec)
    assert is_a_sentence(str(refused.value))


@every
def test_rounding_again_changes_nothing(kind, noise):
    dataset, found = noise(kind, n=20), modality(kind)
    rough = np.random.default_rng(1).standard_normal((20, *dataset.spec.shape)).astype(np.float32)
    once = found.rounded(rough, dataset.spec)
    assert np.allclose(found.rounded(once, dataset.spec), once, atol=1e-6)


def test_an_unknown_kind_is_answered_with_those_there_are():
    with pytest.raises(BadInput, match="images, music, pairs, points, sound, table") as refused:
        modality("smells")
    assert is_a_sentence(str(refused.value))


def test_data_that_a_kind_cannot_be_made_of_are_refused_with_a_sentence():
    needs = {"title": "GAN", "size_multiple": 4, "smallest": 8, "largest": 64}
    refused = [modality("images").refusal(needs, data.DataSpec("images", (30, 30, 1))),
               modality(PAIRS).refusal(needs, data.DataSpec(PAIRS, (32, 32, 3))),
               modality(PAIRS).refusal(needs, data.DataSpec(PAIRS, (32, 32, 3), beside=(("source", (24, 24, 3)),))),
               modality(TABLE).refusal(needs, data.DataSpec(TABLE, (4,)))]
    assert all(map(is_a_sentence, refused))
    assert not any(modality(kind).refusal(needs, modality(kind).example) for kind in KINDS)


def test_a_broken_file_is_named_and_hides_no_other(tmp_path, monkeypatch):
    package = tmp_path / "kinds"
    package.mkdir()
    files = {"__init__": "", "broken": "import nothing_of_this_name", "empty": "x = 1", "bare": """
from gan_core.modalities.base import Modality
class Bare(Modality):
    name = "bare"
""", "good": """
from gan_core.modalities.points import Points
from gan_core.modalities.base import Modality
class Good(Points, Modality):
    name = "good"
"""}
    for name, source in files.items():
        (package / f"{name}.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    import kinds

    found, broken = finding.modules(kinds, base._only_modality)
    assert list(found) == ["good"] and found["good"].name == "good"
    assert list(broken) == ["bare", "broken"] and all(map(is_a_sentence, broken.values()))
    assert "nothing_of_this_name" in broken["broken"] and "lacks icon" in broken["bare"]
    for name in list(sys.modules):
        if name.split(".")[0] == "kinds":
            del sys.modules[name]


def test_the_command_line_lists_them():
    found = json.loads(cli("modalities", "--json").out)
    assert [each["name"] for each in found] == KINDS
    assert all(each.keys() >= {"name", "fields", "headline", "scores", "abilities"} for each in found)
    assert all(name in cli("modalities").out for name in KINDS)


def test_of_a_table_to_look_at_only_the_table_is_a_tag():
    columns = (csv_table.described.category("<script>alert(1)</script>", ["<b onclick='x'>&amp;", "b"]),)
    spec = data.DataSpec(TABLE, (2,), columns=columns)
    sample = modality(TABLE).portrait(np.eye(2, dtype=np.float32), spec)
    assert b"<script" not in sample.data and b"<b " not in sample.data
    shown = artifact_view.tables_alone("<table><tr><td onclick='x'>1</td><td>2</td></tr></table><script>x</script>")
    assert "<script" not in shown and "<td onclick" not in shown and "<td>2</td>" in shown


# Fields of a dataset


def test_unpaired_fields_are_shuffled_by_themselves_and_the_first_as_ever():
    a, b = (np.arange(n, dtype=np.float32)[:, None] for n in (10, 7))
    one = Dataset("a", "points", a, None)
    two = Dataset("ab", "points", a, None, main="a", more={"b": b}, streams={"b": 1})
    alone, together = (list(data.batches(each, 4, seed=3, stop=35)) for each in (one, two))
    assert all(np.array_equal(x["real"], y["a"]) for x, y in zip(alone, together))
    epoch = np.concatenate([batch["b"] for batch in together])[:, 0].reshape(-1, 7)
    assert all(sorted(order) == list(range(7)) for order in epoch) and len({tuple(order) for order in epoch}) > 15
    resumed = list(data.batches(two, 4, seed=3, start=11, stop=35))
    assert all(np.array_equal(x[name], y[name]) for x, y in zip(together[11:], resumed) for name in "ab")


def test_paired_fields_keep_together_and_are_kept_apart_together(noise):
    dataset = noise(PAIRS, n=400)
    dataset = dataclasses.replace(dataset, more={"source": dataset.x})
    batch = next(data.batches(dataset, 32, seed=0))
    assert np.array_equal(batch["source"], batch["real"])
    apart = dataset.keeping_apart(0.1)
    assert len(apart.more_test["source"]) == 40 and np.array_equal(apart.more_test["source"], apart.x_test)
    assert np.array_equal(apart.more["source"], apart.x)


# Pairs from files


def pair_files(first="source", second="target", n=4):
    return {f"{side}/{number}.png": picture(seed=number + 10 * (side == second)) for side in (first, second)
            for number in range(n)}


@pytest.mark.parametrize("write", [write_folder, write_zip])
@pytest.mark.parametrize("folders", [("source", "target"), ("A", "B")])
def test_pairs_come_from_two_folders_of_equal_names(tmp_path, write, folders):
    path = tmp_path / ("pairs" if write is write_folder else "pairs.zip")
    write(path, pair_files(*folders))
    dataset = data.load(str(path), size=16, workspace=tmp_path / "workspace")
    assert dataset.kind == PAIRS and dataset.x.shape == dataset.more["source"].shape == (4, 16, 16, 3)
    assert dataset.spec.beside == (("source", (16, 16, 3)),)
    again = data.load(dataset.name, workspace=tmp_path / "workspace")
    assert np.array_equal(again.x, dataset.x) and np.array_equal(again.more["source"], dataset.more["source"])
    info = next(info for info in data.catalogue(tmp_path / "workspace") if info.name == dataset.name)
    assert info.spec() == dataset.spec and info.kind == PAIRS


@pytest.mark.parametrize("write", [write_folder, write_zip])
@pytest.mark.parametrize("folders", [("source", "target"), ("A", "B")])
@pytest.mark.parametrize("within, strays", [
    ("p9", {}), ("deep/within", {}), ("", {"note.txt": b"text"}), ("p9", {"note.txt": b"text", ".DS_Store": b"x"})])
def test_pairs_may_be_enclosed_and_what_is_no_image_does_not_count(tmp_path, write, folders, within, strays):
    path = tmp_path / ("pairs" if write is write_folder else "pairs.zip")
    files = pair_files(*folders) | {f"{folders[1]}/{name}": content for name, content in strays.items()} | strays
    write(path, {f"{within}/{name}".lstrip("/"): content for name, content in files.items()})
    dataset = data.load(str(path), size=16)
    assert dataset.kind == PAIRS and len(dataset) == 4


@pytest.mark.parametrize("folders", [("source", "target"), ("A", "B")])
def test_a_pair_that_lacks_one_side_is_named(tmp_path, folders):
    write_folder(tmp_path / "pairs", pair_files(*folders) | {f"{folders[0]}/lonely.png": picture()})
    with pytest.raises(BadInput, match=f"{folders[0]}/lonely.png and no such image in {folders[1]}") as refused:
        data.load(str(tmp_path / "pairs"))
    assert is_a_sentence(str(refused.value))


def test_images_beside_the_folders_of_pairs_are_counted_and_empty_folders_are_none(tmp_path):
    write_folder(tmp_path / "pairs", pair_files() | {"cover.png": picture(), "more/0.png": picture()})
    assert "Not used: 2 images beside source and target." in data.load(str(tmp_path / "pairs")).note
    write_folder(tmp_path / "pets", {f"cats/{n}.png": picture() for n in range(3)})
    for name in ("source", "target"):
        (tmp_path / "pets" / name).mkdir()
    assert data.load(str(tmp_path / "pets")).kind == "images"


@pytest.mark.parametrize("packed", [False, True])
def test_sources_beside_no_targets_are_refused(tmp_path, packed):
    files, path = {"source/0.png": picture(), "source/1.png": picture()}, tmp_path / "pairs"
    if packed:
        path = write_zip(tmp_path / "pairs.zip", files | {"target/": b""})
    else:
        write_folder(path, files)
        (path / "target").mkdir()
    with pytest.raises(BadInput, match="source/0.png and no such image in target"):
        data.load(str(path))


def test_folders_a_and_b_of_other_names_are_classes_as_ever(tmp_path):
    files = pair_files("A", "B")
    write_folder(tmp_path / "pets", files | {f"A/more {n}.png": picture() for n in range(5)})
    dataset = data.load(str(tmp_path / "pets"))
    assert dataset.kind == "images" and dataset.classes == ("A", "B")
    write_folder(tmp_path / "three", files | {"C/0.png": picture(), "C/1.png": picture()})
    assert data.load(str(tmp_path / "three")).classes == ("A", "B", "C")


def test_a_pair_of_which_one_image_is_damaged_is_skipped_and_counted(tmp_path):
    write_folder(tmp_path / "pairs", pair_files() | {"target/2.png": b"no image"})
    dataset = data.load(str(tmp_path / "pairs"))
    assert len(dataset) == len(dataset.more["source"]) == 3 and dataset.skipped == 1
    assert "Not used: 1 pair that could not be decoded (target/2.png)." in dataset.note


def test_a_sheet_of_pairs_has_rows_of_sources_and_targets():
    spec = data.DataSpec(PAIRS, (8, 8, 1), beside=(("source", (8, 8, 1)),))
    sheet = modality(PAIRS).draw(np.ones((3, 8, 8, 1), np.float32), spec, beside={
        "source": -np.ones((3, 8, 8, 1), np.float32), "real": np.zeros((3, 8, 8, 1), np.float32)})
    pixels = np.asarray(Image.open(io.BytesIO(sheet.data)))
    middle = [pixels[pixels.shape[0] * place // 6, pixels.shape[1] // 2] for place in (1, 3, 5)]
    assert middle == [0, 128, 255]


# Tables from files


def read(text):
    return csv_table.read(text.encode(), "x.csv")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_table_is_read_whatever_parts_its_values(delimiter):
    lines = [["name", "size", "n"], ['"red, or; blue\t|"', "1.5", "3"], ["green", "2.25", "4"],
             ['"say ""hi"""', "-1e1", "12"]]
    table = csv_table.read(("\ufeff" + "\r\n".join(delimiter.join(line) for line in lines)).encode(), "x.csv")
    assert [(column.name, column.kind) for column in table.columns] == [("name", "category"), ("size", "number"),
                                                                       ("n", "integer")]
    assert table.values[0] == ["red, or; blue\t|", "green", 'say "hi"'] and table.values[1] == [1.5, 2.25, -10.0]


def test_missing_values_are_left_out_and_counted_and_what_was_decided_is_said():
    table = read("a,b\n1,x\n,y\n3,NA\n4,y\n")
    assert len(table.values[0]) == 2 and "2 rows with missing values were left out." in table.note
    assert "Whole numbers: a." in table.note and "Categories: b." in table.note


@pytest.mark.parametrize("word", ["None", "-", "--", ".", "missing", "\N{EM DASH}", "#N/A", "<NA>", "NaT", "#DIV/0!", "\\N"])
def test_words_for_a_missing_value_make_no_categories_of_numbers(word):
    table = read(f"a,b\n1.5,x\n{word},y\n2.5,y\n")
    assert table.columns[0].kind == "number" and "1 row with missing values was left out." in table.note
    among = read(f"a,b\nx,1\n{word},3\ny,2\n")
    assert len(among.values[0]) == (2 if word.lower() in column_kinds.MISSING else 3)


@pytest.mark.parametrize("delimiter, texts", [
    (",", ['"1,234.5"', '"-12,345,678"', "7"]), (";", ["1.234,5", "-12.345.678", "7"]),
    (";", ["1 234,5", "-12 345 678", "7"]),
    (",", ["1'234.5", "-12'345'678", "7"]), ("\t", ["1,234.5", "-12,345,678", "7"]),
    (",", ["1\N{NARROW NO-BREAK SPACE}234.5", "\N{MINUS SIGN}12345678", "7"]), (",", ['"1234,5"', '"-12345678,0"', '"7"'])])
def test_numbers_are_read_however_their_digits_are_grouped(delimiter, texts):
    lines = [f"{text}{delimiter}{'ab'[place % 2]}\n" for place, text in enumerate(texts)]
    assert read(f"n{delimiter}c\n" + "".join(lines)).values[0] == [1234.5, -12345678, 7]


@pytest.mark.parametrize("texts", [["1.2.3", "4"], ["12,34", "1.5"], ["1,23,456", "7"], ["$5", "6"], ["1 2", "3"]])
def test_what_may_be_no_number_is_none(texts):
    assert column_kinds.plain(set(texts), ",") == column_kinds.plain(set(texts), ";") == {}


@pytest.mark.parametrize("text", [",a,b\n0,5,x\n1,6,y\n2,7,x\n", "a,b,\n5,x,\n6,y,\n7,x,\n",
                                  "sep=;\na;b\n5;x\n6;y\n7;x\n"])
def test_what_pandas_and_excel_add_to_a_table_is_no_column_of_it(text):
    for content in (text.encode(), text.encode("utf-16")):
        table = csv_table.read(content, "x.csv")
        assert [column.name for column in table.columns] == ["a", "b"] and len(table.values[0]) == 3
        assert ("neither a name nor a meaning and was left out" in table.note) == ("sep" not in text)


@pytest.mark.parametrize("values, says", [
    ([*range(29), "n/k"], "beside 29 numbers there is 'n/k'"),
    ([f"text {place * 2 // 3}" for place in range(60)], "40 of them in 60"), (range(1, 31), "counts the rows"),
    ([f"{number % 2}" for number in range(30)], "")])
def test_what_a_column_may_have_been_meant_to_be_is_said(values, says):
    note = read("a\x1bb,c\n" + "".join(f"{value},{number % 7}.5\n" for number, value in enumerate(values))).note
    assert says in note and ("The column 'a\N{REPLACEMENT CHARACTER}b'" in note) == bool(says)
    assert note.isprintable() and is_a_sentence(note)


def test_a_number_has_the_decimals_that_the_data_use_and_not_those_of_a_float():
    few = {"9.899999": 1, "0.30000000000000004": 1, "-2.000001": 1, "123456.010001": 2, "3": 0, "2.50": 2, "1.280000": 6,
           "0.006399": 6, "0.1234567": 7, "1e-3": 3, "1.5e2": 0}
    assert {text: column_kinds.decimals_of(text) for text in few} == few
    wine = data.load("wine")
    colour = next(column for column in wine.columns if column.name == "colour intensity")
    assert colour.decimals == 2
    assert re.search(r"colour intensity</th><td>\d+\.\d\d</td>", modality(TABLE).portrait(wine.x, wine.spec).data.decode())
    kept = csv_table.read(b"a,b\n1.25,1\n9.899999,2\n0.5,3\n", "x.csv").columns[0]
    assert kept.decimals == 2


def test_numbers_that_are_names_are_categories():
    table = read("zip,flag,year\n" + "".join(f"0{number % 3}1,{number % 2},{1900 + number}\n" for number in range(40)))
    assert [column.kind for column in table.columns] == ["category", "category", "integer"]


@pytest.mark.parametrize("text, word", [
    ("", "empty"), ("a,b\n", "0 rows"), ("1,2\n3,4\n", "name"), ("a,a\n1,2\n3,4\n", "several"),
    ("a,\n1,2\n3,4\n", "no name"),
    ("a,b\n1,2\n1\n2,3\n", "Line 3"), ("b\n?\nNA\n", "'b' holds nothing"), ('a,b\n1,"2\n', "Line"), ("a\0b\n1\n2\n", "zero"),
    ("a\n" + "\n".join(f"text {n // 2}" for n in range(2002)), "1,000"),
    ("a\n" + "\n".join(f"text {n}" for n in range(1001)), "no column that can be learned"),
    (",".join(f"c{n}" for n in range(11)) + "\n" + "\n".join(",".join([f"t{n // 2}"] * 11) for n in range(2000)), "10,000"),
    ("a,b\n1,2\n", "1 row;"), ("a,b\n1,x\n" + ",y\n" * 3, "without missing values"),
])
def test_a_table_that_cannot_be_used_is_refused_with_a_sentence(text, word):
    with pytest.raises(BadInput, match=word) as refused:
        read(text)
    assert is_a_sentence(str(refused.value))


def test_a_file_that_is_no_text_or_has_a_size_is_refused(tmp_path):
    for content in ("größe\n1\n2\n".encode("latin-1") + b"\x81", "größe\n1\n\x022\n".encode("latin-1")):
        (tmp_path / "x.csv").write_bytes(content)
        with pytest.raises(BadInput, match="UTF-8"):
            data.load(str(tmp_path / "x.csv"))
    (tmp_path / "x.csv").write_text("a\n1\n2\n")
    with pytest.raises(BadInput, match="no size"):
        data.load(str(tmp_path / "x.csv"), size=32)


def test_rows_are_encoded_and_come_back_as_they_were():
    text = "n,x,c\n1,2.50,b\n7,-3.25,a\n4,0.00,b\n"
    table = read(text)
    rows = csv_table.described.encoded(table.columns, table.values)
    assert rows.shape == (3, 4) and np.allclose(rows[:, :2].mean(axis=0), 0, atol=1e-6)
    assert np.allclose(rows[:, :2].std(axis=0), 1, atol=1e-6) and rows[:, 2:].tolist() == [[0, 1], [1, 0], [0, 1]]
    assert csv_table.text_of(table.columns, csv_table.described.decoded(table.columns, rows)) == text
    wild = np.array([[99, -99, 0.2, 0.1], [np.nan, np.inf, 0.1, 0.2]], np.float32)
    values = csv_table.described.decoded(table.columns, wild)
    assert csv_table.text_of(table.columns, values) == "n,x,c\n7,-3.25,a\n4,2.50,b\n"


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("texts", [["1e308", "-1e308", "1e308", "-1e308"], ["1.7e308", "1.7e308", "1.6e308", "-1.7e308"],
                                   ["1e200", "2e200", "3e200", "7e200"], ["1e-200", "2e-200", "3e-200", "7e-200"],
                                   ["1e300", "0.123456", "-2.5", "3"]])
def test_numbers_whose_squares_or_sums_no_float_can_be_are_learned_like_others(texts):
    table = read("n,c\n" + "".join(f"{text},{'ab'[place % 2]}\n" for place, text in enumerate(texts)))
    rows, spec = csv_table.described.encoded(table.columns, table.values), data.DataSpec(TABLE, (3,), columns=table.columns)
    assert np.isfinite(rows).all() and np.allclose([rows[:, 0].mean(), rows[:, 0].std()], [0, 1], atol=1e-6)
    values, again = table.values[0], csv_table.described.decoded(table.columns, rows)[0]
    assert np.allclose(np.divide(values, max(values)), again / max(values), atol=1e-6)
    assert modality(TABLE).draw(rows, spec, beside={"real": rows}).data


def test_a_table_beyond_the_memory_limit_is_refused_before_it_is_made(monkeypatch):
    monkeypatch.setattr(csv_table, "TOTAL_LIMIT", 4 * 1000 * 1500 - 1)
    monkeypatch.setattr(csv_table.described, "encoded", lambda *_: pytest.fail("made"))
    text = "a,b,c\n" + "\n".join(f"x{n // 2},y{n // 2},z{n // 2}" for n in range(1000))
    with pytest.raises(BadInput, match="1,000 rows of x.csv, each of which becomes 1,500 numbers") as refused:
        read(text)
    assert is_a_sentence(str(refused.value))


def test_a_kept_table_is_found_again_by_name_and_content(tmp_path):
    (tmp_path / "Größen 1.csv").write_text("a,b\n1,x\n2,y\n5,x\n")
    workspace = tmp_path / "workspace"
    first = data.load(str(tmp_path / "Größen 1.csv"), workspace=workspace)
    (tmp_path / "other.csv").write_text("a;b\n1;x\n2;y\n5;x\n")
    assert data.load(str(tmp_path / "other.csv"), workspace=workspace).name == first.name, "the same content"
    again = data.load(first.name, workspace=workspace)
    assert again.spec == first.spec and np.array_equal(again.x, first.x) and again.note == first.note
    info = next(info for info in data.catalogue(workspace) if info.name == first.name)
    assert info.spec() == first.spec and info.count == 3 and info.available
    (workspace / "datasets" / f"{first.name}.table.npz").write_bytes(b"damaged")
    info = next(info for info in data.catalogue(workspace) if info.name == first.name)
    assert not info.available and "damaged" in info.note


# Learned


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    """A file in which one number follows from the other, and a category with a comma in it."""
    rng, path = np.random.default_rng(0), tmp_path_factory.mktemp("people") / "people.csv"
    age = np.round(rng.normal(50, 10, 240)).astype(int)
    size = 2 * age + rng.normal(0, 3, 240)
    with open(path, "w", newline="", encoding="utf-8-sig") as file:
        csv.writer(file).writerows([["age", "size", "who"], *(
            [a, f"{s:.1f}", "tall, wide" if s > 100 else "short"] for a, s in zip(age, size))])
    return path


def test_a_table_is_learned_and_sampled_from_the_command_line(people, tmp_path):
    workspace = tmp_path / "workspace"
    trained = cli("train", "gan", "--data", people, "--steps", 20, "--set", "points_width=8", "--set", "points_depth=1",
                  "--set", "latent=4", "--set", "batch_size=32", "--set", "xla=off", "--set", "probe_seconds=0.001",
                  workspace=workspace)
    assert trained.code == 0, trained.err
    run = trained.out.splitlines()[-1]
    assert cli("sample", run, "--n", 50, "--out", tmp_path / "out.csv", workspace=workspace).code == 0
    with open(tmp_path / "out.csv", newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    assert header == ["age", "size", "who"] and len(rows) == 50
    assert {row[2] for row in rows} <= {"tall, wide", "short"} and all(row[0].isdecimal() for row in rows)
    assert all(len(row[1].partition(".")[2]) == 1 for row in rows)
    assert cli("sample", run, "--out", tmp_path / "out.png", workspace=workspace).code == 0
    answer = cli("sample", run, "--out", tmp_path / "out.wav", workspace=workspace)
    assert answer.code == 2 and ".csv" in answer.err and is_a_sentence(answer.err)
    again = json.loads(cli("evaluate", run, "--json", workspace=workspace).out)
    assert {"kernel", "column_distance", "column_distance_floor"} <= again.keys() and "psnr" not in again
    assert again["column_distance_floor"] < again["column_distance"] <= 1
    shown = json.loads(cli("show", run, "--json", workspace=workspace).out)
    assert shown["facts"]["main_curve"] == "g_loss" and shown["facts"]["line"]


def test_a_run_remembers_the_columns_of_its_table(noise, tiny_spec):
    spec = tiny_spec("gan", noise(TABLE))
    again = RunSpec.from_dict(json.loads(json.dumps(spec.as_dict())))
    assert again == spec and again.data_spec == noise(TABLE).spec


def test_generated_categories_are_shares(noise, tiny_model):
    from gan_core.models import inputs

    dataset = noise(TABLE, classes=())
    model = tiny_model("gan", dataset)
    samples = np.asarray(model.sample(inputs.draw(model.inputs(), 16, 0)))
    assert dataset.spec.categories == ((2, 5),)
    assert np.allclose(samples[:, 2:5].sum(axis=1), 1, atol=1e-5) and (samples[:, 2:5] > 0).all()
    assert samples[:, :2].std() > 0 and not np.allclose(samples[:, :2].sum(axis=1), 1)


def test_means_and_deviations_of_wines_are_learned(tiny_spec):
    from gan_core.models import inputs
    from gan_core.training import loop

    dataset = data.load("wine")
    spec = tiny_spec("gan", dataset, steps=700, batch_size=64, points_width=64, points_depth=2, latent=16, xla="on",
                     steps_per_call=50, sample_every=1000, probe_seconds=0, generator_rate=1e-3, discriminator_rate=1e-3,
                     ema_decay=0.98)
    model = loop.build(spec)
    before = columns_of(model, inputs, dataset)
    assert loop.fit(model, spec, dataset, MemoryRecorder()).status == "finished"
    mean, deviation = columns_of(model, inputs, dataset)
    assert np.abs(before[1] - 1).mean() > 0.5, "at first it knows nothing"
    assert np.abs(mean).mean() < 0.25 and np.abs(mean).max() < 0.8
    assert np.abs(deviation - 1).mean() < 0.3


def columns_of(model, inputs, dataset):
    """Mean and deviation of each generated column, in deviations of the real ones."""
    samples = np.asarray(model.sample(inputs.draw(model.inputs(), 1000, 0)))
    return (samples - dataset.x.mean(axis=0)).mean(axis=0), samples.std(axis=0)


def test_of_two_domains_images_are_counted():
    assert counted([data.DOMAINS]) == counted([data.DOMAINS, data.IMAGES]) == "images"
    assert counted([data.PAIRS]) == "pairs of images" and counted([data.PAIRS, data.IMAGES]) == counted(["?"]) == "samples"


@pytest.mark.parametrize("kind, value, shown", [
    ("number", 23.599, "23.6"), ("number", 241.1658765, "241.2"), ("number", 113_523.13, "113,523"),
    ("integer", 1952.0, "1952"), ("integer", 60_011.0, "60,011"), ("integer", 1_318_683_096.0, "1.319 bn"),
    ("number", -2.5e6, "-2.5 M")])
def test_the_ends_of_a_histogram_have_few_digits(kind, value, shown):
    from gan_core.data.columns import Column
    from gan_core.modalities.table import _end

    assert _end(Column("x", kind, 0.0, 1.0, value, value, 5 if kind == "number" else 0), value) == shown


def test_pairs_of_pictures_say_which_is_which():
    kind = modality("captions")
    spec, images = kind.example, np.zeros((2, 32, 32, 3), np.float32)
    words = np.ones((2, *dict(spec.beside)["caption"]), np.int32)
    alone, pairs = (Image.open(io.BytesIO(kind.draw(images, spec, beside={"caption": words} | more).data))
                    for more in ({}, {"real": images}))
    below = np.asarray(pairs)[alone.height:]
    assert len(below) and below[..., 3].any(), "a line below all of them"
