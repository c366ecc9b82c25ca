"""Compare: runs or architectures side by side, and what can be said of them."""

import streamlit as st

from gan_core import visitors
from gan_core.compare import compare, report
from gan_core.compare.curves import AXES
from gan_core.compare.document import as_html
from gan_core.errors import BadInput
from pages.components import comparison_view, markdown, own_views, shell, training_plan

store = shell.store()
st.title("Compare")
runs = store.list()
state = st.session_state


def downloads(comparison, ids):
    html, table, _ = st.columns([1, 1, 3])
    name = f"comparison-{len(ids)}-runs"
    with html:
        if st.button("Make the report", icon=":material/description:", width="stretch",
                     help="One HTML file with samples, charts and figures; it opens with no network."):
            with st.spinner("Making the report"), shell.telling():
                state["compare:report"] = (ids, as_html(comparison, store))
        made = state.get("compare:report")
        if made and made[0] == ids:
            st.download_button("Download the report", made[1], f"{name}.html", "text/html", width="stretch",
                               icon=":material/download:", on_click="ignore")
    if not visitors.are_here():
        shell.link("report", label="Write about runs", icon=":material/article:")
    table.download_button("Download the figures (CSV)", report.as_csv(comparison), f"{name}.csv", "text/csv",
                          icon=":material/download:", on_click="ignore", width="stretch")


def compared():
    """The runs that the address names or that are chosen here, side by side."""
    view = own_views.opened(store, "compare", runs, {"axis": AXES, "chart-axis": AXES})
    picked, gone = shell.chosen_runs(runs, key="compare", placeholder="Choose two runs or more",
                                     opened=training_plan.launched())
    own_views.manage(store, "compare", runs, view)
    ids = [*picked, *gone]
    if len(ids) < 2:
        st.info("Choose two runs or more." if visitors.are_here() else
                "Choose two runs or more; or train several architectures under one budget, in the other tab.",
                icon=":material/info:")
        return
    try:
        comparison = compare(store, ids, lambda run: shell.series(store, run).refresh())
    except BadInput as error:
        st.warning(markdown.told(error))
        return
    if comparison.unfair:
        st.warning(markdown.joined("  \n", comparison.unfair), icon=":material/balance:")
    if comparison.verdict:
        st.info(markdown.joined("  \n", comparison.verdict), icon=":material/gavel:")
    comparison_view.scoring(store, comparison)
    comparison_view.samples(store, comparison)
    comparison_view.charts(store, comparison)
    comparison_view.figures(comparison)
    comparison_view.settings(comparison)
    comparison_view.settings_against_score(store, comparison)
    downloads(comparison, ids)


if visitors.are_here():
    compared()
    st.stop()
side_by_side, plan = st.tabs(["Side by side", "Train architectures to compare"])
with side_by_side:
    compared()
with plan:  # the first time after an update the architectures are listed for it, which takes a while
    training_plan.draw(store)
