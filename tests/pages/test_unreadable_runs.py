"""A run that cannot be worked with takes no page down: it is listed, and what cannot be done with it says why."""

import pytest

import helpers_visits
from gan_core.store import FINISHED
from helpers_pages import add_run
from helpers_specs import SAID, spoil
from helpers_visits import click, rows, texts, tick, visit

known, store = helpers_visits.known, helpers_visits.store  # the fixtures


@pytest.fixture(params=SAID)
def how(request):
    return request.param


@pytest.fixture
def odd(store, known, how):
    """Such a run, and a sound one beside it."""
    add_run(store, known, "Sound", data="ring")
    return spoil(store, add_run(store, known, "Odd", data="ring", step=300, status="stopped"), how)


def test_home_and_runs_list_it(store, odd):
    said = texts(visit("home"))
    assert "Odd" in said and "Sound" in said
    at = visit("runs")
    assert rows(at) == ["Odd", "Sound"]
    at = tick(at, "Odd")
    assert "**Odd**" in texts(at)


def test_the_monitor_shows_what_there_is_and_says_why_it_cannot_go_on(store, odd, how):
    at = visit("monitor", run=odd.id)
    assert "Odd" in texts(at) and SAID[how] in texts(at)
    at = click(at, "Go on")
    if how != "with a knob that is gone":  # which is found as the model is built
        assert store.get(odd.id).status == "stopped" and any(SAID[how] in error.value for error in at.error)


def test_the_gallery_shows_its_samples(store, odd):
    assert "Odd" in texts(visit("gallery", run=odd.id))


def test_a_comparison_goes_on_without_it(store, known, odd, how):
    third = add_run(store, known, "Third", data="ring", status=FINISHED)
    sound = next(run for run in store.list() if run.name == "Sound")
    said = texts(visit("compare", runs=f"{sound.id},{odd.id},{third.id}"))
    assert SAID[how] in said or how in ("with a knob that is gone", "of an architecture that is gone")


@pytest.mark.parametrize("page", ["train", "draw", "inspect"])
def test_what_needs_its_settings_says_why(store, odd, how, page):
    assert SAID[how] in texts(visit(page, **({"like": odd.id} if page == "train" else {"run": odd.id})))


def test_images_of_others_can_be_judged(store, known, odd):
    add_run(store, known, "On images")
    assert "Real or generated" in texts(visit("judge", runs=odd.id))
