"""Settings against score over many runs: a parallel-coordinates view of numbers, words, and settings that some lack."""

from plotly import graph_objects

from gan_core.compare.entries import recipe
from gan_core.compare.report import drawn_text

AXES = 8        # at first: more stand too close to be read
TICKS = 9       # of an axis
NOT_THERE = "none"  # of an architecture that has no such setting
SCALE = [[0, "#2563eb"], [0.5, "#0d9488"], [1, "#c2410c"]]  # seen on light and on dark alike
SAME = {"architecture", "data", "size", "backend"}  # drawn first, equal, or no choice of a person's


def varied(runs):
    """Names of the settings that differ between runs; those that most runs have first, for they compare most."""
    recipes = [recipe(run) for run in runs]
    names = dict.fromkeys(name for settings in recipes for name in settings if name not in SAME)
    return sorted((name for name in names if len({_text(settings.get(name)) for settings in recipes}) > 1),
                  key=lambda name: -sum(name in settings for settings in recipes))


def parallel(runs, scores, names, title="kernel distance"):
    """A Plotly figure: a line a run through its settings, coloured by its score.

    Args:
        scores: of each run, floats.
        names: of :func:`varied`.
    """
    recipes = [recipe(run) for run in runs]
    several = len({run.architecture for run in runs}) > 1
    axes = [_axis("architecture", [run.architecture for run in runs])] if several else []
    axes += [_axis(name.replace("_", " "), [settings.get(name) for settings in recipes]) for name in names]
    axes.append({"label": drawn_text(title), "values": scores})
    return graph_objects.Figure(
        graph_objects.Parcoords(dimensions=axes, line={"color": scores, "colorscale": SCALE, "showscale": True}),
        layout={"height": 400, "margin": {"l": 80, "r": 40, "t": 60, "b": 20}})


def _axis(label, values):
    """Numbers as they are; anything else, and numbers that some runs lack, as ticks at equal distances."""
    label = drawn_text(label)  # ticks are plain text
    if all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values):
        return {"label": label, "values": [float(value) for value in values]}
    # What is not there lies lowest, then numbers by size, then words.
    order = sorted({_text(value): value for value in values}.values(), key=lambda value: (
        value is not None, isinstance(value, str), value if isinstance(value, (int, float)) else 0, _text(value)))
    place = {_text(value): number for number, value in enumerate(order)}
    ticks = [round(i * (len(order) - 1) / (TICKS - 1)) for i in range(TICKS)] if len(order) > TICKS else range(len(order))
    return {"label": label, "values": [place[_text(value)] for value in values], "tickvals": list(ticks),
            "ticktext": [_text(order[tick]) for tick in ticks]}


def _text(value):
    return NOT_THERE if value is None else f"{value:g}" if isinstance(value, float) else str(value)
