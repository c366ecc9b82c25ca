"""Reading and writing tables as text: which characters part the values, what each column holds, what is missing.

A Parquet file is read as the text that it would be.
"""

import collections
import csv
import io
import re
from typing import NamedTuple

from gan_core.data import code_pages, columns as described, parquet, texts as other_texts
from gan_core.data.choices import AUTO, KEEP, NONE_MADE, OUT, ROWS
from gan_core.data.column_kinds import Seen, column_of, counts, doubts, is_number
from gan_core.data.columns import CATEGORY, DATE, INTEGER, MOST_WIDTH, NUMBER, Column
from gan_core.data.pixels import TOTAL_LIMIT
from gan_core.data.texts import brief, quoted, shown
from gan_core.errors import BadInput

SUFFIXES = (".csv", ".tsv", ".parquet")
LARGEST = 200 * 10**6  # bytes of a file
MOST_VALUES = 10_000_000  # each is a text at first: a gigabyte, and a minute
MOST_ROWS = 2_000_000
LONGEST_LINE = 1_000_000  # characters; a row of as many columns as there may be has fewer
SHOWN = 12  # names in a note
FEW_LOST, SMALL_SHARE = 5, 0.01  # rows that may go for what they lack: so many, or such a share of all
_STEERING = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")  # no text has them, and other files do


class Table(NamedTuple):
    """``columns`` and their ``values``, each (N,): floats, ints or texts; ``note`` says what was decided, and ``taken`` what
    each column of the file was taken for: ``(name, kind)``, :data:`gan_core.data.choices.OUT` where it was left out."""

    columns: tuple[Column, ...]
    values: list
    note: str
    taken: tuple[tuple[str, str], ...] = ()


def is_table(path) -> bool:
    return str(path).lower().endswith(SUFFIXES)


def decoded(data: bytes, label) -> str:
    """The text of a file; BadInput when it is none."""
    return _decoded(data, label)[0]


def _decoded(data, label):
    """``(text, sentences)``."""
    if len(data) > LARGEST:
        raise BadInput(f"{label} has {len(data) / 10**6:,.0f} MB and a table may have {LARGEST / 10**6:,.0f}; take a part "
                       "of its rows.")
    text, page, guessed = code_pages.decoded(data)
    if text is None or guessed and _STEERING.search(text):
        raise BadInput(f"{label} is no text, or in letters that cannot be told; save it as CSV in UTF-8.")
    if "\0" in text:
        raise BadInput(f"{label} holds zero bytes, so it is no text; save it as CSV in UTF-8.")
    return text, [f"{label} was read as {page}; if letters look wrong, save it in UTF-8."] if guessed else []


def rows_of(data: bytes, label):
    """``(header, rows, delimiter, sentences)`` of a file's bytes, CSV or Parquet, see :func:`records`."""
    if not data.startswith(parquet.MARK):
        text, said = _decoded(data, label)
        header, rows, delimiter, more = records(text, label)
        return header, rows, delimiter, said + more
    if len(data) > LARGEST:
        decoded(data, label)  # says so
    header, rows = parquet.records(data, label, MOST_VALUES, MOST_ROWS)
    _check_header(header, label)
    header, rows, said = _named(header, rows, label)
    return header, rows, ",", said


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
               (counts(column := [row[place] for row in rows]) or not any(column))]
    kept = [place for place in range(len(header)) if place not in nothing]
    if unnamed := [place for place in kept if not header[place]]:
        raise BadInput(f"Column {unnamed[0] + 1} of {label} has no name; name every column in the first line.")
    number = ", ".join(str(place + 1) for place in nothing)
    said = (f"Columns {number} have neither names nor a meaning and were left out." if len(nothing) > 1 else
            f"Column {number} has neither a name nor a meaning and was left out.")
    return [header[place] for place in kept], [[row[place] for place in kept] for row in rows], [said]


def _check_header(header, label):
    if not header:
        raise BadInput(f"{label} is empty; its first line must name the columns.")
    if any(map(is_number, header)):
        raise BadInput(f"The first line of {label} holds numbers; it must name the columns.")
    if twice := [name for name, count in collections.Counter(header).items() if name and count > 1]:
        raise BadInput(f"{label} has several columns named {twice[0]!r}; give each a name of its own.")


