"""What judges said: one session's images, right and wrong, and the human error rate of every run."""

import numpy as np
import pandas as pd
import streamlit as st
from plotly import graph_objects

from gan_core.compare.report import drawn_text
from gan_core.data import to_float
from gan_core.evaluation import human
from gan_core.store import judgements
from gan_core.evaluation.human import GENERATED, GUESSING, REAL
from gan_core.modalities import drawing
from pages.components import artifact_view, markdown, trial_view
from pages.components.live_chart import COLORS

COLUMNS = 10  # of a sheet
NAMES = {(GENERATED, False): "Generated, taken for real", (REAL, False): "Real, taken for generated",
         (GENERATED, True): "Generated, and seen to be", (REAL, True): "Real, and seen to be"}


def percent(rate):
    """A rate for people, with its interval: ``"35 % (18–57)"``."""
    if rate.share is None:
        return "–"
    low, high = rate.interval
    return f"{rate.share:.0%} ({100 * low:.0f}–{100 * high:.0f})".replace("%", " %")


def remark(rate):
    """What an error rate means, as far as its interval says."""
    low, high = rate.interval
    if high < GUESSING:
        return "You tell them apart better than by guessing."
    return "They look more real than real ones." if low > GUESSING else "This cannot be told from guessing."


def outcome(session, names):
    """What was right and wrong in a session that is over; ``names`` of the runs, by id."""
    if not session.number:
        st.info("Nothing was answered, so nothing was counted.", icon=":material/info:")
        return
    by_run = {run: human.rates([session.record(run)]).overall for run in session.steps}
    whole = human.Rate(*(sum(column) for column in zip(*by_run.values())))
    low, high = whole.interval
    left = len(session.trials) - session.number
    unanswered = f", and left {left:,} unanswered" if left else ""
    st.markdown(f"#### You were wrong {whole.wrong:,} times in {whole.n:,}{unanswered}")
    st.markdown(f"That is an error of **{100 * whole.share:.0f} %**, with 95 % confidence between {100 * low:.0f} and "
                f"{100 * high:.0f} %. Guessing gives 50 %. " + markdown.plain(remark(whole)))
    if len(by_run) > 1:
        st.markdown(markdown.joined("\n", (markdown.filled("- {}: {}", names[run], percent(rate))
                                         for run, rate in by_run.items())))
    _images(session, names)


def _images(session, names):
    """The images, sorted by what they were and what was said."""
    by_case = {case: [] for case in NAMES}
    for number, trial in enumerate(session.trials[:session.number]):
        by_case[trial.truth, session.right(number)].append(number)
    columns = st.columns(2, gap="large")
    for index, (case, numbers) in enumerate(by_case.items()):
        with columns[index % 2]:
            st.markdown(markdown.filled("**{}** ({})", NAMES[case], len(numbers)))
            if not numbers:
                st.caption("None")
            for run in session.steps:
                images = [session.images[number] for number in numbers if session.trials[number].run == run]
                if images:
                    if len(session.steps) > 1:
                        st.caption(markdown.plain(names[run]))
                    st.image(artifact_view.in_page(sheet(images)),
                             alt=f"{NAMES[case]}: {len(images)} images of {names[run]}")


def sheet(images):
    """A PNG of uint8 images (H, W, C) of one size."""
    columns = min(COLUMNS, len(images))
    return drawing.png(drawing.sheet(to_float(np.stack(images)), (-(-len(images) // columns), columns)))


def results(store, runs):
    """A chart and a table of every run that was judged, a row for each checkpoint, time and way of telling."""
    rows = [(run, condition, rates) for run in runs
            for condition, rates in human.by_condition(judgements.kept(store.artifacts(run.id))).items()]
    if not rows:
        return
    st.subheader("Human error so far")
    st.plotly_chart(chart(rows), key="judge:chart", alt="Human error rate of each run with its interval: " + "; ".join(
        f"{run.name}, {_way(condition, ', ')}: {percent(rates.overall)}" for run, condition, rates in rows))
    st.table(markdown.table(pd.DataFrame([{
        "Run": markdown.bold(run.name), "Step": f"{condition.step:,}",
        "Shown for": trial_view.words(condition.shown_ms), "Told at once": "yes" if condition.feedback else "no",
        "Human error": markdown.filled("**{}**", percent(rates.overall)), "Generated taken for real": percent(rates.fooling),
        "Real taken for generated": percent(rates.mistaken), "Verdicts": f"{rates.overall.n:,}",
        "Sessions": str(rates.sessions)} for run, condition, rates in rows], dtype=object).set_index("Run")))
    st.caption("Human error is the share of wrong verdicts: at 50 % people can only guess, and above it generated images "
               "look more real than real ones (Zhou 2019, HYPE). In brackets the 95 % interval (Wilson 1927); it takes "
               "verdicts for independent, so let several people judge. Judges who are told at once what was right learn. "
               "Rates at different times, with and without being told, or of different data, do not compare.")


def chart(rows):
    """Error rates with their intervals, a row each from the top, and a line where guessing is."""
    # A place and not a name is the position: two runs may be called the same.
    places = list(range(len(rows)))
    labels = [f"{_short(run.name)}  ·  {_way(condition, '  ·  ')}" for run, condition, _ in rows]
    shares = [rates.overall.share for *_, rates in rows]
    low, high = zip(*(rates.overall.interval for *_, rates in rows))
    figure = graph_objects.Figure(graph_objects.Scatter(
        x=shares, y=places, mode="markers", marker={"size": 10, "color": COLORS[0]},
        error_x={"type": "data", "symmetric": False, "array": [b - a for a, b in zip(shares, high)],
                 "arrayminus": [a - b for a, b in zip(shares, low)], "thickness": 2, "width": 6, "color": COLORS[0]},
        hovertext=[percent(rates.overall) for *_, rates in rows], hoverinfo="text"))
    figure.add_vline(x=GUESSING, line={"dash": "dash", "width": 1.5, "color": COLORS[1]},
                     annotation={"text": "guessing", "font": {"color": COLORS[1]}, "yanchor": "bottom"},
                     annotation_position="top")
    figure.update_xaxes(range=[-0.01, 1.01], tickformat=".0%", title="Human error rate", zeroline=False, fixedrange=True)
    figure.update_yaxes(tickvals=places, ticktext=labels, range=[len(rows) - 0.4, -0.6], fixedrange=True, showgrid=False,
                        zeroline=False, automargin=True)
    figure.update_layout(height=110 + 36 * len(rows), margin={"l": 10, "r": 20, "t": 30, "b": 40}, showlegend=False)
    return figure


def _way(condition, between):
    return between.join([f"step {condition.step:,}", trial_view.words(condition.shown_ms),
                         *(["told at once"] if condition.feedback else [])])


def _short(name, most=40):
    name = name if len(name) <= most else f"{name[:most - 1]}…"
    return drawn_text(name)
