"""Prompt: a picture that fits some words, which grows while it is looked for."""

import streamlit as st

from gan_core import visitors
from gan_core.errors import StoreError, UserError
from gan_core.modalities.base import Artifact
from gan_core.store import prompted
from gan_core.tasks import background
from gan_core.tasks.kinds import prompt
from gan_core.tasks.registry import task
from pages.components import artifact_view, checkpoint_choice, markdown, once, shell, work_view

WIDE, FEW = 420, 8  # pixels of the picture; earlier ones
state = st.session_state
store = shell.store()
cards = shell.known_cards()


def words_of(clip):
    """The words that there are, folded away."""
    known = prompt.vocabulary(clip)
    with st.expander(markdown.filled("The {} words that it has learned", f"{len(known):,}")):
        st.markdown(markdown.joined(", ", known[:prompt.NAMED * 10]))


def asked(run, step):
    """The form."""
    known = prompt.judges(store, run)
    if not known:
        st.info(markdown.filled("No run of CLIP has learned {} yet, and by its verdict pictures are looked for.", run.data),
                icon=":material/subtitles:")
        shell.link("train", label="Train one", icon=":material/tune:")
        return
    by_id = {clip.id: clip for clip in known}
    text = st.text_area("What is to be seen", key=f"prompt:{run.id}:text", placeholder="a red seven on blue", height=80,
                        max_chars=prompt.LETTERS)
    clip = by_id[st.selectbox("By the verdict of", list(by_id), key=f"prompt:{run.id}:clip",
                              format_func=lambda key: markdown.isolated(f"{by_id[key].name} ({key})"))]
    words_of(clip)
    left, middle, right = st.columns(3)
    steps = left.number_input("Steps", 1, 5000, 200, step=50, key=f"prompt:{run.id}:steps")
    starts = middle.number_input("Starts", 1, 32, 4, key=f"prompt:{run.id}:starts",
                                 help="Pictures that are looked for side by side; the one that fits best counts.")
    seed = right.number_input("Seed", 0, 2**31 - 1, 0, key=f"prompt:{run.id}:seed")
    if once.button("Paint", key=f"prompt:{run.id}:start", type="primary", icon=":material/auto_fix_high:",
                   width="stretch"):
        with shell.telling():
            background.start(store, "prompt", run, checkpoint=step, config={
                "text": text, "clip": clip.id, "steps": int(steps), "starts": int(starts), "seed": int(seed)})
            state.pop(f"prompt:{run.id}:shown", None)


@st.fragment(run_every=1)
def painted(run):
    """The newest picture, or the one that was chosen, as far as it is."""
    active = work_view.active(store, "prompt", run)
    if active:
        work_view.progress(store, active, key="prompt", titled=False)
    else:
        work_view.problem(work_view.last(store, "prompt", run))
    held = store.artifacts(run.id)
    known = {told["key"]: told for told in prompted.PICTURES.kept(held)}
    if not known:
        if not active:
            st.info("No picture was looked for with this run yet." + (
                "" if visitors.are_here() else " Say on the left what is to be seen; it takes about half a minute."),
                icon=":material/auto_fix_high:")
        return
    key = state.get(f"prompt:{run.id}:shown")
    key = key if key in known else next(iter(known))
    told, png = known[key], prompted.PICTURES.picture(held, key)
    if png is not None:
        artifact_view.show(Artifact(png, "image/png", f"A picture of: {told['prompt']}"), width=WIDE)
    st.markdown(markdown.bold(told["prompt"]))
    fits = f", fits by {told['likeness']:.2f} of 1" if isinstance(told.get("likeness"), (int, float)) else ""
    st.caption(markdown.plain(f"{told['seconds']:.0f} s{fits}" + ("" if told["done"] >= 1 or active else
                                                                   ", stopped before its end")))
    if png is not None:
        with st.container(horizontal=True):
            st.download_button("Download", png, "picture.png", "image/png", icon=":material/download:", on_click="ignore",
                               key=f"prompt:download:{key}")
            if not active and not visitors.are_here() and once.button(
                    "Forget it", key=f"prompt:forget:{key}", icon=":material/delete:"):
                prompted.PICTURES.forget(held, key)
                st.rerun()
    earlier(run, held, [other for other in known.values() if other["key"] != key][:FEW])


def earlier(run, held, others):
    if not others:
        return
    st.caption("Earlier ones")
    columns = st.columns(4)
    for place, told in enumerate(others):
        with columns[place % 4]:
            if png := prompted.PICTURES.picture(held, told["key"]):
                artifact_view.show(Artifact(png, "image/png", f"A picture of: {told['prompt']}"))
            st.caption(markdown.plain(told["prompt"]))
            if st.button("Show", key=f"prompt:show:{told['key']}", width="stretch"):
                state[f"prompt:{run.id}:shown"] = told["key"]
                st.rerun()


st.title("Prompt")
try:
    able = [run for run in store.list() if not task("prompt").refuses(run, cards.get(run.architecture))]
    if not able:
        st.info("Pictures are looked for by words in the codes of a VQGAN, by the verdict of a CLIP. Train both on images "
                "with captions; the coloured digits have some.", icon=":material/info:")
        shell.link("train", label="Train", icon=":material/tune:")
    else:
        chosen = shell.chosen_run(store, able, key="prompt")
        shell.must_be_usable(chosen)
        kept = checkpoint_choice.kept(store, chosen, "paint with")
        side, main = st.columns([2, 3], gap="large")
        with side:
            step = checkpoint_choice.choose(store, chosen, kept, f"prompt:{chosen.id}:step")[0]
            if not visitors.are_here():
                asked(chosen, step)
        with main:
            painted(chosen)
except (UserError, StoreError) as error:
    st.error(markdown.told(error), icon=":material/error:")
