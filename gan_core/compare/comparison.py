"""Everything that a comparison of some runs shows, as plain values."""

from dataclasses import dataclass

from gan_core import judging
from gan_core.compare import scores as kept_scores
from gan_core.compare.curves import overlaid, places
from gan_core.compare.entries import Entry, differing, entries, unfair
from gan_core.compare.figures import Figure, table, verdict
from gan_core.errors import BadInput
from gan_core.runs.files import sample_sheets

MOST = 24  # runs in one comparison: beyond, nothing can be told apart


@dataclass(frozen=True)
class Comparison:
    """The answer of :func:`compare`."""

    entries: list[Entry]
    figures: list[Figure]
    unfair: list[str]
    verdict: list[str]
    settings: list[tuple]
    series: dict  # run id -> Series

    def lines(self, key, axis):
        """The curves of one metric, a :class:`Lines` for each entry that has it; ``axis`` as in :func:`overlaid`."""
        return overlaid(self.entries, self.series, key, axis)

    def keys(self):
        """Metrics that any of the runs has."""
        return sorted({key for series in self.series.values() for key in series.keys()})

    def sheets(self, store, axis):
        """``{letter: [(position, path of the sheet)]}`` in rising order; positions are of the chosen axis."""
        found = {}
        for entry in self.entries:
            sheets = sample_sheets(store.folder(entry.run.id))
            at = places(entry.run, self.series[entry.run.id], list(sheets), axis).tolist()
            found[entry.letter] = list(zip(at, sheets.values()))
        return found

    def as_dict(self):
        """Plain values for JSON."""
        return {
            "entries": [{"letter": e.letter, "title": e.title, "runs": [run.id for run in e.runs]}
                        for e in self.entries],
            "figures": [{"key": f.key, "title": f.title, "unit": f.unit, "better": f.better, "values": list(f.values),
                         "errors": list(f.errors), "floor": f.floor,
                         "best": None if f.best() is None else self.entries[f.best()[0]].letter,
                         "within_noise": [self.entries[i].letter for i in (f.best() or (0, []))[1]]}
                        for f in self.figures],
            "settings": [{"name": name, "values": values, "differs": differs}
                         for name, values, differs in self.settings],
            "unfair": self.unfair, "verdict": self.verdict,
        }


def compare(store, run_ids, series):
    """A :class:`Comparison` of some runs.

    Args:
        store: :class:`gan_core.runs.RunStore`.
        run_ids: two or more; a run that was deleted is named in ``unfair`` and left out.
        series: ``series(run_id)``, a refreshed :class:`gan_core.series.Series`.

    Raises:
        BadInput: when fewer than two runs are there, or too many were given.
    """
    wanted, runs, said = list(dict.fromkeys(run_ids)), [], []
    for run_id in wanted:
        try:
            runs.append(store.get(run_id))
        except BadInput:
            said.append(f"The run {run_id} is not here any more and is left out.")
    if len(runs) < 2:
        raise BadInput("A comparison needs two runs at least; choose more." if not said else
                       f"{' '.join(said)} A comparison needs two runs at least; choose others.")
    if len(runs) > MOST:
        raise BadInput(f"A comparison takes at most {MOST} runs; choose fewer.")
    found = entries(runs)
    chosen, missing = kept_scores.comparable({run.id: kept_scores.kept(store.folder(run.id)) for run in runs})
    judged = judging.comparable({run.id: judging.kept(store.folder(run.id)) for run in runs})
    figures, unfairness = table(found, chosen, judged), said + unfair(found) + missing
    return Comparison(found, figures, unfairness, verdict(found, figures, unfairness), differing(found),
                      {run.id: series(run.id) for run in runs})
