"""A run as one file, and back: nothing is lost, and what was changed on the way is refused."""

import dataclasses
import hashlib
import json
import zipfile

import pytest

from gan_core.errors import BadInput, StoreError
from gan_core.sharing import packs
from gan_core.store import FINISHED, RUNNING, DiskStore
from helpers_runs import cli, is_a_sentence, make_run

FILES = {"samples/000000001.png": b"\x89PNG", "checkpoints/000000005.weights.h5": b"weights" * 100,
         "scores/000000005-x-10.json": b"{}", "log.txt": b"12:00:00  Step 1.\n", "config.json": b"{}",
         "explored.json": b"{}"}
ROWS = [(1, "d_loss", 0.5, 1.0), (1, "g_loss", float("nan"), 1.0), (2, "d_loss", 1e-30, 2.5)]
PARENT = {"id": "240101-000000-abcdef", "step": 2, "changed": {"steps": [3, 5]}, "seconds": 1.5, "samples": 16}


def filled(path, **fields):
    store = DiskStore(path)
    run = make_run(store, steps=5, name="Mine <b>", **{"status": FINISHED, "step": 5, "tags": ("a", "b"), "notes": "A note.",
                                                      "facts": {"device": "cpu"}, "handle": {"pid": 1},
                                                      "parent": PARENT} | fields)
    for name, data in FILES.items():
        store.artifacts(run.id).put(name, data)
    store.artifacts(run.id).put("events/x", b"of TensorBoard")
    store.add_rows(run.id, ROWS)
    return store, run


@pytest.fixture
def packed(tmp_path):
    store, run = filled(tmp_path / "from")
    packs.pack(store, run, tmp_path / "run.zip")
    return tmp_path / "run.zip", store, run


def kept(store, run):
    held, rows = store.artifacts(run.id), store.rows(run.id)
    return ({name: held.read(name) for name in held.list() if not name.startswith("events/")},
            [str(row) for row in zip(rows.step, rows.key, rows.value, rows.time)])


def test_a_run_comes_back_as_it_was(packed, tmp_path):
    path, store, run = packed
    other = DiskStore(tmp_path / "to")
    back = packs.unpack(other, path)
    assert back.id == run.id and kept(other, back) == kept(store, run)
    there = other.get(run.id)
    for name in {field.name for field in dataclasses.fields(run)} - set(packs.LEFT):
        assert getattr(there, name) == getattr(store.get(run.id), name), name
    assert there.handle == {} and not there.foreground
    again = packs.unpack(other, path)
    assert again.id != run.id and kept(other, again) == kept(store, run), "beside the one that is there"


def test_by_the_command_line_the_last_line_is_the_id(packed, tmp_path):
    _, store, run = packed
    assert cli("pack", run.id, "--out", tmp_path / "x.zip", workspace=store.workspace).code == 0
    answer = cli("unpack", tmp_path / "x.zip", workspace=tmp_path / "to")
    assert answer.code == 0 and answer.out.splitlines()[-1] == run.id
    shown = cli("show", run.id, "--json", workspace=tmp_path / "to")
    assert json.loads(shown.out)["name"] == "Mine <b>"


def changed(path, change, *, sealed=True):
    """The pack with other contents; ``sealed`` as if it had been made so."""
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
        comment = archive.comment
    head = json.loads(files[packs.HEAD])
    change(files, head)
    if sealed:
        files[packs.HEAD] = json.dumps(head).encode()
        comment = hashlib.sha256(files[packs.HEAD]).hexdigest().encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
        archive.comment = comment


def other_name(name):
    def change(files, head):
        head["files"][name] = head["files"][next(iter(head["files"]))]
        files[name] = b"x"
    return change


@pytest.mark.parametrize("change, sealed, says", [
    (lambda files, head: files.update({"kept/log.txt": b"12:00:00  Step 9.\n"}), False, "was changed after it was made"),
    (lambda files, head: files.update({"kept/log.txt": b"short"}), False, "another size"),
    (lambda files, head: files.update({packs.HEAD: files[packs.HEAD].replace(b"Mine", b"Ours")}), False, "sealed"),
    (lambda files, head: files.pop("kept/log.txt"), False, "lacks kept/log.txt"),
    (lambda files, head: files.pop(packs.HEAD), False, "no pack.json"),
    (lambda files, head: head.update(version=2), True, "newer version"),
    (lambda files, head: head.update(format="a photo album"), True, "no pack of a run"),
    (lambda files, head: head.update(run=[]), True, "no pack of a run"),
    (lambda files, head: head.update(run={}), True, "does not say what its run is"),
    (lambda files, head: head.update(files=3), True, "damaged"),
    (lambda files, head: head["files"]["kept/log.txt"].update(size=10**12), True, "more than 4 GB"),
    (lambda files, head: head["files"]["kept/log.txt"].update(size=-1), True, "more than 4 GB"),
    *((other_name(name), True, "no part of a run") for name in (
        "kept/../../x", "kept//etc/x", "/etc/x", "kept/.hidden", "kept/samples/../../x", "kept/C:\\x", "kept/events/x",
        "kept/catalogue.sqlite", "samples/x"))])
