"""Rows of a table: (d,), in which each number is standardised and each category a 1 among zeros."""

import dataclasses
import html
import json
import math

import numpy as np

from gan_core.data import TABLE, DataSpec, array_files as files, column_kinds, columns as described, csv_table, dates
from gan_core.data.columns import CATEGORY, DATE, Column
from gan_core.errors import BadInput
from gan_core.modalities import arrays, drawing
from gan_core.modalities.base import BY_HEART, COLUMNS, COORDINATES, NUMBERS, PLAYED, Artifact, Loaded, Modality

EXAMPLE = (Column("length", "number", 5.0, 1.5, 1.0, 9.0, 2), Column("count", "integer", 12.0, 4.0, 0.0, 30.0),
           Column("kind", CATEGORY, categories=("first", "second", "third")))
LOOKED_AT = 5000  # rows of a dataset
BINS = 16
UNITS = (1e12, " tn"), (1e9, " bn"), (1e6, " M")  # of large numbers below a histogram
MOST_COLUMNS = 24  # on a sheet
COMMON = 0.05  # of the real rows have a category that a generator has to draw
CLASS = "class"  # the header above labels


class Table(Modality):
    name = TABLE
    icon = ":material/table:"
    words = ("row", "rows")
    learned = "tables"
    example, example_name = DataSpec(TABLE, (5,), columns=EXAMPLE), "a table"
    grid = (20, 25)
    shown = (500, 2000)
    overlays = True
    company = 256
    suffixes = (".csv", ".npz")
    strip_suffix = ".html"
    wide = True
    extractor = live_extractor = COORDINATES
    scores = frozenset({"kernel", "frechet", "precision", "recall", "density", "coverage", "column_distance", "ks", "tv",
                        "correlation", "contingency", "detection_auc", "closest_record", "tstr", "authenticity",
                        "copy_test"})
    abilities = frozenset({NUMBERS, BY_HEART, COLUMNS, PLAYED})

    def refusal(self, requirements, spec):
        if sum(column.width for column in spec.columns) != spec.shape[0]:
            return f"{requirements['title']} needs to know the columns of a table; import it anew from its CSV file."
        return ""

    def rounded(self, samples, spec):
        return described.encoded(spec.columns, described.decoded(spec.columns, samples))

    def draw(self, samples, spec, grid=None, beside=None):
        """A histogram of each column, of generated rows in orange beside real ones in grey."""
        real = (beside or {}).get("real")
        values = described.decoded(spec.columns, samples)
        known = [None] * len(values) if real is None else described.decoded(spec.columns, real)
        panels = [_panel(*parts) for parts in zip(range(1, MOST_COLUMNS + 1), spec.columns, values, known)]
        beside_real = ", in orange, beside real ones in grey" if real is not None else ""
        first = f"The first {MOST_COLUMNS} of {len(values)} columns" if len(values) > MOST_COLUMNS else "Columns"
        names = ", ".join(column.name for column in spec.columns[:MOST_COLUMNS])
        return Artifact(drawing.png(drawing.histograms(panels)), "image/png",
                        f"Histograms of {len(samples)} rows{beside_real}. {first}: {names}.")

    def figures(self, samples, dataset):
        """``rarest_share``: of the categories that many real rows have the one that is drawn least, by how often it is drawn
        as a share of how often real rows have it; and which one that is, by its place in a row."""
        real = dataset.x[:LOOKED_AT]
        places = np.array([place for first, end in dataset.spec.categories for place in range(first, end)], int)
        shares = real[:, places].mean(axis=0)
        places, shares = places[shares > COMMON], shares[shares > COMMON]
        if not len(places):
            return {}
        drawn = samples[:, places].mean(axis=0) / shares
        return {"rarest_share": float(drawn.min()), "rarest_place": float(places[drawn.argmin()])}

    def beside(self, dataset, n, held_out=False):
        return {"real": (dataset.x_test if held_out and dataset.x_test is not None else dataset.x)[:n]}

    def legend(self, spec):
        shown = spec.columns[:MOST_COLUMNS]
        numbered = [f"Column {number} is {column.name}." for number, column in enumerate(shown, 1)
                    if not drawing.writable(column.name)]
        ends = [f"The categories of {column.name} go from {names[0]} to {names[-1]}." for column in shown
                if column.kind == CATEGORY and (names := column.names[:BINS])
                and not (drawing.writable(names[0]) and drawing.writable(names[-1]))]
        lacking = ["A bar apart, at the right, is what is missing."] if any(
            column.missing is not None and column.kind != CATEGORY for column in shown) else []
        return " ".join(["Orange: generated rows. Grey: real ones.", *numbered, *ends, *lacking])

    def sized(self, spec):
        return f"{len(spec.columns)} columns"

    def look(self, dataset):
        return self.draw(dataset.x[:LOOKED_AT], dataset.spec)

    def in_words(self, samples, spec):
        return {column.name: [described.written(column, value) for value in values]
                for column, values in zip(spec.columns, described.decoded(spec.columns, samples))}

    def strip(self, samples, spec):
        columns = {name: "".join(f"<td>{html.escape(value)}</td>" for value in values)
                   for name, values in self.in_words(samples, spec).items()}
        rows = "".join(f"<tr><th>{html.escape(name)}</th>{cells}</tr>" for name, cells in columns.items())
        return Artifact(f"<table>{rows}</table>".encode(), "text/html", f"{len(samples)} rows beside each other")

    def strips(self, rows, spec):
        tables = "".join(f"<h2>Direction {number}</h2>{self.strip(row, spec).data.decode()}"
                         for number, row in enumerate(rows))
        head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Directions</title><style>' \
               "td, th { padding: .2rem .7rem; text-align: right; font-family: sans-serif }</style>"
        return Artifact(f"{head}{tables}</html>".encode(), "text/html", f"{len(rows)} directions")

    def portrait(self, samples, spec):
        values = [described.written(column, value[0])
                  for column, value in zip(spec.columns, described.decoded(spec.columns, samples[:1]))]
        rows = "".join(f"<tr><th>{html.escape(column.name)}</th><td>{html.escape(value)}</td></tr>"
                       for column, value in zip(spec.columns, values))
        return Artifact(f"<table>{rows}</table>".encode(), "text/html", "A row of the table")

    def axes(self, spec):
        return tuple(f"{column.name} = {name}" if column.kind == CATEGORY else column.name
                     for column, *_ in described.pieces(spec.columns) for name in (column.names or ("",)))

    def save(self, file, samples, spec, labels=None, beside=None, suffix=".csv"):
        if suffix == ".npz":
            described_columns = json.dumps([dataclasses.asdict(column) for column in spec.columns])
            arrays.write(file, samples, spec, labels, kind=self.name, columns=described_columns)
            return
        columns, values = list(spec.columns), described.decoded(spec.columns, samples)
        if labels is not None:
            columns, values = [*columns, CLASS], [*values, np.array(spec.classes, object)[labels]]
        file.write(csv_table.text_of(columns, values).encode())

    def load(self, path, spec):
        if str(path).lower().endswith(".npz"):
            content = files.read(path)
            samples = arrays.vectors(content, spec, path)
            return Loaded(samples, arrays.labels_in(content, len(samples), path))
        with open(path, "rb") as file:
            header, rows, delimiter, _ = csv_table.rows_of(file.read(), path)
        places = {name: place for place, name in enumerate(header)}
        if missing := [column.name for column in spec.columns if column.name not in places]:
            raise BadInput(f"{path} lacks the columns {', '.join(missing)}; give a table with the header of the data.")
        csv_table.check_total(spec.columns, len(rows), path)
        values = [[row[places[column.name]] for row in rows] for column in spec.columns]
        values = [_values(texts, column, delimiter, path) for column, texts in zip(spec.columns, values)]
        try:
            samples = described.encoded(spec.columns, values)
        except KeyError as error:
            raise BadInput(f"{path} holds a value that the data do not have: {error}.") from error
        labels = None
        if CLASS in places and spec.classes:
            labels = np.array([spec.classes.index(row[places[CLASS]]) for row in rows], np.int32)
        return Loaded(samples, labels)


