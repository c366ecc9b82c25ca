"""The ways out of the workbench, and the way in: a demo, files for other programs, a site of several runs, a whole run."""

import io
import tempfile
import zipfile

import streamlit as st

from gan_core.errors import UserError
from gan_core.models import cards
from gan_core.sharing.formats import formats
from gan_core.sharing.names import PRECISIONS, TEXT, TITLE
from gan_core.store import ENDED
from gan_core.tasks.asking import Checkpoint
from gan_core.tasks.checkpoints import resolve, version
from gan_core.tasks.registry import task
from pages.components import asking, checkpoint_choice, markdown, once, shell

PREVIEW = 900  # pixels
SIZES = {"int8": "int8: the smallest file", "float16": "float16: half of it", "float32": "float32: exactly what Draw draws"}
SITE = 12  # runs of one site, at most
state = st.session_state


def demo(store, run, kept):
    """A page that plays anywhere."""
    if refusal := task("demo").refuses(run, shell.known_cards().get(run.architecture)):
        st.info(markdown.told(refusal), icon=":material/info:")
        return
    st.caption("The run becomes one file that opens in any browser, without this workbench and without a network: the model "
               "in it draws new samples there, follows the mouse through its latent space, walks, and shows how it learned.")
    side, main = st.columns([2, 5], gap="large")
    with side, st.form(f"share:{run.id}", border=False):
        step, where = checkpoint_choice.choose(store, run, kept, f"share:{run.id}:step")
        words = _words(run, "share")
        precision = st.selectbox("Weights", PRECISIONS, format_func=SIZES.get, key=f"share:{run.id}:precision")
        if st.form_submit_button("Make the demo", type="primary", icon=":material/ios_share:"):
            state[f"share:{run.id}:wanted"] = words | {"precision": precision}
    with main:
        if (wanted := state.get(f"share:{run.id}:wanted")) and (result := _answer(
                "demo", where, words="Making the demo", **wanted)):
            page = result.files["demo.html"]
            st.download_button(markdown.filled("Download the demo ({} MB)", f"{len(page) / 1e6:.1f}"), page,
                               f"{run.id}-{step}.html", "text/html", icon=":material/download:", on_click="ignore",
                               type="primary")
            st.iframe(page.decode(), height=PREVIEW)


