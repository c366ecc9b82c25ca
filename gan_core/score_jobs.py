"""Scoring in the background: one process a workspace, at low priority, with progress that any page can read."""

import contextlib
import json
import os
import signal
import sys
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

import psutil

from gan_core import jobs
from gan_core.errors import BadInput, Stopped, UserError

SETTING = "scoring"  # of the workspace, where the process tells how far it is
WANTED = "score"  # of the workspace: "on" or "off"
TELL = 0.5  # seconds between two tellings
NICE = 19


@dataclass(frozen=True)
class Scoring:
    """What is being scored, or was last: ``share`` of all 0 to 1, ``what`` in words, ``left`` seconds or None, and
    ``problems``, a sentence for each run that could not be scored."""

    runs: tuple[str, ...]
    share: float
    what: str
    left: float | None
    problems: tuple[str, ...]
    active: bool


def start(store, run_ids, *, every=False):
    """Score the last checkpoints of some runs, or ``every`` one with fewer samples, in a process of its own.

    Raises:
        BadInput: when runs are being scored already, or there are none to score.
    """
    if not run_ids:
        raise BadInput("Choose a run to score.")
    if (now := current(store)) and now.active:
        raise BadInput("Runs are being scored already; wait for them, or cancel.")
    command = [sys.executable, "-m", "gan_core", "score-runs", *run_ids, *(["--every"] if every else []),
               "--workspace", str(store.workspace)]
    with open(store.workspace / "scoring.log", "ab") as log:
        child = jobs._spawn(command, log)
    _tell(store, run_ids, jobs.ownership(child.pid), 0.0, "starting", None)


def wanted(store):
    """Whether runs are scored unasked once they have ended: the workspace's setting, else ``$GAN_SCORE``, else yes."""
    return (store.setting(WANTED) or os.environ.get("GAN_SCORE") or "on") == "on"


def current(store):
    """The :class:`Scoring` of the workspace, None when there was none."""
    try:
        told = json.loads(store.setting(SETTING))
    except ValueError:
        return None
    return Scoring(tuple(told["runs"]), told["share"], told["what"], told["left"], tuple(told["problems"]),
                   told["share"] < 1 and _alive(told))


def cancel(store):
    """End the scoring; what was scored before is kept."""
    with contextlib.suppress(ValueError, psutil.NoSuchProcess):
        told = json.loads(store.setting(SETTING))
        if _alive(told):
            os.kill(told["pid"], signal.SIGTERM)


def work(store, run_ids, every=False):
    """The body of the process: score one run after the other.  Returns how many could not be scored."""
    _step_back()  # before there are threads that would not
    from gan_core import evaluation

    score = evaluation.evaluate_all if every else evaluation.evaluate

    stopped, problems, began, told = [], [], time.monotonic(), [0.0]
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))
    mine = jobs.ownership()
    for number, run_id in enumerate(run_ids):
        def progress(share, what):
            done, now = (number + share) / len(run_ids), time.monotonic()
            if now - told[0] > TELL:
                told[0] = now
                left = (now - began) * (1 - done) / done if done > 0.02 else None
                _tell(store, run_ids, mine, min(done, 0.999), f"{run_id}: {what}", left, problems)

        try:
            score(store, store.get(run_id), progress=progress, should_stop=lambda: bool(stopped))
        except Stopped:
            break
        except Exception as error:  # the others are still to be scored
            problems.append(_sentence(store, run_id, error))
    _tell(store, run_ids, mine, 1.0, "cancelled" if stopped else "done", 0.0, problems)
    return len(problems)


def _sentence(store, run_id, error):
    """Why a run could not be scored.  Of a bug, or a library's complaint, the log keeps the whole story."""
    if run_id not in {run.id for run in store.list()}:
        return f"{run_id} was deleted and could not be scored."
    if isinstance(error, UserError):
        return f"{run_id} could not be scored: {error}"
    traceback.print_exception(error)  # to scoring.log
    return (f"{run_id} could not be scored ({type(error).__name__}: "
            f"{(str(error).splitlines() or ['no message'])[0].rstrip('.')}); scoring.log in the workspace says more.")


def _step_back():
    """Training goes first."""
    with contextlib.suppress(OSError):
        os.nice(NICE)
    with contextlib.suppress(AttributeError, OSError):  # Linux: only what nobody else wants of the processor
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    # Desktop Linux shares the processor out among sessions first: there niceness counts only within this one's.
    if os.name == "posix" and os.getsid(0) == os.getpid():
        with contextlib.suppress(OSError):
            Path("/proc/self/autogroup").write_text(str(NICE))


def _tell(store, run_ids, owner, share, what, left, problems=()):
    store.set(SETTING, json.dumps({"runs": list(run_ids), "share": share, "what": what, "left": left,
                                   "problems": list(problems), "pid": owner["pid"], "born": owner["born"]}))


def _alive(told):
    try:
        process = psutil.Process(told["pid"])
        return process.status() != psutil.STATUS_ZOMBIE and abs(process.create_time() - told["born"]) < 2
    except psutil.NoSuchProcess:
        return False
