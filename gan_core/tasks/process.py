"""One task in this process: from the claim to the last word in the catalogue."""

import contextlib
import os
import threading
import time
import traceback
from pathlib import Path

from gan_core.errors import BadInput, Broken, Stopped, UserError
from gan_core.launch import queue, signals
from gan_core.launch.loading import loading_keras
from gan_core.store.run import FAILED, FINISHED, QUEUED, STOPPED, STOPPING
from gan_core.store.task_records import ACTIVE
from gan_core.tasks import background
from gan_core.tasks.base import Context, failure
from gan_core.tasks.registry import task, title

BEAT = 0.5  # seconds between two looks whether it should stop, and two tellings
GRACE = 60.0  # seconds until a process that does not hear is ended: a step of a large model may take that long
NICE = 19


def main(store, task_id):
    """The body of a process: a claimed task, and then those of its kind that wait, which find all libraries loaded.

    Returns its exit code.
    """
    record, code = store.tasks.get(task_id), 0
    try:
        if task(record.kind).patient:
            step_back()  # before there are threads that would not
        while record is not None:
            _write_to(store.workspace / record.log)
            code |= work(store, record.id, ends_process=True).status == FAILED
            record = _next(store, record)
    finally:
        background.tend(store)
    return int(code)


def work(store, task_id, *, ends_process=False, on_progress=None):
    """Do a task that this process has claimed.  Returns the ended record.

    Whatever happens, it does not stay "running": the reason stands in its ``message``, and of a bug, or a library's
    complaint, the whole story in its log.

    Args:
        ends_process: end the process when it should stop and does not within :data:`GRACE`.
        on_progress: told ``(share, what)`` too.
    """
    record = store.tasks.get(task_id)
    if record.status not in ACTIVE:
        return record
    status, fields = STOPPED, {"words": "interrupted"}
    with _Working(store, record, ends_process, on_progress) as working:
        try:
            the_task = task(record.kind)
            run = store.get(record.run) if record.run else None
            with loading_keras(background.backend(store, record)):
                if run is not None:
                    from gan_core.tasks import models  # noqa: F401  the import is what is quiet
            result = the_task.run(Context(store, run, record.checkpoint), the_task.Config.parse(record.config),
                                  working.progress, working.should_stop)
            status, fields = FINISHED, {"words": result.words, "share": 1.0, "result": {"values": result.values,
                                                                                       "made": result.made}}
        except Stopped:
            status, fields = STOPPED, {"words": "stopped; what it had kept stays"}
        except (Exception, SystemExit) as error:  # somebody's code may also leave the process
            status, fields = FAILED, {"words": "", "message": _sentence(store, record, error)}
        finally:
            working.close()
            store.tasks.move(task_id, status, only_from=ACTIVE, ended=time.time(), left=None, handle={}, **fields)
    return store.tasks.get(task_id)


class _Working:
    """Tells the catalogue how far a task is, and hears from there, and from signals, that it should stop."""

    def __init__(self, store, record, ends_process, on_progress):
        self._store, self._id, self._ends_process, self._on_progress = store, record.id, ends_process, on_progress
        self._began, self._done = time.monotonic(), threading.Event()
        self._stop = False  # no Event: see signals.heard
        self._share, self._what = 0.0, "starting"

    def __enter__(self):
        self._signals = signals.heard(self._hear)
        self._signals.__enter__()
        self._store.tasks.update(self._id, words="starting", handle=queue.ownership())  # whoever started it may have died
        self._heart = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
        self._heart.start()
        return self

    def __exit__(self, *_):
        self.close()
        self._signals.__exit__(None, None, None)

    def close(self):
        self._done.set()
        self._heart.join()

    def should_stop(self):
        return self._stop

    def _hear(self, number, frame):
        self._stop = True

    def progress(self, share, what):
        self._share, self._what = min(share, 0.999), what
        if self._on_progress is not None:
            self._on_progress(share, what)

    def _beat(self):
        stopping = None
        while not self._done.wait(BEAT):
            with contextlib.suppress(UserError):  # the disk may be full for a while
                if stopping is None:
                    taken = time.monotonic() - self._began
                    left = taken * (1 - self._share) / self._share if self._share > 0.02 else None
                    self._store.tasks.update(self._id, share=self._share, words=self._what, left=left,
                                             heartbeat=time.time())
                status = self._store.tasks.get(self._id).status
                if status == STOPPING or status not in ACTIVE:  # or taken for dead: it must not write any more
                    self._stop = True
            if self._stop:
                stopping = stopping or time.monotonic()
                if self._ends_process and time.monotonic() - stopping > GRACE:
                    self._store.tasks.move(self._id, STOPPED, only_from=ACTIVE, ended=time.time(), handle={},
                                           words="ended, since it did not stop by itself; what it had kept stays")
                    os._exit(1)


def _sentence(store, record, error):
    """Why a task failed.  Of a bug, or a library's complaint, the log keeps the whole story."""
    if record.run:
        try:
            store.get(record.run)
        except BadInput:
            return f"{title(record.kind)}: the run {record.run} was deleted meanwhile."
    story, log = error.__cause__ if isinstance(error, Broken) else error, ""
    if not isinstance(story, UserError):
        with contextlib.suppress(OSError):
            path = store.workspace / record.log
            path.parent.mkdir(parents=True, exist_ok=True)
            with open(path, "a", encoding="utf-8") as file:
                traceback.print_exception(story, file=file)
            log = record.log
    return str(error) if isinstance(error, UserError) else failure(title(record.kind), type(error).__name__, str(error), log)


def _next(store, record):
    """Another waiting task of this kind that this process has claimed, and whose backend it has; or None."""
    for waiting in reversed(store.tasks.list(kind=record.kind, statuses=[QUEUED])):
        fits = background.backend(store, waiting) in ("", os.environ.get("KERAS_BACKEND"))
        if fits and background.claim(store, waiting):
            return store.tasks.get(waiting.id)
    return None


def _write_to(path):
    """What this process, and the libraries in it, print goes there from now on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "ab") as log:
        for number in (1, 2):
            os.dup2(log.fileno(), number)


def step_back():
    """Training goes first."""
    with contextlib.suppress(OSError):
        os.nice(NICE)
    with contextlib.suppress(AttributeError, OSError):  # Linux: only what nobody else wants of the processor
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    # Desktop Linux shares the processor out among sessions first: there niceness counts only within this one's.
    if os.name == "posix" and os.getsid(0) == os.getpid():
        with contextlib.suppress(OSError):
            Path("/proc/self/autogroup").write_text(str(NICE))
