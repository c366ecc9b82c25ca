"""Durations, when the machine's clock is set while a run trains or between two attempts."""

import dataclasses

import numpy as np
import pytest

from gan_core.store import RUNNING, MemoryStore, recorder
from gan_core.store.curves import Series
from gan_core.store.recorder import StoreRecorder
from gan_core.store.rewinding import rewind
from helpers_runs import make_run
from helpers_stores import whole


class Clock:
    """Stands in for the module ``time``: one clock that people set, and one that nobody does."""

    def __init__(self):
        self.now, self.passed = 1e9, 500.0
        self.strftime = lambda form: ""

    def time(self):
        return self.now

    def monotonic(self):
        return self.passed

    def sleep(self, seconds):
        self.now, self.passed = self.now + seconds, self.passed + seconds


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(recorder, "time", clock)
    monkeypatch.setattr(recorder, "BEAT", 3600.0)  # what is written is written at the end
    return clock


def attempt(store, run, clock, steps, seconds=10.0, at=None):
    """An attempt that makes some steps, ``seconds`` each; ``at[step]()`` sets the clock after that step."""
    with StoreRecorder(store, run) as told:
        for step in steps:
            clock.sleep(seconds)
            told.metrics(step, {"g_loss": 1.0})
            (at or {}).get(step, lambda: None)()
    return told.seconds


@pytest.fixture
def run():
    store = MemoryStore()
    yield store, make_run(store, status=RUNNING, attempt=1)
    store.close()


@pytest.mark.parametrize("set_by", [-7200.0, -5.0, 5.0, 7200.0, -1e9])
def test_a_clock_that_is_set_while_a_run_trains_changes_no_duration(run, clock, set_by):
    store, run = run

    def set_clock():
        clock.now += set_by

    assert attempt(store, run, clock, range(1, 11), at={4: set_clock}) == pytest.approx(100.0)
    step, _, minutes = Series(store, run.id).refresh().curve("g_loss")
    np.testing.assert_allclose(np.diff(minutes), 10 / 60)
    assert store.get(run.id).seconds == pytest.approx(100.0)


@pytest.mark.parametrize("set_by", [-7200.0, -50.0, 0.0, 7200.0])
def test_nor_does_one_that_is_set_before_a_run_goes_on(run, clock, set_by):
    store, run = run
    attempt(store, run, clock, range(1, 11))
    store.artifacts(run.id).put("checkpoints/000000010.weights.h5", whole())
    clock.now += set_by
    again = dataclasses.replace(store.get(run.id), step=rewind(store, run)[0])
    assert attempt(store, again, clock, range(11, 21)) == pytest.approx(200.0)
    _, _, minutes = Series(store, run.id).refresh().curve("g_loss")
    np.testing.assert_allclose(np.diff(minutes), 10 / 60)
    assert (np.diff(store.rows(run.id).time) > 0).all()


def test_rows_of_older_code_whose_clock_was_set_back_have_no_negative_minutes():
    store = MemoryStore()
    run = make_run(store)
    store.add_rows(run.id, [(step, "g_loss", 1.0, 1000.0 + 10 * step - (3600 if step > 5 else 0)) for step in range(1, 11)])
    _, _, minutes = Series(store, run.id).refresh().curve("g_loss")
    np.testing.assert_allclose(np.diff(minutes), 10 / 60)
    store.close()
