"""A run that is killed and resumed ends bit for bit where an uninterrupted one ends.

For real: processes started from the command line, killed with SIGKILL in the middle of their steps, on TensorFlow with
deterministic operations: one that draws images, and one whose calls make several steps.  Every other architecture goes on
from a checkpoint within a process of their own.  ``test_jax.py`` does it on JAX.
"""

import concurrent.futures
import json
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
from helpers_runs import python

if os.environ["KERAS_BACKEND"] != "tensorflow":
    pytest.skip("tests/engine/test_jax.py resumes on JAX", allow_module_level=True)

ROOT = Path(__file__).parents[2]
STEPS = 24
HALF = 8  # the kill comes as soon as there is a checkpoint of this step
PATIENCE = 240  # seconds for one process, on a machine that is busy with other tests
GAMES = [("dcgan", architectures()["dcgan"].kinds[0], 1), ("gan", POINTS, 3)]
# ProGAN is among them: one that grows builds its networks under other names when it goes on in a later stage.
OTHERS = ["dcgan mixed_bfloat16", *(name for name in architectures() if name != "dcgan")]
# Trains each architecture it is given for five steps, and again from the checkpoint of the third, and tells what differs.
# That is in the middle of ProGAN's fade, and between two of the rounds in which StyleGAN looks at R1 and path lengths.
IN_ONE_PROCESS = """
import json, sys, tempfile
from pathlib import Path
import conftest, numpy as np
from gan_core import engine
from gan_core.models.registry import architecture
from gan_core.training import loop
from helpers_checkpoints import Keeper
engine.configure(deterministic=True)

def run(asked, folder, checkpoint=None):
    name, precision = (asked.split() + ["float32"])[:2]
    dataset = conftest._noise_for(name, architecture(name).kinds[0])
    spec = conftest._tiny_spec(name, dataset, steps=5, seed=3, deterministic=True, precision=precision)
    model, recorder = loop.build(spec), Keeper(folder)
    loop.fit(model, spec, dataset, recorder, checkpoint=checkpoint)
    return model, recorder

for name in sys.argv[1:]:
    folder = Path(tempfile.mkdtemp())
    whole, ours = run(name, folder)
    rest, theirs = run(name, folder, checkpoint=(3, folder / "3.weights.h5"))
    state = zip([*whole.variables, *whole.optimizer.variables], [*rest.variables, *rest.optimizer.variables])
    moved = [a.path for a, b in state if not np.array_equal(np.asarray(a), np.asarray(b))]
    plain = [[(step, {k: v for k, v in row.items() if "per_second" not in k}) for step, row in each.rows][-2:]
             for each in (ours, theirs)]
    sheets = np.array_equal(ours.sheets[-1][1], theirs.sheets[-1][1])
    fades = [row.get("fade", 1.0) for _, row in theirs.rows]
    print(json.dumps([name, moved, plain[0] == plain[1], sheets, len(theirs.rows), fades]), flush=True)
"""


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


@pytest.fixture(scope="module")
def others():
    answer = python(IN_ONE_PROCESS, *OTHERS, timeout=900)
    assert answer.returncode == 0, answer.stderr[-3000:]
    return {name: rest for name, *rest in map(json.loads, answer.stdout.splitlines())}


@pytest.mark.parametrize("architecture", OTHERS)
def test_a_run_from_its_checkpoint_is_bit_for_bit_the_run_that_made_it(others, architecture):
    moved, rows, sheets, count, fades = others[architecture]
    assert moved == [] and rows and sheets and count == 2
    assert (0 < fades[0] < 1) == (architecture == "progan")
