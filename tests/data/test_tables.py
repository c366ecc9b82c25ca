"""Tables of one's own: what their columns are, what may be said of that, dates, what is missing, and two that come along."""

import io
import json

import numpy as np
import pytest

from gan_core import data
from gan_core.data import TABLE, Choices, Dataset, columns as described, csv_table, dates
from gan_core.data.columns import Column, category, number
from gan_core.errors import BadInput
from gan_core.modalities.base import modality
from helpers_runs import is_a_sentence


def read(text, **choices):
    return csv_table.read(text if isinstance(text, bytes) else text.encode(), "x.csv", Choices(**choices))


def written(table, rows=None):
    rows = described.encoded(table.columns, table.values) if rows is None else rows
    return csv_table.text_of(table.columns, described.decoded(table.columns, rows))


def kinds(table):
    return {column.name: column.kind for column in table.columns}


def lines(header, count, row):
    return header + "\n" + "".join(f"{row(place)}\n" for place in range(count))


# Dates


@pytest.mark.parametrize("texts, way", [
    (["2024-01-31", "1999-12-01"], "%Y-%m-%d"), (["31.01.2024", "01.12.1999"], "%d.%m.%Y"),
    (["1/31/2024", "12/1/1999"], "%-m/%-d/%Y"), (["31/01/2024", "01/12/1999"], "%d/%m/%Y"),
    (["2024-01-31 08:05", "1999-12-01 23:59"], "%Y-%m-%d %H:%M"), (["2024-01-31T08:05:00Z"], "%Y-%m-%dT%H:%M:%SZ"),
    (["31 Jan 2024", "1 Dec 1999"], "%-d %b %Y"), (["Jan 31, 2024", "Dec 01, 1999"], "%b %d, %Y"), (["2024-01"], "%Y-%m"),
    (["2024-01-31T08:05:00+02:00", "2024-02-01T09:00:00+02:00"], "%Y-%m-%dT%H:%M:%S+02:00"),
    (["2024-01-31 08:05-0330"], "%Y-%m-%d %H:%M-0330"), (["2024-01-31 08:05 Z"], "%Y-%m-%d %H:%M Z"),
    (["2024-01-31+02:00"], ""), (["2024-05-0700"], ""),
    (["2024-01-31 08:05:06.250000"], "%Y-%m-%d %H:%M:%S.%f"), (["01/31/2024 1:05 PM", "12/01/1999 11:30 AM"], ""),
    (["12:30", "13:45"], ""), (["2024", "1999"], ""), (["20240131"], ""), (["soon", "2024-01-31"], ""),
    (["31.02.2024"], "")])
def test_dates_are_known_by_how_they_are_written_and_written_so_again(texts, way):
    found, _ = dates.way_of(set(texts))
    if way:
        assert found == way
        assert [dates.text_of(dates.number_of(text, found), found) for text in texts] == texts
    else:
        assert not found or "%I" in found


def test_days_and_seconds_since_1970():
    assert dates.number_of("1970-01-03", "%Y-%m-%d") == 2 and dates.number_of("01:00 1970-01-01", "%H:%M %Y-%m-%d") == 3600
    for text in ("tomorrow", "2023-02-29", "2024-13-01", "0000-01-01", "2024-01-01 "):
        assert dates.number_of(text, "%Y-%m-%d") is None
    assert dates.number_of("13:00 PM 2024-01-01", "%I:%M %p %Y-%m-%d") is None
    assert [dates.text_of(dates.number_of(f"01.01.{year}", "%d.%m.%y"), "%Y") for year in ("68", "69")] == ["2068", "1969"]
    assert dates.way_of({"20240131"}, asked=True)[0] == "%Y%m%d"


def test_where_day_and_month_could_be_either_that_is_said_and_can_be_told():
    text = lines("when,x", 40, lambda place: f"{1 + place % 9}/{1 + place % 5}/2024,{place}.5")
    american, told = read(text), read(text, columns="when=%-d/%-m/%Y")
    assert american.columns[0].way == "%-m/%-d/%Y" and "columns=when=%-d/%-m/%Y" in american.note
    assert told.columns[0].way == "%-d/%-m/%Y" and told.values[0] != american.values[0]
    assert read(text.replace(",", ";")).columns[0].way == "%-d/%-m/%Y", "where a semicolon parts values"
    assert written(american).splitlines()[1:3] == ["1/1/2024,0.5", "2/2/2024,1.5"]


