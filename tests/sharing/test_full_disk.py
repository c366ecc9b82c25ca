"""What leaves the workbench onto a full disk: a sentence, and nothing half-written."""

import errno
import os

import pytest

import helpers_visits
from gan_core import whole_files
from helpers_checkpoints import with_checkpoint
from helpers_pages import add_run
from helpers_runs import cli, is_a_sentence

known, store = helpers_visits.known, helpers_visits.store  # the fixtures


@pytest.fixture
def run(store, known):
    return with_checkpoint(store, add_run(store, known, "Mine", architecture="gan", data="digits",
                                          values={"width": 8, "latent": 4}))


@pytest.mark.parametrize("verb, name, options", [
    ("demo", "demo.html", ()), ("export", "model.safetensors", ("--format", "safetensors")), ("pack", "run.zip", ()),
    ("site", "site", ()), ("directions", "strips.png", ("--n", "2"))])
def test_a_full_disk_is_told_and_nothing_half_written_stays(store, run, tmp_path, monkeypatch, verb, name, options):
    out = tmp_path / "out"
    out.mkdir()

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(whole_files.os, "replace", full)
    answer = cli(verb, run.id, "--out", out / name, *options, workspace=store.workspace)
    assert answer.code == 2 and "No space left" in answer.said[-1] and is_a_sentence(answer.said[-1]), answer
    assert list(out.rglob("*")) == []
