"""The plan of a budget, the race, and what is given up: pure functions of what was measured."""

import dataclasses
import math

import pytest

from gan_core.errors import BadInput
from gan_core.store.sweep_records import SweepRun
from gan_core.sweeps import race
from gan_core.sweeps.plan import FINALISTS, SHORTEST, Plan, Wanted, plan
from gan_core.sweeps.pruning import best_so_far, hopeless
from gan_core.sweeps.race import DONE, EXPLORE, FINAL, REPEAT, WAIT
from helpers_runs import is_a_sentence

ROOMY = Plan(total=10_000.0, train=48.0, seeds=3, parallel=1)


def planned(**wanted):
    return plan(Wanted.parse(wanted))


def test_a_longer_budget_tries_more_and_trains_longer():
    short, long = planned(minutes=30), planned(minutes=240)
    assert long.trials > short.trials > 5 and long.train > short.train >= SHORTEST
    for made in (short, long):
        assert made.trials * made.cost + made.reserve(made.trials) <= made.total + 1e-6, "it is kept"
    assert planned(minutes=30, parallel=2).seconds == 1800 == short.seconds


@pytest.mark.parametrize("wanted, part", [
    ({"minutes": 1}, "too short for a sweep"), ({"minutes": 0.4}, "shorter than one run"),
    ({"minutes": 1, "each": 5}, "shorter than one run"), ({"minutes": 10, "each": 0.5}, "too short")])
def test_a_budget_in_which_nothing_can_be_done_is_a_sentence_with_what_is_needed(wanted, part):
    with pytest.raises(BadInput) as refused:
        planned(**wanted)
    said = str(refused.value)
    assert part in said and is_a_sentence(said)
    least = float(said.partition("give it ")[2].split()[0])
    assert planned(**wanted | {"minutes": least}).trials >= 3


def measured(number, stage, trial, seed, value=None, status="finished", took=60.0, soon=10.0, ended=1.0, train=48.0):
    result = {"status": status, "value": value, "took": took, "soon": soon, "seconds": train} if ended else {}
    return SweepRun("s", number, stage, trial, seed, {"rate": trial}, f"run{number}", ended=ended, result=result)


def played(made, values, better="lower", trials=9, took=60.0):
    """The runs of a race in which trial ``i`` measures ``values(i, seed)``, of a space of so many."""
    runs = []
    while True:
        number = len(race.trials(runs, better))
        chosen = race.following(made, runs, better, 0, lambda: {"rate": number} if number < trials else None)
        if chosen == DONE:
            return runs
        assert isinstance(chosen, race.Begin) and len(runs) < 200
        outcome = values(chosen.trial, chosen.seed)
        runs.append(measured(len(runs), chosen.stage, chosen.trial, chosen.seed, outcome,
                             "diverged" if outcome is None else "finished", took=took, train=made.train))


def test_one_seed_for_all_more_for_the_best_third_and_fresh_ones_for_the_best_and_the_defaults():
    runs = played(ROOMY, lambda trial, seed: 1.0 / (1 + trial))
    by_stage = {stage: [(run.trial, run.seed) for run in runs if run.stage == stage] for stage in (EXPLORE, REPEAT, FINAL)}
    assert by_stage[EXPLORE] == [(trial, 0) for trial in range(9)]
    assert by_stage[REPEAT] == [(trial, seed) for trial in (8, 7, 6) for seed in (1, 2)]
    assert by_stage[FINAL] == [(trial, seed) for seed in (3, 4, 5) for trial in (0, 8, 7, 6)], "a round at a time"
    seeds = {run.seed for run in runs if run.stage != FINAL}
    assert not seeds & {run.seed for run in runs if run.stage == FINAL}, "nothing was chosen by these"


def test_what_came_of_further_seeds_does_not_change_who_has_them():
    runs = played(ROOMY, lambda trial, seed: (1.0 / (1 + trial)) * (10 if seed else 1))
    assert {run.trial for run in runs if run.stage == REPEAT} == {6, 7, 8}
    assert {run.trial for run in runs if run.stage == FINAL} == {0, 3, 4, 5}, "the median of their seeds put them behind"


def test_higher_is_better_where_the_headline_says_so():
    runs = played(ROOMY, lambda trial, seed: float(trial), better="higher")
    assert {run.trial for run in runs if run.stage == FINAL} == {0, 6, 7, 8}


def test_divergence_counts_as_the_worst_and_what_nobody_measured_as_nothing():
    runs = [measured(0, EXPLORE, 0, 0, 0.5), measured(1, EXPLORE, 1, 0, 0.001, status="diverged"),
            measured(2, EXPLORE, 2, 0, None, status="deleted"), measured(3, EXPLORE, 3, 0, 0.7, status="stopped")]
    known = race.trials(runs, "lower")
    assert known[1].loss == math.inf and known[2].loss is None
    assert [trial.number for trial in race.ranked(known)] == [0, 3]


