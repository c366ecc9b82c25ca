"""Doodle: draw a map of labels, or lines, and see the picture that a run makes of it, stroke by stroke."""

import base64
import io
import json

import numpy as np
import streamlit as st
from PIL import Image

from gan_core import visitors
from gan_core.data import palettes
from gan_core.errors import UserError
from gan_core.modalities.base import Artifact
from gan_core.store import label_names
from pages.components import artifact_view, asking, checkpoint_choice, doodle, markdown, once, run_view, shell

state = st.session_state
store = shell.store()
cards = shell.known_cards()
runs = shell.some_runs(store, "Doodle")


def example(run, where, number, shape, colours):
    """The source of a held-out pair as labels."""
    files = asking.answer("translate", where, words="Looking for an example", slot="doodle:example", held_out=1,
                          seed=number).files
    with Image.open(io.BytesIO(files["0.source.png"])) as image:
        pixels = np.asarray(image.convert("RGB"))
    if pixels.shape[:2] != tuple(shape):
        pixels = np.asarray(Image.fromarray(pixels).resize(shape[::-1], Image.Resampling.NEAREST))
    return palettes.numbers(pixels[..., :1] if len(colours[0]) == 1 else pixels, np.array(colours, np.uint8))


def as_picture(labels, colours):
    """A map of labels as a PNG."""
    pixels = np.array(colours, np.uint8)[labels]
    file = io.BytesIO()
    Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels).save(file, "PNG")
    return file.getvalue()


def names_of(run, colours):
    """What the labels are called; their owner may change it."""
    names = label_names.of(store.artifacts(run.id), len(colours))
    if visitors.are_here():
        return names
    with st.expander("Names of the colours"):
        with st.form(f"doodle:{run.id}:names", border=False):
            columns = st.columns(3)
            given = [columns[number % 3].text_input(markdown.filled("Colour {}", number + 1), name,
                                                    key=f"doodle:{run.id}:name:{number}",
                                                    max_chars=label_names.LONGEST) for number, name in enumerate(names)]
            if st.form_submit_button("Keep the names"):
                with shell.telling():
                    label_names.keep(store.artifacts(run.id), given)
                    st.rerun()
    return names


@st.fragment
def draw(run, where, shape, colours, names):
    """The canvas, and beside it the picture that follows it."""
    key = f"doodle:{run.id}"
    left, right = st.columns(2, gap="large")
    with left:
        if once.button("Start from an example", key=f"{key}:example", icon=":material/casino:",
                       help="The source of a pair that was kept from training; each time another."):
            number = state.get(f"{key}:number", -1) + 1
            with shell.telling():
                state[f"{key}:start"] = (f"{where}:{number}", example(run, where, number, shape, colours))
                state[f"{key}:number"] = number
        labels = doodle.canvas(key, shape, colours, names, example=state.get(f"{key}:start"),
                               drawn=state.get(f"{key}:drawn"))
        state[f"{key}:drawn"] = labels
    with right:
        if labels is None:
            st.info("Draw something on the left, with mouse, finger or keyboard, or start from an example.",
                    icon=":material/draw:")
            return
        sent = json.dumps([["doodle.png", base64.b64encode(as_picture(labels, colours)).decode()]])
        try:
            made = asking.answer("translate", where, words="Drawing", slot="doodle", pictures=sent).files["0.png"]
        except UserError as error:
            st.error(markdown.told(error), icon=":material/error:")
            return
        artifact_view.show(Artifact(made, "image/png", f"What {run.name} makes of the drawing"))
        with st.container(horizontal=True):
            st.download_button("Download the picture", made, "picture.png", "image/png", icon=":material/download:",
                               on_click="ignore", key=f"{key}:download")
            st.download_button("Download the drawing", as_picture(labels, colours), "drawing.png", "image/png",
                               icon=":material/download:", on_click="ignore", key=f"{key}:download_drawing")


able = [run for run in runs if run.architecture in cards and run_view.draws(run, cards[run.architecture])]
if not able:
    st.info("No run here makes pictures of drawings yet. Train Pix2Pix on label maps and photographs, or on any images with "
            "the pairs “lines to picture”.", icon=":material/info:")
    shell.link("train", label="Train", icon=":material/tune:")
    st.stop()
run = shell.chosen_run(store, able, key="doodle")
shell.must_be_usable(run)
spec = shell.spec_of(run)
kept = checkpoint_choice.kept(store, run, "draw with")
left, right = st.columns([2, 1], vertical_alignment="bottom")
with right:
    where = checkpoint_choice.choose(store, run, kept, f"doodle:{run.id}:step")[1]
with left:
    names = names_of(run, run.facts["palette"])
height, width, _ = dict(spec.data_spec.beside)["source"]
draw(run, where, (height, width), run.facts["palette"], names)
