"""What a sweep has found, as plain values: its trials, who leads, what was given up, whether the defaults are beaten."""

import math
from dataclasses import dataclass

from gan_core.compare import noise
from gan_core.compare.entries import LETTERS, Entry
from gan_core.compare.figures import Figure
from gan_core.compare.noise import Measured
from gan_core.compare.verdicts import verdict
from gan_core.evaluation.score_names import LOWER
from gan_core.store.run import DIVERGED, FAILED, LOST, STOPPED, Run
from gan_core.sweeps import race
from gan_core.sweeps.driving import DELETED
from gan_core.sweeps.plan import TIME

SHOWN = 5  # leaders
ENDS = {DIVERGED: "diverged", FAILED: "failed", LOST: "ended without a word", STOPPED: "was stopped by hand",
        DELETED: "was deleted"}
BEATEN, ALIKE, NOT_BEATEN, UNTOLD = "beaten", "within the noise", "not beaten", "not told yet"


@dataclass(frozen=True)
class Final:
    """The last round: ``outcome`` is one of the four words above, ``best`` the trial that is recommended, None for none, and
    ``sentences`` say why."""

    outcome: str
    best: int | None
    sentences: tuple[str, ...]
    figure: Figure | None = None
    trials: tuple[int, ...] = ()


def named(trial):
    """What tells a trial from the others: "filters 32, generator rate 0.001"."""
    if trial.number == race.DEFAULT:
        return "defaults"
    return in_words(trial.params)


def in_words(params):
    """Values of knobs for people: "filters 32, generator rate 0.001"."""
    return ", ".join(f"{name.replace('_', ' ')} {f'{chosen:g}' if isinstance(chosen, float) else chosen}"
                     for name, chosen in params.items())


def value(known, trial):
    """The score of a trial as people have it: the median of its seeds; None where there is none."""
    return None if not trial.known else trial.loss if known.headline.better == LOWER else -trial.loss


def leaders(known):
    """The best trials, the best first: by time those that no other beats in both first."""
    order = race.ranked(known.trials)
    if known.plan.by == TIME:
        first = race.front(known.trials)
        order = [*first, *(trial for trial in order if trial not in first)]
    final = last_round(known)
    if final.best is not None:  # fresh seeds have the last word
        order.sort(key=lambda trial: trial.number != final.best)
    return order[:SHOWN]


def last_round(known):
    """The :class:`Final` of what the best and the defaults had on fresh seeds."""
    shown = [trial for trial in known.trials.values() if any(run.ended for run in trial.finals)]
    values = {trial.number: _values(known, trial) for trial in shown}
    shown = [trial for trial in shown if values[trial.number]]
    if race.DEFAULT not in values or len(shown) < 2:
        return Final(UNTOLD, None, ())
    measured = [_measured(values[trial.number]) for trial in shown]
    values, errors, freedoms = zip(*measured)
    headline = known.headline
    figure = Figure(headline.key, headline.title[:1].upper() + headline.title[1:], "", headline.better, ".3g", values,
                    errors, None, freedoms)
    entries = [Entry(LETTERS[place], named(trial), tuple(_run(known, run) for run in trial.finals))
               for place, trial in enumerate(shown)]
    sentences = verdict(entries, [figure])
    first, alike = figure.best()
    default = next(place for place, trial in enumerate(shown) if trial.number == race.DEFAULT)
    best = None if first == default else shown[first].number
    if best is None:
        outcome, said = NOT_BEATEN, "The sweep has found nothing better than the defaults."
    elif default in alike:
        outcome, said = ALIKE, f"So trial {best} may be better than the defaults, and the noise hides whether it is."
    else:
        outcome, said = BEATEN, f"So trial {best} beats the defaults beyond the noise."
    return Final(outcome, best, (*sentences, said), figure, tuple(trial.number for trial in shown))


