"""The table of a comparison: each figure with its spread and its floor, and who is best beyond the noise."""

import math
import statistics
from dataclasses import dataclass

from gan_core import judging
from gan_core.scorecard import HIGHER, LOWER, SCORES

NOISE = 2.0  # standard errors that a difference must exceed to count


@dataclass(frozen=True)
class Figure:
    """One row of the table: a value for each entry (None where there is none).

    ``errors`` are standard errors of the values, ``better`` is "lower", "higher" or "" for figures that rank nobody,
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

    def best(self):
        """``(number of the best entry, numbers of those that noise does not tell from it)``; None when unranked."""
        known = [i for i, value in enumerate(self.values) if value is not None and math.isfinite(value)]
        if not self.better or len(known) < 2:
            return None
        first = (min if self.better == LOWER else max)(known, key=lambda i: self.values[i])
        alike = [i for i in known if i != first and self._noise(i, first) >= abs(self.values[i] - self.values[first])]
        return first, alike

    def _noise(self, one, other):
        return NOISE * math.hypot(self.errors[one] or 0.0, self.errors[other] or 0.0)

    def written(self, number):
        """The value of an entry for people, with its standard error where it is known."""
        value, error = self.values[number], self.errors[number]
        if value is None:
            return "–"
        text = format(value, self.form)
        return f"{text} ± {error:.2g}" if error else text


def table(found, scores, judged=(None, {})):
    """The figures of some entries.

    Args:
        found: :class:`~gan_core.compare.entries.Entry` s.
        scores: ``{run id: dict of scores}``, all of one extractor and count; see :mod:`gan_core.compare.scores`.
        judged: what people said of the runs; see :func:`gan_core.judging.comparable`.
    """
    rows = [
        _fact("parameters", "Parameters", "", ",.0f", found, lambda run: sum(run.facts.get("parameters", {}).values())),
        _fact("round_flops", "Operations a step", "GFLOP", ",.2f", found,
              lambda run: run.facts.get("round_flops", 0) / 1e9),
        _fact("step_ms", "Time a step", "ms", ",.1f", found, step_ms),
        _fact("memory", "Memory in training", "GiB", ".2f", found, lambda run: run.facts.get("memory", 0) / 2**30),
        _fact("steps", "Steps made", "", ",.0f", found, lambda run: run.step),
        _fact("minutes", "Time of training", "min", ".1f", found, lambda run: run.seconds / 60),
    ]
    for each in SCORES:
        values, errors, floors = zip(*(_score(entry, scores, each) for entry in found))
        if any(value is not None for value in values):
            floor = next((floor for floor in floors if floor is not None), None)
            rows.append(Figure(each.key, each.title, "", each.better, ".3g", values, errors, floor))
    if human := _human(found, *judged):
        rows.append(human)
    return [row for row in rows if any(value for value in row.values if value is not None)]


def step_ms(run):
    """Milliseconds a step of a run took; 0 when not known."""
    speed = run.facts.get("images_per_second")
    return 1000 * run.spec["knobs"]["batch_size"] / speed if speed else 0.0


def _fact(key, title, unit, form, found, of):
    values = tuple(statistics.fmean(of(run) for run in entry.runs) or None for entry in found)
    return Figure(key, title, unit, "", form, values, (None,) * len(values))


def _score(entry, scores, score):
    """Mean over the seeds, its standard error, and the mean floor: ``(value, error, floor)``."""
    key = score.key
    known = [scores[run.id] for run in entry.runs if key in scores.get(run.id, {})]
    if not known:
        return None, None, None
    values = [each[key] for each in known]
    if len(values) > 1:
        error = statistics.stdev(values) / math.sqrt(len(values))
    else:
        error = _own_error(known[0], score)
    floors = [each[f"{key}_floor"] for each in known if each.get(f"{key}_floor") is not None]
    return statistics.fmean(values), error, statistics.fmean(floors) if floors else None


def _human(found, shown_ms, records):
    """The human error rate, over all verdicts on an entry's runs; None when nobody judged any of them."""
    rates = [judging.rates([each for run in entry.runs for each in records.get(run.id, [])]).overall for entry in found]
    if not any(rate.n for rate in rates):
        return None
    title = "Human error" + (f", shown {shown_ms} ms" if shown_ms else "")
    values, errors = zip(*((rate.share, rate.error) if rate.n else (None, None) for rate in rates))
    return Figure("human_error", title, "", HIGHER, ".3g", values, errors, judging.GUESSING)


def _own_error(scored, score):
    """Standard error of one run's score, from its spread over parts of the samples; None where it has none."""
    if score.spread not in scored:
        return None
    # Subsets overlap: there are no more independent ones than fit into the samples beside each other.
    size = scored.get("kernel_subset_size") if score.key == "kernel" else scored["n_fake"] / 10
    return scored[score.spread] / math.sqrt(max(scored["n_fake"] / (size or scored["n_fake"]), 1.0))


def verdict(found, rows, unfairness):
    """What the numbers say, in a few sentences."""
    if any("cannot be ranked" in sentence for sentence in unfairness):
        return ["These runs learned different things, so none is called better."]
    by_key = {row.key: row for row in rows}
    if not any(row.better for row in rows):
        return ["There are no scores yet: score the runs to have them ranked."]
    said, main = [], by_key.get("kernel") or by_key.get("frechet") or next(row for row in rows if row.better)
    if ranked := main.best():
        said.append(_best(found, main, *ranked))
        said += _beside(found, by_key, main, ranked[0])
    if (times := by_key.get("step_ms")) and len([v for v in times.values if v]) > 1:
        quick, slow = (pick((v, i) for i, v in enumerate(times.values) if v) for pick in (min, max))
        if slow[0] > 1.2 * quick[0]:
            said.append(f"A step takes {quick[0]:.0f} ms in {found[quick[1]].label} and {slow[0]:.0f} ms in "
                        f"{found[slow[1]].label}.")
    if all(len(entry.runs) == 1 for entry in found):
        said.append("Each has one seed: another seed may turn a small difference round.")
    return said


def _best(found, figure, first, alike):
    name = figure.title[0].lower() + figure.title[1:]
    sentence = f"By {name}, {found[first].label} is best with {figure.written(first)}"
    if figure.floor is not None:
        sentence += f" (real data against real data: {format(figure.floor, figure.form)})"
    if alike:
        return f"{sentence}; {' and '.join(found[i].label for i in alike)} cannot be told from it within the noise."
    return f"{sentence}, beyond the noise."


def _beside(found, by_key, main, first):
    """Where another entry is better by another score."""
    for key in ("recall", "coverage", "precision", "label_accuracy"):
        if (row := by_key.get(key)) and row is not main and (ranked := row.best()):
            other, alike = ranked
            if other != first and first not in alike:
                yield (f"{found[other].label} has the better {row.title.lower()} ({row.written(other)} against "
                       f"{row.written(first)}).")
