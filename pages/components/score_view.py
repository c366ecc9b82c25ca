"""A run's kept scores: each beside its floor, with what it was measured by, and a button that has them measured."""

import pandas as pd
import streamlit as st

from gan_core import visitors
from gan_core.evaluation.score_names import BASELINES, SCORES, explained, in_words
from gan_core.modalities.base import CLASSIFIER, RIGHT, Modality, abilities_of, headline_of, modalities
from gan_core.store import ENDED, artifacts, scores
from gan_core.tasks import background, targets
from pages.components import confusion_view, markdown, once, run_view, shell, work_view

# The label of the button, and its help: while some checkpoint has no scores, and later.
FIRST = ("Score this run", "Draws samples from every checkpoint that was kept and measures how far they are from real "
         "ones, so that the best is known.")
MORE = "Score it with more samples", "Every checkpoint is scored. This draws up to {:,} samples of the last one."
TAUGHT = "The first time on a dataset a small classifier is trained for it, which takes a minute or two."
TARGET = "The column that is told from the others, after learning from generated rows and from real ones."
AGAIN = "_at_floor_counts"  # suffix of scores at the counts of the floor, where those are others


@st.fragment(run_every=3)
def show(store, run, *, key):
    """The scores of one checkpoint, the best at first, and the scoring in the background; ``key`` names the place."""
    held = store.artifacts(run.id)
    kept, (best, all_scored) = scores.kept(held), scores.best(held, headline(run))
    if kept:
        _result(result := _chosen(kept, best, f"{key}:scores:{run.id}"), best, headline(run))
        confusion_view.show(result, f"{key}:scores:{run.id}:{result['step']}:{result['n_fake']}")
    elif RIGHT in abilities_of(run.kind):
        st.caption("Not scored yet: how often it is right on held-out samples, how sure it is, and what it takes for what.")
    else:
        st.caption("Not scored yet: how far its samples are from real ones, how varied, and whether they are copies.")
    if run.status not in ENDED:
        st.caption("Its checkpoints can be scored once it has ended.")
    elif artifacts.checkpoints(held):
        scoring(store, run, all_scored, key=key)
    else:
        st.caption("It has kept no checkpoint, so there is nothing to score.")


def headline(run):
    """The score by which a run's checkpoints are ranked."""
    return headline_of(run.kind)


def scoring(store, run, all_scored, *, key):
    """How far the scoring of a run in the background is, with a button that stops it; else one that starts it."""
    if active := work_view.active(store, "score", run):
        work_view.progress(store, active, key=key)
        return
    work_view.problem(work_view.last(store, "score", run), serious=False)
    if visitors.are_here():
        return
    label, words = MORE if all_scored else FIRST
    words = f"{words.format(modalities().get(run.kind, Modality).scored)} {taught([run])}"
    if RIGHT in abilities_of(run.kind):
        words = "Has every checkpoint that was kept name held-out samples, so that the best is known."
    names = targets.possible(run)
    target = st.selectbox("Target column", ["", *names], key=f"{key}:target:{run.id}", help=TARGET,
                          format_func=lambda name: markdown.isolated(name) if name else "The usual one") if names else ""
    if once.button(markdown.plain(label), icon=":material/straighten:", key=f"{key}:score", help=markdown.plain(words)):
        with shell.telling():
            background.start(store, "score", run, {"every": not all_scored, **({"target": target} if target else {})})
            st.rerun()


def taught(runs):
    """What else has to be done before runs can be scored, a sentence; "" where nothing has."""
    kinds = {name for name, kind in modalities().items() if kind.extractor == CLASSIFIER}
    return TAUGHT if any(run.kind in kinds and run.classes for run in runs) else ""


def _chosen(kept, best, key):
    """One of the results; with several a choice, the best checkpoint's first, of several the one of most samples."""
    order = sorted(kept, key=lambda result: (result["step"] == best, not result["live"], result["step"], result["n_fake"]),
                   reverse=True)
    names = [_name(result, best) for result in order]
    if len(order) == 1:
        return order[0]
    place = st.selectbox("Scored", range(len(order)), format_func=lambda place: names[place], key=key,
                         label_visibility="collapsed") or 0
    return order[min(place, len(order) - 1)]


def _name(result, best):
    return (f"Step {result['step']:,}{' (best)' if result['step'] == best else ''}  ·  {result['n_fake']:,} samples  ·  "
            f"{markdown.isolated(result['extractor'])}{'  ·  a quick look' if result['live'] else ''}")


def _result(result, best, headline):
    """A table of one result."""
    known = [score for score in SCORES if result.get(score.key) is not None]
    answers = "class_recall" in result  # scored by the truth, and beside no other samples
    again = any(f"{score.key}{AGAIN}" in result for score in known)
    beside = {suffix: title for suffix, title in BASELINES.items() if any(key.endswith(suffix) for key in result)}
    st.table(markdown.table(pd.DataFrame([{
        "Score": f"{score.title}",
        "Held-out samples" if answers else "Generated": _written(result, score.key, score.spread),
        **({"As many as real ones": _written(result, f"{score.key}{AGAIN}")} if again else {}),
        **({} if answers else {"Real samples": _written(result, f"{score.key}_floor")}),
        **{title: _written(result, f"{score.key}{suffix}") for suffix, title in beside.items()},
        "Better": score.better or "see below"} for score in known
    ]).set_index("Score")))
    if said := explained([score.key for score in known]):
        st.caption(markdown.joined("  \n", said))
    if result.get("target"):
        st.caption(markdown.plain(f"The column that is told from the others is {result['target']}."))
    counts = (f"{result['n_fake']:,} real samples, by their true classes" if answers else
              f"{result['n_fake']:,} generated against {result['n_real']:,} real samples")
    if said := in_words(result):
        st.caption(markdown.joined("  \n", said))
    if again:
        counts += f"; real samples against each other: {result['n_fake_floor']:,} against {result['n_real_floor']:,}"
    by = "" if answers else f"; features by {result['extractor']}"
    when = f", scored {run_view.when(result['scored'])}" if result.get("scored") else ""
    which = f"the best of its checkpoints by {headline.title}" \
        if result["step"] == best else "not the best of its checkpoints"
    st.caption(markdown.plain(
        f"Step {result['step']:,}{'' if best is None else f', {which}'}. {counts}{by}{when}. "
        + " ".join(result.get("notes", ()))))


def _written(result, key, spread=""):
    if key not in result:
        return "–"
    return f"{result[key]:.4g}" + (f" ± {result[spread]:.2g}" if spread in result else "")
