"""The Runs page: its table and filters, names, tags and notes, deletion, and how many run at once."""

import pytest

import helpers_visits
from gan_core.launch import queue
from gan_core.store import RUNNING
from helpers_pages import add_run
from helpers_visits import button, click, drawn, links, rows, texts, tick, visit

known, store = helpers_visits.known, helpers_visits.store  # the fixtures


@pytest.fixture
def table(store, known):
    add_run(store, known, "Alpha", tags=("good", "old"), notes="the sharp one")
    add_run(store, known, "Beta", architecture="wgan_gp", tags=("good",))
    add_run(store, known, "Gamma", architecture="cgan", status="failed", step=0)
    add_run(store, known, "Delta", data="ring", status=RUNNING, step=100)
    return visit("runs")


def test_the_table_has_every_run_with_its_curve(store, table):
    assert rows(table) == ["Delta", "Gamma", "Beta", "Alpha"]
    frame = table.dataframe[0].value
    assert frame["Status"].tolist() == ["running", "failed", "finished", "finished"]
    assert len(frame["Loss"].iloc[3]) == 40 and frame["Progress"].tolist() == [0.1, 0.0, 1.0, 1.0]
    assert frame["Open"].tolist()[0] == f"/monitor?run={store.list()[0].id}"


def test_filters(store, table):
    assert rows(drawn(table.text_input(key="runs:text").set_value("SHARP").run())) == ["Alpha"]
    table.text_input(key="runs:text").set_value("")
    assert rows(drawn(table.multiselect(key="runs:status").set_value(["finished", "failed"]).run())) == [
        "Gamma", "Beta", "Alpha"]
    assert rows(drawn(table.multiselect(key="runs:tags").set_value(["good"]).run())) == ["Beta", "Alpha"]
    assert rows(drawn(table.multiselect(key="runs:arch").set_value(["wgan_gp"]).run())) == ["Beta"]
    at = drawn(table.text_input(key="runs:text").set_value("nothing like it").run())
    assert rows(at) == [] and "0 of 4 runs" in texts(at)


def test_a_run_gets_a_name_tags_and_notes(store, table):
    at = tick(table, "Alpha")
    fields = {each.label: each for each in at.text_input}
    fields["Name"].set_value("  Omega ")
    fields["Tags"].set_value("good, best,, best ,")
    at.text_area[0].set_value("Kept for the talk.")
    at = click(at, "Save")
    run = store.list()[-1]
    assert (run.name, run.tags, run.notes) == ("Omega", ("good", "best"), "Kept for the talk.")
    assert "Omega" in rows(at)
    assert links(at, "Duplicate")[0][1] == f"like={run.id}"


def test_ticks_belong_to_runs_and_not_to_places_in_the_table(store, known, table):
    at = tick(table, "Alpha")
    add_run(store, known, "Newcomer")
    at = drawn(at.run())
    said = texts(at)
    assert not any(f"**{name}**" in said for name in ("Beta", "Gamma", "Delta", "Newcomer"))
    at = tick(at, "Gamma")
    at = drawn(at.text_input(key="runs:text").set_value("a").run())
    at = drawn(at.multiselect(key="runs:status").set_value(["finished"]).run())
    assert not any(f"**{name}**" in texts(at) for name in ("Beta", "Alpha", "Delta", "Newcomer"))


def test_delete_asks_first(store, table):
    at = tick(table, "Alpha", "Gamma")
    at = click(at, "Delete 2 ended")
    assert "Alpha" in texts(at) and "Gamma" in texts(at)
    assert button(at, "Delete 2") and len(store.list()) == 4
    at = drawn(at.run())  # the dialog is closed without an answer
    assert not button(at, "Delete 2") and len(store.list()) == 4


def test_a_run_that_is_active_is_not_deleted(store, table):
    at = tick(table, "Delta")
    assert button(at, "Delete 0 ended").disabled and button(at, "Stop")
    at = click(tick(at, "Delta", "Beta"), "Delete 1 ended")
    assert "- Beta" in texts(at) and "- Delta" not in texts(at)


def test_how_many_run_at_once(store, table, monkeypatch):
    assert table.number_input(key="runs:parallel").value == 1
    drawn(table.number_input(key="runs:parallel").set_value(3).run())
    assert queue.parallel(store) == 3
    store.set("parallel", 100)  # by the command line or the environment
    assert visit("runs").number_input(key="runs:parallel").value == 64
