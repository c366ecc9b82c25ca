"""Computing processes: the newest question counts, visitors take turns, limits hold, and what goes wrong is a sentence."""

import concurrent.futures
import time

import psutil
import pytest

from gan_core.errors import BadInput, TaskFailed
from gan_core.tasks import compute
from gan_core.tasks.asking import Checkpoint, Question, Superseded
from gan_core.tasks.compute import LOG, Compute
from helpers_compute import COMMAND, question
from helpers_runs import PATIENCE, is_a_sentence, python, until


@pytest.fixture
def computing(tmp_path):
    made = []

    def make(processes=2, **options):
        made.append(Compute(tmp_path, processes, command=COMMAND, **options))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def begun(tmp_path):
    def read():
        file = tmp_path / "begun"
        return file.read_text().splitlines() if file.exists() else []
    return read


def test_of_twenty_questions_from_one_place_the_last_is_answered_and_few_are_begun(computing, begun, tmp_path):
    own = computing()
    own.ask(question(tmp_path, "say ready"), visitor="a").result(PATIENCE)
    asked = [own.ask(question(tmp_path, f"sleep 0.3 {i}"), visitor="a", slot="sheet") for i in range(20)]
    assert asked[-1].result(PATIENCE).words == "0.3 19"
    for each in asked[:-1]:
        with pytest.raises(Superseded):
            each.result(0)
    assert len([each for each in begun() if each.startswith("sleep")]) <= 3


def test_questions_from_other_places_of_the_page_stand_beside_each_other(computing, tmp_path):
    own = computing(1)
    asked = [own.ask(question(tmp_path, f"say {place}"), visitor="a", slot=place) for place in ("left", "right")]
    assert [each.result(PATIENCE).words for each in asked] == ["left", "right"]


def test_heavy_work_of_one_visitor_does_not_keep_another_waiting(computing, tmp_path):
    own = computing()
    heavy = [own.ask(question(tmp_path, f"sleep 60 {i}"), visitor="a", slot=str(i)) for i in range(3)]
    assert own.ask(question(tmp_path, "say hello"), visitor="b").result(PATIENCE).words == "hello"
    assert not any(each.done() for each in heavy)


def test_visitors_take_turns(computing, begun, tmp_path):
    own = computing(1)
    asked = [own.ask(question(tmp_path, "sleep 1"), visitor="a", slot="first")]
    asked += [own.ask(question(tmp_path, f"say a{i}"), visitor="a", slot=str(i)) for i in range(3)]
    asked += [own.ask(question(tmp_path, f"say b{i}"), visitor="b", slot=str(i)) for i in range(2)]
    concurrent.futures.wait(asked, PATIENCE)
    assert [each.split()[1] for each in begun()[1:]] == ["a0", "b0", "a1", "b1", "a2"]


def test_what_nobody_waits_for_any_more_ends(computing, begun, tmp_path):
    own = computing(1, grace=60)
    heavy = own.ask(question(tmp_path, "sleep 300"), visitor="a")
    until(begun, "it to begin")
    before = own.processes()
    heavy.abandon()
    answer = own.ask(question(tmp_path, "say next"), visitor="a", slot="other").result(PATIENCE)
    assert answer.words == "next" and [answer.values["pid"]] == before, "the process heard it, and is used again"


def test_what_does_not_hear_that_it_should_end_is_ended(computing, begun, tmp_path):
    own = computing(1, grace=0.2)
    heavy = own.ask(question(tmp_path, "deaf 300"), visitor="a", slot="sheet")
    until(begun, "it to begin")
    before, = own.processes()
    assert own.ask(question(tmp_path, "say next"), visitor="a", slot="sheet").result(PATIENCE).words == "next"
    assert heavy.done() and not psutil.pid_exists(before)


def test_what_takes_too_long_is_ended_and_the_next_works(computing, tmp_path):
    own = computing(1)
    with pytest.raises(TaskFailed, match="more than 0.5 seconds") as told:
        own.ask(question(tmp_path, "deaf 300"), seconds=0.5).result(PATIENCE)
    assert is_a_sentence(str(told.value)) and "memory" not in str(told.value)
    assert own.ask(question(tmp_path, "say next")).result(PATIENCE).words == "next"


def test_what_takes_too_much_memory_is_ended_and_the_next_works(computing, tmp_path):
    own = computing(1, memory=400 * 2**20)
    with pytest.raises(TaskFailed, match="0.391 GiB of memory") as told:
        own.ask(question(tmp_path, "eat 600")).result(PATIENCE)
    assert is_a_sentence(str(told.value))
    assert own.ask(question(tmp_path, "say next")).result(PATIENCE).words == "next"


def test_a_process_that_has_grown_is_not_used_again(computing, tmp_path, monkeypatch):
    monkeypatch.setattr(compute, "WORN", 1)
    own = computing(1)
    pids = [own.ask(question(tmp_path, "say x")).result(PATIENCE).values["pid"] for _ in range(2)]
    assert pids[0] != pids[1]


