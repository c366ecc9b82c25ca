"""The Sweep page: what it promises before the start, what it shows of a race, and where its settings go."""

import pytest

import helpers_visits
from gan_core.store import presets
from gan_core.store.run import QUEUED, RUNNING
from gan_core.store.task_records import new_task
from gan_core.sweeps import charts, driving, propose, told
from helpers_pages import add_sheet
from helpers_sweeps import World, begin, through
from helpers_visits import button, click, click_twice, drawn, links, read, texts, visit

known, store = helpers_visits.known, helpers_visits.store  # the fixtures


@pytest.fixture
def swept(store, monkeypatch):
    """The :class:`driving.Known` of a sweep that has come to its end, with something to look at."""
    monkeypatch.setattr(propose, "importance", lambda *_: {"generator_rate": 0.8, "optimizer": 0.2})
    sweep = begin(store, ["generator_rate=1e-5..1e-1", "optimizer=adam,rmsprop"], minutes=8, seeds=1)
    now = through(store, sweep, World(store, shares=(0.0, 0.5, 1.0)))
    for run in store.list():
        add_sheet(store, run, 5)
    return now


def form(at, knobs=("generator_rate",)):
    at = drawn(at.selectbox(key="sweep:architecture").set_value("gan").run())
    at = drawn(at.selectbox(key="data:name").set_value("ring").run())
    return drawn(at.multiselect(key="sweep:gan:knobs").set_value(list(knobs)).run())


def test_the_finishing_time_is_told_before_anything_begins(store):
    at = form(visit("sweep"))
    assert "done by" in texts(at) and "(30 min)" in texts(at) and not store.sweeps.list()
    at = drawn(at.number_input(key="sweep:minutes").set_value(120.0).run())
    assert "2 h 00 min" in texts(at)


def test_a_click_begins_a_sweep_with_the_ranges_of_the_form_and_shows_it(store):
    at = form(visit("sweep"), ("generator_rate", "optimizer"))
    drawn(at.number_input(key="sweep:gan:generator_rate:low").set_value(1e-4).run())
    drawn(at.number_input(key="sweep:gan:generator_rate:high").set_value(1e-2).run())
    drawn(at.multiselect(key="sweep:gan:optimizer").set_value(["adam", "sgd"]).run())
    at = click_twice(at, "Start the sweep")
    [sweep] = store.sweeps.list()
    rate, optimizer = driving.known(store, sweep.id).space.axes
    assert (rate.low, rate.high, rate.log) == (1e-4, 1e-2, True) and optimizer.values == ("adam", "sgd")
    [record] = store.tasks.list(kind="sweep")
    assert record.config == {"sweep": sweep.id} and sweep.id in str(at.query_params)


@pytest.mark.parametrize("key, value, part", [
    ("sweep:minutes", 1.0, "too short"), ("sweep:minutes", 0.2, "shorter than one run"),
    ("sweep:seeds", 99, "between 1 and 10"), ("sweep:gan:generator_rate:low", 0.05, "cannot lie between"),
    ("sweep:gan:generator_rate:high", 99.0, "must lie between")])
def test_what_cannot_be_done_is_said_and_cannot_be_started(store, key, value, part):
    at = form(visit("sweep"))
    drawn(at.number_input(key="sweep:gan:generator_rate:high").set_value(0.01).run())
    at = drawn(at.number_input(key=key).set_value(value).run())
    assert any(part in read(each.value) for each in at.error) and button(at, "Start the sweep").disabled


def test_nothing_to_vary_and_no_room_are_sentences(store):
    at = form(visit("sweep"), ())
    assert any("Nothing is to be varied" in read(each.value) for each in at.error)
    at = form(visit("sweep"))
    at = drawn(at.number_input(key="sweep:parallel").set_value(2).run())
    assert any("The queue runs 1 at once" in each.value for each in at.warning)
    at = click(at, "Start the sweep")
    assert any("no room" in read(each.value) for each in at.error) and not store.sweeps.list()


def test_what_was_found_is_shown_with_its_verdict_and_samples(swept):
    at = visit("sweep", sweep=swept.sweep.id)
    said = texts(at)
    assert told.last_round(swept).sentences[-1] in said and "PED-ANOVA" not in said, "charts come when they are seen"
    assert f"Trial {told.leaders(swept)[0].number}" in said and len(at.get("image")) == len(told.leaders(swept))
    assert any(each.label.startswith("Given up, and why") for each in at.expander)
    assert button(at, "Go on") is None


