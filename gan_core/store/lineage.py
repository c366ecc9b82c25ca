"""Lines of descent: from which checkpoint of which run a fork began, with what changed, and what came before it."""

import dataclasses
from dataclasses import dataclass, field

import numpy as np

from gan_core.errors import BadInput

NOTHING_TO_BEGIN_WITH = ("This fork has lost the checkpoint that it begins with, so that it cannot begin; fork its parent "
                         "again.")


@dataclass(frozen=True)
class Parent:
    """From where a fork began: the ``id`` of a run and the ``step`` of its checkpoint.

    ``changed`` are the knobs and settings that are others since, ``{name: [before, now]}``.  ``seconds`` is the time of
    training that led there and ``samples`` how many real samples were seen, those of earlier generations included: the
    parent may be deleted, and what the fork began with has still cost them.
    """

    id: str
    step: int
    changed: dict = field(default_factory=dict)
    seconds: float = 0.0
    samples: int = 0

    def as_dict(self):
        return dataclasses.asdict(self)


def parent_of(run):
    """The :class:`Parent` of a run; None of one that is no fork."""
    known = {part.name for part in dataclasses.fields(Parent)}
    return Parent(**{name: value for name, value in run.parent.items() if name in known}) if run.parent else None


def ancestors(store, run):
    """``[(Parent, Run or None)]`` of a run, the nearest first: None of one that is not here, with which the line ends."""
    line, seen = [], {run.id}
    while run and (parent := parent_of(run)) and parent.id not in seen:  # a pack may say anything
        seen.add(parent.id)
        try:
            found = store.get(parent.id)
            run = found if found.id == parent.id else None
        except BadInput:
            run = None
        line.append((parent, run))
    return line


def children(runs, run):
    """The forks of a run among ``runs``, the oldest first."""
    return sorted((child for child in runs if child.parent.get("id") == run.id), key=lambda child: child.created)


def in_words(changed):
    """What a fork has changed: "generator rate 0.0001 (was 0.0002), steps 4000 (was 2000)"; "nothing"."""
    return ", ".join(f"{name.replace('_', ' ')} {_written(now)} (was {_written(before)})"
                     for name, (before, now) in changed.items()) or "nothing"


def _written(value):
    return f"{value:g}" if isinstance(value, float) else str(value)


def minutes_before(run):
    """Minutes of training that others have had for a run, up to where it began."""
    parent = parent_of(run)
    return parent.seconds / 60 if parent else 0.0


def samples_seen(run, steps):
    """Real samples that were seen until each of these steps (N,) of a run, by those before it, too."""
    parent = parent_of(run)
    steps = np.asarray(steps, float)
    if parent is None:
        return steps * run.samples_a_step
    return parent.samples + np.maximum(steps - parent.step, 0) * run.samples_a_step


class Past:
    """The curves of those before a run, up to where it began.

    Args:
        line: of :func:`ancestors`.
        series: ``series(run_id)``, a refreshed :class:`gan_core.store.curves.Series`.
        besides: ids of runs whose part is left out, as they are shown anyway.
    """

    def __init__(self, line, series, besides=()):
        self._curves, self.parts = {}, []
        begins = [parent.step for parent, _ in line[1:]]
        for (parent, run), after in zip(line, [*begins, -1]):
            if run is not None and run.id not in besides:
                # The run, its series, after which step and until which; the oldest first.
                self.parts.insert(0, (run, series(run.id), after, parent.step))

    def __contains__(self, key):
        return any(key in series for _, series, _, _ in self.parts) and len(self.curve(key)[0]) > 0

    def curve(self, key):
        """``(step, value, minutes, samples)`` of a key, each (N,): minutes of training and real samples seen until then."""
        if key not in self._curves:
            self._curves[key] = self._joined(key)
        return self._curves[key]

    def _joined(self, key):
        columns = []
        for run, series, after, until in self.parts:
            step, value, minutes = series.curve(key)
            part = (step > after) & (step <= until)
            columns.append((step[part], value[part], minutes[part] + minutes_before(run), samples_seen(run, step[part])))
        return tuple(map(np.concatenate, zip(*columns))) if columns else (np.zeros(0),) * 4
