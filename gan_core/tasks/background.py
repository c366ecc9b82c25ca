"""Long work that a page has asked for: one process of each kind a workspace, with progress that any page can read."""

import contextlib
import json
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from gan_core.errors import BadInput, Stopped
from gan_core.launch import launchers, queue

TELL = 0.5  # seconds between two tellings
NICE = 19


@dataclass(frozen=True)
class Work:
    """What is being done, or was last: ``share`` of all 0 to 1, ``what`` in words, ``left`` seconds or None, and
    ``problems``, a sentence for each thing that went wrong."""

    runs: tuple[str, ...]
    share: float
    what: str
    left: float | None
    problems: tuple[str, ...]
    active: bool


def start(store, kind, run_ids, arguments, *, busy, **environment):
    """Start the process of a kind, which is ``python -m gan_core`` with ``arguments``; it tells how far it is under
    the workspace's setting ``kind``.

    Raises:
        BadInput: with the sentence ``busy`` when there is one already.
    """
    if (now := current(store, kind)) and now.active:
        raise BadInput(busy)
    handle = launchers.start([*arguments, "--workspace", str(store.workspace)], environment, store.workspace / f"{kind}.log")
    _tell(store, kind, run_ids, handle, 0.0, "starting", None)


def current(store, kind):
    """The :class:`Work` of a kind, None when there was none."""
    try:
        told = json.loads(store.setting(kind))
    except ValueError:
        return None
    return Work(tuple(told["runs"]), told["share"], told["what"], told["left"], tuple(told["problems"]),
                told["share"] < 1 and _alive(told))


def cancel(store, kind):
    """End the work of a kind; what was kept before stays."""
    with contextlib.suppress(ValueError, psutil.NoSuchProcess):
        told = json.loads(store.setting(kind))
        if _alive(told):
            os.kill(told["pid"], signal.SIGTERM)


class Working:
    """Within a ``with``, in the process of a kind: tells how far it is, and hears that it should end.

    ``progress(share, what)`` is of all of it.  At the end of the ``with`` it is done, of which ``result`` tells in words,
    or cancelled where :class:`Stopped` ended it.  What is ``patient`` takes only what training leaves of the processor.
    """

    def __init__(self, store, kind, run_ids, patient=True):
        self._store, self._kind, self._runs, self._patient = store, kind, run_ids, patient
        self._began, self._told, self._stopped = time.monotonic(), 0.0, False
        self.problems, self.result = [], "done"

    def __enter__(self):
        if self._patient:
            _step_back()  # before there are threads that would not
        signal.signal(signal.SIGTERM, self._stop)
        self._mine = queue.ownership()
        return self

    def __exit__(self, kind, error, _):
        if kind not in (None, Stopped):
            self.problems.append("It ended before its time, perhaps for want of memory; try again.")
        _tell(self._store, self._kind, self._runs, self._mine, 1.0, "cancelled" if self._stopped else self.result, 0.0,
              self.problems)
        return kind is Stopped

    def _stop(self, *_):
        self._stopped = True

    def should_stop(self):
        return self._stopped

    def progress(self, share, what):
        now = time.monotonic()
        if now - self._told > TELL:
            self._told = now
            left = (now - self._began) * (1 - share) / share if share > 0.02 else None
            _tell(self._store, self._kind, self._runs, self._mine, min(share, 0.999), what, left, self.problems)


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


def _tell(store, kind, run_ids, owner, share, what, left, problems=()):
    store.set(kind, json.dumps({"runs": list(run_ids), "share": share, "what": what, "left": left,
                                "problems": list(problems), "pid": owner["pid"], "born": owner["born"]}))


def _alive(told):
    try:
        process = psutil.Process(told["pid"])
        return process.status() != psutil.STATUS_ZOMBIE and abs(process.create_time() - told["born"]) < 2
    except psutil.NoSuchProcess:
        return False
