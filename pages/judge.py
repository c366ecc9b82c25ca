"""Judge: people say which images are real and which generated, and the error rate of each run is kept."""

import streamlit as st

from gan_core.config.spec import RunSpec
from gan_core.errors import BadInput, UserError
from gan_core.evaluation import human
from gan_core.modalities.base import JUDGE, modality
from gan_core.store import ENDED, judgements, weights
from gan_core.store.run import NO_MODEL
from gan_core.tasks.asking import Checkpoint
from gan_core.tasks.checkpoints import resolve, version, whole
from pages.components import asking, judgement_view, markdown, once, shell, trial_view

TIMES = {trial_view.words(shown): shown for shown in human.SHOWN}
EACH = (10, 20, 40, human.MOST)
GONE = "The images of this run were drawn and are gone again, since it went on meanwhile; try again."
state = st.session_state


def unfit(store, run):
    """Why a run cannot be judged, a sentence, or None."""
    try:
        RunSpec.from_dict(run.spec)
    except BadInput as error:
        return str(error)
    if run.elsewhere:
        return NO_MODEL
    kind = modality(run.kind)
    if JUDGE not in kind.abilities:
        return (f"{run.name} draws {kind.words[1]}, which have no look to be judged by; choose a run that draws "
                "images.")
    if run.status not in ENDED:
        return f"{run.name} is not done; judge it when it has ended."
    kept, wrong = weights.whole(store, run.id)
    if wrong and not kept:
        return weights.nothing_whole(wrong)
    if not kept:
        return f"{run.name} has no checkpoint to draw samples from; resume it on the Monitor page."
    return None


def form(store, fit, runs):
    """Choose what to judge, and begin."""
    st.markdown("You see one image at a time, as often real as generated, and say which it is. The share that people "
                "get wrong says how real a generator's images look.")
    picked, others = shell.chosen_runs(fit, key="judge", placeholder="Choose one run, or several to be mixed")
    for run_id in others:
        run = next((run for run in runs if run.id == run_id), None)
        st.warning(markdown.plain(unfit(store, run) if run else
                                  f"There is no run {run_id!r} here; it may have been deleted."))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="large"):
        images_per_run = st.segmented_control("Images of each run", EACH, default=20, key="judge:each", required=True,
                                              help="Half of them are real. The more, the narrower the interval.")
        shown = st.segmented_control("Shown for", list(TIMES), default=next(iter(TIMES)), key="judge:shown", required=True,
                                     format_func=markdown.plain,
                                     help="Then noise covers the image. For the answer you may take your time.")
        feedback = st.toggle("Tell me after each", key="judge:feedback",
                             help="Whether you were right. You learn by it, so it is noted with the result.")
    for run_id in picked:
        for sentence in weights.passed_over(store, run_id):
            st.warning(markdown.told(sentence), icon=":material/broken_image:")
    asked_for = (picked, images_per_run, TIMES[shown], feedback)
    wanted = once.made("judge:begin")
    if once.button("Begin", key="judge:begin", type="primary", icon=":material/play_arrow:", disabled=not picked):
        wanted[:] = [asked_for]
    if wanted == [asked_for]:  # still, when a second click draws the page anew in the meantime
        with shell.telling():
            begin(store, wanted, *asked_for)
    st.caption("Choose a run first." if not picked else "Keys: ← or F for real, → or J for generated. "
               "You may leave at any time: what you have answered counts.")


def begin(store, wanted, picked, images_per_run, shown_ms, feedback):
    """Draw the images of these runs and begin; the wish is over when that is done or cannot be."""
    try:
        pools = {run_id: pool(store, store.get(run_id)) for run_id in picked}
        state["judge:session"] = human.begin(pools, images_per_run, shown_ms=shown_ms, feedback=feedback)
    except UserError:
        wanted.clear()
        raise
    wanted.clear()
    state["judge:from"] = st.query_params.get("runs")
    st.rerun()


def pool(store, run):
    """The run's images, drawn in the background the first time."""
    held = store.artifacts(run.id)
    if (images := judgements.pool(held, whole(store, run))) is None:
        step, name = resolve(store, run)
        asking.answer("judging_pool", Checkpoint(run.id, step, version(store, run, name), run.spec["backend"]), keep=False,
                      words=f"Drawing images of {run.name}, once for all judges")
        images = judgements.pool(held, whole(store, run))
    if images is None:
        raise BadInput(GONE)
    return images


@st.fragment
def trials(store, session):
    """One image after the other; only this is drawn anew."""
    if session.done or state.get("judge:ended"):
        st.rerun()

    def heard(number, verdict, seconds, shown):
        state.pop("judge:trouble", None)
        try:
            if session.answer(number, verdict, seconds, shown):
                run_id = session.trials[number].run
                judgements.keep(store.artifacts(run_id), session.record(run_id))
        except UserError as error:
            state["judge:trouble"] = str(error)

    bar, end = st.columns([6, 1], vertical_alignment="center")
    bar.progress(session.number / len(session.trials), text=f"Image {session.number + 1} of {len(session.trials)}")
    if end.button("End here", icon=":material/stop:", width="stretch", key="judge:end"):
        state["judge:ended"] = True
        st.rerun()
    if trouble := state.get("judge:trouble"):
        st.error(markdown.told(trouble))
    trial_view.trial(session, heard)


def forget():
    for key in ("judge:session", "judge:from", "judge:ended", "judge:trouble"):
        state.pop(key, None)


store = shell.store()
runs = store.list()
fit = [run for run in runs if unfit(store, run) is None]
session = state.get("judge:session")
st.title("Real or generated?")
if session and not (session.done or state.get("judge:ended")):
    trials(store, session)
    st.stop()
if session and st.query_params.get("runs", state["judge:from"]) != state["judge:from"]:
    forget()  # a link to other runs was followed
    session = None
if session:
    if st.button("Judge again", type="primary", icon=":material/replay:"):
        forget()
        st.rerun()
    judgement_view.outcome(session, {run_id: next((run.name for run in runs if run.id == run_id), run_id)
                                     for run_id in session.steps})
elif fit:
    form(store, fit, runs)
else:
    for run in runs:
        if run.id in st.query_params.get("runs", "").split(","):
            st.warning(markdown.told(unfit(store, run)))
    st.info("There is nothing to judge yet: train a run on images, such as the digits, to its end.", icon=":material/info:")
    shell.link("train", label="Train", icon=":material/tune:")
judgement_view.results(store, runs)
