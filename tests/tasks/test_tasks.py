"""Tasks: found one file each, asked for in the background by claims, told how they end; on the command line."""

import contextlib
import json
import os
import signal
import sys

import pytest

import helpers_stores
from gan_core.errors import BadInput, UserError
from gan_core.launch import queue, signals
from gan_core.launch.launchers import local
from gan_core.store import DiskStore
from gan_core.store.task_records import ENDED, new_task
from gan_core.tasks import background, base, kinds, process, registry
from gan_core.tasks.wanted import as_text, from_text
from helpers_runs import cli, end_all, is_a_sentence, make_run, processes, python, until
from helpers_stores import in_threads

disk = helpers_stores.disk  # a fixture
LONG = '''
import time
from dataclasses import dataclass
from gan_core.config import knobs
from gan_core.config.knobs import knob
from gan_core.errors import BadInput, Stopped
from gan_core.tasks import base

@dataclass(frozen=True, kw_only=True)
class Config(knobs.Config):
    order: str = knob("", help="What it does.")

class Wait(base.Task):
    title, Config = "Wait", Config

    def run(self, context, config, progress, should_stop):
        if config.order == "fail":
            raise BadInput("This cannot be done today.")
        if config.order == "break":
            raise ZeroDivisionError("division by zero")
        if config.order == "leave":
            raise SystemExit("bye")
        while config.order == "wait" and not should_stop():
            progress(0.5, "waiting for the end")
            time.sleep(0.01)
        if should_stop():
            raise Stopped
        return base.Result("waited", {"order": config.order}, made={"dataset": "mine"})
'''


@pytest.fixture
def more(tmp_path, monkeypatch):
    """A folder of tasks beside the project's own."""
    folder = tmp_path / "kinds"
    folder.mkdir()
    monkeypatch.setattr(kinds, "__path__", [*kinds.__path__, str(folder)])
    registry._found.cache_clear()
    yield folder
    registry._found.cache_clear()
    for path in folder.glob("*.py"):
        sys.modules.pop(f"{kinds.__name__}.{path.stem}", None)


@pytest.fixture
def wait(more):
    (more / "wait.py").write_text(LONG)


@pytest.fixture
def here(monkeypatch):
    """Processes that would be started: their records."""
    started = []
    monkeypatch.setattr(background, "_start_process", lambda store, record: started.append(record.id))
    return started


# Found like the zoo


@pytest.mark.parametrize("name", registry.tasks())
def test_every_task_says_what_it_is_and_checks_its_knobs(name):
    """The contract, of all tasks there are."""
    found = registry.task(name)
    assert isinstance(found, base.Task) and found.name == name and found.title[0].isupper()
    assert found.Config.parse(found.Config.tiny().as_dict()) == found.Config.tiny()
    assert json.loads(json.dumps(found.Config.tiny().as_dict())) == found.Config.tiny().as_dict(), "plain, for the catalogue"
    assert all(knob.help.endswith(".") for knob in found.Config.knobs())
    with pytest.raises(BadInput):
        found.Config.parse({"no_such_knob": 1})
    assert type(found).run is not base.Task.run and found.seconds > 0


def test_a_file_is_a_task_and_a_broken_one_hides_no_other(more, wait):
    for name, source in (("broken", "import no_such_module"), ("empty", ""), ("wrong", "1 / 0")):
        (more / f"{name}.py").write_text(source)
    assert {"wait", "score", "keep"} <= set(registry.tasks()) and registry.task("wait").title == "Wait"
    assert set(registry.broken()) == {"broken", "empty", "wrong"}
    assert "no_such_module" in registry.broken()["broken"] and "exactly one Task" in registry.broken()["empty"]
    for name in ("broken", "no_such"):
        with pytest.raises(BadInput, match=name) as refused:
            registry.task(name)
        assert is_a_sentence(str(refused.value).replace("Error:", ""))


def test_inputs_are_text_and_come_back():
    assert from_text(as_text({"truncation": 0.7, "code": "each"})) == {"truncation": "0.7", "code": "each"}
    assert from_text("") == {} and from_text(" a = 1 ,") == {"a": "1"}
    with pytest.raises(BadInput, match="NAME=VALUE"):
        from_text("truncation")


# In the background


