"""When a page fails: a sentence there, the traceback in a log that it names, and never a traceback on the page."""

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest, app_test

import helpers_visits
from gan_core.errors import BadInput
from gan_core.launch import dispatcher
from gan_core.store import Unreachable
from helpers_pages import add_run
from helpers_runs import is_a_sentence
from helpers_visits import ROOT, button, click, go, texts, visit
from pages.components import curves, failure, knob_form

known, store = helpers_visits.known, helpers_visits.store  # the fixtures
SAID = "This page failed: ValueError: (sad) story. The traceback is in logs/pages.log of the workspace."


@pytest.fixture(autouse=True)
def as_served(monkeypatch):
    """Errors go to the app's handler, as the server has it; AppTest by itself shows them as tracebacks."""

    class Runner(app_test.LocalScriptRunner):
        def __init__(self, *args, **options):
            super().__init__(*args, **options)
            self._on_script_error = failure.unhandled

    monkeypatch.setattr(app_test, "LocalScriptRunner", Runner)


def sad(*_, **__):
    raise ValueError("(sad) story\nsecond line")


def said(at):
    return [error.value.replace("\\", "") for error in at.error]


def log(store):
    return (store.workspace / "logs" / "pages.log").read_text()


def test_the_server_hands_errors_to_the_handler():
    import streamlit_app

    assert isinstance(streamlit_app.app, st.App) and streamlit_app.app._on_script_error is failure.unhandled


def test_an_error_in_the_body_of_a_page(store, monkeypatch):
    monkeypatch.setattr(dispatcher, "tend", sad)
    at = visit("train")
    assert said(at) == [SAID] and is_a_sentence(SAID.partition(". ")[2])
    assert "second line" not in texts(at)
    assert 'raise ValueError("(sad) story' in log(store) and "second line" in log(store) and "in store" in log(store)


def test_an_error_in_a_fragment(store, known, monkeypatch):
    add_run(store, known)
    monkeypatch.setattr(curves, "tiles", sad)
    at = visit("monitor")
    assert said(at) == [SAID] and "#### A run" in texts(at), "what stands before it stays"
    assert "in head" in log(store)


def test_an_error_in_a_callback(store, monkeypatch):
    at = visit("train")
    assert not at.error
    monkeypatch.setattr(knob_form, "fill", sad)
    at = click(visit("train"), "Quick look")
    assert said(at) == [SAID] and "story" in log(store)
    monkeypatch.undo()
    assert not go(at, "runs").error, "another page, or the same one again, is as it was"


def test_what_a_person_can_put_right_is_its_own_sentence_and_needs_no_log(store, monkeypatch):
    def refused(*_):
        raise BadInput("Choose *another* one.")

    monkeypatch.setattr(dispatcher, "tend", refused)
    assert [each.value for each in visit("train").error] == ["Choose \\*another\\* one."]
    assert not (store.workspace / "logs").exists()


def test_a_catalogue_that_is_away_is_said_once(store, monkeypatch):
    def away(*_):
        raise Unreachable("The catalogue cannot be reached; try again.")

    monkeypatch.setattr(dispatcher, "tend", away)
    at = visit("runs")
    assert [each.value for each in at.error] == ["The catalogue cannot be reached; try again."] and not at.warning
    assert not (store.workspace / "logs").exists()


def test_control_flow_is_no_failure(store):
    """Stopping, going to another page, drawing anew: of each a page makes use."""
    at = visit("monitor")  # stops: there are no runs
    assert not at.error and at.info
    at = click(visit("home"), "Train my first GAN")  # goes to the Monitor
    assert not at.error and not (store.workspace / "logs").exists()


def test_paths_of_this_machine_are_not_shown(store, monkeypatch):
    def absent(*_):
        open(store.workspace / "runs" / "gone.png")

    monkeypatch.setattr(dispatcher, "tend", absent)
    [error] = visit("train").error
    assert "gone" in error.value and str(store.workspace) not in error.value.replace("\\", "")
    assert str(ROOT) not in failure.in_words(OSError(f"{ROOT}/pages")) and str(store.workspace) in log(store)


def test_the_log_does_not_grow_for_ever(store, monkeypatch):
    monkeypatch.setattr(failure, "FULL", 1000)
    monkeypatch.setattr(dispatcher, "tend", sad)
    for _ in range(3):
        visit("train")
    folder = store.workspace / "logs"
    assert sorted(path.name for path in folder.iterdir()) == ["pages.log", "pages.old.log"]
    assert all("sad" in path.read_text() for path in folder.iterdir())


def test_a_log_that_cannot_be_written_hides_nothing(store, monkeypatch):
    (store.workspace / "logs").write_text("in the way")
    monkeypatch.setattr(dispatcher, "tend", sad)
    [error] = visit("train").error
    assert "story" in error.value and "could not be written" in error.value


def test_outside_of_a_server_tracebacks_are_shown(store, monkeypatch):
    """What other tests rely on: a page that fails there fails the test."""
    monkeypatch.undo()
    at = AppTest.from_string("raise ValueError('sad')").run()
    assert at.exception and not button(at, "anything")