def read(data: bytes, label, choices=NONE_MADE) -> Table:
    """The :class:`Table` in a file's bytes; ``label`` is what to call it.

    The first line names the columns.  A column is of numbers when all its values are, of dates when all are written in one
    way, and of categories else; whole numbers of a few values that come again and again are categories, too.  Missing values
    are kept as such, or the rows that have some left out where these are few.  What names rows, as names of people do, is
    left out, and so is a column of nothing.  ``choices`` say otherwise.

    Raises:
        BadInput: when it is no such table, or one that is too large.
    """
    header, rows, delimiter, said = rows_of(data, label)
    if len(rows) < 2:
        raise BadInput(f"{label} has {len(rows)} row{'s' * (len(rows) != 1)}; a table needs at least two.")
    asked = choices.kinds(header)
    seen = [Seen(name, [row[place] for row in rows], asked.get(name, ""), delimiter) for place, name in enumerate(header)]
    used, why = _used(seen, delimiter, label)
    lost = _lost(used, len(rows))
    keep = choices.missing == KEEP or choices.missing == AUTO and sum(lost) > max(FEW_LOST, SMALL_SHARE * len(rows))
    whole = len(rows) - (0 if keep else sum(lost))
    if whole < 2:
        sentence = (f"{label} has {whole} row{'s' * (whole != 1)} without missing values; a table needs at least two. "
                    f"{_worst(used)}")
        raise BadInput(sentence, {"missing": sentence})
    columns, values, in_doubt = [], [], []
    for column in used:
        texts, missing = column.kept() if keep else (
            [text for text, without in zip(column.texts, lost) if not without] if any(lost) else column.texts, None)
        made, these, doubt = column_of(column.name, texts, delimiter, label, column.asked, missing)
        columns.append(made)
        values.append(these)
        in_doubt += [*([doubt] if doubt else []), *(() if column.asked else doubts(made, texts))]
    width = sum(column.width for column in columns)
    if width > MOST_WIDTH:
        widest = max(columns, key=lambda column: column.width)
        which = f"columns of many categories, such as {widest.name!r}" if widest.kind == CATEGORY else "some of its columns"
        sentence = f"A row of {label} becomes {width:,} numbers and {MOST_WIDTH:,} are the limit; leave out {which}."
        raise BadInput(sentence, {"columns": sentence})
    check_total(columns, whole, label)
    told = [note(columns, label, len(rows) - whole)]
    if keep and any(lost):
        told.append(_kept_missing(used, len(rows)))
    kinds = {column.name: column.kind for column in columns}
    return Table(tuple(columns), values, " ".join([*told, *said, *why[:SHOWN], *in_doubt[:SHOWN]]),
                 tuple((name, kinds.get(name, OUT)) for name in header))


def _used(seen, delimiter, label):
    """``(columns that are learned, sentences on those that are left out)``."""
    used, why, asked_out = [], [], []
    for column in seen:
        name = shown(column.name)
        if column.asked == OUT:
            asked_out.append(name)
        elif not column.distinct:
            why.append(f"The column {name!r} holds nothing and was left out.")
        elif not column.asked and column.names_rows(delimiter):
            why.append(f"The column {name!r} was left out: nearly every row has a text of its own in it "
                       f"({len(column.distinct):,} in {len(column.texts) - column.lacking:,}), as names of people and "
                       f"numbers of customers are, and what is drawn of it would be one of those. To learn it all the same "
                       f"say columns={quoted(f'{name}=category')}.")
        else:
            used.append(column)
    if asked_out:
        more = f" and {len(asked_out) - SHOWN} more" if len(asked_out) > SHOWN else ""
        why.append(f"Left out as it was asked for: {', '.join(asked_out[:SHOWN])}{more}.")
    if not used:
        raise BadInput(f"{label} has no column that can be learned. {why[0]}", {"columns": why[0]} if asked_out else {})
    return used, why


def _lost(columns, count):
    """Which rows lack a value, (count,)."""
    lacking = [column for column in columns if column.lacking]
    if not lacking:
        return [False] * count
    return [any(missing) for missing in zip(*([text in column.missing for text in column.texts] for column in lacking))]


def _kept_missing(columns, count):
    lacking = sorted((column for column in columns if column.lacking), key=lambda column: -column.lacking)
    told = ", ".join(f"{shown(column.name)} ({100 * column.lacking / count:.2g} %)" for column in lacking[:SHOWN])
    more = f" and {len(lacking) - SHOWN} more" if len(lacking) > SHOWN else ""
    return f"Missing values are learned as such, and drawn as often: {told}{more}; missing={ROWS} leaves such rows out."


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
    for kind, title in ((NUMBER, "Numbers"), (INTEGER, "Whole numbers"), (DATE, "Dates"), (CATEGORY, "Categories")):
        if names := [brief(column.name) for column in columns if column.kind == kind]:
            more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
            said.append(f"{title}: {', '.join(names[:SHOWN])}{more}.")
    if left_out:
        said.append(f"{left_out:,} row{'s' if left_out > 1 else ''} with missing values were left out." if left_out > 1 else
                    "1 row with missing values was left out.")
    return " ".join([f"Imported from {label}.", *said])


def _worst(columns):
    """A sentence on the column that lacks most values, of which some do."""
    worst = max(columns, key=lambda column: column.lacking)
    return (f"Most are missing in {worst.name!r}: leave it out (columns={quoted(f'{shown(worst.name)}={OUT}')}), or keep "
            f"what is missing (missing={KEEP}).")


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
