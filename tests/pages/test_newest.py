"""Addresses that keep to the newest run or sweep."""

import helpers_visits
from gan_core.store import QUEUED, RUNNING
from helpers_pages import add_run
from helpers_sweeps import begin
from helpers_visits import drawn, go, in_address, links, texts, visit

known, store = helpers_visits.known, helpers_visits.store  # the fixtures


def newest(at):
    return in_address(at, "run") == "newest"


def test_the_monitor_keeps_to_the_run_that_began_last(store, known):
    add_run(store, known, "First")
    at = visit("monitor", run="newest")
    assert "#### First" in texts(at) and newest(at)
    add_run(store, known, "Second", status=RUNNING, step=100)
    add_run(store, known, "Waiting", status=QUEUED, step=0, started=0.0)
    at = drawn(at.run())
    assert "#### Second" in texts(at) and newest(at), "and not to one that still waits"
    assert drawn(at.run()).selectbox(key="monitor:run").value == store.list()[1].id


def test_who_chooses_another_run_stays_with_that(store, known):
    first, second = add_run(store, known, "First"), add_run(store, known, "Second")
    at = visit("monitor", run="newest")
    at = drawn(at.selectbox(key="monitor:run").set_value(first.id).run())
    assert "#### First" in texts(at) and in_address(at, "run") == first.id
    add_run(store, known, "Third")
    assert "#### First" in texts(drawn(at.run()))
    at = go(at, "monitor", run="newest")
    assert "#### Third" in texts(at), "a link followed within the session"
    assert "#### Second" in texts(go(at, "monitor", run=second.id))


def test_the_newest_of_a_family(store, known):
    add_run(store, known, "Deep", architecture="dcgan")
    add_run(store, known, "Plain")
    at = visit("monitor", run="newest-dcgan")
    assert "#### Deep" in texts(at) and in_address(at, "run") == "newest-dcgan"
    at = visit("monitor", run="newest-wgan")
    assert "no run of 'wgan'" in at.warning[0].value and "#### Plain" in texts(at)


def test_home_and_runs_lead_there(store, known):
    add_run(store, known)
    assert links(visit("home"), "Newest run") == links(visit("runs"), "Newest run") == [("monitor", "run=newest")]
    assert not links(visit("home"), "Newest sweep")
    begin(store, minutes=12, seeds=1)
    assert links(visit("home"), "Newest sweep") == [("sweep", "sweep=newest")]


def test_the_newest_sweep(store):
    first = begin(store, minutes=12, seeds=1)
    at = visit("sweep", sweep="newest")
    assert at.selectbox(key="sweep:shown").value == first.id and in_address(at, "sweep") == "newest"
    second = begin(store, minutes=12, seeds=1)
    at = drawn(at.run())
    assert at.selectbox(key="sweep:shown").value == second.id
    at = drawn(at.selectbox(key="sweep:shown").set_value(first.id).run())
    assert in_address(at, "sweep") == first.id
    at = drawn(at.selectbox(key="sweep:shown").set_value("").run())
    assert in_address(at, "sweep") is None
