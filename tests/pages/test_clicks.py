"""Two clicks of one drawn button, the second before the browser has heard of the first: what it starts is started once."""

import pytest

import helpers_visits
from gan_core.store.artifacts import checkpoint_name
from gan_core.tasks import background
from helpers_pages import add_run
from helpers_visits import click, click_twice, digits_form, drawn, texts, visit

known, store = helpers_visits.known, helpers_visits.store  # the fixtures


@pytest.fixture
def run(store, known):
    run = add_run(store, known, "Kept", architecture="dcgan", step=500, status="stopped")
    store.artifacts(run.id).put(checkpoint_name(500), b"weights")
    return run


@pytest.fixture
def calls(monkeypatch):
    """The names of the tasks that were started, in order."""
    called, start = [], background.start
    monkeypatch.setattr(background, "start", lambda store, kind, *more, **options: (
        called.append(kind), start(store, kind, *more, **options))[1])
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


def test_two_clicks_for_a_first_gan_lead_to_it_as_one_does(store):
    at = click_twice(visit("home"), "Train my first GAN", page="home")
    run, = store.list()
    assert at.query_params["run"] == run.id and "#### My first GAN" in texts(at)


def test_a_task_is_started_once(store, run, calls):
    at = drawn(visit("tasks").selectbox(key="tasks:kind").set_value("keep").run())
    at = click_twice(at, "Start")
    assert len(calls) == 1
    assert ["name of a dataset" in each.value for each in at.error] == [True], "why it was refused stays to be read"
    assert not drawn(at.run()).error
