"""The parts of the Compare page."""

import contextlib

import streamlit as st

from gan_core import visitors
from gan_core.compare import parallel, report, scores
from gan_core.compare.curves import AXES, samples_of
from gan_core.compare.learned import told_apart
from gan_core.compare.report import newest_at, positions
from gan_core.modalities.base import headline_of, is_picture
from gan_core.store.artifacts import NoArtifact, step_of
from gan_core.tasks import background
from pages.components import curves, markdown, once, run_view, score_view, shell, work_view
from pages.components.sheet_slider import Row, sheet_slider
from pages.components.when_seen import when_seen

TICKS, FEWEST = 60, 12  # positions of the slider, at most; and where sheets are large
BARS = 3  # of runs that are being scored, or wait for it
HELD = 64 * 2**20  # bytes of sheets that the server may keep in memory for a comparison


@st.fragment(run_every=2)
def scoring(store, comparison):
    """A button that scores the runs in the background, and how far that is.  Notices, too, when a run was deleted."""
    runs = [run for entry in comparison.entries for run in entry.runs]
    if {run.id for run in runs} - {run.id for run in store.list()}:
        st.rerun()
    if active := [record for run in runs if (record := work_view.active(store, "score", run))]:
        for record in active[:BARS]:
            work_view.progress(store, record, key=f"compare:{record.run}")
        if active[BARS:]:
            st.caption(f"{len(active[BARS:])} more are to be scored.")
        st.session_state["compare:scoring"] = True
        return
    if st.session_state.pop("compare:scoring", False):
        st.rerun()  # the figures are new
    for run in runs:
        work_view.problem(work_view.last(store, "score", run), serious=False)
    runs = [run for run in runs if not run.elsewhere]  # of others there is nothing to draw from
    if visitors.are_here() or not runs:
        return
    if once.button("Score these runs", icon=":material/straighten:", key="compare:score",
                   help=markdown.plain("Draws samples from each run's last checkpoint and measures how far they are from "
                                       f"real ones. {score_view.taught(runs)}")):
        with shell.telling():
            for run in runs:
                background.start(store, "score", run)
            st.rerun()


@st.fragment
def samples(store, comparison):
    """Every entry's samples at one place of the training, from the same noise or sources, with one slider for all."""
    st.subheader(markdown.plain(comparison.sheets_title()))
    if comparison.noises:
        st.caption(markdown.joined("  \n", comparison.noises))
    if legends := comparison.legends():
        st.caption(markdown.joined("  \n", legends))
    written = _beside_each_other(store, comparison)
    if not any(comparison.sheets(store, AXES[0]).values()):
        if not written:
            st.caption("There are no samples yet.")
        return
    st.session_state.setdefault("compare:axis", AXES[0])  # a saved view may have put another there
    axis = st.segmented_control("At the same", AXES, key="compare:axis", required=True,
                                format_func=markdown.of(_axes(comparison).get))
    sheets = comparison.sheets(store, axis)
    places = positions([place for entry_sheets in sheets.values() for place, _ in entry_sheets],
                       _most_places(store, comparison, sheets))
    name = (lambda place: f"{place:.1f} min") if axis == "minutes" else (lambda place: f"{place:,.0f}")
    rows = [_row(store, entry, [newest_at(sheets[entry.letter], place) for place in places])
            for entry in comparison.entries if entry.letter not in written]
    sheet_slider("compare:sheets", rows, [name(place) for place in places],
                 label=comparison.axes()[axis].capitalize(), mode=axis, title=comparison.sheets_title())


def _beside_each_other(store, comparison):
    """The newest samples of the entries of which they are no pictures, such as texts; the letters of those entries."""
    newest = [(entry, sheet) for entry in comparison.entries if (sheet := run_view.newest_sheet(store, entry.run))
              and not is_picture(sheet[1])]
    for column, (entry, (step, name)) in zip(st.columns(max(len(newest), 1)), newest):
        with column:
            st.markdown(markdown.plain(entry.label))
            run_view.show_sheet(store, entry.run, step, name, height=run_view.HEIGHT_OF_TEXT)
            run_view.listen(store, entry.run, step)
    return {entry.letter for entry, _ in newest}


def _axes(comparison):
    """``{axis: its button}``."""
    return dict(zip(AXES, ("Step", f"{samples_of(comparison.entries).capitalize()} seen", "Time")))