def test_of_two_that_look_at_once_one_starts_it(disk, wait, here):
    run = make_run(disk, status="finished")
    disk.tasks.create(new_task("wait", run.id, config={"order": ""}))
    in_threads(6, lambda i: background.tend(disk))
    assert len(here) == 1 and disk.tasks.get(here[0]).status == "running"


def test_tasks_of_a_kind_wait_for_each_other_and_the_oldest_goes_first(disk, wait, here):
    run = make_run(disk, status="finished")
    first, second, third = (background.start(disk, "wait", run, {"order": text}) for text in "abc")
    assert here == [first.id]
    background.start(disk, "score", run)
    assert len(here) == 2, "another kind does not wait"
    disk.set("tasks", "2")
    background.tend(disk)
    assert here[2:] == [second.id] and disk.tasks.get(third.id).status == "queued"


@pytest.mark.parametrize("kind, about, knobs, says", [
    ("wait", True, {"order": "", "nothing": 1}, "no knob 'nothing'"), ("nothing", True, {}, "no task 'nothing'"),
    ("draw", True, {}, "answered at once"), ("score", False, {}, "is about a run"), ("recognise", True, {}, "labelled"),
    ("keep", True, {"name": "x"}, "Points cannot be kept as a dataset; .*`sample .* --out points.npz`"),
    ("score", True, {"n": -1}, "between 0 and")])
def test_what_cannot_be_done_is_refused_before_anything_begins(disk, wait, here, kind, about, knobs, says):
    run = make_run(disk, status="finished") if about else None
    with pytest.raises(UserError, match=says) as refused:
        background.start(disk, kind, run, knobs)
    assert is_a_sentence(str(refused.value)) and here == [] and disk.tasks.list() == []


def test_the_same_is_refused_while_it_is_done(disk, wait, here):
    run = make_run(disk, status="finished")
    record = background.start(disk, "wait", run)
    with pytest.raises(BadInput, match="already") as refused:
        background.start(disk, "wait", run)
    assert is_a_sentence(str(refused.value))
    disk.tasks.move(record.id, "finished", only_from=("running",))
    background.start(disk, "wait", run)


def test_a_dead_process_is_noticed_and_the_next_one_begins(disk, wait, here):
    run = make_run(disk, status="finished")
    first, second = (background.start(disk, "wait", run, {"order": text}) for text in "ab")
    disk.tasks.update(first.id, handle=queue.ownership() | {"pid": 2**22 + 1})
    background.tend(disk)
    lost = disk.tasks.get(first.id)
    assert lost.status == "lost" and lost.message.endswith("went down. Start it again."), "it has no log"
    assert here == [first.id, second.id] and disk.tasks.get(second.id).status == "running"


def test_what_a_dead_process_said_is_pointed_at(disk, wait, here):
    record = background.start(disk, "wait", make_run(disk, status="finished"))
    (disk.workspace / record.log).parent.mkdir(parents=True)
    (disk.workspace / record.log).write_text("said")
    disk.tasks.update(record.id, handle=queue.ownership() | {"pid": 2**22 + 1})
    background.tend(disk)
    lost = disk.tasks.get(record.id)
    assert lost.status == "lost" and lost.log in lost.message and "memory" not in lost.message


def test_one_that_waits_is_stopped_at_once_and_one_that_has_ended_says_so(disk, wait, here):
    run = make_run(disk, status="finished")
    _, second = (background.start(disk, "wait", run, {"order": text}) for text in "ab")
    assert background.stop(disk, second.id).status == "stopped"
    with pytest.raises(BadInput, match="ended already") as refused:
        background.stop(disk, second.id)
    assert is_a_sentence(str(refused.value))


def test_settings_of_before_do_no_harm(disk, wait, here):
    for name in ("scoring", "keeping", "recognition"):
        disk.set(name, json.dumps({"runs": ["x"], "share": 0.4, "what": "x", "left": None, "problems": [],
                                   "pid": os.getpid(), "born": 1.0}))
    background.tend(disk)
    background.start(disk, "score", make_run(disk, status="finished"))
    assert len(here) == 1


def test_a_process_that_cannot_be_started_is_told(disk, wait, monkeypatch):
    def refuse(*_, **__):
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(local.subprocess, "Popen", refuse)
    record = background.start(disk, "wait", make_run(disk, status="finished"))
    ended = disk.tasks.get(record.id)
    assert ended.status == "failed" and "Cannot allocate memory" in ended.message and is_a_sentence(ended.message)