def test_what_was_changed_is_refused_and_leaves_nothing(packed, tmp_path, change, sealed, says):
    path, *_ = packed
    changed(path, change, sealed=sealed)
    other = DiskStore(tmp_path / "to")
    with pytest.raises(BadInput, match=says) as refused:
        packs.unpack(other, path)
    assert is_a_sentence(str(refused.value)) and other.list() == []
    assert list((tmp_path / "to" / "runs").iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no zip at all" * 100])
def test_what_is_no_pack_is_a_sentence(tmp_path, content):
    (tmp_path / "x.zip").write_bytes(content)
    answer = cli("unpack", tmp_path / "x.zip", workspace=tmp_path / "to")
    assert answer.code == 2 and is_a_sentence(answer.said[-1]) and "no pack" in answer.err
    assert cli("unpack", tmp_path / "gone.zip", workspace=tmp_path / "to").code == 2


def test_a_pack_that_is_cut_off_is_refused(packed, tmp_path):
    path, *_ = packed
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(BadInput):
        packs.unpack(DiskStore(tmp_path / "to"), path)


def test_a_run_that_works_is_not_packed_and_no_half_file_stays(tmp_path):
    store, run = filled(tmp_path / "from", status=RUNNING)
    answer = cli("pack", run.id, "--out", tmp_path / "x.zip", workspace=store.workspace)
    assert answer.code == 2 and "stop it" in answer.err and list(tmp_path.glob("*.zip")) == []


def test_a_full_disk_leaves_nothing_of_a_run(packed, tmp_path, monkeypatch):
    path, *_ = packed
    other = DiskStore(tmp_path / "to")

    def full(*_):
        raise StoreError("The disk is full; make room and try again.")

    monkeypatch.setattr(other, "add_rows", full)
    with pytest.raises(StoreError):
        packs.unpack(other, path)
    assert other.list() == [] and list((tmp_path / "to" / "runs").iterdir()) == []


def test_a_hostile_record_is_made_sound(packed, tmp_path):
    path, *_ = packed
    changed(path, lambda files, head: head["run"].update(
        id="../../x", status="running", tags="x", handle={"pid": 1}, step="many", foreground=True, attempt=-3, unknown=1))
    other = DiskStore(tmp_path / "to")
    run = packs.unpack(other, path)
    assert packs.ID.fullmatch(run.id) and run.status == "stopped" and run.handle == {} and not run.foreground
    assert other.get(run.id).step == 0 and (tmp_path / "to" / "runs" / run.id).is_dir()


@pytest.mark.parametrize("field, value", [("tags", ["\ud800"]), ("notes", "\udfff"), ("step", 10**30), ("attempt", 10**30),
                                          ("steps", 2**70), ("seconds", 1e999)])
def test_values_that_no_catalogue_can_keep_are_told_and_left_out(packed, tmp_path, field, value):
    path, *_ = packed
    changed(path, lambda files, head: head["run"].update({field: value}))
    answer = cli("unpack", path, workspace=tmp_path / "to")
    assert answer.code == 0 and "Traceback" not in answer.err
    run, = DiskStore(tmp_path / "to").list()
    assert run.damaged and field in run.message and getattr(run, field) in ((), "", 0, 0.0)


@pytest.mark.parametrize("name, says", [("", "is a folder"), (".", "is a folder"), ("gone.zip", "There is no file")])
def test_what_is_no_file_is_told(tmp_path, monkeypatch, name, says):
    monkeypatch.chdir(tmp_path)
    answer = cli("unpack", name, workspace=tmp_path / "to")
    assert answer.code == 2 and says in answer.err and is_a_sentence(answer.said[-1])


def test_a_device_gets_a_whole_pack(packed):
    _, store, run = packed
    answer = cli("pack", run.id, "--out", "/dev/null", workspace=store.workspace)
    assert answer.code == 0 and "whole run" in answer.err
