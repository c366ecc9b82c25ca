"""Sheets of samples of several runs under one slider, which the browser moves by itself.

A slider of Streamlit's asks the server at every move, which sends every picture again: half a second and more for eight
runs.  Here the browser has the addresses of all sheets, fetches those near the chosen place ahead, and needs nobody.
"""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from pages.components.live_chart import source
from pages.components.run_view import sheet_alt, sheet_caption


@dataclass(frozen=True)
class Row:
    """The sheets of one run: its title, and for each place of the slider ``(step, address of the PNG)``, or None where
    there is no sheet."""

    title: str
    run: object
    sheets: tuple


_component = st.components.v2.component(
    "sheet_slider",
    html='<div class="sheets-label"><span></span><output></output><input type="range" min="0"></div>'
         '<div class="sheets"></div>',
    css="""
.sheets-label { display: grid; grid-template-columns: 1fr auto; margin-bottom: 1rem; font-size: .875rem }
.sheets-label[hidden] { display: none }
.sheets-label output { color: var(--st-primary-color); font-variant-numeric: tabular-nums }
.sheets-label input { grid-column: 1 / -1; width: 100%; margin: .4rem 0 0; accent-color: var(--st-primary-color) }
.sheets { display: grid; grid-template-columns: repeat(var(--columns), minmax(0, 1fr)); gap: 1rem }
.sheets figure { margin: 0; min-width: 0 }
.sheets b { display: block; font-weight: 600; overflow-wrap: anywhere; margin-bottom: .4rem }
.sheets img { display: block; width: 100%; border-radius: var(--st-base-radius) }
.sheets img[hidden] { display: none }
.sheets small { display: block; margin-top: .3rem; color: var(--st-gray-text-color); font-size: .875rem }
/* Titles of one line and of three beside each other: the sheets below them stand level all the same. */
.sheets figure { display: grid; grid-template-rows: subgrid; grid-row: span 3; row-gap: 0 }
.sheets b { align-self: end }
@media (max-width: 640px) { .sheets { grid-template-columns: repeat(2, minmax(0, 1fr)) } }
""",
    js=source(Path(__file__).with_suffix(".js")),
    isolate_styles=False,
)


def sheet_slider(key, rows, places, *, label, mode, title):
    """Draw the sheets at one place, and the slider.

    Args:
        rows: a :class:`Row` for each run; each has a sheet, or None, for every place.
        places: what to call each place, in order; the last one is shown first.
        label: of the slider.
        title: what the sheets have in common.
        mode: names the axis.  While it stays the same, so does the place that was chosen.
    """
    _component(key=key, data={
        "label": label, "places": list(places), "mode": mode, "columns": 3 if len(rows) <= 3 else 4,
        "alt": f"{title}: {len(rows)} runs at one place of the training.",
        "rows": [{"title": row.title, "sheets": [sheet and {
            "address": sheet[1], "alt": sheet_alt(row.run, sheet[0]), "caption": sheet_caption(sheet[0])}
            for sheet in row.sheets]} for row in rows]})
