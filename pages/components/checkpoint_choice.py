"""Which checkpoint of a run a page looks at."""

import streamlit as st

from gan_core.modalities.base import headline_of
from gan_core.store import ACTIVE, QUEUED, scores, weights
from gan_core.tasks.asking import Checkpoint
from gan_core.tasks.checkpoints import version
from pages.components import markdown, run_view


def kept(store, run, nothing):
    """``{step: name}`` of those that are kept.  Where there are none the page says so and ends: that there is
    ``nothing``, or, while the run goes on, that it looks for one."""
    names, wrong = weights.whole(store, run.id)
    for sentence in weights.passed_over(store, run.id) if names else wrong.values():
        st.warning(markdown.told(sentence), icon=":material/broken_image:")
    if names:
        return names
    if _live(run):
        _waiting(store, run)
    else:
        st.info(markdown.filled("This run ended without {}, so there is nothing to {}; {}.",
                                "a whole checkpoint" if wrong else "a checkpoint", nothing, run_view.way_on(store, run)),
                icon=":material/info:")
        run_view.open_links(run)
    st.stop()


def choose(store, run, names, key):
    """Draw the choice, that of ``?step=`` or the newest unless another is made; returns ``(step, Checkpoint)``."""
    steps, best = sorted(names, reverse=True), scores.best(store.artifacts(run.id), headline_of(run.kind), names)[0]
    wanted = st.query_params.pop("step", None)
    if wanted in map(str, steps):
        st.session_state[key] = int(wanted)
    elif wanted:  # an older link
        st.warning(markdown.filled("This run keeps no checkpoint of step {}; choose one of those it has.",
                                   markdown.short(wanted)), icon=":material/history:")
    if st.session_state.get(key) not in steps:  # the oldest goes when a new one comes
        st.session_state[key] = steps[0]
    step = st.selectbox("Checkpoint", steps, key=key,
                        format_func=lambda step: f"Step {step:,}" + ("  ·  best" if step == best else ""),
                        help="The last ones of a run are kept, and the best." + (" It goes on: newer ones will come."
                                                                                 if _live(run) else ""))
    return step, Checkpoint(run.id, step, version(store, run, names[step]), run.spec["backend"])


@st.fragment(run_every=5)
def _waiting(store, run):
    if weights.whole(store, run.id)[0]:
        st.rerun()
    every = run.spec["settings"]["checkpoint_seconds"]
    st.info(f"This run has no checkpoint yet. It makes one every {every:g} seconds and at its end; this page looks for it.",
            icon=":material/hourglass_empty:")


def _live(run):
    return run.status in (QUEUED, *ACTIVE)
