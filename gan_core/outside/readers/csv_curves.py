"""Tables of curves as text: a column of steps and columns of numbers, as loggers of Keras, Lightning and others write them.

``metrics --csv`` of this workbench writes another form, a value a line (``step,key,value,time``), which is read, too.
"""

import csv
import math
import re

import numpy as np

from gan_core.data import csv_table, texts
from gan_core.errors import BadInput
from gan_core.outside.described import free
from gan_core.outside.readers.base import Curve, Read, thinned

SUFFIXES = (".csv", ".tsv")
STEPS = ("step", "steps", "globalstep", "iteration", "iterations", "iter", "it", "batch", "kimg", "epoch", "epochs")
TIMES = ("walltime", "timestamp")  # since the epoch
LATEST = 10**11  # seconds since the epoch; milliseconds have been more since 1973
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
        if _is_long(header) and not steps:
            curves, more = _long(header, rows)
        else:
            curves, more = _wide(header, rows, steps, path.name)
        if not curves:
            raise BadInput(" ".join([f"{path.name} has no column of numbers beside its steps.", *notes, *more]))
        kept, thin = thinned(curves)
        return Read(kept, {}, [*notes, *more, *thin])


def _rows(path):
    """``(header, rows, sentences)``; lines that have another number of values are left out and counted.  A row is ``(texts,
    numbers)``, without texts where all are numbers and nobody needs them."""
    try:
        if path.stat().st_size > csv_table.LARGEST:
            raise BadInput(f"{path.name} has {path.stat().st_size / 10**6:,.0f} MB and {csv_table.LARGEST / 10**6:,.0f} are "
                           "the limit; take every tenth of its lines.")
        text = csv_table.decoded(path.read_bytes(), path.name)
    except OSError as error:
        raise BadInput(f"{path.name} cannot be read ({error.strerror or error}).") from None
    # The last line may have been cut off, and tells nothing of what parts the values then.
    delimiter, _ = texts.table(text if text.endswith("\n") else text.rpartition("\n")[0] or text)
    lines = [line for line in texts.table(text)[1] if line.strip()]
    if any(len(line) > csv_table.LONGEST_LINE for line in lines):
        raise BadInput(f"A line of {path.name} has more than {csv_table.LONGEST_LINE:,} characters; save it as plain CSV.")
    header, rows, odd, count = [], [], 0, 0
    try:
        for row in csv.reader(_named(lines, delimiter), delimiter=delimiter):
            row, count = [value.strip() for value in row], count + len(row)
            if count > MOST_VALUES:
                raise BadInput(f"{path.name} holds more than {MOST_VALUES:,} values; take every tenth of its lines.")
            if not header:
                header = row
            elif len(row) != len(header):
                odd += 1
            elif row != header:  # as of a logger that went on in the same file
                numbers = [_number(value, delimiter) for value in row]
                rows.append((row if None in numbers or _is_long(header) else (), numbers))  # texts take much room
    except csv.Error as error:
        raise BadInput(f"{path.name} cannot be read as a table ({error}); save it as plain CSV.") from None
    if not any(header):
        raise BadInput(f"{path.name} is empty; its first line must name the columns.")
    if all(_number(name, delimiter) is not None for name in header if name):
        raise BadInput(f"The first line of {path.name} holds numbers; it must name the columns.")
    notes = [_left_out(odd, "of another number of values than the first", "; the last may have been cut off")] if odd else []
    return header, rows, notes


def _named(lines, delimiter):
    """The lines without comments, but with one that names the columns where no other does, as NumPy writes it."""
    told = [line for line in lines if not line.startswith("#")]
    first = next(csv.reader(told[:1], delimiter=delimiter), [])
    if first and all(_number(value, delimiter) is not None for value in first):
        for comment in (line.lstrip("# ") for line in lines if line.startswith("#")):
            names = next(csv.reader([comment], delimiter=delimiter), [])
            if len(names) == len(first) and any(_number(name, delimiter) is None for name in names):
                return [comment, *told]
    return told