def test_a_launcher_that_does_not_exist_is_refused_and_keeps_nothing_waiting(disk, wait, monkeypatch):
    run = make_run(disk, status="finished")
    disk.tasks.create(new_task("wait", run.id, config={"order": "of before"}))
    monkeypatch.setenv("GAN_LAUNCHER", "carrier-pigeon")
    with pytest.raises(BadInput, match="carrier-pigeon"):
        background.start(disk, "wait", run)
    background.tend(disk)
    before, = disk.tasks.list()
    assert before.status == "failed" and "carrier-pigeon" in before.message and is_a_sentence(before.message)


# How it ends


def done(store, order="", **options):
    record = new_task("wait", make_run(store, status="finished").id, config={"order": order}, status="running")
    store.tasks.create(record)
    return process.work(store, record.id, **options)


def test_one_that_is_done_tells_what_came_of_it(disk, wait):
    heard = []
    ended = done(disk, on_progress=lambda *told: heard.append(told))
    assert (ended.status, ended.words, ended.share, ended.message, ended.handle) == ("finished", "waited", 1.0, "", {})
    assert ended.result == {"values": {"order": ""}, "made": {"dataset": "mine"}} and ended.ended > 0


def test_what_is_meant_for_people_is_told_as_it_is_and_an_error_in_code_with_its_log(disk, wait):
    refused, broken = done(disk, "fail"), done(disk, "break")
    assert (refused.status, refused.message) == ("failed", "This cannot be done today.")
    assert broken.status == "failed"
    assert broken.message == f"Wait failed (ZeroDivisionError: division by zero); {broken.log} in the workspace says more."
    assert "Traceback" in (disk.workspace / broken.log).read_text()


def test_code_that_leaves_the_process_is_a_failure_like_another(disk, wait):
    left = done(disk, "leave")
    assert left.status == "failed"
    assert left.message == f"Wait failed (SystemExit: bye); {left.log} in the workspace says more."
    assert "Traceback" in (disk.workspace / left.log).read_text()


def test_a_log_that_could_not_be_written_is_not_named(disk, wait):
    (disk.workspace / "logs").write_text("a file in the place of the folder")
    assert done(disk, "break").message == "Wait failed (ZeroDivisionError: division by zero)."


def test_a_task_of_a_deleted_run_says_so(disk, wait):
    record = disk.tasks.create(new_task("wait", "250101-000000-abcdef", status="running"))
    ended = process.work(disk, record.id)
    assert ended.status == "failed" and ended.message == "Wait: the run 250101-000000-abcdef was deleted meanwhile."


def test_a_task_whose_file_is_gone_says_so(disk):
    record = disk.tasks.create(new_task("wait", make_run(disk).id, status="running"))
    ended = process.work(disk, record.id)
    assert ended.status == "failed" and "no task 'wait'" in ended.message


def test_it_hears_in_the_store_that_it_should_stop_and_signals_too(disk, wait, monkeypatch):
    monkeypatch.setattr(process, "BEAT", 0.02)
    stopped = []

    def stop(share, what):
        if not stopped:
            stopped.append(background.stop(disk, disk.tasks.list()[0].id).status)

    assert (done(disk, "wait", on_progress=stop).status, stopped) == ("stopped", ["stopping"])
    for number in signals.ENDINGS:
        theirs = signal.signal(number, signal.SIG_DFL)  # under nohup these tests are deaf to one of them
        try:
            assert done(disk, "wait", on_progress=lambda *_: signal.raise_signal(number)).status == "stopped"
            assert signal.getsignal(number) == signal.SIG_DFL
        finally:
            signal.signal(number, theirs)


def test_one_that_was_taken_for_dead_stops_and_changes_nothing(disk, wait, monkeypatch):
    monkeypatch.setattr(process, "BEAT", 0.02)

    def lose(share, what):
        disk.tasks.move(disk.tasks.list()[0].id, "lost", only_from=("running",), message="gone")

    ended = done(disk, "wait", on_progress=lose)
    assert (ended.status, ended.message) == ("lost", "gone")