def _values(texts, column, delimiter, path):
    """Values of a column as :func:`gan_core.data.csv_table.read` takes them; BadInput where one is none."""
    if column.missing is not None:
        words = column_kinds.MISSING | (set() if column.kind == CATEGORY else column_kinds.AMONG_NUMBERS)
        lacking = {text for text in set(texts) if text == column.missing or
                   text.lower() in words and text not in column.categories}
        texts = [column.missing if text in lacking else text for text in texts]
    if column.kind == CATEGORY:
        return texts
    known = set(texts) - {column.missing}
    if column.kind == DATE:
        numbers, what = {text: dates.number_of(text, column.way) for text in known}, f"of dates such as {column.way}"
    else:
        bare, *unit = column_kinds.without_unit(known)
        with_unit = bool(bare) and unit == [column.before, column.after]
        plain, what = column_kinds.plain(set(bare.values()) if with_unit else known, delimiter), "of numbers"
        plain = {text: plain[said] for text, said in bare.items() if said in plain} if with_unit else plain
        numbers = {text: described.finite(plain.get(text, text)) for text in known}
    if wrong := sorted(text for text, number in numbers.items() if number is None):
        raise BadInput(f"{path} has {wrong[0]!r} in the column {column.name!r}, which is {what}; leave such rows out.")
    return [math.nan if text == column.missing else numbers[text] for text in texts]


def _panel(number, column, values, real):
    """The :class:`gan_core.modalities.drawing.Histogram` of one column.

    Names that cannot be written in a picture are numbers there; :meth:`Table.legend` says which.
    """
    title = drawing.writable(column.name) or f"column {number}"
    if column.kind == CATEGORY:
        names, words = column.categories[:BINS], column.names[:BINS]
        counts = [None if these is None else np.array([np.mean(these == name) for name in names])
                  for these in (values, real)]
        return drawing.Histogram(title, drawing.writable(words[0]) or "category 1",
                                 drawing.writable(words[-1]) or f"category {len(names)}", *counts)
    # From end to end it may be more than a float can be; a power of two changes no other digit.
    unit = 1.0 if math.isfinite(column.high - column.low) else 4.0
    low, high = column.low / unit, column.high / unit
    edges = np.linspace(low, max(high, low + 1e-9), BINS + 1)
    counts = [None if these is None else np.histogram(these / unit, edges)[0] / max(len(these), 1)
              for these in (values, real)]
    if column.missing is not None:
        counts = [None if shares is None else np.append(shares, [0.0, np.isnan(these).mean()])
                  for shares, these in zip(counts, (values, real))]
    return drawing.Histogram(title, *(_end(column, end) for end in (column.low, column.high)), *counts)


def _end(column, value):
    """The lowest or the highest value of a column below its bars: a few digits of it."""
    written, size = described.written(dataclasses.replace(column, before="", after=""), value), abs(value)
    if column.kind == DATE or size < 1e4 and "." not in written or not math.isfinite(value):
        return written  # a year stays one
    unit, name = next((known for known in UNITS if size >= known[0]), (1.0, ""))
    return f"{value / unit:.4g}{name}" if name or size < 1e4 else f"{value:,.0f}"