def _is_long(header):
    return [name.lower() for name in header[:3]] == list(LONG)


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
        places = [at for _, at in sorted((STEPS.index(_plain(name)), at) for at, name in enumerate(header)
                                         if _plain(name) in STEPS)]
        counted = {at: found for at in places if (found := _steps([numbers[at] for _, numbers in rows])) is not None}
        place = next((at for at, found in counted.items() if not _begins_anew(found, rows, places)), None)
        if place is not None:
            steps = counted[place]
            notes.append(f"Steps are counted by the column {header[place]!r}.")
        else:
            steps = list(range(1, len(rows) + 1))
            notes.append(f"The column {header[next(iter(counted))]!r} begins anew again and again, so that the lines are "
                         "the steps; say which column counts them by --steps COLUMN." if counted else
                         "No column counts steps, so that its lines do; say which one does by --steps COLUMN.")
    clock = next((at for at, name in enumerate(header) if _plain(name) in TIMES), None)
    curves, texts_left, others, again = {}, [], 0, 0
    for at, name in enumerate(header):
        if at in (place, clock):
            continue
        points = [(step, numbers[at], (numbers[clock] or 0.0) if clock is not None else 0.0)
                  for step, (row, numbers) in zip(steps, rows) if step is not None and numbers[at] is not None]
        words = sum(numbers[at] is None and bool(row[at]) for row, numbers in rows)
        if points:
            curve = curves[free(name or f"column {at + 1}", curves)] = _curve(points)
            others, again = others + words, again + len(points) - len(curve.step)
        elif words:
            texts_left.append(name)
    if texts_left:
        more = f" and {len(texts_left) - NAMED} more" if len(texts_left) > NAMED else ""
        notes.append(f"Columns without numbers were left out: {', '.join(texts_left[:NAMED])}{more}.")
    if others:
        notes.append(f"{others:,} value{'s' * (others != 1)} among numbers {'are' if others != 1 else 'is'} no number and "
                     f"{'were' if others != 1 else 'was'} left out.")
    if lost := sum(step is None for step in steps):
        notes.append(_left_out(lost, "without a step"))
    return curves, [*notes, *_told_again(again)]


def _begins_anew(steps, rows, places):
    """Whether most figures are of a step that another line has, too, as of batches that are counted from 0 in each epoch;
    ``places`` are those of columns that are no figures."""
    points = different = 0
    for at in range(len(rows[0][1]) if rows else 0):
        if at not in places:
            told = [step for step, (_, numbers) in zip(steps, rows) if step is not None and numbers[at] is not None]
            points, different = points + len(told), different + len(set(told))
    return 2 * different < points


def _told_again(count):
    return [f"{count:,} value{'s' * (count != 1)} of a step that a later line tells again {'were' if count != 1 else 'was'} "
            "left out."] if count else []


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
    curves = {name: _curve(those) for name, those in points.items()}
    again = sum(map(len, points.values())) - sum(len(curve.step) for curve in curves.values())
    return curves, [*said, *_told_again(again)]


def _left_out(count, which, more=""):
    return f"{count:,} line{'s' * (count != 1)} {which} {'was' if count == 1 else 'were'} left out{more}."


def _steps(values):
    """Whole numbers from 0 on, None where a line has none; None where they are others, or there are none at all."""
    values = [None if value is None or math.isnan(value) else value for value in values]  # pandas writes nan for none
    known = [value for value in values if value is not None]
    if not known or not all(0 <= value < 2**53 and value.is_integer() for value in known):
        return None
    return [None if value is None else int(value) for value in values]


def _curve(points):
    """Of each step the last value, by step."""
    by_step = {step: (value, when) for step, value, when in points}
    steps = sorted(by_step)
    return Curve(np.array(steps, "int64"), np.array([by_step[step][0] for step in steps]),
                 np.array([_seconds(by_step[step][1]) for step in steps]))


def _seconds(when):
    """A time in seconds since the epoch, of one that may be in milliseconds, or in less as pandas has it."""
    if not math.isfinite(when):
        return 0.0
    while when > LATEST:
        when /= 1000
    return when


READER = Table()
