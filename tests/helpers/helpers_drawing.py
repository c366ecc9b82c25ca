"""What the tests of drawing share: a run that can be drawn from, and processes that work at once."""

import pytest

from gan_core.tasks import background, process
from helpers_checkpoints import with_checkpoint
from helpers_pages import add_run

CGAN = {"filters": 4, "embedding": 4, "latent": 4}


@pytest.fixture
def at_once(store, monkeypatch):
    """What would start a process is done here; a list of the kinds."""
    started = []

    def start(store, record):
        started.append(record.kind)
        process.work(store, record.id)

    monkeypatch.setattr(background, "_start_process", start)
    return started


@pytest.fixture
def cgan(store, known):
    return with_checkpoint(store, add_run(store, known, "Labelled", architecture="cgan", values=CGAN))