def test_one_that_has_ended_is_not_done_again(disk, wait):
    record = disk.tasks.create(new_task("wait", make_run(disk).id, status="stopped"))
    assert process.work(disk, record.id) == record


def test_ctrl_c_stops_it(disk, wait):
    with pytest.raises(KeyboardInterrupt):
        def interrupt(*_):
            raise KeyboardInterrupt
        done(disk, "wait", on_progress=interrupt)
    assert disk.tasks.list()[0].status == "stopped"


def test_a_process_that_does_not_hear_is_ended(disk, more):
    (more / "deaf.py").write_text(LONG.replace("Wait", "Deaf").replace("and not should_stop()", ""))
    record = disk.tasks.create(new_task("deaf", make_run(disk, status="finished").id, config={"order": "wait"}))
    code = f"""
import sys
from gan_core.store import DiskStore
from gan_core.tasks import background, kinds, process
kinds.__path__ = [*kinds.__path__, {str(more)!r}]
process.BEAT, process.GRACE = 0.02, 0.1
store = DiskStore(sys.argv[1])
assert background.claim(store, store.tasks.get(sys.argv[2]))
background.stop(store, sys.argv[2])
process.work(store, sys.argv[2], ends_process=True)
"""
    assert python(code, disk.workspace, record.id).returncode == 1
    ended = disk.tasks.get(record.id)
    assert ended.status == "stopped" and "did not stop by itself" in ended.words


def test_a_real_process_does_what_waits_and_its_log_is_its_own(tmp_path):
    """Of a run that is gone: nothing is loaded that takes long."""
    with contextlib.closing(DiskStore(tmp_path / "workspace")) as store:
        records = [store.tasks.create(new_task("score", f"gone-{i}", created=float(i))) for i in range(2)]
        background.tend(store)
        until(lambda: all(not store.tasks.get(record.id).open for record in records), "both ends")
        for record in records:
            ended = store.tasks.get(record.id)
            assert (ended.status, f"{record.run} was deleted" in ended.message) == ("failed", True)
            assert (store.workspace / record.log).exists()
        until(lambda: not processes(store.workspace, "task"), "the end of the process")
    end_all(tmp_path / "workspace")


# On the command line


def test_the_command_line_lists_what_can_be_done():
    found = {each["name"]: each for each in json.loads(cli("tasks", "--json").out)}
    assert found.keys() >= {"score", "keep", "recognise", "judging_pool", "draw", "saliency", "look", "measure"}
    assert all(each.keys() == {"name", "title", "interactive", "knobs"} for each in found.values())
    assert (found["draw"]["interactive"], found["score"]["interactive"]) == (True, False)
    assert [knob["name"] for knob in found["recognise"]["knobs"]] == ["n", "real_per_class"]


def test_the_command_line_does_one_and_lists_it(disk, wait):
    run = make_run(disk, status="finished")
    answer = cli("do", "wait", run.id, "--set", "order=x", "--json", workspace=disk.workspace)
    assert answer.code == 0 and json.loads(answer.out)["values"] == {"order": "x"} and "waited" in answer.err
    answer = cli("do", "wait", run.id, "--set", "order=fail", workspace=disk.workspace)
    assert answer.code == 1 and answer.said[-1] == "This cannot be done today."
    listed = cli("tasks", "--work", workspace=disk.workspace).out.splitlines()
    assert len(listed) == 2 and "finished" in listed[1] and "This cannot be done today." in listed[0]
    work = json.loads(cli("tasks", "--work", "--json", workspace=disk.workspace).out)
    assert [record["status"] for record in work] == ["failed", "finished"] and all(
        record["status"] in ENDED for record in work)


def test_the_command_line_answers_and_writes_files(disk, tmp_path):
    answer = cli("do", "look", "--set", "data=ring", "--out", tmp_path / "out", "--json", workspace=disk.workspace)
    assert answer.code == 0 and json.loads(answer.out)["spec"]["kind"] == "points"
    assert (tmp_path / "out" / "sheet.png").read_bytes().startswith(b"\x89PNG") and disk.tasks.list() == []


@pytest.mark.parametrize("name", ["judging_pool", "recognise", "keep", "neighbours"])
@pytest.mark.parametrize("kind", ["table", "points"])
def test_what_only_images_can_be_used_for_is_refused_of_others(disk, name, kind):
    run = make_run(disk, status="finished")
    disk.update(run.id, spec=run.spec | {"kind": kind, "classes": ["a", "b"]})
    answer = cli("do", name, run.id, workspace=disk.workspace)
    assert answer.code == 2 and is_a_sentence(answer.err) and disk.tasks.list() == []


