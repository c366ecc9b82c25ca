"""Reading and writing tables as text: which characters part the values, what each column holds, what is missing."""

import collections
import csv
import io
import re
from decimal import Decimal
from typing import NamedTuple

from gan_core.data import columns as described
from gan_core.data.columns import CATEGORY, EXACT, MOST_CATEGORIES, MOST_WIDTH, Column
from gan_core.data.pixels import TOTAL_LIMIT
from gan_core.errors import BadInput

DELIMITERS = ",;\t|"
MISSING = {"", "na", "n/a", "nan", "null", "?", "inf", "-inf", "infinity", "-infinity"}  # in small letters
LARGEST = 200 * 10**6  # bytes of a file
MOST_VALUES = 10_000_000  # each is a text at first: a gigabyte, and a minute
MOST_ROWS = 2_000_000
LONGEST_LINE = 1_000_000  # characters; a row of as many columns as there may be has fewer
FEW, EACH = 10, 10  # whole numbers of at most so many values, each in so many rows, are names of something
MOST_DECIMALS = 12
NOISY = 4  # digits at least that a trip through floats adds
DOUBLE = 12  # from so many on they are of a double, of which the last two may be off: 0.30000000000000004
SHOWN = 12  # names in a note
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_CODE = re.compile(r"[+-]?0\d+", re.ASCII)  # 007: a name, not a number


class Table(NamedTuple):
    """``columns`` and their ``values``, each (N,): floats, ints or texts; ``note`` says what was decided."""

    columns: tuple[Column, ...]
    values: list
    note: str


def decoded(data: bytes, label) -> str:
    """The text of a file; BadInput when it is none."""
    if len(data) > LARGEST:
        raise BadInput(f"{label} has {len(data) / 10**6:,.0f} MB and a table may have {LARGEST / 10**6:,.0f}; take a part "
                       "of its rows.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{label} is not text in UTF-8 (byte {error.start:,}); save it as CSV in UTF-8.") from error
    if "\0" in text:
        raise BadInput(f"{label} holds zero bytes, so it is no text; save it as CSV in UTF-8.")
    return text


def records(text, label):
    """``(header, rows)`` of texts; BadInput when there is no header, or a row has another number of values."""
    delimiter = _delimiter(text)
    reader = csv.reader(_lines(text, label), delimiter=delimiter, strict=True)
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
    return header, rows, delimiter


def _lines(text, label):
    """The lines of a text one by one: before a row is taken apart it is known how long it is."""
    for number, line in enumerate(io.StringIO(text, newline=""), 1):
        if len(line) > LONGEST_LINE:
            raise BadInput(f"Line {number:,} of {label} has {len(line):,} characters and {LONGEST_LINE:,} are the limit; "
                           "save it as plain CSV, a row a line.")
        yield line


def _delimiter(text):
    """The character that parts the first lines into equally many values, and most of them."""
    lines = [line for line in text[:200_000].splitlines()[:50] if line.strip()]
    if len(text) > 200_000:
        lines = lines[:-1]  # perhaps half a line

    def values(delimiter):
        try:
            counts = [len(row) for row in csv.reader(lines, delimiter=delimiter)]
        except csv.Error:
            return (False, 0)
        return (len(set(counts)) == 1 and counts[0] > 1, counts[0])

    return max(DELIMITERS, key=values) if lines else ","


def _check_header(header, label):
    if not header:
        raise BadInput(f"{label} is empty; its first line must name the columns.")
    if not all(header):
        raise BadInput(f"Column {header.index('') + 1} of {label} has no name; name every column in the first line.")
    if any(_NUMBER.fullmatch(name) for name in header):
        raise BadInput(f"The first line of {label} holds numbers; it must name the columns.")
    if twice := [name for name, count in collections.Counter(header).items() if count > 1]:
        raise BadInput(f"{label} has several columns named {twice[0]!r}; give each a name of its own.")


def read(data: bytes, label) -> Table:
    """The :class:`Table` in a file's bytes; ``label`` is what to call it.

    The first line names the columns.  Rows with a missing value are left out.  A column is of numbers when all its values
    are, and of categories else; whole numbers of a few values that come again and again are categories, too.

    Raises:
        BadInput: when it is no such table, or one that is too large.
    """
    header, rows, delimiter = records(decoded(data, label), label)
    whole = [row for row in rows if not any(value.lower() in MISSING for value in row)]
    left_out = len(rows) - len(whole)
    if len(whole) < 2:
        raise BadInput(f"{label} has {len(whole)} rows without missing values; a table needs at least two. "
                       f"{_worst(header, rows)}".rstrip())
    columns = [_column(name, [row[place] for row in whole], delimiter, label) for place, name in enumerate(header)]
    width = sum(column.width for column, _ in columns)
    if width > MOST_WIDTH:
        widest = max((column for column, _ in columns), key=lambda column: column.width)
        raise BadInput(f"A row of {label} becomes {width:,} numbers and {MOST_WIDTH:,} are the limit; leave out columns of "
                       f"many categories, such as {widest.name!r}.")
    check_total([column for column, _ in columns], len(whole), label)
    return Table(tuple(column for column, _ in columns), [values for _, values in columns],
                 note([column for column, _ in columns], label, left_out))


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
        if names := [column.name for column in columns if column.kind == kind]:
            more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
            said.append(f"{title}: {', '.join(names[:SHOWN])}{more}.")
    if left_out:
        said.append(f"{left_out:,} row{'s' if left_out > 1 else ''} with missing values were left out." if left_out > 1 else
                    "1 row with missing values was left out.")
    return " ".join([f"Imported from {label}.", *said])


def _worst(header, rows):
    """A sentence on the column that lacks most values; "" where none does."""
    missing = [sum(row[place].lower() in MISSING for row in rows) for place in range(len(header))]
    if not rows or not max(missing):
        return ""
    return f"Most are missing in {header[missing.index(max(missing))]!r}: leave it out."


def _column(name, texts, delimiter, label):
    """``(its Column, its values)``."""
    if delimiter != "," and any("," in text for text in texts):  # 3,14 as it is written where ; parts values
        pointed = [text.replace(",", ".") for text in texts]
        if all(map(_NUMBER.fullmatch, pointed)):
            texts = pointed
    distinct = set(texts)
    numbers = all(map(_NUMBER.fullmatch, distinct)) and not any(map(_CODE.fullmatch, distinct))
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
