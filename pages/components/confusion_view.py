"""Which classes are taken for which, as a picture: a row for each true class, a column for each that was named."""

import numpy as np
import streamlit as st
from plotly import graph_objects

from gan_core.compare.report import drawn_text
from pages.components import markdown

MOST, WRITTEN = 30, 20  # classes that are drawn, and up to which counts stand in the cells
BLUE = "47, 127, 214"  # over whatever the page's background is
STRONG, QUIET = "#ffffff", "#8a93a0"  # of counts: on strong cells, and on those that the background shows through
CELL = 34  # pixels, about


def show(result, key):
    """The confusion matrix of a result of scores; nothing where it has none."""
    if "confusion" not in result:
        return
    counts, classes = np.array(result["confusion"]), result["classes"]
    places = _most_wrong(counts)
    chosen = counts[np.ix_(places, places)]
    st.markdown("**What is taken for what**")
    st.plotly_chart(figure(chosen, counts[places].sum(axis=1), [classes[place] for place in places]),
                    key=f"{key}:confusion", alt=_in_words(counts, classes))
    left_out = f", the {len(places)} of which most are wrong" if len(places) < len(counts) else ""
    st.caption(markdown.plain(f"A row for each true class{left_out}, a column for each that was named; the colour is the "
                              "share of the row, so that what is off the diagonal is seen, too."))


def _most_wrong(counts):
    """Places of the classes that are drawn, in their order."""
    if len(counts) <= MOST:
        return np.arange(len(counts))
    wrong = counts.sum(axis=1) + counts.sum(axis=0) - 2 * np.diagonal(counts)
    return np.sort(np.argsort(-wrong, kind="stable")[:MOST])


def figure(counts, totals, classes):
    """A Plotly figure of counts (K, K), of rows that have so many samples in all, (K,)."""
    share = np.sqrt(counts / np.maximum(totals, 1)[:, None])  # a mistake in a hundred is a tenth of the colour
    names, numbers = [drawn_text(name) for name in classes], list(range(len(classes)))
    hover = [[f"{true} named {named}: {counts[i, j]:,} of {totals[i]:,}" for j, named in enumerate(names)]
             for i, true in enumerate(names)]
    maps = []
    for strong in (False, True):  # a trace has one colour of text
        here = (share > 0.7) == strong
        maps.append(graph_objects.Heatmap(
            z=np.where(here, share, np.nan), zmin=0, zmax=1, showscale=False, hoverongaps=False, xgap=1, ygap=1,
            colorscale=[[0, f"rgba({BLUE}, 0.07)"], [1, f"rgba({BLUE}, 1)"]], customdata=hover,
            hovertemplate="%{customdata}<extra></extra>",
            text=[[f"{count:,}" if count and drawn else "" for count, drawn in zip(*rows)]
                  for rows in zip(counts.tolist(), here.tolist())],
            texttemplate="%{text}" if len(classes) <= WRITTEN else None,
            textfont={"color": STRONG if strong else QUIET}))
    ticks = {"tickmode": "array", "tickvals": numbers, "ticktext": names, "showgrid": False, "zeroline": False}
    return graph_objects.Figure(maps, layout={
        "height": 150 + CELL * max(len(classes), 4), "margin": {"l": 80, "r": 10, "t": 10, "b": 60},
        "xaxis": ticks | {"title": {"text": "named"}},
        "yaxis": ticks | {"title": {"text": "true class"}, "autorange": "reversed"}})


def _in_words(counts, classes):
    """The largest mistakes, for those who cannot see the picture."""
    wrong = counts - np.diag(np.diagonal(counts))
    worst = [divmod(int(place), len(counts)) for place in np.argsort(-wrong, axis=None, kind="stable")[:3]]
    told = [f"{classes[i]} named {classes[j]} {wrong[i, j]:,} times" for i, j in worst if wrong[i, j]]
    return f"Confusion matrix of {len(counts)} classes. " + (f"Most often wrong: {'; '.join(told)}." if told else
                                                           "No sample is named wrongly.")
