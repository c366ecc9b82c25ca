"""What the Explore page is made of: the walk, directions that are looked for, a picture of one's own, what is kept."""

import base64
import hashlib
import io
import json

import streamlit as st
from PIL import Image

from gan_core import visitors
from gan_core.errors import UserError
from gan_core.exploring import pictures
from gan_core.modalities import drawing
from gan_core.modalities.base import Artifact
from gan_core.store import explored
from gan_core.store.artifacts import NoArtifact
from gan_core.tasks import background
from pages.components import artifact_view, asking, explorer_view, markdown, once, shell, work_view

METHODS = {"pca": "What changes most (PCA)", "sefa": "In closed form (SeFa)", "random": "By chance"}
MOST = 64  # MB of a picture
state = st.session_state


def walk(store, run, where):
    """The player, and what is to be kept of it."""
    held, said = store.artifacts(run.id), f"explore:{run.id}:said"
    try:
        digest = hashlib.sha256(held.read(explored.NAME)).hexdigest()[:12]
    except NoArtifact:
        digest = ""
    wanted = st.query_params.get("point", "")
    if wanted and wanted not in {point["name"] for point in explored.kept(held)["points"]}:
        st.warning(markdown.filled("This run keeps no sample called {!r}.", markdown.short(wanted)),
                   icon=":material/history:")
        wanted = ""
    if (result := _answer("explorer", where, words="Opening the model", kept=digest, point=wanted)) is None:
        return
    if (told := state.get(said)) and not visitors.are_here():
        st.dialog("Keep", on_dismiss=lambda: state.pop(said, None))(_to_keep)(store, run, where, told, said)
    explorer_view.explorer(result.files["explorer.html"].decode(), f"{where}:{digest}:{wanted}", str(where), run.name,
                           lambda told: None if visitors.are_here() else state.update({said: told}))


def _to_keep(store, run, where, told, said):
    """A name for what the visitor wants to keep."""
    held = store.artifacts(run.id)
    found = None
    if told.get("kind") == "marks":
        found = _answer("own_direction", where, words="Finding the direction", having=json.dumps(told.get("having")),
                        lacking=json.dumps(told.get("lacking")))
        if found is None:
            return
        artifact_view.show(_strip(found, "strip"))
        if found.values["effects"]:
            st.caption(markdown.plain(_in_words(found.values["effects"], found.values["reach"])))
    words, button = st.columns([3, 1], vertical_alignment="bottom")
    name = words.text_input("What this direction is" if found else "Name of this sample", key=f"{said}:name",
                            max_chars=explored.LONGEST, placeholder="thicker" if found else "a round seven")
    if once.button("Keep", key=f"{said}:keep", place=button, icon=":material/bookmark_add:", width="stretch"):
        with shell.telling():
            if found:
                told = {part: found.values[part] for part in ("input", "vector", "deviation", "reach")}
                explored.keep_direction(held, name, **told, found="own")
            else:
                explored.keep_point(held, name, told.get("point"))
                st.query_params["point"] = " ".join(name.split())
            del state[said]
            st.rerun()


def find(store, run, where):
    """Look for directions, and keep those that mean something."""
    held = store.artifacts(run.id)
    with st.form(f"explore:{run.id}:find", border=False):
        way, count, more, button = st.columns([3, 1, 3, 2], vertical_alignment="bottom")
        method = way.selectbox("Way", list(METHODS), format_func=METHODS.get, key=f"explore:{run.id}:method")
        n = count.number_input("How many", 1, 20, 6, key=f"explore:{run.id}:n")
        # For visitors no classifier is trained.
        effects = not visitors.are_here() and more.checkbox(
            "Say what each changes", key=f"explore:{run.id}:effects",
            help="Takes longer. Where there are classes a classifier says how many samples keep theirs; the first time on a "
                 "dataset it is trained, which takes a minute or two.")
        if button.form_submit_button("Find directions", type="primary", icon=":material/explore:", width="stretch"):
            state[f"explore:{run.id}:found"] = {"method": method, "n": int(n), "effects": effects}
    if not (wanted := state.get(f"explore:{run.id}:found")):
        st.caption("Each direction is shown as a strip: one sample, moved along it from one end to the other."
                   + ("" if visitors.are_here() else " Name those that mean something; they become sliders, here and in "
                      "the run's demo."))
        return
    if (result := _answer("directions", where, words="Looking for directions", **wanted)) is None:
        return
    values = result.values
    for number, vector in enumerate(values["vectors"]):
        strip, words, button = st.columns([5, 2, 1], vertical_alignment="center")
        with strip:
            artifact_view.show(_strip(result, f"strip-{number}"))
            if values["effects"]:
                st.caption(markdown.plain(_in_words(values["effects"][number], values["reach"][number])))
        if visitors.are_here():
            continue
        usual = f"{wanted['method']} {number + 1}"
        name = words.text_input("Name", key=f"explore:{run.id}:name:{usual}", label_visibility="collapsed",
                                placeholder=usual, max_chars=explored.LONGEST)
        if once.button("Keep", key=f"explore:{run.id}:keep:{number}", place=button, width="stretch"):
            with shell.telling():
                explored.keep_direction(held, name or usual, input=values["input"],
                                        vector=vector, deviation=values["deviation"][number], reach=values["reach"][number],
                                        found=wanted["method"])
                st.toast("Kept: it is a slider of the walk now.")


