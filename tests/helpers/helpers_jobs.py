"""What the tests of jobs share: a store whose jobs count instead of training, and waiting for what becomes of them."""

import pytest

import helpers_runs
from gan_core.launch import queue
from gan_core.launch.launchers import local
from gan_core.store import RUNNING, DiskStore
from helpers_runs import PATIENCE, end_all, make_spec, until

SECONDS = 30.0  # within which a thing that should happen "within seconds" must happen, on a busy machine too
FOREVER = 20_000  # steps: minutes, and not for ever, should a test be killed before it can clean up


@pytest.fixture
def store(tmp_path, monkeypatch):
    """A store whose jobs count instead of training."""
    monkeypatch.delenv("GAN_PARALLEL", raising=False)
    monkeypatch.setattr(local, "ENTRANCE", helpers_runs.ENTRANCE)
    store = DiskStore(tmp_path / "workspace")
    yield store
    end_all(store.workspace)
    store.close()


def launch(store, steps=20, pace=0.01):
    return queue.launch(store, make_spec(steps, generator_rate=pace)).id


def status_of(store, run_id):
    return store.get(run_id).status


def wait_for(store, run_id, *statuses, seconds=PATIENCE):
    """Look on without a hand in it until the run has one of these statuses."""
    until(lambda: status_of(store, run_id) in statuses, f"{run_id} to be {' or '.join(statuses)}; it is "
          f"{status_of(store, run_id)}", seconds)
    return store.get(run_id)


def wait_for_step(store, run_id, step=1):
    return until(lambda: (run := store.get(run_id)).status == RUNNING and run.step >= step and run, f"step {step}")
