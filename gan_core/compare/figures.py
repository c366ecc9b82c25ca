"""The table of a comparison: each figure with its spread and its floor, and who is best beyond the noise."""

import dataclasses
import math
import statistics
from dataclasses import dataclass

from gan_core.compare import noise
from gan_core.compare.curves import samples_of
from gan_core.compare.noise import Measured
from gan_core.evaluation import human
from gan_core.evaluation.score_names import HIGHER, LOWER, NEARER, SCORES
from gan_core.store import lineage


@dataclass(frozen=True)
class Figure:
    """One row of the table: a value for each entry (None where there is none).

    ``errors`` are standard errors of the values, None where nobody knows them, and ``freedoms`` their degrees of freedom,
    by default infinite.  ``better`` is "lower", "higher", "nearer" to the floor, or "" for figures that rank nobody;
    ``floor`` is what real data score against real data, which no generator is expected to beat.
    """

    key: str
    title: str
    unit: str
    better: str
    form: str
    values: tuple
    errors: tuple
    floor: float | None = None
    freedoms: tuple = ()

    def best(self):
        """``(number of the best entry, numbers of those that noise does not tell from it)``; None when unranked."""
        known = self.known()
        if not self.better or len(known) < 2 or (self.better == NEARER and self.floor is None):
            return None
        first = min(known, key=self._behind)
        alike = [i for i in known if i != first and noise.within(
            self._measured(i), self._measured(first), apart=self._behind(i) - self._behind(first))]
        return first, alike

    def known(self):
        """Numbers of the entries that have a value."""
        return [i for i, value in enumerate(self.values) if value is not None and math.isfinite(value)]

    def _behind(self, number):
        """Smaller is better."""
        value = self.values[number]
        return value if self.better == LOWER else -value if self.better == HIGHER else abs(value - self.floor)

    def _measured(self, number):
        return Measured(self.values[number], self.errors[number], (self.freedoms or [math.inf] * len(self.values))[number])

    def written(self, number):
        """The value of an entry for people, with its standard error where it is known."""
        value, error = self.values[number], self.errors[number]
        if value is None:
            return "–"
        text = format(value, self.form)
        return text if error is None else f"{text} ± {error:.2g}"

    def unranked(self):
        """The same where scores mean something else for each entry: no best, and no floor for all."""
        return dataclasses.replace(self, better="", floor=None)


def table(entries, scores, judged=None, ranked=True):
    """The figures of some entries.

    Args:
        entries: :class:`~gan_core.compare.entries.Entry` s.
        scores: ``{run id: dict of scores}``, all of one extractor and count; see :mod:`gan_core.compare.scores`.
        judged: what people said of the runs; see :func:`gan_core.evaluation.human.comparable`.
        ranked: False where the entries learned different things.
    """
    rows = [
        _fact("parameters", "Parameters", "", ",.0f", entries, lambda run: sum(run.facts.get("parameters", {}).values())),
        _fact("round_flops", "Operations a step", "GFLOP", ",.2f", entries,
              lambda run: run.facts.get("round_flops", 0) / 1e9),
        _fact("step_ms", "Time a step", "ms", ",.1f", entries, step_ms),
        _fact("memory", "Memory in training", "GiB", ".2f", entries, lambda run: run.facts.get("memory", 0) / 2**30),
        _fact("steps", "Steps made", "", ",.0f", entries, lambda run: run.step),
        _fact("images", f"Real {samples_of(entries)} seen", "", ",.0f", entries,
              lambda run: float(lineage.samples_seen(run, run.step))),
        _fact("minutes", "Time of training", "min", ".1f", entries,
              lambda run: run.seconds / 60 + lineage.minutes_before(run)),
    ]
    for score in SCORES:
        measured, floors = zip(*(_score(entry, scores, score.key) for entry in entries))
        values, errors, freedoms = zip(*measured)
        if any(value is not None for value in values):
            floor = next((floor for floor in floors if floor is not None), None)
            rows.append(Figure(score.key, score.title, "", score.better, ".3g", values, errors, floor, freedoms))
    if judgement := _human(entries, *(judged or human.comparable({}))):
        rows.append(judgement)
    if not ranked:
        rows = [row.unranked() for row in rows]
    return [row for row in rows if any(value is not None for value in row.values)]


def step_ms(run):
    """Milliseconds a step of a run took; 0 when not known."""
    speed = run.facts.get("images_per_second")
    return 1000 * run.number("batch_size", 0) / speed if speed else 0.0


def _fact(key, title, unit, form, entries, of):
    values = tuple(statistics.fmean(of(run) for run in entry.runs) or None for entry in entries)
    return Figure(key, title, unit, "", form, values, (None,) * len(values))


def _score(entry, scores, key):
    """``(its Measured value, the mean floor)``: the mean over the seeds, or one run's with an error of its own."""
    known = [scores[run.id] for run in entry.runs if key in scores.get(run.id, {})]
    if not known:
        return Measured(None), None
    values = [score[key] for score in known]
    floors = [score[f"{key}_floor"] for score in known if score.get(f"{key}_floor") is not None]
    return (noise.over_seeds(values) if len(values) > 1 else noise.of_one(known[0], key),
            statistics.fmean(floors) if floors else None)


def _human(entries, manner, records):
    """The human error rate, over all verdicts on an entry's runs; None when nobody judged any of them."""
    rates = [human.rates([record for run in entry.runs for record in records.get(run.id, [])]).overall for entry in entries]
    if not any(rate.n for rate in rates):
        return None
    title = ("Human error" + (f", shown {manner.shown_ms} ms" if manner.shown_ms else "")
             + (", told at once" if manner.feedback else ""))
    values, errors = zip(*((rate.share, rate.error) if rate.n else (None, None) for rate in rates))
    return Figure("human_error", title, "", HIGHER, ".3g", values, errors, human.GUESSING)
