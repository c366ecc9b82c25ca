"""Forks on the pages: the form with what is changed marked, the line of descent, and grey curves of what came before."""

import json

import pytest

import helpers_visits
from gan_core import visitors
from gan_core.launch import usage
from gan_core.store import QUEUED, RUNNING
from gan_core.tasks.base import Result
from helpers_forks import forked, with_checkpoints
from helpers_pages import add_curves, add_run
from helpers_runs import is_a_sentence
from helpers_visits import button, click, click_twice, drawn, in_address, links, read, rows, texts, tick, visit
from pages.components import asking
from pages.components.live_chart import GREY

known, store = helpers_visits.known, helpers_visits.store  # the fixtures


@pytest.fixture
def parent(store, known, monkeypatch):
    """A run with two checkpoints; networks that are wider than they were are others."""
    def answer(task, checkpoint, *, words, changes):
        wide = "width" in json.loads(changes)
        return Result(values={"refusal": "A fork goes on with the networks of its parent, not with another width." * wide})

    monkeypatch.setattr(asking, "answer", answer)
    return with_checkpoints(store, add_run(store, known, "Mine *really*"), 500, 1000)


def knob(at, run, name):
    return f"knob:fork:{run.id}:{name}"


def charts(at):
    shown = (json.loads(each.proto.json) for each in at.get("bidi_component"))
    return {chart["title"]: chart for chart in shown if "traces" in chart}


def test_the_form_has_the_runs_own_settings_and_marks_what_is_changed(store, parent):
    at = click(visit("monitor", run=parent.id), "Fork")
    assert at.selectbox(key=f"fork:{parent.id}:step").value == 1000
    assert at.number_input(key=knob(at, parent, "steps")).value == 2000, "or there would be nothing to do"
    assert at.number_input(key=knob(at, parent, "generator_rate")).value == 0.0002
    assert not any("held_out" in str(each.key) for each in at.number_input), "what was kept from training stays so"
    at = drawn(at.selectbox(key=f"fork:{parent.id}:step").set_value(500).run())
    at = drawn(at.number_input(key=knob(at, parent, "generator_rate")).set_value(1e-5).run())
    marked = [read(each.value) for each in at.markdown if "changed, was" in read(each.value)]
    assert len(marked) == 2 and "was 1000" in marked[0] and "was 0.0002" in marked[1]
    assert "Changed: steps 2000 (was 1000), generator rate 1e-05 (was 0.0002)." in texts(at)
    at = click_twice(at, "Start the fork")
    child, other = store.list()
    assert (other.id, child.status, child.step, child.parent["id"]) == (parent.id, QUEUED, 500, parent.id)
    assert child.parent["changed"] == {"steps": [1000, 2000], "generator_rate": [0.0002, 1e-5]}
    assert at.query_params["run"] == child.id and "Mine *really*, fork at 500" in texts(at)


def test_what_cannot_be_forked_is_said_and_starts_nothing(store, parent):
    at = visit("monitor", run=parent.id, fork=500)
    assert at.selectbox(key=f"fork:{parent.id}:step").value == 500, "the address opens the form"
    at = drawn(at.number_input(key=knob(at, parent, "width")).set_value(64).run())
    assert "not with another width" in read(at.error[0].value) and button(at, "Start the fork").disabled
    at = visit("monitor", run=parent.id, fork="last")
    at = drawn(at.number_input(key=knob(at, parent, "steps")).set_value(700).run())
    assert is_a_sentence(read(at.error[0].value)) and "would stop at 700" in read(at.error[0].value)
    for wrong in ("3", "9" * 5000, "**x**"):
        at = visit("monitor", run=parent.id, fork=wrong)
        assert f"no checkpoint of step {wrong[:30]};" in read(at.warning[0].value) and len(store.list()) == 1


