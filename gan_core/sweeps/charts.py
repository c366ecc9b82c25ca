"""What a sweep has found, as Plotly figures."""

from plotly import graph_objects

from gan_core.compare import parallel as settings_against_score
from gan_core.compare.report import COLOURS, drawn_text
from gan_core.evaluation.score_names import LOWER
from gan_core.store.run import Run
from gan_core.sweeps import race, told
from gan_core.sweeps.plan import TIME

GREY, MARGIN = "#808896", {"l": 60, "r": 20, "t": 40, "b": 50}
LONGEST = 20.0  # times the best score that an axis shows, where the worst lie farther


def history(known):
    """Each trial's score in the order in which they were tried, and the best so far; what was given up is marked."""
    figure, title = graph_objects.Figure(), known.headline.title
    gone = {number for number, _ in told.given_up(known)}
    order = sorted(known.trials.values(), key=lambda trial: trial.number)
    for name, symbol, colour in (("tried", "circle", COLOURS[0]), ("given up", "x", COLOURS[1])):
        shown = [trial for trial in order if trial.known and (trial.number in gone) == (name == "given up")]
        figure.add_scatter(x=[trial.number for trial in shown], y=[told.value(known, trial) for trial in shown],
                           mode="markers", name=name, marker={"symbol": symbol, "color": colour, "size": 10},
                           text=[drawn_text(told.named(trial)) for trial in shown],
                           hovertemplate="%{text}<br>%{y:.4g}")
    best, line = None, []
    for trial in order:
        if trial.known:
            best = trial.loss if best is None else min(best, trial.loss)
            line.append((trial.number, best if known.headline.better == LOWER else -best))
    figure.add_scatter(x=[at for at, _ in line], y=[value for _, value in line], mode="lines", name="best so far",
                       line={"shape": "hv", "color": COLOURS[2], "width": 2})
    figure.update_layout(title="History", height=320, margin=MARGIN, xaxis_title="trial (0: the defaults)",
                         yaxis_title=drawn_text(title), legend={"orientation": "h", "y": -0.3})
    figure.update_yaxes(**_scale([told.value(known, trial) for trial in order if trial.known]))
    return figure


def importance(known):
    """How much each knob matters; None where that is not known yet."""
    shares = known.importance
    if not shares:
        return None
    names = sorted(shares, key=shares.get)
    figure = graph_objects.Figure(graph_objects.Bar(
        x=[100 * shares[name] for name in names], y=[drawn_text(name.replace("_", " ")) for name in names], orientation="h",
        marker_color=COLOURS[0], hovertemplate="%{x:.0f} %<extra></extra>"))
    figure.update_layout(title="What matters", height=120 + 34 * len(names), margin=MARGIN | {"l": 150},
                         xaxis_title="share, %")
    return figure


def parallel(known):
    """A line a trial through its settings, coloured by its score; None where fewer than two have one."""
    shown = race.ranked(known.trials)
    if len(shown) < 2:
        return None
    runs = []
    for trial in shown:
        spec = known.spec_of(trial.params, 0).as_dict()
        runs.append(Run(str(trial.number), "", spec["architecture"], spec["data"], spec["settings"]["steps"], spec))
    return settings_against_score.parallel(runs, [told.value(known, trial) for trial in shown],
                                           [axis.name for axis in known.space.axes], known.headline.title)


def slices(known):
    """A figure for each knob: its values against the score, later trials bluer; none where nothing is known."""
    shown = race.ranked(known.trials)
    return [_slice(known, axis, [trial for trial in shown if axis.name in trial.params]) for axis in known.space.axes] \
        if shown else []


def _slice(known, axis, shown):
    values = [trial.params[axis.name] for trial in shown]
    scores = [told.value(known, trial) for trial in shown]
    figure = graph_objects.Figure(graph_objects.Scatter(
        x=[drawn_text(value) for value in values] if axis.values else values, y=scores, mode="markers",
        marker={"size": 9, "color": [trial.number for trial in shown], "colorscale": [[0, GREY], [1, COLOURS[0]]]},
        text=[f"trial {trial.number}" for trial in shown], hovertemplate="%{text}: %{x}, %{y:.4g}<extra></extra>"))
    figure.update_layout(title=drawn_text(axis.knob.label), height=260, margin=MARGIN,
                         yaxis_title=drawn_text(known.headline.title))
    figure.update_xaxes(type="category" if axis.values else "log" if axis.log else "linear")
    figure.update_yaxes(**_scale(scores))
    return figure


def front(known):
    """Quality against time: how soon each trial was nearly at its best; None where that is not asked for."""
    if known.plan.by != TIME:
        return None
    shown = [trial for trial in race.ranked(known.trials) if trial.seconds is not None]
    best = sorted(race.front(known.trials), key=lambda trial: trial.seconds)
    figure = graph_objects.Figure()
    figure.add_scatter(x=[trial.seconds for trial in shown], y=[told.value(known, trial) for trial in shown], mode="markers",
                       name="tried", marker={"color": GREY, "size": 9}, hovertemplate="%{text}",
                       text=[drawn_text(told.named(trial)) for trial in shown])
    figure.add_scatter(x=[trial.seconds for trial in best], y=[told.value(known, trial) for trial in best],
                       mode="lines+markers", name="no other is better and sooner",
                       line={"shape": "hv" if known.headline.better == LOWER else "vh", "color": COLOURS[0]},
                       marker={"size": 11})
    figure.update_layout(title="Quality against time", height=340, margin=MARGIN, legend={"orientation": "h", "y": -0.3},
                         xaxis_title="seconds until it was within a tenth of its best",
                         yaxis_title=drawn_text(known.headline.title))
    return figure


def _scale(values):
    """By factors where the worst lie far beyond the best."""
    far = values and min(values) > 0 and max(values) > LONGEST * min(values)
    return {"type": "log"} if far else {}