def test_times_of_several_zones_are_the_same_moments_in_utc():
    """Clocks that are put back in autumn: the later one by the clock is the earlier one."""
    way, other = dates.way_of({"2024-10-27T02:30:00+02:00", "2024-10-27T02:10:00+01:00"})
    first, second = (dates.number_of(text, way) for text in ("2024-10-27T02:30:00+02:00", "2024-10-27T02:10:00+01:00"))
    assert (way, other, second - first) == ("%Y-%m-%dT%H:%M:%S%z", "", 2400)
    assert dates.text_of(first, way) == "2024-10-27T00:30:00+00:00"
    assert dates.number_of(dates.text_of(first, way), way) == first


def test_a_date_is_a_number_inside_and_between_two_of_them_lies_another():
    table = read(lines("when", 30, lambda place: f"2024-01-{place + 1:02d}"))
    column, = table.columns
    assert (column.kind, column.width, column.decimals) == ("date", 1, 0)
    rows = described.encoded(table.columns, table.values)
    assert np.allclose([rows.mean(), rows.std()], [0, 1], atol=1e-6) and written(table) == "when\n" + "".join(
        f"2024-01-{day:02d}\n" for day in range(1, 31))
    between = described.decoded(table.columns, np.array([[99.0], [-99.0], [0.01], [np.nan]]))[0]
    assert [described.written(column, value) for value in between[:2]] == ["2024-01-30", "2024-01-01"]
    assert all(value == round(value) for value in between)


# What is missing

LACKING = lines("n,x,who", 40, lambda place: f"{place * 3 if place % 4 else ''},{place}.25,{['a', 'b', '?'][place % 3]}")


def test_what_is_missing_is_kept_where_many_rows_would_go():
    table = read(LACKING)
    assert len(table.values[0]) == 40 and "learned as such" in table.note and "n (25 %)" in table.note
    number_of, _, who = table.columns
    assert number_of.missing == "" and number_of.width == 3 and who.missing == "?" and who.categories == ("?", "a", "b")
    rows = described.encoded(table.columns, table.values)
    lacking = np.isnan(table.values[0])
    assert lacking.sum() == 10 and rows.shape == (40, 7)
    assert (rows[lacking, 0] == 0).all() and (rows[:, 2] == lacking).all() and (rows[:, 1] == ~lacking).all()
    assert np.allclose([rows[~lacking, 0].mean(), rows[~lacking, 0].std()], [0, 1], atol=1e-6), "of what is known"
    assert written(table) == LACKING


def test_few_rows_are_left_out_and_either_can_be_said():
    few = lines("n,x", 400, lambda place: f"{place if place != 7 else 'NA'},{place}.25")
    assert len(read(few).values[0]) == 399 and "1 row with missing values was left out." in read(few).note
    kept = read(few, missing="keep")
    assert len(kept.values[0]) == 400 and kept.columns[0].missing == "NA" and "\nNA,7.25\n" in written(kept)
    assert len(read(LACKING, missing="rows").values[0]) == 20


def test_half_decided_rows_are_decided_as_the_likelier():
    columns = (number("n", [1.0, 2.0, np.nan], 0, missing="-"),)
    found, = described.decoded(columns, np.array([[0.0, 0.6, 0.4], [0.0, 0.4, 0.6]]))
    assert found[0] in (1, 2) and np.isnan(found[1])
    assert [described.written(columns[0], value) for value in found] == [str(int(found[0])), "-"]
    assert [column.kind for column, *_ in described.pieces(columns)] == ["integer", "category"]


def test_a_column_of_nothing_is_left_out_and_a_table_of_nothing_refused():
    table = read("a,b\n1,\n2,\n7,\n")
    assert kinds(table) == {"a": "integer"} and "'b' holds nothing" in table.note
    assert table.taken == (("a", "integer"), ("b", "out"))


def test_tables_that_lack_nothing_are_what_they_were():
    """The identity of data hashes what a column is, as it was said before there were dates."""
    assert repr(number("n", [1.0, 3.0], 0)) == (
        "Column(name='n', kind='integer', mean=2.0, deviation=1.0, low=1.0, high=3.0, decimals=0, categories=())")
    assert "way=" in repr(described.date("d", ["2024-01-01", "2024-01-02"], "%Y-%m-%d")[0])
    assert data.load("wine").identity.hash == "c89474df91a7fb331d64df4f1a20ab91"
    told = {"name": "n", "kind": "number", "mean": 0.0, "deviation": 1.0, "low": 0.0, "high": 1.0, "decimals": 1,
            "categories": []}
    assert Column.from_dict(told) == Column("n", "number", high=1.0, decimals=1), "as older versions kept it"


