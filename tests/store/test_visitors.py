"""For visitors nothing changes: refused in the store and wherever else something would be kept, not only hidden on pages."""

import io

import numpy as np
import pytest

from gan_core import visitors
from gan_core.data import imported, uploads
from gan_core.errors import StoreError
from gan_core.launch import queue
from gan_core.sharing import packs
from gan_core.store import FINISHED, DiskStore, explored, judgements, kept_data, scores
from gan_core.store.task_records import new_task
from gan_core.tasks import background
from helpers_runs import is_a_sentence, make_run, make_spec

RESULT = {"step": 1, "n_real": 2, "n_fake": 2, "live": False, "extractor": "random-1"}
# What would change something: ``{words: what is done with a store and a run}``.
CHANGES = {
    "a run is begun": lambda store, run: queue.launch(store, make_spec()),
    "a run is taken up": lambda store, run: queue.resume(store, run.id),
    "a run is deleted": lambda store, run: store.delete(run.id),
    "a run is called otherwise": lambda store, run: store.update(run.id, name="mine now"),
    "a run is moved": lambda store, run: store.move(run.id, "lost", only_from=(FINISHED,)),
    "rows are added": lambda store, run: store.add_rows(run.id, [(1, "loss", 1.0, 0.0)]),
    "rows are cut": lambda store, run: store.cut(run.id, 0),
    "a setting is changed": lambda store, run: store.set("parallel", 64),
    "a lease is taken": lambda store, run: store.lease("dispatcher", "a visitor", 60),
    "work is begun": lambda store, run: background.start(store, "score", run),
    "work is recorded": lambda store, run: store.tasks.create(new_task("score", run.id)),
    "an artifact is written": lambda store, run: store.artifacts(run.id).put("samples/000000001.png", b"x"),
    "a log is added to": lambda store, run: store.artifacts(run.id).append("log.txt", b"x"),
    "an artifact is removed": lambda store, run: store.artifacts(run.id).remove("config.json"),
    "a score is kept": lambda store, run: scores.keep(store.artifacts(run.id), RESULT),
    "a sample is kept": lambda store, run: explored.keep_point(store.artifacts(run.id), "p", {"latent": [1.0]}),
    "a packed run is taken in": lambda store, run: packs.unpack(store, PACKED[0]),
    "images are kept": lambda store, run: imported.keep("mine", np.zeros((4, 8, 8, 1), np.uint8), None, (),
                                                        store.workspace, ""),
    "a file is sent": lambda store, run: uploads.keep("a.zip", io.BytesIO(b"x"), 1, store.workspace),
    "data are deleted": lambda store, run: kept_data.delete(store, "anything"),
}
PACKED = []


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    """``(store, run)`` where visitors are: the run has ended."""
    store = DiskStore(tmp_path / "workspace")
    run = make_run(store, status=FINISHED)
    file = io.BytesIO()
    packs.pack(store, run, file)
    file.seek(0)
    PACKED[:] = [file]
    monkeypatch.setattr(queue, "start_dispatcher", lambda store: pytest.fail("nothing is started"))
    monkeypatch.setenv(visitors.VARIABLE, "1")
    yield store, run
    store.close()


def everything(workspace):
    return {path.relative_to(workspace): path.read_bytes() for path in sorted(workspace.rglob("*"))
            if path.is_file() and not path.name.startswith("catalogue.sqlite-")}


@pytest.mark.parametrize("change", CHANGES)
def test_what_would_change_something_is_refused(workspace, change):
    store, run = workspace
    before = everything(store.workspace)
    with pytest.raises(visitors.ForOwners) as refused:
        CHANGES[change](store, run)
    assert is_a_sentence(str(refused.value)) and isinstance(refused.value, StoreError)
    assert everything(store.workspace) == before
    assert store.list() == [run] and not store.tasks.list()


def test_what_judges_say_is_kept(workspace):
    store, run = workspace
    held = store.artifacts(run.id)
    held.put(f"{judgements.JUDGING}a1.json", b"{}")
    assert held.read(f"{judgements.JUDGING}a1.json") == b"{}"
    held.remove(f"{judgements.JUDGING}a1.json")
    with pytest.raises(visitors.ForOwners):
        held.put("judging", b"")


def test_dead_runs_are_left_to_who_trains(workspace, monkeypatch):
    store, run = workspace
    monkeypatch.delenv(visitors.VARIABLE)
    lost = make_run(store, status="running", heartbeat=1.0)
    monkeypatch.setenv(visitors.VARIABLE, "1")
    assert queue.reap(store) == 0 and store.get(lost.id).status == "running"
    background.tend(store)


def test_a_workspace_of_visitors_alone_is_made_and_an_older_one_is_read(tmp_path, monkeypatch):
    monkeypatch.setenv(visitors.VARIABLE, "1")
    store = DiskStore(tmp_path / "new")
    assert store.list() == []
    store.close()


@pytest.mark.parametrize("value, here", [("1", True), ("yes", True), ("0", False), ("", False)])
def test_the_variable_says_whether_they_are_here(monkeypatch, value, here):
    monkeypatch.setenv(visitors.VARIABLE, value)
    assert visitors.are_here() is here


def test_a_classifier_that_is_not_there_is_not_trained_for_visitors(workspace, monkeypatch):
    from gan_core.data import Dataset
    from gan_core.evaluation.extractors import classifier

    store, _ = workspace
    x = np.random.default_rng(0).integers(0, 256, (60, 8, 8, 1), dtype=np.uint8)
    data = Dataset("noise", "images", x, np.arange(60, dtype=np.int32) % 2, ("a", "b"))
    with pytest.raises(visitors.ForOwners):
        classifier.extractor(data, store.workspace)


def test_visitors_send_no_files(monkeypatch):
    from pages.components import door

    scope = {"type": "http", "method": "PUT", "path": "/_stcore/upload_file/a/b", "headers": [(b"host", b"localhost")]}
    assert door.refusal(scope) == ""
    monkeypatch.setenv(visitors.VARIABLE, "1")
    assert "no files" in door.refusal(scope)
    assert door.refusal(scope | {"method": "GET"}) == "" == door.refusal(scope | {"path": "/_stcore/stream"})
