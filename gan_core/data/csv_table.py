"""Reading and writing tables as text: which characters part the values, what each column holds, what is missing."""

import collections
import csv
import io
import re
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from gan_core.data import columns as described, texts as other_texts
from gan_core.data.columns import CATEGORY, EXACT, MOST_CATEGORIES, MOST_WIDTH, Column
from gan_core.data.pixels import TOTAL_LIMIT
from gan_core.data.texts import shown
from gan_core.errors import BadInput

SUFFIXES = (".csv", ".tsv")
# What stands for a missing value, in small letters: words of R, pandas, databases and spreadsheets.
MISSING = {"", "na", "n/a", "nan", "null", "?", "inf", "-inf", "infinity", "-infinity", "<na>", "n.a.", "nat", "-nan", "\\n",
           "(null)", "[null]", "1.#ind", "-1.#ind", "1.#qnan", "-1.#qnan", "#n/a", "#na", "#n/a n/a", "#div/0!", "#value!",
           "#ref!", "#name?", "#num!", "#null!"}
# The same among numbers alone: elsewhere they may be categories.
AMONG_NUMBERS = {"none", "nil", "missing", "unknown", "undefined", "-", "--", "---", ".", "..", "*", "\N{EN DASH}",
                 "\N{EM DASH}"}
LARGEST = 200 * 10**6  # bytes of a file
MOST_VALUES = 10_000_000  # each is a text at first: a gigabyte, and a minute
MOST_ROWS = 2_000_000
LONGEST_LINE = 1_000_000  # characters; a row of as many columns as there may be has fewer
FEW, EACH = 10, 10  # whole numbers of at most so many values, each in so many rows, are names of something
MOST_DECIMALS = 12
NOISY = 4  # digits at least that a trip through floats adds
DOUBLE = 12  # from so many on they are of a double, of which the last two may be off: 0.30000000000000004
SHOWN = 12  # names in a note
MANY = 20  # rows or categories from which on it is remarkable that these hardly come again, or those count
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_CODE = re.compile(r"[+-]?0\d+", re.ASCII)  # 007: a name, not a number
_SPACES = "'\N{RIGHT SINGLE QUOTATION MARK} \N{NO-BREAK SPACE}\N{THIN SPACE}\N{NARROW NO-BREAK SPACE}"
# (what groups digits by three, what stands before decimals)
_ENGLISH, _GERMAN = [(group, ".") for group in f",{_SPACES}"], [(group, ",") for group in f".{_SPACES}"]


class Table(NamedTuple):
    """``columns`` and their ``values``, each (N,): floats, ints or texts; ``note`` says what was decided."""

    columns: tuple[Column, ...]
    values: list
    note: str


def is_table(path) -> bool:
    return str(path).lower().endswith(SUFFIXES)


def decoded(data: bytes, label) -> str:
    """The text of a file; BadInput when it is none."""
    if len(data) > LARGEST:
        raise BadInput(f"{label} has {len(data) / 10**6:,.0f} MB and a table may have {LARGEST / 10**6:,.0f}; take a part "
                       "of its rows.")
    try:
        text = other_texts.decoded(data)
    except UnicodeDecodeError as error:
        raise BadInput(f"{label} is not text in UTF-8 (byte {error.start:,}); save it as CSV in UTF-8.") from error
    if "\0" in text:
        raise BadInput(f"{label} holds zero bytes, so it is no text; save it as CSV in UTF-8.")
    return text


def records(text, label):
    """``(header, rows, delimiter, sentences)`` of texts; BadInput when there is no header, or a row has another number of
    values.

    A column without a name is left out, and that is said, where it holds nothing but the numbers of the rows, as pandas
    writes them, or nothing at all.
    """
    delimiter, lines = other_texts.table(text)
    reader = csv.reader(_bounded(lines, label), delimiter=delimiter, strict=True)
    rows = []
    try:
        header = [name.strip() for name in next((row for row in reader if any(map(str.strip, row))), [])]
        _check_header(header, label)
        for row in reader:
            if not any(map(str.strip, row)):
                continue  # an empty line
            if len(row) != len(header):
                raise BadInput(f"Line {reader.line_num:,} of {label} has {len(row)} values and the header {len(header)}; "
                               "give every row as many, with quotes around a value that has a separator in it.")
            rows.append([value.strip() for value in row])
            if len(rows) * len(header) > MOST_VALUES:
                raise BadInput(f"{label} holds more than {MOST_VALUES:,} values; take a part of its rows or columns.")
            if len(rows) > MOST_ROWS:
                raise BadInput(f"{label} has more than {MOST_ROWS:,} rows; take a part of them.")
    except csv.Error as error:
        raise BadInput(f"Line {reader.line_num:,} of {label} cannot be read ({error}); save it as plain CSV.") from error
    header, rows, said = _named(header, rows, label)
    return header, rows, delimiter, said


