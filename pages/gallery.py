"""Gallery: a run's samples from the same noise, over training; the newest of every run."""

import contextlib
import io
import json
from pathlib import Path

import streamlit as st

from gan_core.errors import StoreError
from gan_core.modalities import drawing
from gan_core.modalities.base import PLACES, RIGHT, abilities_of, mime_of
from gan_core.models import inputs
from gan_core.store.artifacts import ANIMATION, GRID, SHEET, NoArtifact, checkpoints, sample_sheets, views
from pages.components import fork_view, markdown, run_view, shell
from pages.components.sheet_steps import step_slider

CARD = 240  # pixels of a text among other runs' sheets
store = shell.store()
runs = [run for run in store.list() if run_view.newest_sheet(store, run)]
st.title("Gallery")
if not runs:
    st.info("There are no samples yet. They come with the first step of the first run.", icon=":material/info:")
    shell.link("train", label="Train", icon=":material/tune:")
    st.stop()

one, everything = st.tabs(["One run over time", "Newest of all runs"])


def inputs_of(run):
    """The inputs of a run's model that are known here."""
    card = shell.known_cards().get(run.architecture)
    return [known for known in map(inputs.from_dict, card.inputs_of(run)) if known is not None] if card else []


def made_of(run):
    """What a sample is made of that stays the same over the whole run."""
    return "picture" if any(model_input.from_data for model_input in inputs_of(run)) else "noise"


def explain_rows(run):
    if run.elsewhere:
        st.markdown("What another program drew after each of these steps.")
        return
    if PLACES not in abilities_of(run.kind):
        of = made_of(run)
        st.markdown(markdown.filled("Every sheet is drawn from the same {}{}.", f"{of}s" if of == "picture" else of,
                                    ", and shows those first of which it is most wrong" if RIGHT in abilities_of(run.kind)
                                    else ""))
        return
    # A class or a code that tells the rows apart.
    told = next((model_input for model_input in inputs_of(run) if model_input.rows() is not None), None)
    held = store.artifacts(run.id)
    if told is None or GRID not in held:
        st.markdown(markdown.filled("Each place on the sheet keeps its {} over the whole run, so you can follow one sample.",
                                    made_of(run)))
        return
    same = "Every row uses the same noise: only the {} differs down a column."
    if told.labels():
        classes = run.classes[:json.loads(held.read(GRID))["rows"]]
        st.markdown(markdown.filled("One class a row, from the top: {}. {}",
                                    markdown.joined(", ", map(markdown.bold, classes)), same.format("class")))
    else:
        st.markdown(markdown.filled("One code a row, from 0 at the top; nobody told the model what its codes mean. {}",
                                    same.format("code")))


@st.cache_data(show_spinner="Making the GIF", max_entries=8)
def gif(run_id, steps):
    """The animation of a run up to its newest step (``steps`` says which frames; at most 120 of them)."""
    held = store.artifacts(run_id)
    sheets = sample_sheets(held)
    chosen = [sheets[step] for step in steps[::max(1, -(-len(steps) // 120))] if step in sheets]
    animation = io.BytesIO()
    drawing.animation([io.BytesIO(held.read(name)) for name in chosen], animation)
    with contextlib.suppress(StoreError):  # on a full disk it is shown and can be downloaded all the same
        held.put(ANIMATION, animation.getvalue())
    return animation.getvalue()


def show_view(run, view):
    """Another picture of the same moments: rows of one kind each, a sample a column."""
    sheets = view.sheets(store.artifacts(run.id))
    steps = list(sheets)
    step = step_slider("Step", steps, steps[-1], f"gallery:{run.id}:{view.title}:step")
    rows = view.rows_at(step)
    run_view.show_sheet(store, run, step, sheets[step],
                        caption=run_view.sheet_caption(step),
                        alt=f"{view.title} of {run.name} after {step:,} steps; rows: {', '.join(rows)}")
    if run.elsewhere:
        return
    st.markdown(markdown.filled("Rows from the top: {}. Each column is one sample, from the same {} over the whole run.",
                                markdown.joined(", ", map(markdown.bold, rows)), made_of(run)))


@st.fragment
def over_time(run):
    held = store.artifacts(run.id)
    sheets = sample_sheets(held)
    if not sheets:
        st.rerun()  # the run was deleted meanwhile
    kinds = {"Samples": None} | {view.title: view for view in views(held)}
    chosen = "Samples"
    if len(kinds) > 1:
        chosen = st.segmented_control("What to look at", list(kinds), default="Samples", required=True,
                                      key=f"gallery:{run.id}:what", format_func=markdown.plain, label_visibility="collapsed")
    if kinds[chosen]:
        show_view(run, kinds[chosen])
        return
    steps = list(sheets)
    compare = st.toggle("Side by side at two steps", key="gallery:compare")
    if compare and len(steps) > 1:
        columns = st.columns(2)
        for column, label, default in zip(columns, ("Left", "Right"), (steps[len(steps) // 4], steps[-1])):
            with column:
                step = step_slider(f"{label}: step", steps, default, f"gallery:{run.id}:{label}")
                run_view.show_sheet(store, run, step, sheets[step])
                run_view.listen(store, run, step)
    else:
        picture, words = st.columns([3, 2], gap="large")
        with picture:
            step = step_slider("Step", steps, steps[-1], f"gallery:{run.id}:step")
            run_view.show_sheet(store, run, step, sheets[step])
            run_view.listen(store, run, step)
        with words:
            explain_rows(run)
            st.caption(f"{len(steps)} sheets, from step {steps[0]:,} to {steps[-1]:,}")
            if sheets[step].endswith(SHEET) and st.button("Make a GIF of the whole run", icon=":material/animation:",
                                                          key="gallery:gif"):
                with shell.telling():
                    data = gif(run.id, tuple(steps))
                    st.image(data, alt=f"Animation of the samples of {run.name} over training", width=320)
                    st.download_button("Download the GIF", data, f"{run.id}.gif", "image/gif", icon=":material/download:",
                                       on_click="ignore")
            with contextlib.suppress(NoArtifact):  # the run was deleted just now
                st.download_button("Download this sheet", held.read(sheets[step]),
                                   f"{run.id}-{step}{Path(sheets[step]).suffix}", mime_of(sheets[step]),
                                   icon=":material/download:", on_click="ignore")
            if kept := checkpoints(held):
                nearest = min(kept, key=lambda kept_step: abs(kept_step - step))
                fork_view.link(run, nearest, f"Fork from step {nearest:,}")
            run_view.judge_link(run)


with one:
    run = shell.chosen_run(store, runs, key="gallery")
    over_time(run)

with everything:
    columns = st.columns(4)
    for index, run in enumerate(runs[:40]):
        with columns[index % 4], st.container(border=True):
            run_view.show_sheet(store, run, *run_view.newest_sheet(store, run), height=CARD)
            st.markdown(markdown.bold(run.name))
            shell.link("monitor", label="Monitor", icon=":material/monitoring:",
                       query_params={"run": run.id})
