"""What a sweep is doing, and what it has found."""

import streamlit as st

from gan_core.errors import BadInput
from gan_core.store import presets
from gan_core.store.task_records import OPEN
from gan_core.sweeps import charts, keeping, race, told
from gan_core.tasks import background
from pages.components import markdown, once, run_view, shell, work_view
from pages.components.when_seen import when_seen

SHOWN = 40  # of what was given up
COLUMNS = 3  # of charts of single knobs


def at_work(store, sweep_id):
    """The task that goes on with a sweep, None where there is none; and the last one that ended."""
    records = [record for record in store.tasks.list(kind="sweep") if record.config.get("sweep") == sweep_id]
    return (next((record for record in records if record.status in OPEN), None),
            next((record for record in records if record.status not in OPEN), None))


def standing(store, known):
    """How far it is, with a button that stops it or goes on; drawn anew when a run has ended."""
    active, _ = at_work(store, known.sweep.id)
    counted = _counted(store, known.sweep.id)

    def look():
        shell.tend(store)
        now, last = at_work(store, known.sweep.id)
        if _counted(store, known.sweep.id) != counted or (now is None) != (active is None):
            st.rerun()  # there is more to be shown
        if now is not None:
            work_view.progress(store, now, key="sweep", titled=False)
            return
        work_view.problem(last)
        st.info("It has stopped before its end. It goes on from where it was: nothing is tried a second time.",
                icon=":material/pause:")
        if once.button("Go on", key=f"sweep:go-on:{known.sweep.id}", type="primary", icon=":material/play_arrow:"):
            with shell.telling():
                background.start(store, "sweep", None, {"sweep": known.sweep.id})
                st.rerun()

    if not known.sweep.ended:
        st.fragment(look, run_every=2 if active else None)()


def _counted(store, sweep_id):
    """Changes when there is something new to be shown."""
    runs = store.sweeps.runs(sweep_id)
    return len(runs), sum(bool(run.ended) for run in runs), bool(store.sweeps.get(sweep_id).ended)


def verdict(known):
    """What can be said of the best against the defaults."""
    final = told.last_round(known)
    if final.sentences:
        st.info(markdown.joined("  \n", final.sentences), icon=":material/gavel:")
    elif known.sweep.ended:
        st.info("Nothing came far enough to meet the defaults: every other trial diverged, failed or was given up.",
                icon=":material/gavel:")


def leaders(store, known):
    """The newest samples of the best trials, side by side, each with its settings and what can be done with them."""
    order = told.leaders(known)
    if not order:
        st.caption("No run has ended yet.")
        return
    st.subheader("Leaders")
    for column, trial in zip(st.columns(len(order)), order):
        with column:
            st.markdown(markdown.bold(f"Trial {trial.number}"))
            seeds = "1 seed" if len(trial.runs) == 1 else f"{len(trial.runs)} seeds"
            st.caption(markdown.filled("{} {:.4g} over {}", known.headline.title, told.value(known, trial), seeds))
            _sheet(store, trial)
            st.markdown(markdown.plain(told.named(trial)))
            shell.link("train", label="Use these settings", icon=":material/tune:",
                       query_params={"sweep": known.sweep.id, "trial": str(trial.number)})


def _sheet(store, trial):
    """The newest sheet of the first of its runs that is there yet."""
    for begun in (*trial.runs, *trial.finals):
        try:
            run = store.get(begun.run)
        except BadInput:
            continue
        if sheet := run_view.newest_sheet(store, run):
            run_view.show_sheet(store, run, *sheet)
            shell.link("monitor", label="Its run", icon=":material/monitoring:", query_params={"run": run.id})
            return
    st.caption("Its runs were deleted, or have no samples yet; what they measured is kept.")


def keep_as_preset(store, known):
    """Make what is recommended a preset."""
    best = told.best_settings(known)
    if best is None or best.number == race.DEFAULT:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input("Name of the preset", key=f"sweep:preset:{known.sweep.id}", max_chars=presets.LONGEST,
                             placeholder="Found by a sweep", width=300)
        if once.button("Make them a preset", key=f"sweep:keep:{known.sweep.id}", icon=":material/bookmark_add:",
                       help=markdown.filled("Trial {}: {}. It is offered on the Train page.", best.number,
                                            told.in_words(best.params))):
            with shell.telling():
                keeping.keep_as_preset(store, known, name or "Found by a sweep")
                st.toast("Kept: it is offered on the Train page.", icon=":material/bookmark_added:")


def drawn(known):
    """The charts."""
    st.subheader("Charts")
    if not race.ranked(known.trials):
        st.caption("They come with the first run that has ended.")
        return
    if not when_seen("sweep:charts", height=700):  # loading Plotly takes a browser longer than all the rest of the page
        return
    key = known.sweep.id
    st.plotly_chart(charts.history(known), key=f"sweep:history:{key}")
    if (figure := charts.front(known)) is not None:
        st.plotly_chart(figure, key=f"sweep:front:{key}")
    if (figure := charts.importance(known)) is not None:
        st.plotly_chart(figure, key=f"sweep:importance:{key}")
        st.caption("By PED-ANOVA, over all that were tried; of few trials it is a guess.")
    columns = []
    for place, figure in enumerate(charts.slices(known)):
        columns = columns or st.columns(COLUMNS)  # a row at a time: on a phone they keep their order
        columns.pop(0).plotly_chart(figure, key=f"sweep:slice:{key}:{place}")
    st.caption("Each knob's values against the score; later trials are bluer.")
    if (figure := charts.parallel(known)) is not None:
        st.plotly_chart(figure, key=f"sweep:parallel:{key}")
        st.caption("Each line is a trial; drag along an axis to keep some of them.")


def all_trials(known):
    """Every trial, and why some were given up."""
    order = sorted(known.trials.values(), key=lambda trial: (not trial.known, trial.loss or 0.0, trial.number))
    with st.expander(f"All trials ({len(order):,})"):
        st.table(markdown.table({
            "Trial": [str(trial.number) for trial in order],
            known.headline.title.capitalize(): ["–" if (value := told.value(known, trial)) is None else f"{value:.4g}"
                                                for trial in order],
            "Seeds": [str(sum(bool(run.ended) for run in (*trial.runs, *trial.finals))) for trial in order],
            "Settings": [told.named(trial) for trial in order]}))
    gone = told.given_up(known)
    if gone:
        with st.expander(f"Given up, and why ({len(gone):,})"):
            st.table(markdown.table({"Trial": [str(number) for number, _ in gone[:SHOWN]],
                                     "Settings": [told.named(known.trials[number]) for number, _ in gone[:SHOWN]],
                                     "Why": [why for _, why in gone[:SHOWN]]}))
