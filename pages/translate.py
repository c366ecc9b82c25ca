"""Translate: pictures of one's own become what a run has learned to make of such."""

import base64
import io
import json
import zipfile

import streamlit as st

from gan_core.data import recipes
from gan_core.errors import BadInput, UserError
from gan_core.modalities.base import Artifact
from gan_core.tasks.kinds.translate import MOST
from gan_core.tasks.registry import task
from pages.components import artifact_view, asking, checkpoint_choice, markdown, shell, wipe

HELD_OUT, MINE, CAMERA = WAYS = "Held out", "My pictures", "Camera"
ALL_OF_IT, MIDDLE = FITS = "All of it", "Their middle"
BESIDE = (("", "The translation of", "Translation"), (".again", "Back again:", "And back again"),
          (".target", "The true picture of", "What it is in truth"))
SIZE, TOGETHER = 20, 100  # megabytes of a picture that is sent, and of all of them

store = shell.store()
cards = shell.known_cards()
runs = shell.some_runs(store, "Translate")


def translates(run):
    card = cards.get(run.architecture)
    return card is not None and not task("translate").refuses(run, card)


def named(run, ways):
    """What ways of translating are called, by their names: of two domains, by the domains'."""
    names = run.facts.get("domains")
    if len(ways) == 2 and isinstance(names, list) and len(names) == 2:
        return {way: f"from {one} to {other}" for way, (one, other) in zip(ways, (names, names[::-1]))}
    return ways


def wanted_of(run):
    """What a picture has to be so that a run can make of it what it has learned to make, a sentence; "" where any is."""
    if recipe := recipes.recipes().get(recipes.split(run.data)[1]):
        if recipe.smaller > 1:
            return f"It makes pictures {recipe.smaller} times larger: give it small ones."
        return f"It has learned what belongs to {recipe.source}: give it such, and not what is to come out."
    if isinstance(colours := run.facts.get("palette"), list):
        return (f"It has learned what belongs to label maps of {len(colours)} colours: each pixel of a picture is taken for "
                "the colour that is nearest to it.")
    return ""


def given(run, way):
    """``(what the task is asked, names)`` of what a person chose; None where nothing is chosen yet."""
    if way == HELD_OUT:
        count = st.slider("Pictures", 1, 16, 4, key=f"translate:{run.id}:count")
        seed = st.number_input("Which", 0, 10_000, 0, key=f"translate:{run.id}:seed", help="Another number shows others.")
        return {"held_out": int(count), "seed": int(seed)}
    if way == CAMERA:
        photo = st.camera_input("A picture", key=f"translate:{run.id}:camera")
        files = [photo] if photo else []
    else:
        files = st.file_uploader("Pictures", type=["png", "jpg", "jpeg", "webp", "bmp", "gif", "avif", "tiff"],
                                 accept_multiple_files=True, max_upload_size=SIZE, key=f"translate:{run.id}:files")
    if said := wanted_of(run):
        st.caption(markdown.plain(said))
    fit = st.segmented_control("Pictures that are not square", FITS, default=ALL_OF_IT, required=True,
                               key=f"translate:{run.id}:fit",
                               help="All of it: the edge is repeated around it, and cut off again. Each comes back in its "
                                    "own shape.")
    if not files:
        return None
    if len(files) > MOST:
        st.warning(markdown.filled("The first {:,} of {:,} pictures are translated.", MOST, len(files)))
    if sum(file.size for file in files[:MOST]) > TOGETHER * 2**20:
        raise BadInput(f"The pictures have more than {TOGETHER} MB together; give fewer, or smaller ones.")
    sent = [[file.name, base64.b64encode(file.getvalue()).decode()] for file in files[:MOST]]
    return {"pictures": json.dumps(sent), "fit": "crop" if fit == MIDDLE else "pad"}


def show(run, result):
    """Each picture with what it became, and what it should have become where that is known."""
    names = result.values["names"]
    for sentence in result.values["refused"]:
        st.warning(markdown.told(sentence), icon=":material/broken_image:")
    if result.values["learned_from"]:
        st.caption("This run has so few pictures that none were held out: it has learned from these.")
    for number, name in enumerate(names):
        whole, plain = result.files[f"{number}.png"], result.files.get(f"{number}.plain.png")
        after = result.files.get(f"{number}.shown.png", whole)
        looked_at = result.files | {f"{number}.png": after}
        beside = [(f"{number}{part}.png", words, caption) for part, words, caption in BESIDE
                  if f"{number}{part}.png" in result.files]
        columns = st.columns(1 + len(beside), vertical_alignment="top")
        with columns[0]:
            if plain:
                wipe.wipe(f"translate:{run.id}:{number}", plain, after, left="Bicubic", right="Translation",
                          alt=(f"{name}, enlarged without a model", f"Its translation by {run.name}"))
            else:
                wipe.wipe(f"translate:{run.id}:{number}", result.files[f"{number}.source.png"], after, left="Source",
                          right="Translation", alt=(f"The source {name}", f"Its translation by {run.name}"))
        for column, (file, words, caption) in zip(columns[1:], beside):
            with column:
                artifact_view.show(Artifact(looked_at[file], "image/png", f"{words} {name}"), caption=caption)
        st.download_button(markdown.filled("Download {}", name), whole, f"{_stem(name)}.png", "image/png",
                           icon=":material/download:", on_click="ignore", key=f"translate:{run.id}:download:{number}")
    if len(names) > 1:
        st.download_button("Download all of them (zip)", _zipped(names, result.files), f"{run.id}-translated.zip",
                           "application/zip", icon=":material/folder_zip:", on_click="ignore")


def _stem(name):
    return name.rpartition(".")[0] or name


def _zipped(names, files):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number, name in enumerate(names):
            archive.writestr(f"{number + 1:03d} {_stem(name)}.png", files[f"{number}.png"])
    return file.getvalue()


able = [run for run in runs if translates(run)]
if not able:
    st.info("No run here translates pictures yet. Train one on pairs of pictures, which can be made of any images: Pix2Pix.",
            icon=":material/info:")
    shell.link("train", label="Train", icon=":material/tune:")
    st.stop()
run = shell.chosen_run(store, able, key="translate")
shell.must_be_usable(run)
kept = checkpoint_choice.kept(store, run, "translate with")
try:
    side, main = st.columns([2, 5], gap="large")
    with side:
        step, where = checkpoint_choice.choose(store, run, kept, f"translate:{run.id}:step")
        ways = named(run, cards[run.architecture].requirements["translations"])
        to = next(iter(ways))
        if len(ways) > 1:
            to = st.selectbox("Which way", list(ways), format_func=lambda name: markdown.isolated(ways[name]),
                              key=f"translate:{run.id}:to")
        way = st.segmented_control("Of what", WAYS, default=HELD_OUT, required=True,
                                   key=f"translate:{run.id}:way")
        wanted = given(run, way)
    with main:
        if wanted is None:
            st.info("Choose pictures on the left.", icon=":material/add_photo_alternate:")
        else:
            show(run, asking.answer("translate", where, words="Translating", to=to, **wanted))
except UserError as error:
    st.error(markdown.told(error), icon=":material/error:")
