"""What the server does before anybody comes, and between visits: a process made ready, memory given back."""

import gc
import types

import pytest

import helpers_visits
from gan_core.errors import StoreError
from gan_core.store import RUNNING
from helpers_pages import add_run
from helpers_visits import visit
from pages.components import memory, shell

known, store = helpers_visits.known, helpers_visits.store  # the fixtures


@pytest.mark.parametrize("status, times", [("finished", 1), ("stopped", 1), (RUNNING, 0), (None, 0)])
def test_a_process_is_made_ready_where_there_are_runs_to_draw_from(store, known, monkeypatch, status, times):
    warmed = []
    monkeypatch.setattr(shell, "compute", lambda: types.SimpleNamespace(warm_up=lambda: warmed.append(1)))
    if status:
        add_run(store, known, status=status)
    shell.expect_questions()
    assert len(warmed) == times


def test_a_workspace_that_is_not_there_or_cannot_be_opened_is_told_on_the_pages(store, tmp_path, monkeypatch):
    monkeypatch.setenv("GAN_WORKSPACE", str(tmp_path / "nowhere"))
    shell.expect_questions()
    assert not (tmp_path / "nowhere").exists()
    monkeypatch.setenv("GAN_WORKSPACE", str(tmp_path))
    monkeypatch.setattr(shell, "_store", lambda path: (_ for _ in ()).throw(StoreError("It is damaged.")))
    shell.expect_questions()


def test_what_visitors_leave_behind_is_given_back_now_and_then(store, monkeypatch):
    trimmed = []
    monkeypatch.setattr(memory, "_glibc", lambda: types.SimpleNamespace(malloc_trim=trimmed.append))
    monkeypatch.setattr(memory, "_cleared", [-1000.0])
    for _ in range(2):
        visit("runs")
    assert trimmed == [0]


def test_memory_is_left_alone_where_the_system_cannot_be_told(monkeypatch):
    monkeypatch.setattr(memory.sys, "platform", "darwin")
    monkeypatch.setattr(memory, "_cleared", [-1000.0])
    assert memory._glibc() is None
    memory.clear()
    try:
        memory.prepare()
        assert gc.get_freeze_count()
    finally:
        gc.unfreeze()


def test_thousands_of_runs_are_in_memory_once(store, known):
    runs = [add_run(store, known, f"Run {number}") for number in range(3)]
    first, second = store.list(), store.list(["finished"])
    assert all(one is other for one, other in zip(first, second)) and len(first) == 3
    store.update(runs[0].id, notes="new")
    third = store.list()
    assert [one is other for one, other in zip(first, third)] == [True, True, False] and third[2].notes == "new"
    store.delete(runs[1].id)
    assert store.list() == [first[0], third[2]] and set(store._known) == {runs[0].id, runs[2].id}