def _bounded(lines, label):
    """The lines of a text one by one: before a row is taken apart it is known how long it is."""
    for number, line in enumerate(lines, 1):
        if len(line) > LONGEST_LINE:
            raise BadInput(f"Line {number:,} of {label} has {len(line):,} characters and {LONGEST_LINE:,} are the limit; "
                           "save it as plain CSV, a row a line.")
        yield line


def _named(header, rows, label):
    """``(header, rows, sentences)`` without the columns that have no name and nothing to say."""
    if all(header):
        return header, rows, []
    nothing = [place for place, name in enumerate(header) if not name and
               (_counts(column := [row[place] for row in rows]) or not any(column))]
    kept = [place for place in range(len(header)) if place not in nothing]
    if unnamed := [place for place in kept if not header[place]]:
        raise BadInput(f"Column {unnamed[0] + 1} of {label} has no name; name every column in the first line.")
    number = ", ".join(str(place + 1) for place in nothing)
    said = (f"Columns {number} have neither names nor a meaning and were left out." if len(nothing) > 1 else
            f"Column {number} has neither a name nor a meaning and was left out.")
    return [header[place] for place in kept], [[row[place] for place in kept] for row in rows], [said]


def _counts(texts):
    """Whether texts are the numbers of the rows, from 0 or from 1."""
    return len(texts) > 1 and texts[0] in ("0", "1") and all(
        one.isdigit() and other.isdigit() and len(other) < 10 and int(other) == int(one) + 1 for one, other
        in pairwise(texts))


def _check_header(header, label):
    if not header:
        raise BadInput(f"{label} is empty; its first line must name the columns.")
    if any(_NUMBER.fullmatch(name) for name in header):
        raise BadInput(f"The first line of {label} holds numbers; it must name the columns.")
    if twice := [name for name, count in collections.Counter(header).items() if name and count > 1]:
        raise BadInput(f"{label} has several columns named {twice[0]!r}; give each a name of its own.")


def read(data: bytes, label) -> Table:
    """The :class:`Table` in a file's bytes; ``label`` is what to call it.

    The first line names the columns.  Rows with a missing value are left out.  A column is of numbers when all its values
    are, and of categories else; whole numbers of a few values that come again and again are categories, too.

    Raises:
        BadInput: when it is no such table, or one that is too large.
    """
    header, rows, delimiter, said = records(decoded(data, label), label)
    missing = [_missing({row[place] for row in rows}, delimiter) for place in range(len(header))]
    lacking = [(place, texts) for place, texts in enumerate(missing) if texts]
    whole = [row for row in rows if not any(row[place] in texts for place, texts in lacking)] if lacking else rows
    left_out = len(rows) - len(whole)
    if len(whole) < 2:
        raise BadInput(f"{label} has {len(whole)} row{'s' * (len(whole) != 1)} without missing values; a table needs at "
                       f"least two. {_worst(header, rows, missing)}".rstrip())
    texts = [[row[place] for row in whole] for place in range(len(header))]
    columns = [_column(name, these, delimiter, label) for name, these in zip(header, texts)]
    width = sum(column.width for column, _ in columns)
    if width > MOST_WIDTH:
        widest = max((column for column, _ in columns), key=lambda column: column.width)
        raise BadInput(f"A row of {label} becomes {width:,} numbers and {MOST_WIDTH:,} are the limit; leave out columns of "
                       f"many categories, such as {widest.name!r}.")
    check_total([column for column, _ in columns], len(whole), label)
    said += [sentence for (column, _), these in zip(columns, texts) for sentence in _doubts(column, these)][:SHOWN]
    return Table(tuple(column for column, _ in columns), [values for _, values in columns],
                 " ".join([note([column for column, _ in columns], label, left_out), *said]))


def _missing(distinct, delimiter):
    """Those of a column's texts that stand for a missing value."""
    missing = {text for text in distinct if text.lower() in MISSING}
    among = {text for text in distinct if text.lower() in AMONG_NUMBERS}
    others = distinct - missing - among if among else set()
    return missing | among if others and plain(others, delimiter) else missing


def _doubts(column, texts):
    """A sentence on what a column may have been meant to be instead, where it was taken for something that it seldom is."""
    name = shown(column.name)
    if column.kind != CATEGORY:
        if column.kind == described.INTEGER and len(texts) > MANY and _counts(texts):
            yield f"The column {name!r} counts the rows, so that there is nothing to learn of it: leave it out."
        return
    others = [text for text in column.categories if not _NUMBER.fullmatch(text)]
    if 0 < 2 * len(others) < len(column.categories):
        numbers = len(column.categories) - len(others)
        yield (f"The column {name!r} was taken for categories, for beside {numbers:,} numbers there is "
               f"{shown(others[0])!r}: leave such rows out if it is of numbers.")
    elif len(column.categories) > max(MANY, len(texts) / 2):
        yield (f"The column {name!r} was taken for categories and has {len(column.categories):,} of them in {len(texts):,} "
               "rows: leave it out if it is a name or a date, and write plain numbers if it is of numbers.")


