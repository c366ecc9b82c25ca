"""Tables from files: how values are read, what columns are taken for, what is refused and kept."""

import re

import numpy as np
import pytest

from gan_core import data
from gan_core.data import TABLE, DataSpec, column_kinds, columns as described, csv_table
from gan_core.errors import BadInput
from gan_core.modalities.base import modality
from helpers_runs import is_a_sentence


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


@pytest.mark.parametrize("texts, kind, again", [
    (["$3.50", "$1,234.00", "-$1.25"], "number", ["$3.50", "$1234.00", "-$1.25"]),
    (["50 %", "3 %", "99 %"], "integer", ["50 %", "3 %", "99 %"]),
    (["3,50 €", "1.200,00 €"], "number", ["3.50 €", "1200.00 €"]),
    (["12 kg", "15.5 kg"], "number", ["12.0 kg", "15.5 kg"]), (["USD 3", "USD 5.5"], "number", ["USD 3.0", "USD 5.5"]),
    (["12°C", "\N{MINUS SIGN}4°C"], "integer", ["12°C", "-4°C"]),
    (["1 234 km/h", "7 km/h"], "integer", ["1234 km/h", "7 km/h"]),
    (["30m", "45m"], "integer", ["30m", "45m"])])
def test_numbers_with_a_unit_are_numbers_and_have_it_again(tmp_path, texts, kind, again):
    table = read("what;n\n" + "".join(f"{text};{place}.5\n" for place, text in enumerate(texts)))
    column = table.columns[0]
    rows = described.encoded(table.columns, table.values)
    assert column.kind == kind and column.before + column.after in texts[0]
    values = described.decoded(table.columns, rows)[0]
    assert [described.written(column, value) for value in values] == again
    assert (column.before + column.after).strip() in table.note and "is written with each again" in table.note
    spec, kept = DataSpec(TABLE, (rows.shape[1],), columns=table.columns), tmp_path / "rows.csv"
    with open(kept, "wb") as file:
        modality(TABLE).save(file, rows, spec)
    assert np.allclose(modality(TABLE).load(kept, spec).samples, rows, atol=1e-6)


@pytest.mark.parametrize("texts", [["A1", "A2", "B3"], ["A1", "A2", "A3"], ["item1", "item2"], ["3a", "4a"], ["1st", "2nd"],
                                   ["$3", "€4"], ["3 kg", "4"], ["10:30", "11:45"], ["1/2", "3/4"], ["$", "$3"]])
def test_what_stands_beside_numbers_and_is_no_unit_makes_categories(texts):
    table = read("what;n\n" + "".join(f"{text};{place}.5\n" for place, text in enumerate(texts)))
    assert table.columns[0].kind == "category"


def test_few_shares_that_come_often_are_categories_as_they_were_written():
    table = read("what;n\n" + "".join(f"{place % 3 * 10} %;{place}.5\n" for place in range(60)))
    assert table.columns[0].categories == ("0 %", "10 %", "20 %") and not table.columns[0].after
