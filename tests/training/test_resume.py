"""A run that is killed and resumed ends bit for bit where an uninterrupted one ends.

For real: processes started from the command line, killed with SIGKILL in the middle of their steps, on TensorFlow with
deterministic operations: one that draws images, and one whose calls make several steps.  ``test_zoo.py``
goes on from a checkpoint with every architecture, within its process, and ``test_jax.py`` does it on JAX.
"""

import concurrent.futures
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from gan_core.data import POINTS
from gan_core.models.registry import architectures
from gan_core.store import FINISHED, open_store
from gan_core.store.artifacts import checkpoint_name, checkpoints, sample_sheets
from helpers_checkpoints import contents

if os.environ["KERAS_BACKEND"] != "tensorflow":
    pytest.skip("tests/engine/test_jax.py resumes on JAX", allow_module_level=True)

ROOT = Path(__file__).parents[2]
STEPS = 24
HALF = 8  # the kill comes as soon as there is a checkpoint of this step
PATIENCE = 240  # seconds for one process, on a machine that is busy with other tests
GAMES = [("dcgan", architectures()["dcgan"].kinds[0], 1), ("gan", POINTS, 3)]


class Workspace:
    """Runs from the command line, two at a time."""

    def __init__(self, folder):
        self.folder = folder
        self.store = open_store(folder)

    def command(self, *arguments):
        return [sys.executable, "-m", "gan_core", *arguments, "--workspace", str(self.folder)]

    def train(self, name, kind, calls, title, size):
        model = architectures()[name]
        values = {k.name: k.tiny for k in model.Config.knobs()} | {
            "steps_per_call": calls, "checkpoint_seconds": 0, "sample_every": 6}
        data = ["--data", "ring"] if kind == POINTS else ["--data", "digits", "--size", str(size)]
        return self.command("train", name, *data, "--steps", str(STEPS), "--seed", "3", "--name", title,
                            "--deterministic", *(f"--set={knob}={value}" for knob, value in values.items()))

    def start(self, command):
        log = open(self.folder / f"{time.monotonic_ns()}.log", "w+")
        environment = {"KERAS_BACKEND": "tensorflow", "GAN_PARALLEL": "16", "TF_CPP_MIN_LOG_LEVEL": "3"}
        return subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, env=os.environ | environment), log

    def finish(self, command):
        process, log = self.start(command)
        try:
            code = process.wait(PATIENCE)
        finally:
            process.kill()
            log.seek(0)
            said = log.read()
            log.close()
        assert code == 0, said
        return said

    def run(self, title):
        return next((run for run in self.store.list() if run.name == title), None)

    def killed(self, command, title):
        """Starts a run and kills it as soon as it has a checkpoint of step HALF."""
        process, log = self.start(command)
        end = time.monotonic() + PATIENCE
        try:
            while not (run := self.run(title)):
                assert process.poll() is None and time.monotonic() < end, Path(log.name).read_text()
                time.sleep(0.1)
            while max(checkpoints(self.store.artifacts(run.id)), default=0) < HALF:
                assert process.poll() is None and time.monotonic() < end, Path(log.name).read_text()
                time.sleep(0.002)
            os.kill(process.pid, signal.SIGKILL)
        finally:
            process.kill()
            process.wait()
            log.close()
        return max(checkpoints(self.store.artifacts(run.id)))


@pytest.fixture(scope="module")
def games(tmp_path_factory, noise_for):
    """``{game: (future of the uninterrupted run, future of (the killed and resumed run, step of its checkpoint))}``."""
    here = Workspace(tmp_path_factory.mktemp("workspace"))

    def whole(name, kind, calls, title, size):
        here.finish(here.train(name, kind, calls, title, size))
        return here.run(title)

    def interrupted(name, kind, calls, title, size):
        step = here.killed(here.train(name, kind, calls, title, size), title)
        said = here.finish(here.command("resume", here.run(title).id))
        assert said.strip().splitlines()[-1] == here.run(title).id
        return here.run(title), step

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        found = {}
        for name, kind, calls in GAMES:
            size = noise_for(name, kind).spec.shape[0]
            label = f"{name} on {kind}"
            found[name, kind] = (pool.submit(whole, name, kind, calls, f"{label}, whole", size),
                                 pool.submit(interrupted, name, kind, calls, f"{label}, killed", size))
        yield here.store, found
        pool.shutdown(cancel_futures=True)


def losses(store, run):
    rows = store.rows(run.id, keys=("d_loss", "g_loss"))
    return dict(zip(zip(rows.step.tolist(), rows.key), rows.value.tolist()))


@pytest.mark.parametrize("name, kind", [game[:2] for game in GAMES])
def test_killed_and_resumed_is_bit_for_bit_uninterrupted(games, name, kind):
    store, runs = games
    whole, (resumed, step) = (future.result() for future in runs[name, kind])
    assert HALF <= step < STEPS, "it was to be killed in the middle"
    for run in (whole, resumed):
        assert (run.status, run.step) == (FINISHED, STEPS), run.message
    assert (whole.attempt, resumed.attempt) == (1, 2)

    ours, theirs = (contents(store.artifacts(run.id).open(checkpoint_name(STEPS))) for run in (whole, resumed))
    assert set(ours) == set(theirs) and any("optimizer" in path for path in ours) and "vars/random_0" in ours
    differing = [path for path in ours if not np.array_equal(ours[path], theirs[path])]
    assert differing == []

    ours, theirs = losses(store, whole), losses(store, resumed)
    assert len(ours) >= 2 * STEPS // 3 and set(ours) == set(theirs), "no row is missing and none is doubled"
    assert {row: value for row, value in ours.items() if theirs[row] != value} == {}

    ours, theirs = (store.artifacts(run.id) for run in (whole, resumed))
    names = sample_sheets(ours)
    assert names == sample_sheets(theirs) and len(names) > STEPS // 6
    assert [name for name in names.values() if ours.read(name) != theirs.read(name)] == []