def check_total(columns, count, label):
    """BadInput when ``count`` rows of these columns, encoded, would not fit the limit on memory."""
    width = sum(column.width for column in columns)
    total = 4 * count * width
    if total > TOTAL_LIMIT:
        raise BadInput(f"{count:,} rows of {label}, each of which becomes {width:,} numbers, take {total / 2**30:.1f} GiB "
                       f"of memory and the limit is {TOTAL_LIMIT / 2**30:.0f} GiB; take fewer rows, or columns with fewer "
                       "categories.")


def note(columns, label, left_out=0):
    """Sentences on what the columns of a table were taken for."""
    said = []
    for kind, title in (("number", "Numbers"), ("integer", "Whole numbers"), (CATEGORY, "Categories")):
        if names := [shown(column.name) for column in columns if column.kind == kind]:
            more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
            said.append(f"{title}: {', '.join(names[:SHOWN])}{more}.")
    if left_out:
        said.append(f"{left_out:,} row{'s' if left_out > 1 else ''} with missing values were left out." if left_out > 1 else
                    "1 row with missing values was left out.")
    return " ".join([f"Imported from {label}.", *said])


def _worst(header, rows, missing):
    """A sentence on the column that lacks most values; "" where none does."""
    lacking = [sum(row[place] in texts for row in rows) for place, texts in enumerate(missing)]
    if not rows or not max(lacking):
        return ""
    return f"Most are missing in {header[lacking.index(max(lacking))]!r}: leave it out."


def plain(texts, delimiter):
    """``{text: the number that it says}`` as Python writes it, of a set of texts that are all numbers in one way: with a
    point before decimals or, least where a comma parts values, a comma, and digits grouped or not; {} of others."""
    if all(map(_NUMBER.fullmatch, texts)):
        return {text: text for text in texts}
    ways = [*_ENGLISH, (None, ","), *_GERMAN] if delimiter == "," else [(None, ","), *_GERMAN, *_ENGLISH]
    for group, point in [(None, "."), *ways]:
        digits = rf"(\d+|\d{{1,3}}({re.escape(group)}\d{{3}})+)" if group else r"\d*"
        one = re.compile(rf"[+-]?{digits}({re.escape(point)}\d*)?([eE][+-]?\d{{1,3}})?", re.ASCII)
        said = {}
        for text in texts:
            signed = text.replace("\N{MINUS SIGN}", "-")
            if not one.fullmatch(signed):
                break
            said[text] = signed.replace(group or "", "").replace(point, ".")
            if not _NUMBER.fullmatch(said[text]):
                break
        else:
            return said
    return {}


def _column(name, texts, delimiter, label):
    """``(its Column, its values)``."""
    distinct = set(texts)
    numbers = not any(map(_CODE.fullmatch, distinct)) and plain(distinct, delimiter)
    if numbers:
        texts = [numbers[text] for text in texts]
        distinct = set(texts)
    values = [described.finite(text) for text in texts] if numbers else []
    if not numbers or None in values:
        if len(distinct) > MOST_CATEGORIES:
            raise BadInput(f"The column {name!r} of {label} has {len(distinct):,} different texts and {MOST_CATEGORIES:,} "
                           "are the limit; leave it out, or put its values into groups.")
        return described.category(name, texts), texts
    decimals = max(map(decimals_of, distinct))
    if decimals == 0 and max(map(abs, values)) > EXACT:
        decimals = None
    if decimals == 0 and len(distinct) <= FEW and len(texts) >= EACH * len(distinct):
        return described.category(name, texts), texts
    return described.number(name, values, decimals if decimals is None or decimals <= MOST_DECIMALS else None), values


def decimals_of(text):
    """Digits after the point; of 9.899999 two, for it is 9.90 after a trip through floats."""
    digits, _, exponent = text.lower().partition("e")
    places = max(len(digits.partition(".")[2]) - int(exponent or 0), 0)
    if exponent:
        return places
    last, value = Decimal(1 if places < DOUBLE else 100).scaleb(-places), Decimal(text)
    return next((few for few in range(1, places - NOISY + 1)
                 if 0 < abs(value - round(value, few)) <= last), places)


def text_of(columns, values) -> str:
    """A table as CSV: a header, then a row a line.

    Args:
        columns: :class:`Column` s, or names of columns whose values are texts already.
        values: of each column, (N,).
    """
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([column if isinstance(column, str) else column.name for column in columns])
    writer.writerows(zip(*([str(value) if isinstance(column, str) else described.written(column, value) for value in these]
                           for column, these in zip(columns, values))))
    return stream.getvalue()
