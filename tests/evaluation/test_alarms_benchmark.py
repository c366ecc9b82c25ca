"""When hindsight says that a run dies, by looks that are made up; benchmarks/alarms.py trains the real ones."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))

import alarms as benchmark  # noqa: E402
from alarm_runs import DYING, HEALTHY  # noqa: E402

from gan_core.models import cards  # noqa: E402

STEPS = range(0, 1001, 50)
LEARNS = [max(1.0 - step / 300, 0.15) for step in STEPS]


def run(distances, covered=None, status="finished", **more):
    looks = [{"step": step, "distance": far, "covered": (1 - far) if covered is None else covered[index], **more}
             for index, (step, far) in enumerate(zip(STEPS, distances))]
    return {"looks": looks, "status": status, "step": 1000, "case": {"data": "digits", "family": "gan", "size": None}}


def dies(distances, **options):
    return benchmark.began(run(distances, **options), [run(LEARNS)])


def test_a_run_that_learns_does_not_die():
    assert dies(LEARNS) is None


def test_one_that_never_learns_is_seen_when_a_healthy_one_would_have():
    healthy = benchmark.well_after(run(LEARNS)["looks"])
    assert 100 <= healthy <= 300 and dies([1.0] * 21) == healthy


def test_one_that_falls_is_seen_where_it_falls_and_not_for_one_look():
    assert dies([*LEARNS[:12], *[0.9] * 9]) == pytest.approx(600, abs=50)
    assert dies([*LEARNS[:12], 0.9, *LEARNS[13:]]) is None


def test_a_run_that_loses_half_of_the_data_dies_though_the_rest_is_good():
    assert dies(LEARNS, covered=[*[0.9] * 12, *[0.3] * 9]) == pytest.approx(600, abs=50)


def test_samples_of_another_class_are_a_death():
    assert dies(LEARNS, label_error=0.9) is not None and dies(LEARNS, label_error=0.1) is None


def test_a_run_that_diverged_is_seen_at_its_end():
    assert dies(LEARNS, status="diverged") == 1000


def test_a_run_that_still_gets_better_is_not_dead_yet():
    slow = np.linspace(1.3, 0.7, 21)
    assert dies(slow) >= 800


def test_an_alarm_of_no_progress_is_right_where_none_came():
    for looks, step, better in ((run(LEARNS)["looks"], 150, True), (run(LEARNS)["looks"], 400, False),
                                (run([0.15] * 21, covered=[*[0.6] * 12, *[0.9] * 9])["looks"], 300, True)):
        assert benchmark.better_later(looks, step) == better
    story = benchmark.Story("healthy", "gan", 0, None, None, {"plateau": 400}, (), 1.0)
    assert story.false and not benchmark.dataclasses.replace(story, right=("plateau",)).false
    told = benchmark.dataclasses.replace(story, told={"plateau": 400, "collapse": 500}, right=("plateau",))
    assert told.false and not benchmark.dataclasses.replace(told, began=300).false


def test_the_runs_are_as_many_as_promised():
    """Twenty that die over five families and two sets of data at least, and a healthy one of every family."""
    assert len(DYING) >= 20 and len({case.family for case in DYING.values()}) >= 5
    assert len({case.data for case in DYING.values()}) >= 2
    assert {case.family for case in HEALTHY.values()} == set(cards.shipped())