def _in_words(told, reach):
    low, high = told["-3"], told["3"]
    said = [f"light {100 * low['light']:+.0f} to {100 * high['light']:+.0f} %",
            f"contrast {100 * low['contrast']:+.0f} to {100 * high['contrast']:+.0f} %"]
    if "kept" in low:
        said.append(f"class kept by {100 * low['kept']:.0f} and {100 * high['kept']:.0f} % at its ends; the slider reaches "
                    f"{reach:g} of 3 steps")
    return ", ".join(said)


def picture(store, run, step):
    """A picture of one's own, found in the model's space."""
    st.caption("The model looks for the sample that is most like your picture: from several starts, downhill. What it finds "
               "can be kept, and is then moved by the same sliders as all others.")
    with st.form(f"explore:{run.id}:project", border=False):
        file = st.file_uploader("A picture", type=["png", "jpg", "jpeg", "webp", "bmp", "gif"], max_upload_size=MOST,
                                key=f"explore:{run.id}:file")
        left, middle, right, button = st.columns([1, 1, 2, 1], vertical_alignment="bottom")
        steps = left.number_input("Steps", 10, 2000, 300, step=50, key=f"explore:{run.id}:steps")
        starts = middle.number_input("Starts", 1, 16, 4, key=f"explore:{run.id}:starts")
        classes = list(run.spec["classes"])
        label = right.selectbox("Class", [-1, *range(len(classes))], key=f"explore:{run.id}:label", disabled=not classes,
                                format_func=lambda number: "any" if number < 0 else markdown.isolated(classes[number]))
        pressed = button.form_submit_button("Look for it", type="primary", icon=":material/image_search:", width="stretch")
    if pressed and file is None:
        st.warning("Choose a picture first.", icon=":material/info:")
    elif pressed:
        with shell.telling():
            background.start(store, "project", run, {
                "picture": _small(shell.spec_of(run).data_spec, file.getvalue()), "steps": int(steps),
                "starts": int(starts), "label": label}, checkpoint=step)
    _projected(store, run)


@st.fragment(run_every=1)
def _projected(store, run):
    if active := work_view.active(store, "project", run):
        work_view.progress(store, active, key="project", titled=False)
        return
    record = work_view.last(store, "project", run)
    work_view.problem(record)
    if record is None or not record.result.get("values"):
        return
    values = record.result["values"]
    shown, told = st.columns([2, 3], vertical_alignment="center")
    with shown:
        words = "Your picture, and what the model makes of it"
        artifact_view.show(Artifact(base64.b64decode(values["beside"]), "image/png", words), caption=words)
    with told:
        st.metric("Likeness", markdown.plain(f"{values['psnr']:.1f} dB"),
                  help="PSNR: from 30 dB on the two are hard to tell apart, at 17 dB one sees what is meant.")
        name, made = st.text_input("Name", key=f"explore:{run.id}:found:name", placeholder="my picture",
                                   max_chars=explored.LONGEST), once.made("explore:walk")
        if once.button("Keep it, and walk from there", key=f"explore:{run.id}:found:keep", icon=":material/bookmark_add:"):
            with shell.telling():
                name = " ".join(name.split()) or "my picture"
                explored.keep_point(store.artifacts(run.id), name, values["point"])
                made[:] = [name]
                st.rerun()


def kept(store, run):
    """Names of what is kept, which can be changed."""
    held = store.artifacts(run.id)
    told = explored.kept(held)
    if not told["directions"] and not told["points"]:
        st.info("Nothing is kept yet: name a direction, or keep a sample of the walk.", icon=":material/info:")
    for kind, title in (("directions", "Directions"), ("points", "Samples")):
        if told[kind]:
            st.subheader(markdown.plain(title))
        for thing in told[kind]:
            words, change, remove = st.columns([5, 1, 1], vertical_alignment="bottom")
            key = f"explore:{run.id}:{kind}:{thing['name']}"
            name = words.text_input("Name", thing["name"], key=f"{key}:name", label_visibility="collapsed",
                                    max_chars=explored.LONGEST)
            if once.button("Rename", key=f"{key}:rename", place=change, width="stretch", disabled=name == thing["name"]):
                with shell.telling():
                    explored.rename(held, kind, thing["name"], name)
                    st.rerun()
            if once.button("Forget", key=f"{key}:forget", place=remove, width="stretch"):
                with shell.telling():
                    explored.forget(held, kind, thing["name"])
                    st.rerun()


def _small(spec, content):
    """The picture as the model has it, PNG in base64: a photograph need not be kept with every try."""
    file = io.BytesIO()
    pixels = drawing.to_uint8(pictures.like(spec, content))
    Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def _strip(result, stem):
    artifact = result.artifact(stem)
    return Artifact(artifact.data, artifact.mime, "One sample, moved along the direction from one end to the other")


def _answer(task, where, **asked):
    try:
        return asking.answer(task, where, **asked)
    except UserError as error:
        st.error(markdown.told(error), icon=":material/error:")
