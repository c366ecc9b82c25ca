"""Runs: everything that was trained, in a table."""

import pandas as pd
import streamlit as st

from gan_core import visitors
from gan_core.launch import queue
from gan_core.launch.eta import in_words
from gan_core.store import ENDED, STATUSES
from gan_core.tasks import unasked
from pages.components import (elsewhere_view, fork_view, lineage_view, machine, markdown, newest, once, own_views, run_view,
                              shell)

store = shell.store()
st.title("Runs")
runs = store.list()
if not runs:
    shell.no_runs()
    if not visitors.are_here():
        st.subheader("Runs made elsewhere", anchor=False)
        elsewhere_view.take_in(store)
    st.stop()


def filters():
    text, status, architecture, tag = st.columns([3, 2, 2, 2])
    wanted = text.text_input("Search", placeholder="name, data, notes or id", key="runs:text").strip().lower()
    statuses = status.multiselect("Status", STATUSES, key="runs:status")
    architectures = architecture.multiselect("Architecture", sorted({run.architecture for run in runs}), key="runs:arch")
    tags = tag.multiselect("Tag", sorted({run_tag for run in runs for run_tag in run.tags}), key="runs:tags",
                           format_func=markdown.isolated)

    def keeps(run):
        haystack = f"{run.name} {run.data} {run.notes} {run.id}".lower()
        return (wanted in haystack and (not statuses or run.status in statuses)
                and (not architectures or run.architecture in architectures)
                and (not tags or set(tags) & set(run.tags)))

    return [run for run in runs if keeps(run)]


def table(runs):
    """The table; returns the runs whose rows are ticked."""
    parents = lineage_view.parent_names(runs, store.list())
    frame = pd.DataFrame({
        "Open": [f"{shell.base()}/monitor?run={run.id}" for run in runs],
        "Name": [markdown.cleaned(run.name) for run in runs],
        "Status": [run.status for run in runs],
        "Progress": [run.progress for run in runs],
        "Loss": [run.facts.get("line") or [] for run in runs],
        "Architecture": [run.architecture for run in runs],
        "Data": [machine.without_paths(run.data) for run in runs],
        "Steps": [run.step for run in runs],
        "Time": [in_words(run.seconds) if run.seconds else "" for run in runs],
        "Tags": [list(run.tags) for run in runs],
        **({"Fork of": parents} if any(parents) else {}),
        "Notes": [run.notes for run in runs],
        "Created": pd.to_datetime([run.created for run in runs], unit="s", utc=True),
    })
    column = st.column_config
    event = st.dataframe(
        frame, hide_index=True, on_select="rerun", selection_mode="multi-row",
        # A tick belongs to a place in the table: with other rows there it must not become another run's.
        key=f"runs:table:{hash(tuple(run.id for run in runs))}",
        alt="Table of runs with status, progress and loss",
        column_config={
            "Open": column.LinkColumn("Open", display_text="open", width="small"),
            "Name": column.TextColumn("Name", width="medium"),
            "Notes": column.TextColumn("Notes", width="medium"),
            "Progress": column.ProgressColumn("Progress", format="percent", min_value=0, max_value=1),
            "Loss": column.LineChartColumn("Loss", width="small"),
            "Tags": column.ListColumn("Tags"),
            "Created": column.DatetimeColumn("Created", format="distance"),
        })
    return [runs[row] for row in event.selection.rows if row < len(runs)]


def edit(run):
    with st.container(border=True):
        head, links = st.columns([3, 2], vertical_alignment="center")
        head.markdown(markdown.filled("{} &nbsp; {}", markdown.bold(run.name), run.id))
        with links, st.container(horizontal=True):
            run_view.open_links(run)
            if not run.elsewhere:
                shell.link("train", label="Duplicate", icon=":material/content_copy:",
                           query_params={"like": run.id})
                fork_view.link(run)
        lineage_view.show(store, run)
        if visitors.are_here():
            st.caption(markdown.plain(run.notes))
            return
        with st.form(f"runs:edit:{run.id}", border=False):
            name, tags = st.columns(2)
            new_name = name.text_input("Name", run.name, max_chars=80)
            new_tags = tags.text_input("Tags", ", ".join(run.tags), help="Separate them with commas.")
            notes = st.text_area("Notes", run.notes, height=80)
            if st.form_submit_button("Save"):
                with shell.telling():
                    unique = dict.fromkeys(tag.strip() for tag in new_tags.split(",") if tag.strip())
                    store.update(run.id, name=new_name.strip() or run.name, tags=tuple(unique), notes=notes)
                    st.rerun()
        run_view.actions(store, run, key=f"runs:{run.id}")


@st.dialog("Delete for good?")
def confirm_delete(doomed):
    st.markdown("These runs lose their curves, samples and checkpoints:")
    st.markdown(markdown.joined("\n", (markdown.filled("- {} ({})", run.name, run.id) for run in doomed)))
    if once.button(f"Delete {len(doomed)}", type="primary", key="runs:delete:yes"):
        with shell.telling():
            for run in doomed:
                store.delete(run.id)
            st.rerun()


view = own_views.opened(store, "runs", runs, {
    "status": STATUSES, "arch": {run.architecture for run in runs}, "tags": {tag for run in runs for tag in run.tags}})
shown = filters()
with st.container(horizontal=True, vertical_alignment="center"):
    own_views.manage(store, "runs", runs, view)
    shell.link("monitor", label="Newest run", icon=":material/keep:", query_params={"run": newest.NEWEST})
st.caption(f"{len(shown)} of {len(runs)} runs."
           + ("" if visitors.are_here() else " Tick a row to edit, duplicate, fork, stop, resume or delete it."))
chosen = table(shown)
if len(chosen) == 1:
    edit(chosen[0])
if visitors.are_here():
    st.stop()
if chosen:
    ended = [run for run in chosen if run.status in ENDED]
    if st.button(f"Delete {len(ended)} ended", icon=":material/delete:", disabled=not ended):
        confirm_delete(ended)

room = st.expander("Runs made elsewhere", icon=":material/move_to_inbox:", on_change="rerun", key="runs:elsewhere")
if room.open:
    with room:
        elsewhere_view.take_in(store)
with st.expander("Queue"):
    number = st.number_input("Runs at the same time", 1, 64, min(queue.parallel(store), 64), key="runs:parallel",
                             help="The rest wait in order. More at once only pays with cores or memory to spare.")
    if number != min(queue.parallel(store), 64):
        store.set("parallel", number)
        st.rerun()
    score = st.toggle("Score runs that have ended", unasked.wanted(store), key="runs:score",
                      help="Once nothing is left to train, every checkpoint that was kept is measured against real samples, "
                           "with what the processor has to spare; so the best one is known.")
    if score != unasked.wanted(store):
        store.set(unasked.WANTED, "on" if score else "off")
        st.rerun()