# Who is named


def test_a_column_that_names_people_is_left_out_and_that_is_said():
    text = lines("name,code,age", 50, lambda place: f"Person {place},0{place:03d},{place % 40}.5")
    table = read(text)
    assert kinds(table) == {"age": "number"} and table.taken == (("name", "out"), ("code", "out"), ("age", "number"))
    assert "The column 'name' was left out: nearly every row has a text of its own in it (50 in 50)" in table.note
    assert is_a_sentence(table.note) and "columns=name=category" in table.note
    assert kinds(read(text, columns="name=category")) == {"name": "category", "age": "number"}
    few = lines("name,age", 12, lambda place: f"Person {place},{place}.5")
    assert kinds(read(few)) == {"name": "category", "age": "number"}, "of a dozen rows nobody can tell"


# What may be said

KINDS = lines("a,b,c", 30, lambda place: f"{place % 3},{place}.5,{'xyz'[place % 3]}")


@pytest.mark.parametrize("said, found", [
    ("", {"a": "category", "b": "number", "c": "category"}), ("a=integer", {"a": "integer"}), ("a=number", {"a": "number"}),
    ("b=category", {"b": "category"}), ("c=out, a=out", {"a": None, "c": None})])
def test_what_is_said_of_a_column_goes(said, found):
    told = kinds(read(KINDS, columns=said))
    assert all(told.get(name) == kind for name, kind in found.items())


@pytest.mark.parametrize("said, says", [
    ("d=number", "There is no column 'd'; the columns are a, b, c."), ("a=fish", "not 'fish'"), ("a", "takes NAME=KIND"),
    ("c=number", "cannot be of numbers, for it holds 'x'"), ("b=integer", "not whole"),
    ("c=date", "no way of writing dates"),
    ("c=%d/%m/%Y", "'x', which is no date like %d/%m/%Y"), ("c=%Q", "%Q is not known"), ("c=%d", "needs a year"),
    ("a=out,b=out,c=out", "no column that can be learned")])
def test_what_cannot_be_is_told_in_a_sentence(said, says):
    with pytest.raises(BadInput) as refused:
        read(KINDS, columns=said)
    assert says in str(refused.value) and is_a_sentence(str(refused.value))


def test_names_with_commas_and_signs_of_equality_can_be_told():
    text = lines('"a, b",c=d', 30, lambda place: f"{place}.5,{place % 3}")
    assert kinds(read(text, columns='"a, b=out", c=d=integer')) == {"c=d": "integer"}


@pytest.mark.parametrize("choices, path, says", [
    ({"fit": "pad"}, "x.csv", "mean nothing for x.csv (fit=pad)"),
    ({"missing": "keep"}, "pictures", "mean nothing for pictures (missing=keep)"),
    ({"columns": "a=out"}, "pictures", "(columns=a=out)")])
def test_choices_are_for_what_they_are_for(tmp_path, choices, path, says):
    (tmp_path / "x.csv").write_text(KINDS)
    (tmp_path / "pictures").mkdir()
    with pytest.raises(BadInput) as refused:
        data.load(str(tmp_path / path), choices=Choices(**choices))
    assert says in str(refused.value) and is_a_sentence(str(refused.value))


def test_other_choices_are_other_data_and_each_says_what_was_taken(tmp_path):
    (tmp_path / "x.csv").write_text(KINDS)
    first, other = (data.load(str(tmp_path / "x.csv"), workspace=tmp_path / "w", choices=Choices(columns=said))
                    for said in ("", "a=integer"))
    assert first.name != other.name and first.identity != other.identity
    assert data.taken_for(other.name, tmp_path / "w") == (("a", "integer"), ("b", "number"), ("c", "category"))
    assert data.taken_for("digits", tmp_path / "w") == () == data.taken_for(first.name, None)
    again = data.load(other.name, workspace=tmp_path / "w")
    assert again.spec == other.spec and again.note == other.note


def test_a_kept_table_of_before_is_read_as_it_was(tmp_path):
    """It has neither ways of dates nor what its columns were taken for."""
    (tmp_path / "x.csv").write_text(KINDS)
    dataset = data.load(str(tmp_path / "x.csv"), workspace=tmp_path / "w")
    file, = (tmp_path / "w" / "datasets").glob("*.npz")
    with np.load(file) as archive:
        arrays = dict(archive)
    meta = json.loads(str(arrays["meta"]))
    del meta["taken"]
    for column in meta["columns"]:
        del column["way"], column["missing"]
    np.savez(file, **arrays | {"meta": json.dumps(meta)})
    again = data.load(dataset.name, workspace=tmp_path / "w")
    assert again.identity == dataset.identity and again.columns == dataset.columns
    assert data.taken_for(dataset.name, tmp_path / "w") == ()


