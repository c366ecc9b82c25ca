"""What drawn samples are good for: a dataset to train on, and lessons for a classifier."""

import streamlit as st

from gan_core.evaluation import score_names
from gan_core.store import STOPPED, scores
from gan_core.tasks import background
from gan_core.tasks.wanted import MOST, as_text
from pages.components import markdown, once, run_view, shell, work_view

REAL = {"10": 10, "30": 30, "100": 100, "300": 300, "1,000": 1000, "All": MOST}
SHOWN = 3  # results of recognition


def keep(store, run, step, wanted):
    """Draw many samples as the sheet's were and keep them as a dataset."""
    _watched(_keep, store, "keep", run, step, wanted)


def recognition(store, run, step):
    """Have classifiers trained on real samples, generated ones and both, and see which knows real ones best."""
    _watched(_recognition, store, "recognise", run, step)


def _watched(part, store, kind, run, *arguments):
    """Draw a part of the page, again and again while work of its kind is done, and then all of the page once more."""
    busy = work_view.active(store, kind, run) is not None

    def drawn():
        active = work_view.active(store, kind, run)
        if busy and not active:
            st.rerun()
        part(store, run, *arguments, active)

    st.fragment(drawn, run_every=1 if busy else None)()


def _keep(store, run, step, wanted, active):
    st.subheader("Keep as a dataset")
    st.caption(markdown.filled("Draws as many as you like{}, from seed {}. The Train page then offers them among the data.",
                               f": {wanted.in_words}" if wanted.in_words else "", wanted.seed))
    name, number, button = st.columns([3, 2, 1], vertical_alignment="bottom")
    title = name.text_input("Name", max_chars=60, key=f"keep:{run.id}:name", placeholder="drawn samples")
    n = number.number_input("Number of samples", 2, value=2000, key=f"keep:{run.id}:n")
    if pressed := once.button("Keep", key=f"keep:{run.id}", place=button, icon=":material/save:", width="stretch",
                              disabled=bool(active)):
        with shell.telling():
            background.start(store, "keep", run, {"name": title.strip(), "n": int(n), "seed": wanted.seed,
                                                  "label": wanted.label or "", "chosen": as_text(wanted.chosen)},
                             checkpoint=step)
            st.rerun()
    if active:
        work_view.progress(store, active, key="keep")
    elif not pressed:
        _outcome(work_view.last(store, "keep", run))


def _recognition(store, run, step, active):
    st.subheader("Use for recognition")
    st.caption("Trains one small classifier on real images, one on generated ones and one on both, and tests all three on "
               "real images that none has seen. Where real ones are few, generated ones may help.")
    few, number, button = st.columns([3, 2, 1], vertical_alignment="bottom")
    real = few.segmented_control("Real images of each class", list(REAL), default="100", required=True,
                                 key=f"recognition:{run.id}:real", format_func=markdown.plain)
    n = number.number_input("Generated images", 1, value=2000, key=f"recognition:{run.id}:n")
    if pressed := once.button("Train", key=f"recognition:{run.id}", place=button, icon=":material/school:",
                              width="stretch", disabled=bool(active),
                              help="Takes some minutes, with what the processor has to spare."):
        with shell.telling():
            background.start(store, "recognise", run, {"n": int(n), "real_per_class": REAL[real]}, checkpoint=step)
            st.rerun()
    if active:
        work_view.progress(store, active, key="recognise")
    elif not pressed:
        _outcome(work_view.last(store, "recognise", run))
    for result in scores.kept_recognitions(store.artifacts(run.id))[:SHOWN]:
        with st.container(border=True):
            st.markdown(markdown.plain(score_names.recognition_in_words(result)))
            taught, images, right, difference = zip(*score_names.recognition(result))
            st.table(markdown.table({
                "Trained on": [lesson.capitalize() for lesson in taught], "Images": [f"{count:,}" for count in images],
                      "Named rightly": [f"{100 * accuracy:.1f} %" for accuracy in right],
                      "Difference, in points": ["", *(f"{100 * gain:+.1f}" for gain in difference[1:])]}))
            st.caption(markdown.filled("Step {:,}, {}", result["step"], run_view.when(result["scored"])))


def _outcome(record):
    """How work that is over has ended."""
    work_view.problem(record)
    if record is not None and record.status == STOPPED:
        st.caption("Stopped; nothing was kept.")
    elif record is not None and (name := record.result.get("made", {}).get("dataset")):
        st.success(markdown.filled("Kept as {}: the Train page offers it, and `train --data` takes it by that name.",
                                   markdown.bold(name)), icon=":material/check:")
