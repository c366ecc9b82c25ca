"""What the tests of drawing share: a run that can be drawn from, and processes that work at once."""

import json

import pytest

from gan_core.tasks import background
from helpers_checkpoints import with_checkpoint
from helpers_pages import add_run
from helpers_runs import cli

CGAN = {"filters": 4, "embedding": 4, "latent": 4}


@pytest.fixture
def at_once(store, monkeypatch):
    """What would start a process is done here, by the verb that the process is started with; a list of the kinds."""
    started = []

    def start(store, kind, run_ids, arguments, *, busy, **environment):
        started.append(kind)
        assert json.loads(arguments[-1]) and environment == {"KERAS_BACKEND": "tensorflow"}
        answer = cli(*arguments, workspace=store.workspace)
        assert "Traceback" not in answer.err

    monkeypatch.setattr(background, "start", start)
    monkeypatch.setattr(background, "_step_back", lambda: None)
    monkeypatch.setattr(background.signal, "signal", lambda *_: None)
    return started


@pytest.fixture
def cgan(store, known):
    return with_checkpoint(store, add_run(store, known, "Labelled", architecture="cgan", values=CGAN))
