"""Which run is begun next: one seed for everything, more for the best third, and at the end the best against the defaults on
seeds that nobody has chosen by.  Pure functions of a sweep's records."""

import dataclasses
import math
import statistics
from dataclasses import dataclass

from gan_core.evaluation.score_names import LOWER
from gan_core.store.run import DIVERGED, FAILED, LOST
from gan_core.sweeps.plan import CHANCE, FEWEST, FINALISTS, TIME

EXPLORE, REPEAT, FINAL = "explore", "repeat", "final"
STAGES = {EXPLORE: "trying settings", REPEAT: "trying the best third with more seeds",
          FINAL: "the best against the defaults, on fresh seeds"}
DEFAULT = 0  # the trial of the defaults
WORST = (DIVERGED, FAILED, LOST)
LATE = 1.1  # of the budget that the last round may take: it is worth more whole
WAIT, DONE = "wait", "done"


@dataclass(frozen=True)
class Begin:
    """A run to be begun."""

    stage: str
    trial: int
    seed: int
    params: dict


@dataclass(frozen=True)
class Trial:
    """One set of knobs' values with its runs, those of the last stage apart (``finals``).

    ``loss`` is the median of its seeds, lower is better: infinite where they diverged, None where nothing is known.
    ``seconds`` is how soon it was nearly there.
    """

    number: int
    params: dict
    runs: tuple
    finals: tuple
    loss: float | None
    seconds: float | None

    @property
    def known(self):
        return self.loss is not None and math.isfinite(self.loss)


def loss(run, better):
    """Of a run of a sweep: lower is better, infinite of one that diverged or failed, None where nobody knows.

    ``better`` is the headline's.
    """
    if not run.ended:
        return None
    if run.result.get("status") in WORST:
        return math.inf
    value = run.result.get("value")
    return None if value is None else value if better == LOWER else -value


def trials(runs, better):
    """``{number: Trial}`` of some runs of a sweep."""
    numbers = dict.fromkeys(run.trial for run in runs)
    return {number: _trial(number, [run for run in runs if run.trial == number], better) for number in numbers}


def _trial(number, runs, better):
    raced = [run for run in runs if run.stage != FINAL]
    losses = [found for run in raced if (found := loss(run, better)) is not None]
    soon = [run.result["soon"] for run in raced if run.result.get("soon") is not None]
    return Trial(number, runs[0].params, tuple(raced), tuple(run for run in runs if run.stage == FINAL),
                 statistics.median(losses) if losses else None, statistics.median(soon) if soon else None)


def ranked(known):
    """Trials that have a value, the best first; of equals the earlier."""
    return sorted((trial for trial in known.values() if trial.known), key=lambda trial: (trial.loss, trial.number))


def front(known):
    """Those than which no other is both better and sooner, the best first."""
    order = [trial for trial in ranked(known) if trial.seconds is not None]
    return [trial for trial in order if not any(
        other.loss <= trial.loss and other.seconds <= trial.seconds and (other.loss, other.seconds) != (
            trial.loss, trial.seconds) for other in order)]


def finalists(plan, known):
    """Trials that are to meet the defaults; by time those of the front first."""
    order = ranked(known)
    if plan.by == TIME:
        first = front(known)
        order = [*first, *(trial for trial in order if trial not in first)]
    return [trial for trial in order if trial.number != DEFAULT][:FINALISTS]


def spent(plan, runs):
    """Seconds of machine time that runs have taken, or are going to."""
    return sum(run.result.get("took", 0.0) if run.ended else plan.cost for run in runs)


def as_measured(plan, runs):
    """The plan with what a run takes beside its training, as it was until now."""
    beside = [run.result["took"] - run.result["seconds"] for run in runs
              if run.result.get("took") and run.result.get("seconds") is not None]
    return dataclasses.replace(plan, overhead=max(statistics.fmean(beside), 0.0)) if beside else plan


def following(plan, runs, better, base_seed, propose):
    """What to begin next: a :class:`Begin`; WAIT while others must end before; DONE.

    Args:
        runs: :class:`gan_core.store.sweep_records.SweepRun` s, all that were begun.
        better: the headline's.
        base_seed: the first seed.
        propose: called for the values of another trial; None when all were tried.
    """
    plan = as_measured(plan, runs)
    waiting = sum(not run.ended for run in runs)
    if waiting >= plan.parallel:
        return WAIT
    known, stages = trials(runs, better), {run.stage for run in runs}
    if not stages & {REPEAT, FINAL}:
        if chosen := _explore(plan, runs, known, base_seed, propose):
            return chosen
        if waiting:
            return WAIT
    if FINAL not in stages:
        if chosen := _repeat(plan, runs, better, base_seed):
            return chosen
        if waiting:
            return WAIT
    return _final(plan, runs, known, base_seed) or (WAIT if waiting else DONE)


def _explore(plan, runs, known, base_seed, propose):
    number = len(known)
    room = plan.total - spent(plan, runs) - plan.cost - plan.reserve(number + 1)
    if number >= FEWEST and room < 0:
        return None
    params = propose()
    return None if params is None else Begin(EXPLORE, number, base_seed, params)


def _repeat(plan, runs, better, base_seed):
    """The best third by the first seed alone: what comes of further seeds does not change who has them."""
    explored = trials([run for run in runs if run.stage == EXPLORE], better)
    if plan.search == CHANCE or spent(plan, runs) + plan.cost + plan.finals * plan.cost > plan.total:
        return None
    begun = {(run.trial, run.seed) for run in runs if run.stage == REPEAT}
    for trial in ranked(explored)[:math.ceil(len(explored) / 3)]:
        for seed in range(base_seed + 1, base_seed + plan.seeds):
            if (trial.number, seed) not in begun:
                return Begin(REPEAT, trial.number, seed, trial.params)
    return None


def _final(plan, runs, known, base_seed):
    best = finalists(plan, known)
    if not best:
        return None
    begun = {(run.trial, run.seed) for run in runs if run.stage == FINAL}
    for place, seed in enumerate(range(base_seed + plan.seeds, base_seed + 2 * plan.seeds)):
        left = [trial for trial in (known[DEFAULT], *best) if (trial.number, seed) not in begun]
        full = len(best) + 1 == len(left)  # a round is begun whole or not at all
        if place and full and spent(plan, runs) + len(left) * plan.cost > LATE * plan.total:
            return None
        if left:
            return Begin(FINAL, left[0].number, seed, left[0].params)
    return None
