"""Records a run of another program's training script, live: what it says becomes a run in the catalogue, as one of ours."""

import contextlib
import json
import math
import operator
import sys
import threading
import time

from gan_core.errors import BadInput, Superseded, UserError
from gan_core.launch.launchers.local import ownership
from gan_core.notices import sending, watching
from gan_core.outside import described, pictures
from gan_core.store import ACTIVE, DIVERGED, FAILED, FINISHED, LOST, RUNNING, STOPPED, STOPPING, artifacts, open_store
from gan_core.store.line import Line
from gan_core.store.recorder import MAIN_CURVE
from gan_core.store.run import new_run

BEAT = 0.5  # seconds between two commits
MOST_HELD = 500_000  # rows that wait while nothing can be written; then the oldest go
MOST_CURVES = 500
ATTEMPT = 1


class Recorder:
    """Records one run; a context, whose end is the run's.

    What goes wrong with recording is told once on stderr, in a sentence, and never raised into the loop: rows wait until
    they can be written.  Only the beginning raises, before anything was trained.  Of several processes that train one model
    together one should record.

    Args:
        name: of the run.
        knobs: settings that are shown with it, ``{name: number, text or bool}``; ``seed`` is the run's seed.
        data: what it learns, in words.
        steps: how many there will be, 0 where that is not known.
        workspace: a folder; else ``$GAN_WORKSPACE``, else ``./workspace``.
        channels: of samples, "last" or "first"; without it their shape is looked at.
        pixels: what black and white are where samples are floats.
        tags, notes: as on the Runs page.

    Attributes:
        id: the run's.
        stopped: whether somebody pressed Stop; the script should then end its loop.

    Raises:
        BadInput: for arguments that cannot be used.
        StoreError: as it begins, where the workspace cannot be written.
    """

    def __init__(self, name, *, knobs=None, data="", steps=0, workspace=None, channels=None, pixels=(-1, 1), tags=(),
                 notes=""):
        if channels not in (None, pictures.LAST, pictures.FIRST):
            raise BadInput(f"channels must be 'last' or 'first', not {channels!r}.")
        self._pixels = _pair(pixels)
        self._steps = _whole(steps)
        if self._steps is None:
            raise BadInput(f"steps must be a whole number of steps, 0 where it is not known, not {steps!r}.")
        if knobs is not None and not hasattr(knobs, "items"):
            raise BadInput("knobs must be settings by their names, such as {'rate': 2e-4}.")
        self._name = described.clean_name(name)
        self._spec = described.spec_of(self._name, data=described.clean_name(data, ""), steps=self._steps, knobs=knobs)
        self._fields = {"tags": tuple(described.clean_name(tag, "tag") for tag in tags),
                        "notes": described.clean_name(notes, "")}
        self._workspace, self._channels = workspace, channels
        self.id, self.stopped = "", False
        self._rows, self._lock, self._flushing = [], threading.Lock(), threading.Lock()
        self._step, self._main, self._line, self._keys = 0, "", Line(), {}
        self._bad = {}  # losses that are no numbers any more, and since when
        self._told, self._gone, self._over = set(), False, threading.Event()

    def __enter__(self):
        if self.id:
            raise BadInput("A Recorder records one run; make another for the next.")
        self._store = open_store(self._workspace)
        now = time.time()
        self._clock = time.monotonic()
        self._began = now - self._clock
        run = self._store.create(new_run(self._spec, self._name, status=RUNNING, started=now, heartbeat=now, attempt=ATTEMPT,
                                         handle=ownership(), **self._fields))
        self.id, self._held = run.id, self._store.artifacts(run.id)
        self._watched = contextlib.ExitStack()
        self._watched.enter_context(watching.alarms_of(self._store, run))
        self._thread = threading.Thread(target=self._beat, name="recorder", daemon=True)
        self._thread.start()
        self.say(f"{self._name} is recorded.")
        _print(f"Recording {self._name!r} as {run.id} in {self._store.workspace}; watch it on the Monitor.")
        return self

    def __exit__(self, kind, error, traceback):
        self._over.set()
        self._thread.join()
        try:
            self._end(*self._verdict(error))
        except Exception as trouble:
            self._tell(trouble)
        return False

    def log(self, step, values=None, /, *, samples=None, **figures):
        """Keep what is known after a step.

        Args:
            step: a whole number, which rises.
            values: figures by names that are no names of Python, such as ``{"loss/G": 1.0}``.
            samples: see :func:`gan_core.outside.pictures.sheet`: pictures (N, H, W, C) or (N, C, H, W), or points (N, 2); of
                more than 64 the first are shown.
            figures: numbers, or tensors of one; ``g_loss``, ``d_loss``, ``d_accuracy_real`` and others that our own runs
                have share their charts and alarms.
        """
        try:
            self._log(step, {**(values or {}), **figures}, samples)
        except Exception as trouble:  # the loop goes on, whatever it was
            self._tell(trouble)

    def say(self, message):
        """Put a line into the run's log."""
        line = f"{time.strftime('%H:%M:%S')}  {message}\n"
        try:
            self._must_have_begun()
            self._held.append(artifacts.LOG, line.encode(errors="replace"))
        except Exception as trouble:
            self._tell(trouble)

    def _log(self, step, values, samples):
        self._must_have_begun()
        if self._over.is_set():
            raise BadInput("The run ends with its `with` block; what is logged after it is left out.")
        at = _whole(step)
        if at is None:
            raise BadInput(f"The step {step!r} is no whole number from 0 on; what was logged with it is left out.")
        now = self._began + time.monotonic()
        figures = {}
        for name, value in values.items():
            try:
                figures[self._key(name)] = number(value)
            except BadInput as error:
                self._tell(BadInput(f"{described.clean_line(name)[:80]}: {error}"))
        if self._gone:
            return
        with self._lock:
            self._rows += [(at, key, value, now) for key, value in figures.items()]
            del self._rows[:-MOST_HELD]
            self._step = max(self._step, at)
            self._main = MAIN_CURVE if MAIN_CURVE in figures else self._main or next(
                (key for key in figures if key.endswith("loss")), "")
            self._line.add(figures.get(self._main))
        for key, value in figures.items():
            if key.endswith("loss"):
                self._finite(key, value, at)
        if samples is not None:
            self._sheet(at, samples)

    def _must_have_begun(self):
        if not self.id:
            raise BadInput("Nothing is recorded before `with Recorder(...) as run:` begins it.")

    def _key(self, name):
        if name not in self._keys:
            if len(self._keys) >= MOST_CURVES:
                raise BadInput(f"A run has {MOST_CURVES} curves at most; further ones are left out.")
            self._keys[name] = described.free(described.key_of(name), self._keys.values())
        return self._keys[name]

    def _finite(self, key, value, step):
        if math.isfinite(value):
            self._bad.pop(key, None)
        elif key not in self._bad:
            self._bad[key] = step
            self._tell(BadInput(f"{key} is not a number any more at step {step:,}."))

    def _sheet(self, step, samples):
        png, (rows, columns), said = pictures.sheet(samples, channels=self._channels, pixels=self._pixels)
        for sentence in said:
            self._tell(BadInput(sentence), kind="pixels")
        if artifacts.GRID not in self._held:
            self._held.put(artifacts.GRID, json.dumps({"rows": rows, "columns": columns}).encode())
        self._held.put(artifacts.sheet_name(step), png)

    def _beat(self):
        while not self._over.wait(BEAT):
            try:
                self._flush()
            except Exception as trouble:
                self._tell(trouble)

    def _flush(self):
        """Write what waits; where it cannot be written it goes on waiting."""
        if self._gone:
            return
        with self._flushing:
            with self._lock:
                rows, self._rows = self._rows, []
                step, facts = self._step, {"line": self._line.points()} | ({"main_curve": self._main} if self._main else {})
            try:
                self._store.add_rows(self.id, rows, only_attempt=ATTEMPT)
                rows = []
                self._store.update(self.id, only_attempt=ATTEMPT, step=step, heartbeat=time.time(), facts=facts,
                                   seconds=time.monotonic() - self._clock)
                status = self._store.get(self.id).status
            except (Superseded, BadInput):  # it was deleted, or is another's
                self._gone = True
                raise
            finally:
                with self._lock:
                    self._rows = [*rows, *self._rows][-MOST_HELD:]
            if status == STOPPING:
                self.stopped = True
            elif status == LOST:  # the machine slept, or a disk hung
                self._store.move(self.id, RUNNING, only_from=(LOST,), only_attempt=ATTEMPT, message="", ended=0.0,
                                 handle=ownership())

    def _verdict(self, error):
        """``(status, message)`` of the run, by how its loop ended."""
        if isinstance(error, KeyboardInterrupt):
            return STOPPED, "It was interrupted."
        if error is not None and not (isinstance(error, SystemExit) and error.code in (None, 0)):
            line = (str(error).strip().splitlines() or ["no message"])[0][:300]
            return FAILED, f"{type(error).__name__}: {line.rstrip('.')}."
        if self._bad:
            key, step = min(self._bad.items(), key=lambda item: item[1])
            return DIVERGED, f"{key} was not a number any more from step {step:,} on."
        return (STOPPED if self.stopped and (not self._steps or self._step < self._steps) else FINISHED), ""

    def _end(self, status, message):
        for _ in range(3):
            try:
                self._flush()
                break
            except UserError as trouble:
                self._tell(trouble)
                time.sleep(BEAT)
        self._watched.close()
        if self._gone:
            return
        self.say(f"{status.capitalize()} at step {self._step:,}. {message}".rstrip())
        steps = self._steps or self._step
        spec = self._spec | {"settings": self._spec["settings"] | {"steps": steps}}
        if self._store.move(self.id, status, only_from=(*ACTIVE, LOST), only_attempt=ATTEMPT, message=message, steps=steps,
                            spec=spec, ended=time.time(), handle={}):
            sending.ended(self._store, self._store.get(self.id))

    def _tell(self, trouble, kind=""):
        """Say what went wrong, once for each kind of it."""
        kind = kind or (str(trouble) if type(trouble) is BadInput else type(trouble).__name__)
        if kind in self._told or len(self._told) > MOST_CURVES:
            return
        self._told.add(kind)
        words = str(trouble) if isinstance(trouble, UserError) else f"{type(trouble).__name__}: {trouble}"
        _print(f"gan_core, recording {self._name!r}: {words} Training goes on.")


def _print(sentence):
    with contextlib.suppress(Exception):  # a stderr that is closed ends nothing
        print(sentence, file=sys.stderr)


def number(value):
    """A figure as a float, which may be NaN; of a tensor of one number that.

    Raises:
        BadInput: when it is none.
    """
    try:
        return float(pictures.as_array(value).item()) if getattr(value, "shape", ()) else float(value)
    except Exception:
        raise BadInput(f"a {type(value).__name__} is no number, and is left out.") from None


def _whole(value):
    """A step as an int; None where it is none."""
    try:
        whole = operator.index(value)
    except TypeError:
        try:
            whole = int(value) if float(value).is_integer() else -1
        except (TypeError, ValueError, OverflowError):
            return None
    return whole if 0 <= whole < 2**63 else None


def _pair(pixels):
    try:
        low, high = map(float, pixels)
    except (TypeError, ValueError):
        low = high = math.nan
    if not (math.isfinite(low) and math.isfinite(high)) or low == high:
        raise BadInput(f"pixels must be what black and white are, such as (0, 1), not {pixels!r}.")
    return low, high
