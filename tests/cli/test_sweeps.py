"""Sweeps on the command line: what cannot be searched is one sentence, what was found is told, and goes on."""

import json

import pytest

from gan_core.errors import BadInput
from gan_core.launch import queue
from gan_core.store import DiskStore, presets
from gan_core.store.task_records import new_task
from gan_core.sweeps import driving, propose
from gan_core.tasks import process
from helpers_runs import cli, is_a_sentence
from helpers_sweeps import World, begin, through


@pytest.fixture
def disk(tmp_path, monkeypatch):
    monkeypatch.delenv("GAN_PARALLEL", raising=False)
    monkeypatch.setattr(propose, "importance", lambda *_: {})
    store = DiskStore(tmp_path / "workspace")
    yield store
    store.close()


@pytest.mark.parametrize("arguments, part", [
    ("sweep", "needs ARCH, --data, --vary, --minutes"), ("{}", "needs --vary"), ("{} --vary no_such", "no knob 'no_such'"),
    ("{} --vary generator_rate=0.1..0.01", "cannot lie between"), ("{} --vary generator_rate=a..b", "a number"),
    ("{} --vary generator_rate=0.01..0.01", "nothing to search"), ("{} --vary generator_rate --minutes 1", "too short"),
    ("{} --vary generator_rate --minutes x", "a number"), ("{} --vary generator_rate --minutes 0.2", "shorter than one run"),
    ("{} --vary generator_rate --parallel 2", "no room"), ("{} --vary width", "means nothing for points"),
    ("{} --vary generator_rate --by luck", "one of best, time"), ("{} --vary generator_rate --search x", "learning, chance"),
    ("{} --vary generator_rate --set probe_seconds=0", "probe_seconds"), ("sweep --go-on x", "no sweep 'x'"),
    ("sweeps x", "no sweep 'x'"), ("presets --forget x", "no preset"), ("sweep gan --go-on x", "leave the rest out"),
])
def test_what_cannot_be_searched_is_a_sentence_and_leaves_nothing(disk, arguments, part):
    answer = cli(*arguments.format("sweep gan --data ring --minutes 20").split(), workspace=disk.workspace)
    assert answer.code == 2 and answer.out == "" and is_a_sentence(answer.err), answer.err
    assert part in answer.err and not disk.sweeps.list() and not disk.tasks.list() and not disk.list()


def test_a_sweep_promises_works_and_tells(disk, monkeypatch):
    def work(store, record_id, on_progress=None):
        [sweep] = store.sweeps.list()
        through(store, sweep, World(store, shares=(0.0, 0.5, 1.0)))
        store.tasks.move(record_id, "finished", only_from=("running",))
        return store.tasks.get(record_id)

    monkeypatch.setattr(process, "work", work)
    asked = "sweep gan --data ring --vary generator_rate=1e-4..1e-2 --minutes 6 --seeds 1 --set batch_size=32 --json"
    answer = cli(*asked.split(), workspace=disk.workspace)
    assert answer.code == 0 and "done by" in answer.err, answer.err
    found = json.loads(answer.out)
    assert found["ended"] and found["leaders"] and found["settings"]["batch_size"] == 32 and found["final"]["verdict"]
    assert len({trial["trial"] for trial in found["trials"]}) == len(found["trials"]) > 3
    listed = cli("sweeps", workspace=disk.workspace).out
    assert found["id"] in listed and "generator_rate" in listed
    assert "defaults" in cli("sweeps", found["id"][:-2], workspace=disk.workspace).out
    again = cli("sweep", "--go-on", found["id"], workspace=disk.workspace)
    assert again.code == 2 and "has come to its end" in again.err
    key = cli("presets", "--keep", found["id"], "--name", "Mine", workspace=disk.workspace).out.strip()
    [kept] = presets.kept(disk.workspace)
    assert kept["key"] == key and kept["values"]["batch_size"] == 32
    assert "Mine" in cli("presets", workspace=disk.workspace).out
    assert cli("presets", "--forget", key, workspace=disk.workspace).code == 0 and not presets.kept(disk.workspace)


def test_a_sweep_that_is_being_worked_on_is_not_begun_a_second_time(disk):
    sweep = begin(disk, minutes=6, seeds=1)
    disk.tasks.create(new_task("sweep", config={"sweep": sweep.id}, status="running", handle=queue.ownership()))
    answer = cli("sweep", "--go-on", sweep.id, workspace=disk.workspace)
    assert answer.code == 2 and "being worked on already" in answer.err and is_a_sentence(answer.err)


def test_damaged_records_hide_no_other_sweep(disk):
    disk.sweeps.create("Odd", {"spec": 3})
    good = begin(disk, minutes=6, seeds=1)
    answer = cli("sweeps", workspace=disk.workspace)
    assert good.id in answer.out and "damaged" in answer.err
    assert driving.known(disk, good.id).runs == []


@pytest.mark.parametrize("title, part", [("", "name of 1 to 40"), ("x" * 41, "name of 1 to 40"), ("full", "comes with"),
                                         ("few photographs", "comes with")])
def test_a_preset_needs_a_name_of_its_own(disk, title, part):
    with pytest.raises(BadInput, match=part):
        presets.keep(disk.workspace, title, "gan", "points", {"batch_size": 3}, taken=["Few photographs"])
    assert not presets.kept(disk.workspace)


def test_presets_of_one_name_replace_each_other_and_what_is_no_preset_is_left_out(disk):
    first = presets.keep(disk.workspace, "Mine", "gan", "points", {"batch_size": 3})
    assert presets.keep(disk.workspace, " mine ", "gan", "points", {"batch_size": 4}) == first
    presets.keep(disk.workspace, "Mine", "gan", "images", {"batch_size": 5})
    for name, content in (("odd.json", b"{}"), ("0123456789ab.json", b'{"title": 3}'), ("ba9876543210.json", b"\xff")):
        (disk.workspace / "presets" / name).write_bytes(content)
    assert [one["values"] for one in presets.kept(disk.workspace, "gan", "points")] == [{"batch_size": 4}]
    assert len(presets.kept(disk.workspace)) == 2
