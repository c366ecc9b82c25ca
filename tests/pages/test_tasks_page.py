"""The Tasks page: all work on trained models, running and past, stopped and found again; and started by a form."""

import pytest

from gan_core.launch import queue
from gan_core.store.task_records import new_task
from gan_core.tasks import background
from helpers_pages import add_run
from helpers_visits import button, click, drawn, known, links, store, texts, visit  # noqa: F401 (fixtures among them)


@pytest.fixture
def run(store, known):
    return add_run(store, known, "Some *digits*", architecture="cgan", values={"filters": 4})


def said(at):
    return texts(at).replace("\\", "")


def failed(store, run_id, message="Score failed (ValueError: it is ill); logs/tasks/x.log in the workspace says more."):
    return store.tasks.create(new_task("score", run_id, status="failed", message=message, ended=2.0))


def test_an_empty_workspace_says_what_to_do(store):
    assert "Nothing has been done" in said(visit("tasks"))


def test_work_of_all_runs_is_seen_with_the_time_left_and_stopped(store, known, run):
    first, second = background.start(store, "score", run), background.start(store, "score", add_run(store, known, "Other"))
    store.tasks.update(first.id, share=0.4, words="features", left=30.0)
    at = visit("tasks")
    assert {bar.proto.text for bar in at.get("progress")} == {"Features, about 30 s left", "Waiting for its turn"}
    assert links(at, "Some *digits*") == [("monitor", f"run={run.id}")]
    drawn(at.button(key=f"work:tasks:{first.id}:stop:0").click().run())
    assert (store.tasks.get(first.id).status, store.tasks.get(second.id).status) == ("stopping", "queued")
    at = visit("tasks")
    assert at.button(key=f"work:tasks:{first.id}:stop:0").disabled
    drawn(at.button(key=f"work:tasks:{second.id}:stop:0").click().run())
    assert store.tasks.get(second.id).status == "stopped"


@pytest.mark.parametrize("kind, made, label, where", [
    ("score", {}, "Scores on Monitor", "monitor"), ("recognise", {}, "Results on Draw", "draw"),
    ("keep", {"dataset": "mine-1"}, "Train on them", "train")])
def test_what_came_of_it_is_found_again(store, run, kind, made, label, where):
    store.tasks.create(new_task(kind, run.id, status="finished", share=1.0, words="all went *well*",
                                result={"values": {}, "made": made}))
    at = visit("tasks")
    assert "All went *well*" in said(at) and not at.error
    assert links(at, label) == [(where, f"run={run.id}" if where != "train" else
                                 f"architecture={run.architecture}&data=mine-1")], "with what was kept"


def test_what_went_wrong_is_told_with_the_log(store, run):
    record = failed(store, run.id)
    path = store.workspace / record.log
    path.parent.mkdir(parents=True)
    path.write_text("Traceback: the whole story")
    at = visit("tasks")
    assert "ValueError: it is ill" in at.error[0].value.replace("\\", "") and "the whole story" in at.code[0].value


def test_work_of_a_deleted_run_says_so_and_leads_nowhere(store, run):
    failed(store, run.id)
    store.tasks.create(new_task("score", run.id, status="finished", words="done", result={"values": {}}))
    store.delete(run.id)
    at = visit("tasks")
    assert f"of the run {run.id}, which was deleted" in said(at) and not links(at, "Scores on Monitor")


def test_it_can_be_of_one_run_and_the_address_names_it(store, known, run):
    other = add_run(store, known, "Other")
    failed(store, run.id, "The first is ill."), failed(store, other.id, "The other is ill.")
    assert len(visit("tasks").error) == 2
    at = visit("tasks", run=other.id)
    assert [each.value.replace("\\", "") for each in at.error] == ["The other is ill."]
    at = drawn(at.selectbox(key="tasks:run").set_value("").run())
    assert len(at.error) == 2 and "run" not in at.query_params


def test_a_process_that_is_gone_is_noticed(store, run):
    record = background.start(store, "score", run)
    store.tasks.update(record.id, handle=queue.ownership() | {"pid": 2**22 + 1})
    at = visit("tasks")
    assert store.tasks.get(record.id).status == "lost" and "gone without a word" in at.error[0].value


def test_a_task_is_started_by_the_form_of_its_knobs(store, known, run):
    at = visit("tasks")
    at = drawn(at.selectbox(key="tasks:kind").set_value("recognise").run())
    at = drawn(at.number_input(key="knob:task-recognise:real_per_class").set_value(30).run())
    click(at, "Start")
    record, = store.tasks.list()
    assert (record.kind, record.run, record.config) == ("recognise", run.id, {"n": 2000, "real_per_class": 30})
    ring = add_run(store, known, "Ring", data="ring")
    at = visit("tasks")
    at = drawn(at.selectbox(key="tasks:kind").set_value("keep").run())
    at = drawn(at.selectbox(key="tasks:with").set_value(ring.id).run())
    assert "cannot be kept" in at.error[0].value and button(at, "Start").disabled


def test_how_many_at_once_is_set_there(store, known, run):
    background.start(store, "score", run), background.start(store, "score", add_run(store, known, "Other"))
    at = visit("tasks")
    drawn(at.number_input(key="tasks:parallel").set_value(2).run())
    visit("tasks")
    assert [record.status for record in store.tasks.list()] == ["running", "running"]


def test_only_the_newest_are_shown(store, run):
    for i in range(33):
        store.tasks.create(new_task("score", run.id, status="finished", words=f"number {i}", created=float(i)))
    words = said(visit("tasks"))
    assert "Number 32" in words and "Number 2\n" not in words and "3 older ones" in words
