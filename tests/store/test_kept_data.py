"""What is kept of data is listed with its size and the runs that need it, and deleted where nobody is at work with it."""

import contextlib
import io
import json
import os
import time

import numpy as np
import pytest

from gan_core import data
from gan_core.data import uploads
from gan_core.errors import BadInput
from gan_core.store import FINISHED, QUEUED, RUNNING, DiskStore, kept_data
from gan_core.store.task_records import new_task
from helpers_data import noise, write_folder
from helpers_runs import cli, is_a_sentence, make_run


@pytest.fixture
def store(tmp_path):
    with contextlib.closing(DiskStore(tmp_path / "workspace")) as store:
        yield store


@pytest.fixture
def names(store, tmp_path):
    """``(images, table, upload, classifier)``: one of each, the images at two sizes."""
    top = write_folder(tmp_path / "cats", {f"{k}.png": noise(k) for k in range(4)})
    images = [data.load(str(top), size=size, workspace=store.workspace).name for size in (8, 16)][0]
    (tmp_path / "people.csv").write_text("a,b\n" + "1.5,x\n2.5,y\n" * 20)
    table = data.load(str(tmp_path / "people.csv"), workspace=store.workspace).name
    path = uploads.keep("pets.zip", io.BytesIO(b"x" * 1000), 1000, store.workspace)
    (store.workspace / "cache" / "extractors").mkdir(parents=True)
    np.savez(store.workspace / "cache" / "extractors" / "0123456789abcdef.npz", accuracy=1.0, data="cats")
    return images, table, f"{path.parent.name}/pets.zip", "classifier-0123456789ab"


def test_all_is_listed_with_its_size_and_who_needs_it(store, names):
    run = make_run(store, status=FINISHED)
    store.update(run.id, data=names[0])
    things = {thing.name: thing for thing in kept_data.kept(store)}
    assert set(things) == set(names)
    assert [len(things[name].files) for name in names] == [2, 1, 1, 1]
    assert all(thing.size == sum(path.stat().st_size for path in thing.files) > 500 for thing in things.values())
    assert [[run.id for run in things[name].runs] for name in names] == [[run.id], [], [], []]
    listed = json.loads(cli("datasets", "--kept", "--json", workspace=store.workspace).out)
    assert {entry["name"]: entry["bytes"] for entry in listed} == {thing.name: thing.size for thing in things.values()}
    said = cli("datasets", "--kept", workspace=store.workspace).out
    assert "needed by 1 run\n" in said and "taught by cats" in said and "images: 4 samples of" in said


def test_each_is_deleted_by_its_name_with_all_its_files(store, names):
    for left, name in zip((3, 2, 1, 0), names):
        answer = cli("datasets", "--delete", name, workspace=store.workspace)
        assert (answer.code, answer.err) == (0, "") and name in answer.out and " kB" in answer.out
        assert len(kept_data.kept(store)) == left
    assert [info.name for info in data.catalogue(store.workspace) if data.is_own(info.name, store.workspace)] == []
    assert not os.listdir(store.workspace / "uploads") and not os.listdir(store.workspace / "cache" / "extractors")


@pytest.mark.parametrize("wrong", ["nosuch", "", "../runs", "digits", "mnist", "*", "cats"])
def test_what_is_not_kept_is_not_deleted(store, names, wrong):
    with pytest.raises(BadInput, match="datasets --kept") as refused:
        kept_data.delete(store, wrong)
    assert is_a_sentence(str(refused.value)) and len(kept_data.kept(store)) == 4


@pytest.mark.parametrize("status", [QUEUED, RUNNING])
def test_what_a_run_works_with_stays(store, names, status):
    run = make_run(store, status=status)
    store.update(run.id, data=names[0])
    answer = cli("datasets", "--delete", names[0], "--force", workspace=store.workspace)
    assert answer.code == 2 and is_a_sentence(answer.err) and run.id in answer.err and "stop it first" in answer.err
    assert len(kept_data.kept(store)) == 4


def test_what_work_on_a_run_needs_stays(store, names):
    run = make_run(store, status=FINISHED)
    store.update(run.id, data=names[0])
    store.tasks.create(new_task("score", run.id))
    with pytest.raises(BadInput, match="needed by work on"):
        kept_data.delete(store, names[0], even_if_needed=True)


def test_what_ended_runs_would_need_goes_when_it_is_said_twice(store, names):
    for name in ("One", "Two", "Three", "Four"):
        store.update(make_run(store, status=FINISHED, name=name).id, data=names[0])
    answer = cli("datasets", "--delete", names[0], workspace=store.workspace)
    assert answer.code == 2 and "and 1 more" in answer.err and "--force" in answer.err and len(kept_data.kept(store)) == 4
    assert cli("datasets", "--delete", names[0], "--force", workspace=store.workspace).code == 0
    assert len(kept_data.kept(store)) == 3


def test_a_dataset_whose_name_begins_alike_stays(store, names):
    folder = store.workspace / "datasets"
    like = folder / f"{names[0]}-more-0123456789ab-8.npz"
    like.write_bytes((folder / f"{names[0]}-8.npz").read_bytes())
    kept_data.delete(store, names[0])
    assert like.exists()


def test_a_damaged_one_is_listed_and_deleted(store, names):
    for path in (store.workspace / "datasets").glob("*.npz"):
        path.write_bytes(b"damaged")
    for path in (store.workspace / "cache" / "extractors").glob("*.npz"):
        path.write_bytes(b"damaged")
    assert [thing.name for thing in kept_data.kept(store)] == [*sorted(names[:2]), *names[2:]]
    for name in names:
        kept_data.delete(store, name)


def test_half_files_of_killed_processes_go_when_they_are_old(store, names):
    half = [store.workspace / "datasets" / ".cats-0123456789ab-8.npz.0f0f",
            store.workspace / "cache" / "extractors" / ".partial-1-x.npz"]
    for path in half:
        path.write_bytes(b"half")
    kept_data.sweep(store)
    assert all(path.exists() for path in half)
    kept_data.sweep(store, time.time() + 2 * uploads.LEFT_BEHIND)
    assert not any(path.exists() for path in half) and len(kept_data.kept(store)) == 3, "the upload was never used"


def test_few_bytes_are_kilobytes():
    assert [kept_data.in_words(size) for size in (0, 1, 15_200, 999_999, 3_150_000)] == [
        "0 kB", "1 kB", "16 kB", "1,000 kB", "3.1 MB"]