def test_an_error_in_code_says_what_it_was_and_which_log_holds_the_traceback(computing, tmp_path):
    own = computing(1)
    with pytest.raises(TaskFailed) as told:
        own.ask(question(tmp_path, "raise negative dimensions.")).result(PATIENCE)
    said = str(told.value)
    assert said == f"Look at data failed (ValueError: negative dimensions); {LOG} in the workspace says more."
    log = (tmp_path / LOG).read_text()
    assert "Traceback" in log and "ValueError: negative dimensions" in log and "helpers_compute" in log


def test_what_is_meant_for_people_comes_as_it_is(computing, tmp_path):
    with pytest.raises(BadInput) as told:
        computing(1).ask(question(tmp_path, "refuse There is no such data here.")).result(PATIENCE)
    assert str(told.value) == told.value.fields["data"] == "There is no such data here."


def test_a_process_that_died_is_a_sentence_that_names_the_log_and_is_followed_by_another(computing, begun, tmp_path):
    own = computing(1)
    with pytest.raises(TaskFailed, match=f"its process ended; {LOG}") as told:
        own.ask(question(tmp_path, "die")).result(PATIENCE)
    assert is_a_sentence(str(told.value)) and "dying of it" in (tmp_path / LOG).read_text()
    heavy = own.ask(question(tmp_path, "deaf 300"))
    until(lambda: len(begun()) == 2, "it to begin")
    psutil.Process(own.processes()[0]).kill()
    with pytest.raises(TaskFailed, match="killed by signal 9"):
        heavy.result(PATIENCE)
    assert own.ask(question(tmp_path, "say next")).result(PATIENCE).words == "next"


def test_a_process_is_made_ready_before_anybody_asks(computing, begun, tmp_path):
    own = computing()
    own.warm_up()
    [process] = until(own.processes, "a process")
    own.warm_up()
    answer = own.ask(question(tmp_path, "say x")).result(PATIENCE)
    assert own.processes() == [process] == [answer.values["pid"]]
    assert answer.values["backend"] == "tensorflow" and (tmp_path / LOG).read_text() == "It is warm.\n"


def test_a_workspace_that_cannot_take_a_log_is_computed_for_all_the_same(computing, tmp_path):
    (tmp_path / "logs").write_text("in the way")
    assert computing().ask(question(tmp_path, "say x")).result(PATIENCE).words == "x"


def test_processes_start_when_they_are_needed_and_end_with_their_parent(computing, tmp_path):
    own = computing()
    assert own.processes() == []
    for _ in range(3):
        own.ask(question(tmp_path, "say x")).result(PATIENCE)
    assert len(own.processes()) == 1, "one is enough for one question after the other"
    answer = python("""
import sys, time
from gan_core.tasks.compute import Compute
from helpers_compute import COMMAND, question
from pathlib import Path
own = Compute(sys.argv[1], 2, command=COMMAND)
own.ask(question(sys.argv[1], "deaf 300"), visitor="a")
while not (Path(sys.argv[1]) / "begun").exists() or "deaf" not in (Path(sys.argv[1]) / "begun").read_text():
    time.sleep(0.05)
print(*own.processes())
""", tmp_path)
    assert answer.returncode == 0, answer.stderr
    until(lambda: not psutil.pid_exists(int(answer.stdout)), "its end")


def test_a_run_is_looked_at_with_the_backend_that_it_was_trained_with(computing, tmp_path):
    own, found = computing(1), []
    for backend in ("jax", "jax", "tensorflow"):
        asked = Question.of("look", tmp_path, Checkpoint("run", 1, 0, backend), data="say x")
        found.append(own.ask(asked).result(PATIENCE).values)
    assert [each["backend"] for each in found] == ["jax", "jax", "tensorflow"]
    assert found[0]["pid"] == found[1]["pid"] != found[2]["pid"]


def test_how_many_is_said_by_the_environment(tmp_path, monkeypatch):
    for text, number in (("", 2), ("3", 3), ("0", 1), ("many", 2)):
        monkeypatch.setenv("GAN_COMPUTE", text)
        assert len(Compute(tmp_path)._servers) == number


def test_a_long_log_is_begun_anew(computing, tmp_path, monkeypatch):
    monkeypatch.setattr(compute, "LOG_BYTES", 10)
    (tmp_path / LOG).parent.mkdir()
    (tmp_path / LOG).write_text("x" * 11)
    computing(1).ask(question(tmp_path, "say x")).result(PATIENCE)
    assert (tmp_path / LOG).read_text() == "" and len(list((tmp_path / LOG).parent.iterdir())) == 2
    assert time.time() - (tmp_path / LOG).stat().st_mtime < PATIENCE