def test_where_all_but_the_defaults_diverged_there_is_no_last_round():
    runs = played(ROOMY, lambda trial, seed: None if trial else 1.0)
    assert not [run for run in runs if run.stage == FINAL]


def test_as_many_at_once_as_were_asked_for():
    made = dataclasses.replace(ROOMY, parallel=2)
    one = measured(0, EXPLORE, 0, 0, ended=0.0)
    assert isinstance(race.following(made, [one], "lower", 0, lambda: {"rate": 1}), race.Begin)
    assert race.following(made, [one, measured(1, EXPLORE, 1, 0, ended=0.0)], "lower", 0, lambda: {"rate": 2}) == WAIT
    assert race.following(made, [one], "lower", 0, lambda: None) == WAIT, "all were tried, and one goes on"


def test_the_budget_is_kept_and_what_is_given_up_early_makes_room_for_others():
    made = planned(minutes=30)
    full = played(made, lambda trial, seed: 1.0 / (1 + trial), trials=100, took=made.cost)
    assert len(race.trials(full, "lower")) == made.trials and race.spent(made, full) <= race.LATE * made.total
    early = [measured(run.number, run.stage, run.trial, run.seed, 1.0, took=10.0) for run in full if run.stage == EXPLORE]
    assert race.following(made, early, "lower", 0, lambda: {"rate": 99}).stage == EXPLORE


def test_where_runs_take_longer_to_begin_than_was_thought_fewer_are_tried_and_the_budget_is_kept():
    made = planned(minutes=60)
    runs = played(made, lambda trial, seed: 1.0 / (1 + trial), trials=100, took=made.train + 30.0)
    assert 3 <= len(race.trials(runs, "lower")) < made.trials and race.spent(made, runs) <= race.LATE * made.total


def test_a_last_round_that_would_come_too_late_is_not_begun_and_one_is_always_whole():
    slow = dataclasses.replace(ROOMY, total=20 * 60.0)
    runs = [measured(i, EXPLORE, i, 0, 1.0 + i, took=300.0) for i in range(4)]
    while (chosen := race.following(slow, runs, "lower", 0, lambda: None)) != DONE:
        assert chosen.stage == FINAL
        runs.append(measured(len(runs), FINAL, chosen.trial, chosen.seed, 1.0, took=100.0))
    assert len(runs) == 4 + FINALISTS + 1


def test_by_time_those_go_on_that_no_other_beats_in_both():
    values = {1: (0.5, 10.0), 2: (0.1, 40.0), 3: (0.5, 20.0), 4: (0.9, 5.0), 0: (0.6, 30.0)}
    known = race.trials([measured(i, EXPLORE, i, 0, value, soon=soon) for i, (value, soon) in values.items()], "lower")
    assert [trial.number for trial in race.front(known)] == [2, 1, 4]
    assert [trial.number for trial in race.finalists(dataclasses.replace(ROOMY, by="time"), known)] == [2, 1, 4]
    assert [trial.number for trial in race.finalists(ROOMY, known)] == [2, 1, 3]


# What is given up


def curve(*values, each=10.0):
    return [[each * place, value] for place, value in enumerate(values)]


OTHERS = [curve(1.0, 0.5, 0.2, 0.1, 0.05), curve(1.0, 0.6, 0.3, 0.2, 0.1), curve(1.0, 0.7, 0.4, 0.3, 0.2)]


def test_what_lies_behind_half_of_the_others_at_the_same_time_is_given_up():
    said = hopeless(curve(1.0, 0.9, 0.8), OTHERS, 40.0, "kernel distance", "lower")
    assert "0.8" in said and "0.3" in said and is_a_sentence(said)


@pytest.mark.parametrize("mine, others", [
    (curve(1.0, 0.9), OTHERS),  # its time of grace
    (curve(1.0, 0.9, 0.8), OTHERS[:2]),  # too few
    (curve(1.0, 0.9, 0.33), OTHERS),  # no more than the noise
    (curve(1.0, 0.1, 0.9), OTHERS),  # collapsed after its best, which counts
    (curve(1.0, 0.9, 0.8), [other[:2] for other in OTHERS]),  # nobody came as far
    ([], OTHERS),
])
def test_nothing_else_is(mine, others):
    assert hopeless(mine, others, 40.0, "kernel distance", "lower") == ""


def test_where_higher_is_better_the_same_holds():
    turned = [[[at, 1 - value] for at, value in other] for other in OTHERS]
    assert hopeless(curve(0.0, 0.1, 0.2), turned, 40.0, "accuracy", "higher")
    assert not hopeless(curve(0.0, 0.9, 0.2), turned, 40.0, "accuracy", "higher")
    assert best_so_far(turned[0], 10.0, "higher") == 0.5