def test_what_only_tables_have_is_refused_of_others(disk):
    run = make_run(disk, status="finished")
    for task, knobs, says in (("columns", (), "Only tables have columns, and this run learned"),
                              ("score", ("--set", "target=a"), "A target is a column of a table")):
        answer = cli("do", task, run.id, *knobs, workspace=disk.workspace)
        assert answer.code == 2 and is_a_sentence(answer.err) and says in answer.err and disk.tasks.list() == []


def test_a_task_that_takes_no_run_says_what_it_takes(disk):
    answer = cli("do", "look", make_run(disk).id, workspace=disk.workspace)
    assert answer.code == 2 and is_a_sentence(answer.err) and "`do look --set data=NAME`" in answer.err


@pytest.mark.parametrize("knobs", [
    {"settings": '{"foo": 1}'}, {"settings": '{"latent": -1}'}, {"settings": '{"latent": "x"}'}, {"settings": "[1]"},
    {"spec": '{"kind": "images", "shape": [8]}'}, {"spec": '{"kind": "points", "shape": []}'}, {"spec": "[1]"},
    {"spec": '{"kind": "points", "shape": [-2]}'}, {"spec": '{"kind": "points", "shape": [1000000000]}'},
    {"spec": '{"kind": [1], "shape": [2]}'}, {"spec": '{"kind": "table", "shape": [5]}'}])
def test_a_model_that_cannot_be_measured_is_refused_in_a_sentence(disk, knobs):
    the_task = registry.task("measure")
    with pytest.raises(BadInput) as refused:
        the_task.run(base.Context(disk), the_task.Config.parse(knobs), lambda *_: None, lambda: False)
    assert is_a_sentence(str(refused.value))


@pytest.mark.parametrize("arguments", [["do", "nothing"], ["do", "score"], ["do", "look", "--set", "data"],
                                       ["end", "score-1"]])
def test_the_command_line_refuses_in_a_sentence(disk, arguments):
    answer = cli(*arguments, workspace=disk.workspace)
    assert answer.code == 2 and is_a_sentence(answer.err)


@pytest.mark.parametrize("spec", [{}, {"version": 99}])
def test_a_run_whose_settings_cannot_be_read_is_refused_with_what_resuming_it_says(disk, wait, spec):
    run = make_run(disk, status="finished")
    whole = {name: value for name, value in run.spec.items() if name != "backend"}
    disk.move(run.id, "finished", only_from=("finished",), spec=whole | spec if spec else {})
    said = cli("resume", run.id, workspace=disk.workspace)
    answer = cli("do", "wait", run.id, workspace=disk.workspace)
    assert answer.code == said.code == 2 and answer.err == said.err and is_a_sentence(answer.err)
    assert disk.tasks.list() == []


@pytest.mark.parametrize("task, arguments, says", [
    ("score", ["--checkpoint", "foo"], "no checkpoint"), ("wait", ["--checkpoint", "7"], "no checkpoint"),
    ("keep", ["--set", "name=x", "--set", "label=44"], "no class '44'"),
    ("keep", ["--set", "name=x", "--set", "chosen=truncation"], "NAME=VALUE")])
def test_bad_arguments_are_refused_and_not_written_down(disk, wait, task, arguments, says):
    run = make_run(disk, status="finished")
    spec = run.spec | {"architecture": "cgan", "kind": "images", "shape": [8, 8, 1], "classes": ["a", "b"]}
    disk.move(run.id, "finished", only_from=("finished",), spec=spec, architecture="cgan")
    answer = cli("do", task, run.id, *arguments, workspace=disk.workspace)
    assert answer.code == 2 and says in answer.err and is_a_sentence(answer.err) and disk.tasks.list() == []


def test_the_command_line_ends_what_another_process_does(disk, wait, here):
    record = background.start(disk, "wait", make_run(disk, status="finished"))
    answer = cli("end", record.id, workspace=disk.workspace)
    assert answer.out.strip() == f"{record.id} is stopping." and disk.tasks.get(record.id).status == "stopping"
