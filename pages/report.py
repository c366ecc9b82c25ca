"""Report: what somebody writes about runs, beside panels of them that are live or frozen; the whole as one HTML file."""

import streamlit as st

from gan_core import visitors
from gan_core.errors import BadInput
from gan_core.reporting.writing import as_html
from gan_core.store import ACTIVE, reports
from gan_core.store.reports import TEXT
from pages.components import markdown, once, report_view, shell

NEW, READ, WRITE = "A new report", "Read", "Write"
store = shell.store()
state = st.session_state


def opened(known):
    """The report that the address names or that is chosen here, None for a new one."""
    titles = {report["key"]: report["title"] for report in known}
    wanted = st.query_params.get("report", "")
    if wanted and wanted not in titles:
        st.warning(markdown.filled("There is no report {!r} here; it may have been forgotten.", wanted[:reports.TITLE]))
    # Who left the page and comes back has no choice here any more, but the address.
    if wanted in titles and (state.get("report:address") != wanted or "report:key" not in state):
        state["report:key"] = wanted
    if state.get("report:key") not in titles:
        state.pop("report:key", None)
    options = list(titles) if visitors.are_here() else [*titles, NEW]
    key = st.selectbox("Report", options, key="report:key", label_visibility="collapsed",
                       format_func=lambda key: markdown.isolated(titles.get(key, key)))
    state["report:address"] = key if key in titles else ""
    if key in titles:
        st.query_params["report"] = key
        return next(report for report in known if report["key"] == key)
    st.query_params.pop("report", None)
    return None


def begin():
    """A new one, under a title."""
    title = st.text_input("Title", key="report:title", max_chars=reports.TITLE, placeholder="What it is about")
    if once.button("Begin it", key="report:begin", type="primary", icon=":material/note_add:"):
        with shell.telling():
            key = reports.keep(store.workspace, title, [{"kind": TEXT, "text": f"## {title}\n"}])
            st.query_params["report"] = key
            st.rerun()


def reading(report):
    live = any(run_id in active for part in report["parts"] if not part.get("frozen") for run_id in part.get("runs", ()))
    for number, part in enumerate(report["parts"]):
        if part["kind"] == TEXT or part.get("frozen") or not live:
            report_view.show(store, part, f"{report['key']}:{number}")
        else:  # one that works moves on
            st.fragment(report_view.show, run_every=5)(store, part, f"{report['key']}:{number}")
    if not report["parts"]:
        st.caption("Nothing stands in it yet.")


def ways_out(report):
    with st.container(horizontal=True):
        if st.button("Make the file", icon=":material/description:", key="report:make",
                     help="One HTML file with its charts and samples; it opens with no network."):
            with st.spinner("Making the file"), shell.telling():
                state["report:made"] = (report["key"], report["kept"], as_html(report_view.source(store), report))
        if (made := state.get("report:made")) and made[:2] == (report["key"], report["kept"]):
            st.download_button("Download it", made[2], f"{report['key']}.html", "text/html", icon=":material/download:",
                               on_click="ignore", key="report:download")


title, way = st.columns([3, 1], vertical_alignment="bottom")
title.title("Report")
known = reports.kept(store.workspace)
runs = store.list()
active = {run.id for run in runs if run.status in ACTIVE}
if not known and visitors.are_here():
    st.info("Nobody has written a report here yet.", icon=":material/info:")
    st.stop()
report = opened(known)
if report is None:
    begin()
    st.stop()
mode = READ if visitors.are_here() else way.segmented_control(
    "View", (READ, WRITE), default=READ, key="report:mode", required=True, label_visibility="collapsed")
try:
    if mode == WRITE:
        report_view.write(store, report, runs)
    else:
        reading(report)
        ways_out(report)
except BadInput as error:
    st.error(markdown.told(error), icon=":material/error:")
