"""What the tests of the store, the jobs and the command line share.

Run as a program, this file is the command line with training replaced by counting, so that the tests of queues,
signals and deaths are about processes and not about TensorFlow, which takes seconds to import::

    python tests/helpers/helpers_runs.py work RUN --workspace DIR
"""

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import time
import types
from pathlib import Path
from typing import NamedTuple

import psutil

PROJECT = Path(__file__).parents[2]
ENTRANCE = [sys.executable, __file__]  # what to give commands to, instead of ``python -m gan_core``
PATIENCE = 180.0  # seconds until a test gives up on a process; all are done in a few, on a machine of their own


def make_spec(steps=100, **knobs):
    """A run's spec, made without loading the zoo."""
    from gan_core.config.spec import RunSettings, RunSpec

    return RunSpec("gan", "ring", (2,), "points", (), RunSettings(steps=steps), knobs)


def make_run(store, *, steps=100, name="A run", knobs=None, **fields):
    """A run in the store that no process knows of."""
    from gan_core.store.run import new_run

    spec = json.loads(json.dumps(make_spec(steps, **knobs or {}).as_dict()))  # lists, as it comes back
    return store.create(new_run(spec, name, **fields))


def folder_of(store, run_id):
    """Where the files of a run of a store on disk are."""
    return Path(store.where(run_id))


def log_of(store, run_id):
    """What a run's log says."""
    return store.artifacts(run_id).read("log.txt").decode()


def environment(**changes):
    """For a process as a person would start it: nothing that tests set for themselves."""
    own = {name: value for name, value in os.environ.items()
           if name not in ("TF_CPP_MIN_LOG_LEVEL", "GAN_WORKSPACE", "GAN_PARALLEL", "PYTEST_CURRENT_TEST")}
    return own | changes


def gan(*arguments, workspace=None, timeout=PATIENCE, **changes):
    """``python -m gan_core ...`` in a process of its own."""
    command = [sys.executable, "-m", "gan_core", *map(str, arguments)]
    command += ["--workspace", str(workspace)] if workspace else []
    done = subprocess.run(command, cwd=PROJECT, env=environment(**changes), capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=timeout)
    return Answer(done.returncode, done.stdout, done.stderr)


def foreground(*arguments, workspace):
    """The command line, counting instead of training, in a process that the caller looks after."""
    return subprocess.Popen([sys.executable, __file__, *map(str, arguments), "--workspace", str(workspace)],
                            cwd=PROJECT, env=environment(), text=True, stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=_hear_interrupts)


def _hear_interrupts():
    # Whoever starts the tests in the background, or by nohup, makes them, and all that they start, deaf to these.
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


class Answer(NamedTuple):
    """What a command left: its exit code and what it said, progress bars taken apart into lines."""

    code: int
    out: str
    err: str

    @property
    def said(self):
        """The lines on stderr that are no progress bar's."""
        return [line for line in self.err.replace("\r", "\n").splitlines() if line.strip() and "%|" not in line]


def cli(*arguments, workspace=None):
    """The command line within this process, which spares the seconds that TensorFlow takes to import."""
    from gan_core.__main__ import main

    out, err = io.StringIO(), io.StringIO()
    command = [*map(str, arguments), *(["--workspace", str(workspace)] if workspace else [])]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main(command)
        except SystemExit as end:  # --help
            code = end.code
    return Answer(code, out.getvalue(), err.getvalue())


def python(code, *arguments, timeout=PATIENCE, **options):
    """Run a program given as text in a process of its own, with the tests and the project on its path."""
    return subprocess.run([sys.executable, "-c", code, *map(str, arguments)], cwd=PROJECT, capture_output=True,
                          text=True, stdin=subprocess.DEVNULL, timeout=timeout,
                          env=environment(PYTHONPATH=f"{PROJECT}:{Path(__file__).parent}"), **options)


def start_python(code, *arguments):
    """The same without waiting for its end."""
    return subprocess.Popen([sys.executable, "-c", code, *map(str, arguments)], cwd=PROJECT, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                            env=environment(PYTHONPATH=f"{PROJECT}:{Path(__file__).parent}"))


def until(condition, what, seconds=PATIENCE):
    """Wait for ``condition()`` to be true and return what it gave."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s in vain for: {what}"
        time.sleep(0.05)
    return found


def processes(workspace, verb=None):
    """The living processes that work in a workspace, all or those of one verb."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            command = process.cmdline()
            if str(workspace) in command and (verb is None or verb in command) \
                    and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def end_all(workspace, seconds=10.0):
    """Kill what a test has left in its workspace, dispatchers first, so that they start nothing more."""
    deadline = time.monotonic() + seconds
    while (left := processes(workspace, "dispatch") or processes(workspace)) and time.monotonic() < deadline:
        for process in left:
            with contextlib.suppress(psutil.Error):
                process.kill()
                process.wait(1.0)


def is_a_sentence(text):
    """What every message to a person must be: one line that ends like a sentence, with no Python in it."""
    text = text.strip()
    return ("\n" not in text and text.endswith(".") and len(text.split()) >= 4
            and "Traceback" not in text and "Error(" not in text)


# The stand-in for training


def count(store, run, recorder, checkpoint):
    """Counts up to the run's steps, ``generator_rate`` seconds each, as :func:`gan_core.training.loop.fit` would train."""
    step, pace = checkpoint[0] if checkpoint else 0, run.spec["knobs"].get("generator_rate", 0.01)

    def save(file):
        file.write(b"counted to %d" % step)

    recorder.log(f"Counting from {step}.")
    while step < run.steps and not recorder.should_stop():
        time.sleep(pace)
        step += 1
        recorder.metrics(step, {"d_loss": 1 / step, "g_loss": float(step)})
        if step % 10 == 0:
            recorder.checkpoint(step, save)
    recorder.checkpoint(step, save)
    return types.SimpleNamespace(status="finished" if step >= run.steps else "stopped", step=step, message="")


def main():
    sys.path.insert(0, str(PROJECT))
    sys.modules["gan_core.training.loop"] = types.ModuleType("loop")  # the command line imports it to warm up
    sys.modules["torch"] = None  # where it is installed, tensorboardX would import it, which takes seconds too
    from gan_core.__main__ import main
    from gan_core.launch import worker
    from gan_core.launch.launchers import local

    local.ENTRANCE, worker._train = ENTRANCE, count
    return main()


if __name__ == "__main__":
    sys.exit(main())
