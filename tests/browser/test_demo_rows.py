"""Rows of a table as a demo writes them: dates, and what is missing."""

import dataclasses
import json
from pathlib import Path

import numpy as np

from gan_core import sharing
from gan_core.data import columns as described
from gan_core.data.columns import category, number


def test_a_demo_writes_rows_as_they_are_written_here(chromium):
    columns = [number("n", [1.5, 2.25, 9.75, np.nan], 2, missing="NA"), category("k", ["", "a", "b"], missing="")]
    for way, texts in (("%Y-%m-%d", ["1965-02-03", "2024-12-31"]), ("%-d.%-m.%y", ["1.2.99", "31.12.24"]),
                       ("%b %d, %Y %H:%M:%S", ["Jan 05, 1969 23:59:59", "Dec 31, 2024 00:00:01"]),
                       ("%Y-%m-%dT%H:%M:%S.%f", ["2024-01-01T00:00:00.250000", "2024-01-01T00:00:09.750000"]),
                       ("%-m/%-d/%Y %I:%M %p", ["1/2/2024 01:05 PM", "3/4/2024 12:30 AM"])):
        columns.append(described.date(way, texts, way)[0])
    width = sum(column.width for column in columns)
    rows = 2 * np.random.default_rng(0).standard_normal((60, width)).astype(np.float32)
    code = (Path(sharing.__file__).parent / "player" / "rows.js").read_text().replace('"use strict";', (
        f'"use strict"; const demo = {json.dumps({"columns": [dataclasses.asdict(column) for column in columns]})};'), 1)
    page = chromium.new_page()
    said = page.evaluate(f"(rows) => {{ {code}; return rows.map((row) => cells(row)) }}", rows.astype(float).tolist())
    page.close()
    here = zip(*([described.written(column, value) for value in values]
                 for column, values in zip(columns, described.decoded(columns, rows))))
    assert said == [list(row) for row in here]