def test_the_form_stays_when_a_newer_run_begins(store, known, parent):
    at = click(visit("monitor", run="newest"), "Fork")
    assert in_address(at, "run") == parent.id
    at.number_input(key=knob(at, parent, "steps")).set_value(3000)
    add_run(store, known, "Newer")
    at = drawn(at.run())
    assert at.selectbox(key="monitor:run").value == parent.id
    assert at.number_input(key=knob(at, parent, "steps")).value == 3000 and button(at, "Start the fork")


def test_a_run_without_a_checkpoint_says_so(store, known):
    at = click(visit("monitor", run=add_run(store, known).id), "Fork")
    assert "no checkpoint" in at.info[0].value and not button(at, "Start the fork")


def test_the_line_of_descent_and_its_end(store, parent):
    child = forked(store, parent, 500, generator_rate=1e-5, name="Child")
    at = visit("monitor", run=child.id)
    assert links(at, parent.name) and "at step 500, changed: generator rate 1e-05 (was 0.0002)" in texts(at)
    assert links(visit("monitor", run=parent.id), "Child")[0][1] == f"run={child.id}"
    at = visit("runs")
    assert dict(zip(rows(at), at.dataframe[0].value["Fork of"])) == {"Child": "Mine *really*", "Mine *really*": ""}
    assert links(tick(at, "Mine *really*"), "Fork")[0][1] == f"run={parent.id}&fork=last"
    store.delete(parent.id)
    at = visit("monitor", run=child.id)
    assert f"{parent.id} (it was deleted" in texts(at) and not at.error and not at.exception
    assert visit("runs").dataframe[0].value["Fork of"].tolist() == [f"{parent.id} (deleted)"]


def test_what_came_before_is_grey_and_can_be_left_out(store, known, parent):
    child = forked(store, parent, 500, generator_rate=1e-5)
    at = visit("monitor", run=child.id)
    grey = [trace for trace in charts(at)["Loss"]["traces"] if trace["line"]["color"] == GREY]
    assert len(grey) == 2 and not any(trace["showlegend"] for trace in grey), "before it has made a step, too"
    store.move(child.id, "stopped", only_from=(QUEUED,))
    add_curves(store, store.get(child.id), 600, 30)
    at = visit("monitor", run=child.id)
    traces = charts(at)["Loss"]["traces"]
    assert [trace["line"]["color"] == GREY for trace in traces] == [True, True, *[False] * (len(traces) - 2)]
    at = drawn(at.toggle(key="view:past").set_value(False).run())
    assert not any(trace["line"]["color"] == GREY for trace in charts(at)["Loss"]["traces"])
    assert not [each for each in visit("monitor", run=parent.id).toggle if each.key == "view:past"]


def test_visitors_see_the_line_and_no_form(store, parent, monkeypatch):
    child = forked(store, parent, 500, name="Child")
    monkeypatch.setenv(visitors.VARIABLE, "1")
    at = visit("monitor", run=parent.id, fork=500)
    assert links(at, "Child") and not button(at, "Fork") and not button(at, "Start the fork")
    assert links(visit("monitor", run=child.id), parent.name) and not links(visit("gallery", run=parent.id), "Fork")


def test_what_a_run_takes_of_its_machine(store, known):
    old, live = add_run(store, known, "Old"), add_run(store, known, "Live", status=RUNNING, step=300)
    room = "CPU, memory, GPU and disk"
    assert not [each for each in visit("monitor", run=old.id).expander if each.label == room], "nothing of it is known"
    store.add_rows(live.id, [(step, key, 1.5, live.started + step) for step in range(20)
                             for key in (usage.CPU, usage.MEMORY, usage.READ, usage.WRITTEN, usage.FREE)])
    at = visit("monitor", run=live.id)
    assert "Machine cpu" not in charts(at), "no curve of training"
    at.session_state["monitor:machine"] = True
    found = charts(drawn(at.run()))
    assert {"CPU", "Memory", "Disk", "Free on the disk"} <= set(found) and not {"GPU", "GPU memory"} & set(found)
    assert found["CPU"]["xaxis"]["title"] == "minutes of training" and len(found["Disk"]["traces"]) == 2
