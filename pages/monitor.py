"""Monitor: one run, live."""

import streamlit as st

from gan_core import visitors
from gan_core.errors import BadInput
from gan_core.launch import queue
from gan_core.modalities.base import is_wide
from gan_core.store import ACTIVE, QUEUED, damage
from gan_core.store.artifacts import LOG, sample_sheets, tail
from gan_core.store.run import NO_MODEL
from pages.components import (alarm_view, bell, curves, fork_view, lineage_view, machine, markdown, newest, phone, run_view,
                              score_view, sheet_steps, shell)

store = shell.store()
if launched := alarm_view.opened() or fork_view.opened():
    st.query_params["run"], st.session_state["monitor:run:address"] = launched, None  # whatever a second click brings
runs = store.list()
if not runs:
    st.title("Monitor")
    shell.no_runs()
    st.stop()

run = shell.chosen_run(store, runs, key="monitor")
live = run.status in (QUEUED, *ACTIVE)


def current():
    """The run as it is now; the page chooses another when it was deleted meanwhile."""
    try:
        return store.get(run_id)
    except BadInput:
        st.rerun()


@st.fragment(run_every=2)
def follow():
    """Where the address keeps to the newest run: show the next one when it begins."""
    if (last := newest.run(store.list(), newest.word("run"))) and last.id != run_id:
        st.rerun()


@st.fragment(run_every=1 if live else None)
def head():
    run = current()
    queue.reap(store)
    title, buttons = st.columns([5, 1], vertical_alignment="center")
    with title:
        st.markdown(markdown.filled("#### {}", run.name))
        with st.container(horizontal=True, vertical_alignment="center"):
            run_view.badge(run)
            run_view.about(run)
    with buttons, st.container(key=phone.ACTIONS):
        run_view.actions(store, run, key="monitor")
    run_view.progress(run)
    if run.message:
        if run.status in ("failed", "diverged"):
            st.error(markdown.short(run.message))
        else:
            st.warning(markdown.short(run.message))
    curves.tiles(store, run)
    phone.figures(store, run)
    if live and run.status not in (QUEUED, *ACTIVE):
        st.rerun()  # it has ended: draw the page once more, and then it stands still


@st.fragment(run_every=1 if live else None)
def charts(view):
    curves.draw(store, current(), view)


@st.fragment(run_every=3 if live else None)
def warnings():
    for sentence in damage.told(store, run_id):
        st.warning(markdown.told(sentence), icon=":material/broken_image:")
    for sentence in () if visitors.are_here() else bell.refused(store, run_id):
        st.warning(markdown.filled("A notice did not arrive. {}", sentence), icon=":material/notifications_off:")
    run = current()
    bell.bell(run, alarm_view.show(store, run))


@st.fragment(run_every=2 if live else None)
def samples():
    st.markdown("**Samples**")
    run = current()
    if sheets := sample_sheets(store.artifacts(run_id)):
        steps = list(sheets)
        place = st.empty()
        step = sheet_steps.following(steps, f"monitor:{run_id}:sheet")
        with place.container():
            run_view.show_sheet(store, run, step, sheets[step], height=run_view.HEIGHT_OF_TEXT,
                                width="content" if is_wide(run.kind) else "stretch")
        run_view.listen(store, run, step)
        if step == steps[-1]:
            run_view.nearest(store, run)
    else:
        st.caption("The first samples come with the first step." if live else "It has left no samples.")


@st.fragment(run_every=3 if live else None)
def log():
    said = tail(store.artifacts(run_id), LOG, 20_000)
    st.code(machine.without_tracebacks(said) or ("Nothing yet." if live else "It is empty."), language=None, height=260)
    if machine.has_traceback(said):
        st.caption(markdown.filled("The log with its tracebacks is {} in the run's folder, which the verb `show` "
                                   "names.", LOG))


@st.fragment(run_every=5 if live else None)
def machine_charts():
    if not curves.machine(store, current()):
        st.caption("The first reading comes after some seconds." if live else "Nothing of it was recorded for this run.")


def links():
    shell.link("gallery", label="All samples of this run", icon=":material/photo_library:",
               query_params={"run": run_id})
    if run.elsewhere:
        st.caption(markdown.plain(NO_MODEL))
        return
    shell.link("draw", label="Draw samples", icon=":material/brush:", query_params={"run": run_id})
    shell.link("inspect", label="Inside its networks", icon=":material/frame_inspect:",
               query_params={"run": run_id})
    run_view.picture_links(run)
    run_view.judge_link(run)
    if not newest.word("run"):
        shell.link("monitor", label="Keep to the newest run", icon=":material/keep:", query_params={"run": newest.NEWEST})
    if store.tasks.list(run=run_id):
        shell.link("tasks", label="Work on this run", icon=":material/checklist:",
                   query_params={"run": run_id})


run_id = run.id
phone.layout()
if newest.word("run"):
    st.caption("This page keeps to the newest run, until you choose another.")
    follow()
head()
descent, fork = st.columns([5, 1], vertical_alignment="center")
with descent:
    lineage_view.show(store, run)
with fork:
    fork_view.offer(store, run)
warnings()
if is_wide(run.kind):  # in a column it could not be read
    sheet, beside = st.columns([3, 1], gap="medium")
    with sheet, st.container(key=phone.SHEET):
        samples()
    with beside:
        links()
    charts(curves.controls(run))
else:
    left, right = st.columns([5, 2], gap="medium")
    with left:
        charts(curves.controls(run))
    with right:
        with st.container(key=phone.SHEET):
            samples()
        links()
if not run.elsewhere:
    with st.expander("Scores", expanded=not live):
        score_view.show(store, run, key="monitor")
if live or curves.machine_is_known(store, run):
    room = st.expander("CPU, memory, GPU and disk", on_change="rerun", key="monitor:machine")
    if room.open:
        with room:
            machine_charts()
with st.expander("Log"):
    log()
with st.expander("Settings"):
    st.table(markdown.table({name: str(value) for name, value in (run.settings | run.knobs).items()}))
    if not run.elsewhere:
        shell.link("train", label="Use these settings for a new run", icon=":material/content_copy:",
                   query_params={"like": run_id})