# Other files


def test_a_parquet_file_is_read_as_its_text_would_be(tmp_path):
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    count = 60
    frame = pandas.DataFrame({
        "share": [0.25, 1.5, None] * 20, "single": np.float32([0.1, 0.2, 0.3] * 20), "n": range(100, 100 + count),
        "who": pandas.Series(["x", None, "z"] * 20), "when": pandas.date_range("2024-01-01", periods=count),
        "at": pandas.date_range("2024-01-01", periods=count, freq="61min"), "yes": [True, False] * 30,
        "class": pandas.Categorical(["u", "v"] * 30)})
    frame.to_parquet(tmp_path / "x.parquet")
    dataset = data.load(str(tmp_path / "x.parquet"), workspace=tmp_path / "w")
    assert {column.name: (column.kind, column.decimals) for column in dataset.columns if column.kind != "category"} == {
        "share": ("number", 2), "single": ("number", 1), "n": ("integer", 0), "when": ("date", 0), "at": ("date", 0)}
    assert dataset.columns[4].way == "%Y-%m-%d" and dataset.columns[5].way == "%Y-%m-%d %H:%M:%S"
    assert dataset.columns[0].missing == "" == dataset.columns[3].missing
    (tmp_path / "x.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(BadInput, match="cannot be read as Parquet") as refused:
        data.load(str(tmp_path / "x.parquet"))
    assert is_a_sentence(str(refused.value))
    nested = io.BytesIO()
    pandas.DataFrame({"a": [[1, 2], [3]], "b": [1, 2]}).to_parquet(nested)
    with pytest.raises(BadInput, match="^The column 'a' of x.csv holds list.* leave it out.$"):
        read(nested.getvalue())


def test_what_excel_writes_in_its_own_letters_is_read_and_that_is_said():
    table = read(lines("größe;x", 30, lambda place: f"{place},5;é{place % 3}").encode("cp1252"))
    assert [column.name for column in table.columns] == ["größe", "x"] and table.columns[1].categories == ("é0", "é1", "é2")
    assert "Windows 1252" in table.note and table.columns[0].kind == "number"


@pytest.mark.parametrize("text, page, told", [
    (lines("возраст,город", 30, lambda place: f"{place},{['Москва', 'Тверь'][place % 2]}"), "cp1251", "Windows 1251"),
    (lines("age,city", 30, lambda place: f"{place},{['Москва', 'Тверь', 'Ростов', 'Ужгород'][place % 4]}"), "cp1251",
     "1251"),
    (lines("年龄,城市", 30, lambda place: f"{place},{['北京', '上海'][place % 2]}"), "gb18030", "GB 18030"),
    (lines("a,b", 30, lambda place: f"{place},é{place % 3}"), "utf-16-le", "UTF-16")])
def test_other_letters_are_told_as_those_of_a_text_are(text, page, told):
    table = read(text.encode(page))
    assert written(table) == text and told in table.note and is_a_sentence(table.note)


def test_two_files_put_together_keep_their_letters_each():
    row = "{},Köln Straße\n"
    content = b"a,b\n" + "".join(row.format(place) for place in range(0, 120, 3)).encode() + row.format(121).encode("cp1252")
    table = read(content)
    assert table.columns[1].categories == ("Köln Straße",) and "1 line of it as Western European" in table.note


@pytest.mark.parametrize("content", [
    lines("a,b", 30, lambda place: f"{place},{['東京', '大阪'][place % 2]}").encode("cp932"),
    lines("a,b", 30, lambda place: f"{place},{['红色', '的东西'][place % 2]}").encode("gb18030"),
    lines("a,b", 30, lambda place: f"{place},\0").encode(), bytes(range(256)) * 9])
def test_letters_that_cannot_be_told_are_not_guessed(content):
    with pytest.raises(BadInput, match="UTF-8") as refused:
        read(content)
    assert is_a_sentence(str(refused.value))


def test_long_numbers_stay_whole_and_may_name_somebody():
    table = read(lines("card,x", 60, lambda place: f"{12345678901234567890 + place * 10**9},{place}.5"))
    assert written(table).splitlines()[1] == "12345678901234567168,0.5" and kinds(table)["card"] == "number"
    assert "The column 'card' has another whole number in nearly every row" in table.note and is_a_sentence(table.note)
    drawn = described.decoded(table.columns, np.array([[0.123, 0.0], [99.0, 0.0]]))
    assert all(described.written(table.columns[0], value).isdigit() for value in drawn[0])
    few = read(lines("card,x", 60, lambda place: f"{12345678901234567890 + place % 3},{place}.5"))
    assert kinds(few)["card"] == "category" and "nearly every row" not in few.note
    paid = read(lines("paid,x", 60, lambda place: f"{20_000 + place * place},{place}.5"))
    assert "nearly every row" not in paid.note, "what is short may well be measured"
    assert read(lines("x", 30, lambda place: f"{place}e300")).columns[0].decimals is None, "nobody writes 300 zeros"


def test_sentences_on_tables_do_not_fill_with_what_tables_hold():
    long = "x" * 90_000
    with pytest.raises(BadInput) as refused:
        read(lines("a,b", 30, lambda place: f"{long},{place}"), columns="a=number")
    assert "cannot be of numbers" in str(refused.value) and len(str(refused.value)) < 300
    with pytest.raises(BadInput, match="becomes 10,001 numbers and 10,000 are the limit; leave out some of its columns."):
        read(lines(",".join(f"c{place}" for place in range(10_001)), 2, lambda row: ",".join(["0.5", "1.5"][row] for _ in
                                                                                        range(10_001))))


# As a kind of sample


@pytest.fixture
def people():
    table = read(lines("when;n;who", 60, lambda place: (f"{1 + place % 28:02d}.01.2024;{place * 2 if place % 5 else ''};"
                                                        f"{'ab'[place % 2]}")))
    return Dataset("people", TABLE, described.encoded(table.columns, table.values), None, columns=table.columns)


def test_rows_are_written_and_read_again_with_dates_and_what_is_missing(people, tmp_path):
    kind = modality(TABLE)
    for suffix in kind.suffixes:
        with open(tmp_path / f"out{suffix}", "wb") as file:
            kind.save(file, people.x, people.spec, suffix=suffix)
        assert np.allclose(kind.load(tmp_path / f"out{suffix}", people.spec).samples, people.x, atol=1e-6)
    (tmp_path / "odd.csv").write_text("when,n,who\n2024-01-01,2,a\n")
    with pytest.raises(BadInput, match="which is of dates such as"):
        kind.load(tmp_path / "odd.csv", people.spec)
    assert np.array_equal(kind.rounded(people.x, people.spec), people.x)
    assert len(kind.axes(people.spec)) == people.x.shape[1] and "n known = missing" in kind.axes(people.spec)


def test_a_sheet_has_a_bar_for_what_is_missing(people):
    kind = modality(TABLE)
    assert "what is missing" in kind.legend(people.spec) and kind.draw(people.x, people.spec, beside={"real": people.x}).data
    assert kind.in_words(people.x[:1], people.spec) == {"when": ["01.01.2024"], "n": [""], "who": ["a"]}


def test_the_common_category_that_is_drawn_least_is_told():
    spec = data.DataSpec(TABLE, (3,), columns=(category("who", ["a", "b", "c"]),))
    real = np.eye(3, dtype=np.float32)[[0] * 50 + [1] * 48 + [2] * 2]
    drawn = np.eye(3, dtype=np.float32)[[0] * 90 + [1] * 12]
    figures = modality(TABLE).figures(drawn, Dataset("t", TABLE, real, None, columns=spec.columns))
    assert figures["rarest_place"] == 1 and figures["rarest_share"] == pytest.approx(12 / 102 / 0.48)
    assert modality(TABLE).figures(real[:, :0], Dataset("t", TABLE, real[:, :0], None)) == {}


@pytest.mark.parametrize("name, columns", [
    ("gapminder", ("country", "continent", "year", "lifeExp", "pop", "gdpPercap")),
    ("tips", ("total_bill", "tip", "sex", "smoker", "day", "time", "size"))])
def test_the_tables_of_plotly_are_there(name, columns):
    dataset, info = data.load(name), data.described(name)
    assert tuple(column.name for column in dataset.columns) == columns and info.licence and info.available
    assert len(dataset) == info.count and dataset.x.shape[1:] == info.shape
    assert len(dataset.x_test) == (len(dataset) + len(dataset.x_test)) // 6
    with pytest.raises(BadInput, match="no size"):
        data.load(name, size=32)