def _most_places(store, comparison, sheets):
    """As many as the slider has, or as many as can be kept for the browser: at the sizes of each run's last sheet."""
    heaviest = 0
    for entry in comparison.entries:
        if sheets[entry.letter]:
            with contextlib.suppress(NoArtifact):
                heaviest += store.artifacts(entry.run.id).entry(sheets[entry.letter][-1][1]).size
    return max(FEWEST, min(TICKS, HELD // max(heaviest, 1)))


def _row(store, entry, names):
    """The sheets of an entry, each one put up for the browser once."""
    put = {name: run_view.served(store, entry.run, name, f"compare:{entry.run.id}:{name}")
           for name in dict.fromkeys(names) if name}
    return Row(entry.label, entry.run, tuple(name and (step_of(name), put[name]) for name in names))


@st.fragment
def charts(store, comparison):
    """Curves over one another: the mean over the seeds, with their spread."""
    st.subheader("Curves")
    # Loading Plotly takes a browser longer than all the rest of the page.
    if not when_seen("compare:charts", height=420):
        return
    known = {title: key for key, title in comparison.charts().items()}
    left, right = st.columns([3, 2])
    st.session_state.setdefault("compare:charts", list(known)[:2])
    st.session_state.setdefault("compare:chart-axis", AXES[0])
    titles = left.multiselect("Charts", list(known), key="compare:charts",
                              label_visibility="collapsed", placeholder="Choose curves of training or scores of checkpoints")
    axis = right.segmented_control("Axis", AXES, key="compare:chart-axis", required=True,
                                   format_func=markdown.of(_axes(comparison).get), label_visibility="collapsed")
    compared = {run.id: run for entry in comparison.entries for run in entry.runs}
    past = any(run.parent for run in compared.values()) and st.toggle("Before the forks", key="compare:past",
                               help="In grey, the curves of the runs that some are forks of, up to where these began.")
    columns = st.columns(2)
    for number, title in enumerate(titles):
        key = known[title]
        with columns[number % 2]:
            before = comparison.before(key, axis, lambda run: curves.before(store, run, compared)) if past else ()
            st.plotly_chart(report.chart(comparison.lines(key, axis), title, comparison.axes()[axis],
                                         floor=comparison.floor(key), before=before),
                            key=f"compare:chart:{title}")
            for sentence in comparison.left_out(key):
                st.caption(markdown.told(sentence))
    if any(len(entry.runs) > 1 for entry in comparison.entries):
        st.caption("A line is the mean over the seeds of an entry, the band reaches from the lowest to the highest.")


def figures(comparison):
    """The table: the best marked, and what noise does not tell from it."""
    st.subheader("Figures")
    _table(report.figures_table(comparison))
    st.caption(report.LEGEND)
    if said := comparison.explanations():
        st.caption(markdown.joined("  \n", said))


def settings(comparison):
    """What was set, with the differences first."""
    st.subheader("Settings")
    if differing := report.settings_table(comparison, True):
        _table(differing)
        st.caption(report.TINTED)
    same = sum(not differs for _, _, differs in comparison.settings)
    with st.expander(f"{same:,} settings are the same"):
        _table(report.settings_table(comparison, False))


def _table(table):
    # HTML, where st.table would make a Markdown document of every cell: seconds for eight runs.
    st.html(f"<style>{report.TABLE_STYLE}</style>{table}")


@st.fragment
def settings_against_score(store, comparison):
    """Knobs against score, over every scored run of the same data and size."""
    if not comparison.ranked:
        return
    run = comparison.entries[0].run
    runs = store.list()
    learned = told_apart(runs)
    by_run = {candidate.id: candidate for candidate in runs if learned(candidate) == learned(run)}
    chosen, _ = scores.comparable({run_id: scores.kept(store.artifacts(run_id)) for run_id in by_run})
    by = headline_of(run.kind)
    chosen = {run_id: score for run_id, score in chosen.items() if by.key in score}
    runs = [by_run[run_id] for run_id in chosen]
    names = parallel.varied(runs)
    if len(runs) < 3:
        return
    # Drawn when it is asked for: this chart takes the browser as long as all the rest of the page.
    room = st.expander("Settings against score", on_change="rerun", key="compare:parallel:open")
    if not room.open:
        return
    with room:
        st.caption(markdown.filled("Every scored run on {}: each line is a run, and its colour the {}. Drag along an axis "
                                   "to keep some of them.", run.data, by.title))
        st.session_state.setdefault("compare:parallel:names", names[:parallel.AXES])
        picked = st.multiselect("Settings", names, key="compare:parallel:names",
                                format_func=lambda name: name.replace("_", " "))
        st.plotly_chart(parallel.parallel(runs, [chosen[run_id][by.key] for run_id in chosen], picked, by.title),
                        key="compare:parallel")
