"""How the columns of a table go together, generated beside real ones: drawn only when somebody asks."""

import plotly.graph_objects as go
import streamlit as st
from plotly.subplots import make_subplots

from gan_core.compare.report import drawn_text
from gan_core.data import texts
from gan_core.tasks.kinds.columns import FEW, MOST, MOST_DRAWN
from gan_core.tasks.wanted import as_text
from pages.components import asking, markdown

ORANGE, GREY = "#d8670f", "#8b8b8b"  # of drawn rows and of real ones, as on every sheet


def show(run, where, wanted):
    """A switch, and once it is on the matrices and the pairs of the columns that are chosen."""
    if not st.toggle("How columns go together", key=f"columns:{run.id}",
                     help="Correlations of all columns, and some of them against each other, generated beside real."):
        return
    names = [column["name"] for column in run.spec["columns"]]
    chosen = st.multiselect("Against each other", names, names[:FEW], format_func=markdown.isolated,
                            max_selections=MOST_DRAWN, key=f"columns:{run.id}:chosen")
    found = asking.answer("columns", where, words="Drawing rows", seed=wanted.seed, label=wanted.label or "",
                          chosen=as_text(wanted.chosen), columns=", ".join(map(texts.quoted, chosen))).values
    if len(names) > 1:
        st.plotly_chart(matrices(found), key=f"columns:{run.id}:matrices",
                        alt="How much each two columns say of each other, in generated and in real rows, and the difference")
        st.caption("Of two numbers their correlation; of a category and another column how much the one says of the other, "
                   "from 0 to 1 (correlation ratio, Cramér's V).")
        if len(names) > MOST:
            st.caption(markdown.filled("The first {} of {} columns.", MOST, len(names)))
    if len(found["rows"]["real"]) > 1:
        st.plotly_chart(pairs(found["rows"]), key=f"columns:{run.id}:pairs",
                        alt="Columns against each other, generated rows over real ones")


def matrices(found):
    """Generated, real, and what is more in the generated ones."""
    names = [drawn_text(name) for name in found["columns"]]
    difference = [[one - other for one, other in zip(*rows)] for rows in zip(found["generated"], found["real"])]
    figure = make_subplots(1, 3, subplot_titles=["Generated", "Real", "Difference"], horizontal_spacing=0.03,
                           shared_yaxes=True)
    for place, matrix in enumerate((found["generated"], found["real"], difference), 1):
        figure.add_trace(go.Heatmap(z=matrix, x=names, y=names, zmin=-1, zmax=1, colorscale="RdBu", reversescale=True,
                                    showscale=place == 3, hovertemplate="%{y}, %{x}: %{z:.2f}<extra></extra>"), 1, place)
    figure.update_yaxes(autorange="reversed", automargin=True)
    figure.update_xaxes(automargin=True)
    return figure.update_layout(height=190 + 16 * len(names), margin={"t": 40, "b": 20, "l": 20, "r": 20})


def pairs(rows):
    """A scatter of each two of some columns."""
    figure = go.Figure()
    for side, title, colour in (("real", "Real", GREY), ("generated", "Generated", ORANGE)):
        dimensions = [{"label": drawn_text(name), "values": [drawn_text(value) if isinstance(value, str) else value
                                                             for value in values]} for name, values in rows[side].items()]
        figure.add_trace(go.Splom(dimensions=dimensions, name=title, diagonal_visible=False, showupperhalf=False,
                                  marker={"size": 4, "opacity": 0.5, "color": colour}))
    return figure.update_layout(height=200 + 110 * len(rows["real"]), margin={"t": 20, "b": 20, "l": 20, "r": 20},
                                legend={"orientation": "h", "yanchor": "bottom", "y": 1.0, "x": 0.0})
