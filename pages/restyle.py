"""Restyle: one picture in the style of another, step by step by what a network sees in both, or at once by a run of
AdaIN."""

import base64
import io

import streamlit as st
from PIL import Image

from gan_core.data import one_picture, pixel_bounds, shipped
from gan_core.errors import StoreError, UserError
from gan_core.modalities.base import Artifact
from gan_core.store import restyled
from gan_core.store.task_records import OPEN
from gan_core.tasks import background
from gan_core.tasks.kinds.restyle import SIDES, Looks
from gan_core.tasks.registry import task
from pages.components import artifact_view, asking, checkpoint_choice, markdown, once, shell, wipe, work_view

SLOWLY, AT_ONCE = WAYS = "Step by step", "At once"
OWN, SENT = "own", 768  # a picture of one's own; pixels of the longer side of what is sent on
FILES, MOST = ["png", "jpg", "jpeg", "webp", "bmp", "gif", "avif", "tiff"], 20
ENCODERS = ("random", "lite0", "file")
state = st.session_state
store = shell.store()


@st.cache_data(show_spinner=False, max_entries=16)
def shipped_picture(name):
    return small(Image.fromarray(shipped.picture(name)))


def small(image):
    """A picture (PIL) as a PNG that is no larger than it need be."""
    image.thumbnail((SENT, SENT), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def chosen(label, key, options, usual):
    """The PNG of a picture that comes along or of one's own; None where nothing is chosen yet."""
    names = [*options, OWN]
    name = st.selectbox(markdown.plain(label), names, index=names.index(usual), key=f"restyle:{key}",
                        format_func=lambda name: "A picture of mine" if name == OWN else options[name])
    if name != OWN:
        png = shipped_picture(name)
    else:
        file = st.file_uploader("Picture", type=FILES, max_upload_size=MOST, key=f"restyle:{key}:file",
                                label_visibility="collapsed")
        if file is None:
            return None
        png = small(one_picture.opened(file.getvalue(), label, pixel_bounds.MOST))
    artifact_view.show(Artifact(png, "image/png", label), alt=f"{label}: {options.get(name, 'a picture of mine')}",
                       width=220)
    return png


def looks():
    """What a person chose of how it is done: ``(values of knobs, whether they can be used)``."""
    encoder = st.selectbox("Network", ENCODERS, key="restyle:encoder", format_func={
        "random": "Random weights", "lite0": "EfficientNet-lite0", "file": "VGG-19, a file of mine"}.get,
        help="By which content and style are compared. Random weights serve well for textures.")
    if encoder == "file":
        encoder = st.text_input("Path of the file", key="restyle:vgg19", placeholder="vgg19.pth or .h5").strip()
    side = st.segmented_control("Longer side (pixels)", SIDES, default="256", required=True, key="restyle:side")
    steps = st.number_input("Steps", 10, 5000, 300, step=50, key="restyle:steps")
    strength = st.select_slider("Strength of the style", [1, 3, 10, 30, 100, 300, 1000], 30, key="restyle:strength")
    colours = st.toggle("Keep the colours of the content", key="restyle:colours")
    return {"encoder": encoder, "side": side, "steps": int(steps), "strength": float(strength), "keep_colours": colours}


def slowly():
    """Choose two pictures and start; what is being painted, and what was, beside it."""
    left, right = st.columns([2, 3], gap="large")
    with left:
        columns = st.columns(2)
        with columns[0]:
            content = chosen("Content", "content", shipped.PHOTOGRAPHS | shipped.TEXTURES, "astronaut")
        with columns[1]:
            style = chosen("Style", "style", shipped.TEXTURES | shipped.PHOTOGRAPHS, "immunohistochemistry")
        values = looks()
        if once.button("Paint", key="restyle:start", type="primary", icon=":material/brush:", width="stretch",
                       disabled=not (content and style and values["encoder"])):
            with shell.telling():
                Looks.parse(values)
                key = restyled.begin(store.workspace, content, style, **values)
                background.start(store, "restyle", None, values | {"work": key})
                state["restyle:shown"] = key
    with right:
        painted()


@st.fragment(run_every=1)
def painted():
    """The newest work, or the one that was chosen, as far as it is."""
    known = restyled.kept(store.workspace)
    if not known:
        st.info("Choose a content and a style on the left. With the pictures that come along it takes about half a minute.",
                icon=":material/palette:")
        return
    keys = [one["key"] for one in known]
    if state.get("restyle:shown") not in keys:
        state["restyle:shown"] = keys[0]
    key = state["restyle:shown"]
    told = next(one for one in known if one["key"] == key)
    background.tend(store)
    records = [record for record in store.tasks.list(kind="restyle") if record.config.get("work") == key]
    active = next((record for record in records if record.status in OPEN), None)
    if active:
        work_view.progress(store, active, key="restyle", titled=False)
    elif records:
        work_view.problem(records[0])
    png = restyled.result(store.workspace, key)
    if png is None:
        if active:
            st.caption("The first look comes within seconds.")
    elif active:
        artifact_view.show(Artifact(png, "image/png", "The picture as far as it is"))
    else:
        content, _ = restyled.pictures(store.workspace, key)
        wipe.wipe(f"restyle:{key}", content, png, left="Content", right="In the style",
                  alt=("The content", "The content in the style"))
        how = f"{told.get('steps', 0)} steps by {told.get('encoder', '')}, strength {told.get('strength', 0):g}, " \
              f"{told.get('seconds', 0):.0f} s" + ("" if told["done"] >= 1 else ", stopped before its end")
        st.caption(markdown.plain(how))
        with st.container(horizontal=True):
            st.download_button("Download", png, "picture.png", "image/png", icon=":material/download:", on_click="ignore",
                               key=f"restyle:download:{key}")
            if once.button("Forget it", key=f"restyle:forget:{key}", icon=":material/delete:"):
                restyled.forget(store.workspace, key)
                st.rerun(scope="fragment")
    others = [one["key"] for one in known if one["key"] != key][:8]
    if others:
        st.caption("Earlier ones")
        columns = st.columns(4)
        for place, other in enumerate(others):
            with columns[place % 4]:
                if picture := restyled.result(store.workspace, other):
                    artifact_view.show(Artifact(picture, "image/png", "An earlier picture"))
                if st.button("Show", key=f"restyle:show:{other}", width="stretch"):
                    state["restyle:shown"] = other
                    st.rerun(scope="fragment")


def at_once():
    """Content, one style or two, and sliders, by a run that has learned it."""
    cards = shell.known_cards()
    able = [run for run in store.list() if run.architecture in cards and not task("paint").refuses(run,
                                                                                                   cards[run.architecture])]
    if not able:
        st.info("No run here paints at once yet. Train AdaIN on images of your own: contents and styles together.",
                icon=":material/info:")
        shell.link("train", label="Train", icon=":material/tune:")
        return
    run = shell.chosen_run(store, able, key="restyle")
    shell.must_be_usable(run)
    kept = checkpoint_choice.kept(store, run, "paint with")
    where = checkpoint_choice.choose(store, run, kept, f"restyle:{run.id}:step")[1]
    known = shipped.PHOTOGRAPHS | shipped.TEXTURES
    side, main = st.columns([2, 3], gap="large")
    with side:
        content = chosen("Content", "once_content", known, "astronaut")
        left, right = st.columns(2)
        with left:
            style = chosen("Style", "once_style", known, "immunohistochemistry")
        with right:
            other = chosen("Another style", "once_other", known, "brick")
        strength = st.slider("Strength of the style", 0.0, 1.0, 1.0, key="restyle:once_strength")
        share = st.slider("How much of the other style", 0.0, 1.0, 0.0, key="restyle:once_share")
    with main:
        if not (content and style):
            st.info("Choose a content and a style on the left.", icon=":material/palette:")
            return
        sent = {name: base64.b64encode(png).decode() if png else "" for name, png in
                (("content", content), ("style", style), ("other", other if share else None))}
        png = asking.answer("paint", where, words="Painting", strength=strength, share=share, **sent).files["picture.png"]
        wipe.wipe(f"restyle:once:{run.id}", content, png, left="Content", right="In the style",
                  alt=("The content", "The content in the style"))
        st.download_button("Download", png, "picture.png", "image/png", icon=":material/download:", on_click="ignore",
                           key="restyle:once_download")


st.title("Restyle")
way = st.segmented_control("How", WAYS, default=SLOWLY, required=True, key="restyle:way", label_visibility="collapsed")
try:
    if way == SLOWLY:
        slowly()
    else:
        at_once()
except (UserError, StoreError) as error:
    st.error(markdown.told(error), icon=":material/error:")
