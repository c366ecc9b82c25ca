"""Tables of curves as text: a column of steps and columns of numbers, as loggers of Keras, Lightning and others write them.

``metrics --csv`` of this workbench writes another form, a value a line (``step,key,value,time``), which is read, too.
"""

import csv
import math
import re

import numpy as np

from gan_core.data import csv_table, texts
from gan_core.errors import BadInput
from gan_core.outside.readers.base import Curve, Read, thinned

SUFFIXES = (".csv", ".tsv")
STEPS = ("step", "steps", "globalstep", "iteration", "iterations", "iter", "it", "batch", "kimg", "epoch", "epochs")
TIMES = ("walltime", "timestamp")  # seconds since the epoch
MOST_VALUES = 4_000_000  # each is a text at first
LONG = ("step", "key", "value")
NAMED = 8  # columns that a sentence names


class Table:
    title, whole = "CSV files", False

    def takes(self, path):
        return path.name.lower().endswith(SUFFIXES)

    def together(self, paths):
        return [[path] for path in sorted(paths)]

    def read(self, paths, steps=""):
        [path] = paths
        header, rows, notes = _rows(path)
        if [name.lower() for name in header[:3]] == list(LONG) and not steps:
            curves, more = _long(header, rows)
        else:
            curves, more = _wide(header, rows, steps, path.name)
        if not curves:
            raise BadInput(" ".join([f"{path.name} has no column of numbers beside its steps.", *notes, *more]))
        kept, thin = thinned(curves)
        return Read(kept, {}, [*notes, *more, *thin])


def _rows(path):
    """``(header, rows, sentences)``; lines that have another number of values are left out and counted."""
    try:
        if path.stat().st_size > csv_table.LARGEST:
            raise BadInput(f"{path.name} has {path.stat().st_size / 10**6:,.0f} MB and {csv_table.LARGEST / 10**6:,.0f} are "
                           "the limit; take every tenth of its lines.")
        text = csv_table.decoded(path.read_bytes(), path.name)
    except OSError as error:
        raise BadInput(f"{path.name} cannot be read ({error.strerror or error}).") from None
    # The last line may have been cut off, and tells nothing of what parts the values then.
    delimiter, _ = texts.table(text if text.endswith("\n") else text.rpartition("\n")[0] or text)
    lines = [line for line in texts.table(text)[1] if line.strip() and not line.startswith("#")]
    if any(len(line) > csv_table.LONGEST_LINE for line in lines):
        raise BadInput(f"A line of {path.name} has more than {csv_table.LONGEST_LINE:,} characters; save it as plain CSV.")
    try:
        table, count = [], 0
        for row in csv.reader(lines, delimiter=delimiter):
            table.append([value.strip() for value in row])
            count += len(row)
            if count > MOST_VALUES:
                raise BadInput(f"{path.name} holds more than {MOST_VALUES:,} values; take every tenth of its lines.")
    except csv.Error as error:
        raise BadInput(f"{path.name} cannot be read as a table ({error}); save it as plain CSV.") from None
    if not table or not any(table[0]):
        raise BadInput(f"{path.name} is empty; its first line must name the columns.")
    header, body = table[0], table[1:]
    if all(_number(name, delimiter) is not None for name in header if name):
        raise BadInput(f"The first line of {path.name} holds numbers; it must name the columns.")
    again = sum(row == header for row in body)  # of a logger that went on in the same file
    whole = [row for row in body if len(row) == len(header) and row != header]
    notes = []
    if odd := len(body) - len(whole) - again:
        notes.append(_left_out(odd, "of another number of values than the first", "; the last may have been cut off"))
    numbers = [[_number(value, delimiter) for value in row] for row in whole]
    return header, [(row, parsed) for row, parsed in zip(whole, numbers)], notes


def _number(text, delimiter):
    """The number that a value is; None of another."""
    try:
        return float(text.replace(",", ".") if delimiter != "," and "." not in text else text)
    except ValueError:
        return None


def _plain(name):
    return re.sub(r"[^a-z]", "", name.lower())


def _wide(header, rows, wanted, label):
    """A column of steps, and a curve a column."""
    notes = []
    if wanted:
        place = next((at for at, name in enumerate(header) if name == wanted),
                     next((at for at, name in enumerate(header) if name.lower() == wanted.lower()), None))
        if place is None:
            raise BadInput(f"{label} has no column {wanted!r}; there are {', '.join(header[:NAMED])}.")
        steps = _steps([numbers[place] for _, numbers in rows])
        if steps is None:
            raise BadInput(f"The column {wanted!r} of {label} does not count steps: these are whole numbers from 0 on.")
    else:
        places = sorted((STEPS.index(_plain(name)), at) for at, name in enumerate(header) if _plain(name) in STEPS)
        counted = ((at, _steps([numbers[at] for _, numbers in rows])) for _, at in places)
        place, steps = next(((at, found) for at, found in counted if found is not None), (None, None))
        if place is None:
            steps = list(range(1, len(rows) + 1))
            notes.append("No column counts steps, so that its lines do; say which one does by --steps COLUMN.")
        else:
            notes.append(f"Steps are counted by the column {header[place]!r}.")
    clock = next((at for at, name in enumerate(header) if _plain(name) in TIMES), None)
    curves, texts_left = {}, []
    for at, name in enumerate(header):
        if at in (place, clock):
            continue
        points = [(step, numbers[at], (numbers[clock] or 0.0) if clock is not None else 0.0)
                  for step, (row, numbers) in zip(steps, rows) if step is not None and numbers[at] is not None]
        if points:
            curves[_free(name or f"column {at + 1}", curves)] = _curve(points)
        elif any(row[at] for row, _ in rows):
            texts_left.append(name)
    if texts_left:
        more = f" and {len(texts_left) - NAMED} more" if len(texts_left) > NAMED else ""
        notes.append(f"Columns without numbers were left out: {', '.join(texts_left[:NAMED])}{more}.")
    if lost := sum(step is None for step in steps):
        notes.append(_left_out(lost, "without a step"))
    return curves, notes


def _long(header, rows):
    """A value a line."""
    points, lost = {}, 0
    for row, numbers in rows:
        [step] = _steps([numbers[0]]) or [None]
        if step is None or numbers[2] is None or not row[1]:
            lost += 1
            continue
        when = numbers[3] if len(numbers) > 3 and numbers[3] is not None else 0.0
        points.setdefault(row[1], []).append((step, numbers[2], when))
    said = [_left_out(lost, "without a step, a name or a number")] if lost else []
    return {name: _curve(those) for name, those in points.items()}, said


def _left_out(count, which, more=""):
    return f"{count:,} line{'s' * (count != 1)} {which} {'was' if count == 1 else 'were'} left out{more}."


def _steps(values):
    """Whole numbers from 0 on, None where a line has none; None where they are others, or there are none at all."""
    known = [value for value in values if value is not None]
    if not known or not all(0 <= value < 2**53 and value.is_integer() for value in known):
        return None
    return [None if value is None else int(value) for value in values]


def _curve(points):
    """Of each step the last value, by step."""
    by_step = {step: (value, when) for step, value, when in points}
    steps = sorted(by_step)
    return Curve(np.array(steps, "int64"), np.array([by_step[step][0] for step in steps]),
                 np.array([by_step[step][1] if math.isfinite(by_step[step][1]) else 0.0 for step in steps]))


def _free(name, taken):
    """A name that no other column has."""
    number, other = 1, name
    while other in taken:
        number += 1
        other = f"{name} ({number})"
    return other


READER = Table()