def test_the_charts_say_what_was_measured(swept):
    history, parallel, slices = charts.history(swept), charts.parallel(swept), charts.slices(swept)
    assert sum(len(trace.x) for trace in history.data[:2]) == len(told.race.ranked(swept.trials))
    assert list(history.data[2].y) == sorted(history.data[2].y, reverse=True), "the best so far only falls"
    assert [axis.label for axis in parallel.data[0].dimensions] == ["generator rate", "optimizer", "kernel distance"]
    assert [figure.layout.xaxis.type for figure in slices] == ["log", "category"]
    assert list(charts.importance(swept).data[0].x) == [20.0, 80.0] and charts.front(swept) is None


def test_these_settings_go_into_the_form(swept, store):
    best = told.leaders(swept)[0]
    where = links(visit("sweep", sweep=swept.sweep.id), "Use these settings")
    assert f"sweep={swept.sweep.id}&trial={best.number}" in where[0][1]
    at = visit("train", sweep=swept.sweep.id, trial=str(best.number))
    assert at.number_input(key="knob:gan:generator_rate").value == best.params["generator_rate"]
    assert at.number_input(key="knob:gan:minutes").value == 0.0, "a run of one's own is not cut off like those of the race"
    assert at.selectbox(key="data:name").value == "ring" and "sweep" not in at.query_params


def test_a_sweep_that_there_is_not_is_a_sentence(store):
    assert any("There is no sweep 'x'" in read(each.value) for each in visit("train", sweep="x").warning)
    assert any("There is no sweep 'x'" in read(each.value) for each in visit("sweep", sweep="x").warning)


def test_they_become_a_preset_that_the_form_offers_and_that_can_be_forgotten(swept, store):
    at = visit("sweep", sweep=swept.sweep.id)
    at.text_input(key=f"sweep:preset:{swept.sweep.id}").set_value("[My](x) *own*")
    at = click(at, "Make them a preset")
    [kept] = presets.kept(store.workspace, "gan", "points")
    best = told.best_settings(swept)
    assert (kept["title"], kept["source"]) == ("[My](x) *own*", swept.sweep.id)
    assert kept["values"] == told.settings(swept, best)
    train = visit("train")
    train = drawn(train.selectbox(key="train:architecture").set_value("gan").run())
    train = drawn(train.selectbox(key="data:name").set_value("ring").run())
    train = click(train, "[My](x) *own*")
    assert train.number_input(key="knob:gan:generator_rate").value == best.params["generator_rate"]
    click(visit("sweep"), "Forget")
    assert not presets.kept(store.workspace)


def test_the_tasks_page_leads_to_what_it_has_found(swept, store):
    task = new_task("sweep", config={"sweep": swept.sweep.id}, status="finished", result={
        "values": {"sweep": swept.sweep.id}, "made": {}})
    store.tasks.create(task)
    assert links(visit("tasks"), "What it has found") == [("sweep", f"sweep={swept.sweep.id}")]


def test_one_that_was_killed_goes_on_by_a_click(store):
    sweep = begin(store, minutes=12, seeds=1)
    driving.Driver(store, sweep.id, tend=lambda store: None).look()
    at = visit("sweep", sweep=sweep.id)
    assert "nothing is tried a second time" in texts(at)
    at = click(at, "Go on")
    [record] = store.tasks.list(kind="sweep")
    assert record.config == {"sweep": sweep.id} and button(at, "Go on") is None and button(at, "Stop")
    assert len(store.list([QUEUED, RUNNING])) == 1


def test_runs_that_are_deleted_leave_what_they_measured(swept, store):
    for run in store.list():
        store.delete(run.id)
    said = texts(visit("sweep", sweep=swept.sweep.id))
    assert "what they measured is kept" in said and told.last_round(swept).sentences[0] in said


def test_records_that_are_damaged_are_a_sentence(store):
    sweep = store.sweeps.create("Odd", {"spec": 3})
    assert any("damaged" in read(each.value) for each in visit("sweep", sweep=sweep.id).error)