def _values(known, trial):
    """The scores of its seeds in the last round; of one that diverged the worst that anybody had."""
    found = []
    for run in trial.finals:
        lost = race.loss(run, known.headline.better)
        if lost is not None:
            found.append(_worst(known) if math.isinf(lost) else run.result["value"])
    return [one for one in found if one is not None]


def _worst(known):
    pick = max if known.headline.better == LOWER else min
    return pick((score for run in known.runs for _, score in run.result.get("curve", [])), default=None)


def _measured(values):
    return noise.over_seeds(values) if len(values) > 1 else Measured(values[0])


def _run(known, run):
    """As the catalogue had it, whether it is there yet or not."""
    spec = known.spec_of(run.params, run.seed).as_dict()
    return Run(run.run, "", spec["architecture"], spec["data"], spec["settings"]["steps"], spec)


def given_up(known):
    """``[(trial, why)]`` of what was pruned, diverged, failed, or lost its run."""
    said = []
    for run in known.runs:
        status = run.result.get("status", "")
        if run.pruned:
            said.append((run.trial, run.pruned))
        elif status in ENDS:
            why = run.result.get("message") or ""
            said.append((run.trial, f"Seed {run.seed} {ENDS[status]}. {why}".strip()))
    return said


def best_settings(known):
    """``(trial, {knob: value})`` that are recommended: the last round's, else the leader's; None where there is none."""
    final = last_round(known)
    if final.outcome == NOT_BEATEN:
        return known.trials[race.DEFAULT]
    number = final.best
    order = leaders(known)
    return known.trials[number] if number is not None else order[0] if order else None


def settings(known, trial):
    """``{knob: value}`` in which a trial differs from the architecture's defaults, what was set for all runs included."""
    return known.changed | trial.params


def as_dict(known):
    """Plain values for JSON."""
    final, best = last_round(known), best_settings(known)
    return {
        "id": known.sweep.id, "name": known.sweep.name, "architecture": known.spec.architecture, "data": known.spec.data,
        "score": known.headline.key, "better": known.headline.better, "by": known.plan.by,
        "minutes": known.plan.total / 60 / known.plan.parallel, "train_seconds": known.plan.train,
        "ended": bool(known.sweep.ended), "share": known.share,
        "varied": {axis.name: {"low": axis.low, "high": axis.high, "values": list(axis.values), "log": axis.log}
                   for axis in known.space.axes},
        "trials": [{"trial": trial.number, "params": trial.params, "value": value(known, trial), "seconds": trial.seconds,
                    "runs": [run.run for run in (*trial.runs, *trial.finals)],
                    "final_values": _values(known, trial) if trial.finals else []} for trial in known.trials.values()],
        "leaders": [trial.number for trial in leaders(known)],
        "front": [trial.number for trial in race.front(known.trials)] if known.plan.by == TIME else [],
        "given_up": [{"trial": trial, "why": why} for trial, why in given_up(known)],
        "importance": known.importance,
        "final": {"outcome": final.outcome, "best": final.best, "verdict": list(final.sentences)},
        "settings": best and (known.space.base | best.params),
    }


def as_text(known):
    """Lines for a terminal."""
    yield f"{known.sweep.name} ({known.sweep.id})"
    yield from last_round(known).sentences
    yield ""
    yield f"{'trial':>5}  {known.headline.title:<24}{'seeds':>5}  settings"
    for trial in sorted(known.trials.values(), key=lambda trial: (not trial.known, trial.loss or 0.0)):
        score = value(known, trial)
        seeds = sum(bool(run.ended) for run in (*trial.runs, *trial.finals))
        yield f"{trial.number:>5}  {'–' if score is None else f'{score:.4g}':<24}{seeds:>5}  {named(trial)}"
    for number, why in given_up(known):
        yield f"Trial {number}: {why}"
    if shares := known.importance:
        yield "What matters: " + ", ".join(f"{name} {100 * share:.0f} %" for name, share in shares.items())