def export(store, run, kept):
    """A file that other programs read, and its card."""
    st.caption("The model for programs that are not this one. Each file is read again and compared with the workbench "
               "before you get it; the card beside it says what it is, how it scored and how to draw with it, as the "
               "Hugging Face Hub wants it: put both into a folder, the card as README.md.")
    card, able = shell.known_cards().get(run.architecture), formats()
    if card is not None and card.not_a_graph:
        able = {name: form for name, form in able.items() if not form.of_graph}
        st.info(markdown.filled("{} Its weights can be written, for this workbench.", card.not_a_graph),
                icon=":material/info:")
    side, main = st.columns([2, 5], gap="large")
    with side, st.form(f"export:{run.id}", border=False):
        _, where = checkpoint_choice.choose(store, run, kept, f"export:{run.id}:step")
        form = st.selectbox("Format", list(able), format_func=lambda name: formats()[name].title,
                            key=f"export:{run.id}:format")
        words = _words(run, "export")
        licence = st.text_input("Licence of the model", key=f"export:{run.id}:licence", placeholder="mit, cc-by-4.0, ...")
        if st.form_submit_button("Make the file", type="primary", icon=":material/output:"):
            state[f"export:{run.id}:wanted"] = words | {"format": form, "licence": licence}
    with main:
        if (wanted := state.get(f"export:{run.id}:wanted")) and (result := _answer(
                "export", where, words="Making the file", **wanted)):
            card = result.files["README.md"]
            file, content = next((name, content) for name, content in result.files.items() if name != "README.md")
            st.success(markdown.filled("It is {}.", result.words), icon=":material/check:")
            with st.container(horizontal=True):
                st.download_button(markdown.filled("Download {}", file), content, file, icon=":material/download:",
                                   on_click="ignore", type="primary")
                st.download_button("Download its card", card, "README.md", "text/markdown", icon=":material/description:",
                                   on_click="ignore")
            st.code(card.decode(), language="markdown", wrap_lines=True, height=PREVIEW // 2)


def site(store, runs):
    """Demos of several runs as a folder."""
    st.caption("A page for each run and an index, in a zip: unpack it on any static host. Its README is one that Hugging "
               "Face's static Spaces take as it is.")
    with st.form("site", border=False):
        names = {run.id: f"{markdown.isolated(run.name)}  ·  {run.id}" for run in runs}
        chosen = st.multiselect("Runs", list(names), format_func=names.get, key="site:runs", max_selections=SITE,
                                placeholder="Choose the runs that it shows")
        title = st.text_input("Title of the site", "Generative models to play with", max_chars=TITLE, key="site:title")
        if st.form_submit_button("Make the site", type="primary", icon=":material/web:"):
            state["site:wanted"] = chosen, title
            if not chosen:
                st.warning("Choose a run or more.", icon=":material/info:")
    chosen, title = state.get("site:wanted", ((), ""))
    if chosen and (files := _site(store, chosen, title)):
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(f"site/{name}", content)
        content = held.getvalue()
        st.download_button(markdown.filled("Download the site ({} MB)", f"{len(content) / 1e6:.1f}"), content, "site.zip",
                           "application/zip", icon=":material/download:", on_click="ignore", type="primary")


def _site(store, chosen, title):
    from gan_core.sharing import site as sites

    demos = []
    with shell.telling():
        for run_id in chosen:
            run = store.get(run_id)
            step, name = resolve(store, run)
            where = Checkpoint(run.id, step, version(store, run, name), run.spec["backend"])
            page = asking.answer("demo", where, words=f"Making the demo of {run.name}", slot="site", title="", text="",
                                 precision="int8").files["demo.html"]
            demos.append(sites.demo_of(store, run, step, cards.card(run.architecture), page))
        return sites.files(demos, title)
    return None


def whole_run(store, run):
    """A run with all that is kept with it, to be taken up elsewhere."""
    from gan_core.sharing import packs

    out, back = st.columns(2, gap="large")
    with out:
        st.subheader("Take this run along")
        st.caption("Its record, curves, samples, scores and checkpoints in one file, for another workbench: there it is "
                   "looked at, drawn from, and trained further where it has the same data.")

        def packed():
            file = tempfile.TemporaryFile()
            packs.pack(store, store.get(run.id), file)
            file.seek(0)
            return file

        if run.status in ENDED:
            st.download_button("Download the run", packed, f"{run.id}.zip", "application/zip", icon=":material/archive:",
                               on_click="ignore", key=f"pack:{run.id}")
        else:
            st.info("It is still at work: stop it, or wait for its end.", icon=":material/info:")
    with back:
        unpack(store)


def unpack(store):
    """A run that was packed becomes one of this workbench."""
    from gan_core.sharing import packs

    st.subheader("Take a run in")
    st.caption("A file that was made here, in another workbench. What is in it is checked; nothing in it is executed.")
    done = once.made("unpack")
    with st.form("unpack", border=False, clear_on_submit=True):
        file = st.file_uploader("A packed run", type="zip", key="unpack:file", label_visibility="collapsed")
        pressed = st.form_submit_button("Take it in", icon=":material/unarchive:")
    if pressed and file is None:
        st.warning("Choose a file first.", icon=":material/info:")
    elif pressed:
        with shell.telling():
            run = packs.unpack(store, file)
            done[:] = [(run.id, run.name)]
    for run_id, name in done:
        st.success(markdown.filled("{} is here now.", name), icon=":material/check:")
        shell.link("monitor", label="Open it", icon=":material/monitoring:", query_params={"run": run_id})


def _words(run, key):
    return {"title": st.text_input("Title", run.name, max_chars=TITLE, key=f"{key}:{run.id}:title"),
            "text": st.text_area("Your words", max_chars=TEXT, key=f"{key}:{run.id}:text",
                                 placeholder="What is to be seen, who made it, and under which licence the data are.")}


def _answer(task, where, **asked):
    try:
        return asking.answer(task, where, **asked)
    except UserError as error:
        st.error(markdown.told(error), icon=":material/error:")
