"""Curves of several runs on one axis: the mean over the seeds of an entry, and their spread."""

import dataclasses
from dataclasses import dataclass

import numpy as np

from gan_core.modalities.base import counted, headline_of
from gan_core.store import lineage

AXES = ("step", "images", "minutes")
LOSSES = {"g_loss": "G loss", "d_loss": "D loss"}  # of runs from before models declared theirs
CHARTS = {"d_accuracy_real": "D accuracy on real",
          "d_accuracy_fake": "D accuracy on generated", "critic_estimate": "Critic's estimate",
          "kernel": "Live kernel distance", "log_loss": "Live log loss"}


def axis_titles(entries):
    """``{axis: what to call it}``: by what the entries learn, real images or rows are seen."""
    return dict(zip(AXES, ("step", f"real {samples_of(entries)} seen", "minutes of training")))


def samples_of(entries):
    """What to call the samples of some entries."""
    return counted(run.data_kind for entry in entries for run in entry.runs)


def charts(runs):
    """``{key: title}`` of the curves that can be drawn of some runs: their players' losses, those of most players first,
    and what any run may have."""
    losses = dict(LOSSES)
    for run in sorted(runs, key=lambda run: len(run.facts.get("losses", {}))):
        players = run.facts.get("losses", {})
        losses |= {key: "Loss" if len(players) == 1 and title == LOSSES.get(key) else title
                   for key, (title, _) in players.items()}  # an older version called who plays alone G, too
    headlines = [headline_of(run.kind) for run in runs]
    return losses | CHARTS | {headline.key: f"Live {headline.title}" for headline in headlines if headline.key not in CHARTS}
FEW = 10  # places of a curve up to which they are marked: one alone is no line
POINTS = 300  # of a curve: a chart of eight entries is read at a glance, not at a pixel


@dataclass(frozen=True)
class Lines:
    """One entry's curve: ``x``, ``mean``, ``low`` and ``high`` over its seeds, each (N,)."""

    letter: str
    title: str
    x: np.ndarray
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    seeds: int
    points: bool = False  # of few places, that a chart should mark
    before: bool = False  # of those that the entry is a fork of, up to where it began


def places(run, series, steps, axis):
    """Where some steps (N,) of a run stand on an axis: floats, (N,)."""
    steps = np.asarray(steps, float)
    if axis == "step":
        return steps
    if axis == "images":
        return lineage.samples_seen(run, steps)
    known, _, minutes = series.curve(run.main_curve)
    return lineage.minutes_before(run) + (np.interp(steps, known, minutes) if len(known) else np.zeros(len(steps)))


def overlaid(entries, series, key, axis, runs=None):
    """The :class:`Lines` of every entry that has ``key``; ``axis`` is one of :data:`AXES`, ``runs`` the ids of those that
    may share it, by default all."""
    lines = []
    for entry in entries:
        curves = [_curve(run, series[run.id], key, axis) for run in entry.runs
                  if key in series[run.id] and (runs is None or run.id in runs)]
        if curves := [(x, y) for x, y in curves if len(x)]:
            grid = np.linspace(min(x[0] for x, _ in curves), _shared_end(curves),
                               min(POINTS, max(len(x) for x, _ in curves)))
            lines.append(_lines(entry, grid, [_smoothed_at(grid, x, y) for x, y in curves], points=len(grid) < FEW))
    return lines


def before(entries, key, axis, past):
    """The :class:`Lines` of what led to entries that are forks, up to where they began; ``past(run)`` is its
    :class:`gan_core.store.lineage.Past`."""
    lines, drawn = [], set()
    for entry in entries:
        for run in entry.runs:
            if not run.parent or (origin := (run.parent["id"], run.parent["step"])) in drawn:
                continue  # several forks of one checkpoint have one past
            drawn.add(origin)
            step, value, minutes, samples = past(run).curve(key)
            x, good = {"step": step, "images": samples, "minutes": minutes}[axis].astype(float), np.isfinite(value)
            if good.any():
                grid = np.linspace(x[good][0], x[good][-1], min(POINTS, np.count_nonzero(good)))
                line = _lines(entry, grid, [_smoothed_at(grid, x[good], value[good])])
                lines.append(dataclasses.replace(line, title=f"before {entry.letter}", before=True))
    return lines


def scored(entries, series, by_run, key, axis):
    """The same of the scores of checkpoints: ``{run id: [score]}`` of equal terms, by step.

    A line goes as far as all scored seeds of its entry do; where that is nowhere, each seed has a line of its own.
    """
    lines = []
    for entry in entries:
        seeds, curves = [], []
        for run in entry.runs:
            if known := [score for score in by_run.get(run.id, []) if score.get(key) is not None]:
                at = places(run, series[run.id], [score["step"] for score in known], axis)
                curves.append((at, np.array([score[key] for score in known], float)))
                seeds.append(run.spec["settings"]["seed"])
        if not curves:
            continue
        grid = np.unique(np.concatenate([x for x, _ in curves]))
        grid = grid[(grid >= max(x[0] for x, _ in curves)) & (grid <= _shared_end(curves))]
        if len(grid) > 1 or len(curves) == 1:
            lines.append(_lines(entry, grid, [np.interp(grid, x, y) for x, y in curves], points=True))
        else:
            lines += [dataclasses.replace(_lines(entry, x, [y], points=True), title=f"{entry.title}, seed {seed}")
                      for seed, (x, y) in zip(seeds, curves)]
    return lines


def _shared_end(curves):
    return min(x[-1] for x, _ in curves)


def _lines(entry, grid, values, points=False):
    values = np.array(values)
    return Lines(entry.letter, entry.title, grid, values.mean(0), values.min(0), values.max(0), len(values), points)


def _curve(run, series, key, axis):
    step, value, minutes = series.curve(key)
    x = {"step": step, "images": lineage.samples_seen(run, step), "minutes": minutes + lineage.minutes_before(run)}[axis]
    good = np.isfinite(value)
    return x[good].astype(float), value[good]


def _smoothed_at(grid, x, y):
    """Means of the values around each place of the grid, so that no spike is picked by chance."""
    if len(x) <= len(grid):
        return np.interp(grid, x, y)
    edges = np.concatenate([[-np.inf], (grid[1:] + grid[:-1]) / 2, [np.inf]])
    which = np.digitize(x, edges) - 1
    sums, counts = (np.bincount(which, weights, minlength=len(grid)) for weights in (y, None))
    known = counts > 0
    return np.interp(grid, grid[known], sums[known] / counts[known])
