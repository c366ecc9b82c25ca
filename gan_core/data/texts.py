"""Texts of other people: names that are shown in a line, and files of text, whatever wrote them."""

import codecs
import csv
import io
import os
import re
import unicodedata

DELIMITERS = ",;\t|"
_JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"  # Persian and Hindi are written with them, and emoji of several
MOST_SHOWN = 60  # letters of what a file holds, in a sentence
_EXCEL = re.compile(r"sep=([,;\t|])\r?\n", re.IGNORECASE)  # in the first line, which is no part of the table


def shown(name):
    """A name as people can read it in a line: without what would break the line, or steer the terminal; names that look the
    same are the same."""
    name = unicodedata.normalize("NFC", " ".join(name.split()))
    return "".join(letter if letter.isprintable() or letter in _JOINERS and 0 < place < len(name) - 1 else
                   "\N{REPLACEMENT CHARACTER}" for place, letter in enumerate(name))


def brief(text):
    """What a file holds, :func:`shown` in a sentence that it must not fill."""
    text = shown(text)
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}..."


def label(path):
    """What lies at a path, by its own name, in a sentence; the name may be bytes that are no text."""
    return shown(os.path.basename(path))


def names(text):
    """The names between the commas of a text that a person wrote; one with a comma of its own stands in double quotes."""
    rows = csv.reader(text.splitlines(), skipinitialspace=True)
    return [name.strip() for row in rows for name in row if name.strip()]


def quoted(name):
    """A name as :func:`names` reads it."""
    return '"{}"'.format(name.replace('"', '""')) if set(name) & set(',"') else name


def decoded(data: bytes) -> str:
    """The text of a file in UTF-8, or in UTF-16 where it says so, as that of Excel does; UnicodeDecodeError of others."""
    return data.decode("utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig")


def table(text):
    """``(delimiter, lines)`` of a table: the character that parts its values, and an iterator over its lines, the empty ones
    included, with their ends."""
    excel = _EXCEL.match(text)
    lines = io.StringIO(text, newline="")
    if excel:
        next(lines)
    return excel[1] if excel else _delimiter(text), lines


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
