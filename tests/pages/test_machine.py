"""Nothing of this machine on pages: no folder of it and no traceback, whatever fails."""

import pytest

import helpers_visits
from gan_core.errors import StoreError
from gan_core.store import artifacts
from gan_core.store.task_records import new_task
from helpers_pages import add_run
from helpers_visits import ROOT, read, visit
from pages.components import machine, shell

known, store = helpers_visits.known, helpers_visits.store  # the fixtures
TRACEBACK = """12:00:01  Traceback (most recent call last):
  File "{root}/gan_core/training/loop.py", line 3, in fit
    step(batch)
    ~~~~^^^^^^^
ValueError: {root}/x.npz and /srv/secret/data/b.npz

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/usr/lib/python3/x.py", line 1, in f
OSError: it is ill
12:00:02  over"""


def everything(at):
    """All that the page sends to a browser in words."""
    kinds = ("title", "subheader", "markdown", "caption", "info", "warning", "error", "code", "text", "table", "metric")
    return "\n".join(read(str(each.value)) for kind in kinds for each in at.get(kind))


def tells(text, store):
    return [word for word in (str(store.workspace), str(ROOT), "/srv/secret", "/usr/lib", "Traceback", "line 3, in fit")
            if word in text]


def test_messages_and_logs_of_what_failed(store, known):
    trouble = f"It failed: {store.workspace}/runs/a and /srv/secret/data/b.npz and {ROOT}/pages/x.py."
    run = add_run(store, known, "Ill", status="failed", step=100, message=trouble)
    store.update(run.id, data="/srv/secret/cats.zip")
    store.artifacts(run.id).put(artifacts.LOG, TRACEBACK.format(root=ROOT).encode())
    record = store.tasks.create(new_task("score", run.id, status="failed", message=trouble, ended=2.0))
    path = store.workspace / record.log
    path.parent.mkdir(parents=True)
    path.write_text(TRACEBACK.format(root=ROOT))
    for page in ("home", "monitor", "tasks", "compare", "gallery", "judge", "runs"):
        at = visit(page)
        assert tells(everything(at), store) == [], page
        assert page not in ("home", "monitor", "tasks") or "…/b.npz" in everything(at)
        assert page not in ("monitor", "tasks") or "OSError: it is ill\n12:00:02  over" in everything(at)
        assert page != "monitor" or "The log with its tracebacks is log.txt in the run's folder" in everything(at)
        if page == "runs":
            assert at.dataframe[0].value["Data"].tolist() == ["…/cats.zip"]


def test_a_workspace_that_cannot_be_opened(store, monkeypatch):
    def refused(path):
        raise StoreError(f"The workspace {path} is read-only; choose another with --workspace or GAN_WORKSPACE.")

    monkeypatch.setattr(shell, "open_store", refused)
    assert everything(visit("train")) == "The workspace is read-only; choose another with --workspace or GAN_WORKSPACE."


@pytest.mark.parametrize("text, said", [
    ("see https://a.example/b/c.html", None), ("/monitor?run=1", None), ("1/2/3 and a/b/c and and/or", None),
    ("a / b / c", None),
    ("in /srv/a/b.npz: bad", "in …/b.npz: bad"), ("'/srv/a b/c'", "'…/a b/c'"), (r"C:\Users\me\x.zip is", "…/x.zip is"),
    ("$HOME/x/y", None), ("(/srv/a/b)", "(…/b)"), ("file:///srv/a/b", None)])
def test_paths_and_what_only_looks_like_one(store, text, said):
    assert machine.without_paths(text) == (text if said is None else said)


def test_folders_have_the_names_that_people_know(store, monkeypatch):
    monkeypatch.setenv("GAN_DATA", "/srv/my data")
    monkeypatch.setenv("GAN_ZOO", "/")
    assert machine.without_paths("/srv/my data/x.npz, /srv/my database/x.npz") == "$GAN_DATA/x.npz, …/my database/x.npz"
    assert machine.without_paths(f"{store.workspace}/uploads/a") == "the workspace/uploads/a"
