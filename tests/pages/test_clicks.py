"""Two clicks of one drawn button, the second before the browser has heard of the first: what it starts is started once."""

import pytest

import helpers_visits
from gan_core.launch import queue
from gan_core.store.artifacts import checkpoint_name
from gan_core.tasks import background
from helpers_pages import add_run
from helpers_visits import click, click_twice, digits_form, drawn, visit

known, store = helpers_visits.known, helpers_visits.store  # the fixtures


@pytest.fixture
def run(store, known):
    run = add_run(store, known, "Kept", architecture="dcgan", step=500, status="stopped")
    store.artifacts(run.id).put(checkpoint_name(500), b"weights")
    return run


@pytest.fixture
def calls(monkeypatch):
    """The names of what was called, in order."""
    called = []
    def noted(name, really):
        return lambda *arguments, **options: (called.append(name), really(*arguments, **options))[1]

    for place, name in ((queue, "resume"), (queue, "stop"), (background, "start")):
        monkeypatch.setattr(place, name, noted(name, getattr(place, name)))
    return called


def test_a_plan_launches_its_runs_once_and_again_when_it_is_drawn_anew(store):
    at = visit("compare")
    at = drawn(at.selectbox(key="data:name").set_value("digits").run())
    at = click_twice(at, "Train 2 runs")
    assert len(store.list()) == 2
    click(at, "Train 2 runs")
    assert len(store.list()) == 4, "a click on the new form is meant"


def test_the_form_launches_one_run(store):
    click_twice(digits_form(visit("train")), "Start training", page="train")
    assert len(store.list()) == 1


def test_the_first_gan_is_launched_once(store):
    click_twice(visit(), "Train my first GAN", page="home")
    assert len(store.list()) == 1


def test_a_run_goes_on_once(store, run, calls):
    click_twice(visit("monitor", run=run.id), "Go on")
    assert calls == ["resume"]


def test_a_run_is_stopped_once(store, run, calls):
    queue.resume(store, run.id)
    calls.clear()
    at = click_twice(visit("monitor", run=run.id), "Stop")
    assert calls == ["stop"] and not at.error


def test_a_run_is_scored_once(store, run, calls):
    click_twice(visit("monitor", run=run.id), "Score this run")
    assert calls == ["start"] and len(store.tasks.list(run=run.id)) == 1


def test_a_task_is_started_once(store, run, calls):
    click_twice(visit("tasks"), "Start")
    assert calls == ["start"]
