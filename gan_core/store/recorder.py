"""The recorder of a real run: into the store, about once a second, from a thread of its own."""

import collections
import contextlib
import io
import json
import math
import statistics
import threading
import time

import numpy as np

from gan_core.errors import StoreError, Superseded, UserError
from gan_core.config.spec import RunSpec
from gan_core.modalities.base import NUMBERS, modality, samples_spec
from gan_core.store import artifacts, judgements, scores, weights
from gan_core.store.artifacts import NotWritten
from gan_core.store.deferred import Deferred
from gan_core.store.events import Events
from gan_core.store.line import Line
from gan_core.store.run import LOST, RUNNING, STOPPING, Unreachable

CHECKPOINT = "checkpoint"
KEEP = 3  # newest checkpoints; further ones stay while they may be the best
MAIN_CURVE = "g_loss"  # of runs from before models declared theirs
NEAR = 1000  # steps before a checkpoint in which there are rows; of long runs more
BEAT = 1.0  # seconds between two commits
USAGE = 5.0  # seconds at least between two readings of what a run takes of its machine
READINGS = 2000  # of a run, until their distance grows with its age
REFERENCE = 500  # real samples drawn behind generated ones
OUTAGE = 600.0  # seconds for which a run goes on without the server of its catalogue, or waits for it at its end
SENT = 30.0  # seconds that the end of a run waits for its artifacts to be where they belong


class StoreRecorder:
    """Records one attempt of a run; see :class:`gan_core.training.recorder.Recorder`.

    Use it as a context: a thread commits rows and a heartbeat while training goes on, so that a long compilation
    or a slow step does not look like death.

    Args:
        on_row: called with ``(step, values)`` of every row.
        echo: called with every line of the log.
        usage: called every few seconds; what it gives, ``{key: number}``, is kept as rows: what a run takes of its machine.
    """

    def __init__(self, store, run, *, on_row=None, echo=None, usage=None):
        self.store, self.id = store, run.id
        self.artifacts = store.artifacts(run.id)
        self.on_row, self.echo, self.beside = on_row, echo, None
        self._usage, self._read_at, self._read_step = usage, time.monotonic(), None
        spec = RunSpec.from_dict(run.spec)
        self.data = samples_spec(spec.data_spec, spec.gives)
        self.modality = modality(self.data.kind)
        self.step, self.seconds, self._steps = run.step, run.seconds, run.steps
        self._attempt, self._handle = run.attempt, run.handle
        self._rows, self._lock, self._flushing = [], threading.Lock(), threading.Lock()
        self._facts = dict(run.facts)
        self._line = Line(self._facts.get("line", ()), run.step)
        self._headline = self.modality.headline
        self._best = _best(self._headline, store.rows(run.id, keys=[self._headline.key]))
        self._speeds = collections.deque(maxlen=200)
        self._stop, self._done = False, threading.Event()  # whether to stop is no Event: see signals.heard
        self._error = None
        self._files = Deferred(self._confirm, keep={CHECKPOINT: KEEP})
        self._thread = threading.Thread(target=self._beat, name="recorder", daemon=True)

    def __enter__(self):
        self._clock = time.monotonic()
        newest = self.store.rows(self.id, after=self.step - NEAR - self._steps // 1000).time
        self._began = max(time.time(), newest.max(initial=0.0)) - self._clock
        with _explained("TensorBoard file"):
            self._events = Events(self.artifacts, self._attempt, self.step + 1)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._done.set()
        self._thread.join()
        deadline = time.monotonic() + OUTAGE
        while True:
            try:
                self._flush()
                break
            except Unreachable:
                if time.monotonic() > deadline:
                    raise
                time.sleep(BEAT)
        self.store.settle(SENT)

    def _now(self):
        """Seconds since the epoch when the attempt began, and from then on by a clock that nobody sets: differences of
        two times are durations, and rows of a resumed run follow those before."""
        return self._began + time.monotonic()

    def curve(self, key):
        rows = self.store.rows(self.id, keys=[key])
        return list(zip(rows.step.tolist(), rows.value.tolist()))

    def show_beside(self, dataset):
        """Draw some samples of the dataset with generated ones, where that helps."""
        self.beside = self.modality.beside(dataset, REFERENCE) if self.modality.overlays else None

    def facts(self, **facts):
        """Keep what the worker found out about the run."""
        with self._lock:
            self._facts |= facts

    def metrics(self, step, values):
        now = self._now()
        with self._lock:
            self._rows += [(step, key, float(value), now) for key, value in values.items()]
            self.step = step
            self._line.add(values.get(self._facts.get("main_curve", MAIN_CURVE)))
            value = values.get(self._headline.key, math.nan)
            if math.isfinite(value) and (self._best is None or self._headline.ahead(value, self._best[0])):
                self._best = value, step
            if "images_per_second" in values:
                self._speeds.append(values["images_per_second"])
        if self.on_row:
            self.on_row(step, values)

    def samples(self, step, samples, grid, beside=None):
        self._files.do("samples", lambda: self._keep_samples(step, samples, grid, beside))

    def _keep_samples(self, step, samples, grid, beside):
        with _explained("samples"):
            if NUMBERS in self.modality.abilities:
                self.artifacts.put(artifacts.step_name(artifacts.SAMPLES, step, artifacts.ARRAY), _npy(samples))
            elif artifacts.GRID not in self.artifacts:
                rows, columns = self.modality.cells(grid, beside)
                self.artifacts.put(artifacts.GRID, json.dumps({"rows": rows, "columns": columns}).encode())
            sheet = self.modality.draw(samples, self.data, grid, beside or self.beside)
            if (heard := self.modality.heard(samples, self.data)) is not None:  # first: the sheet tells of it
                self.artifacts.put(artifacts.step_name(artifacts.SOUNDS, step, heard.suffix), heard.data)
            self.artifacts.put(artifacts.sheet_name(step, sheet.suffix), sheet.data)

    def view(self, step, title, rows):
        self._files.do("view", lambda: self._keep_view(step, title, rows))

    def _keep_view(self, step, title, rows):
        prefix = artifacts.view_prefix(title)
        with _explained("view"):
            artifacts.put_rows(self.artifacts, step, title, tuple(name for name, _ in rows))
            sheet = self.modality.draw(np.concatenate([row for _, row in rows]), self.data, (len(rows), len(rows[0][1])))
            self.artifacts.put(artifacts.step_name(prefix, step, sheet.suffix), sheet.data)

    def checkpoint(self, step, write):
        image = _InMemory()
        write(image)
        weights.seal(image)
        if not self._files.away:
            with contextlib.suppress(Unreachable):
                self._flush()  # rows first: a run that goes on from here does not make them again
        self._files.do(CHECKPOINT, lambda: self._keep_checkpoint(step, image))

    def _keep_checkpoint(self, step, image):
        name = artifacts.checkpoint_name(step)
        with _explained("checkpoint"):
            self.artifacts.put(name, image.getbuffer())
        self._take_back_unless_ours(name)
        judgements.forget_pool(self.artifacts, step)  # drawn from what stood there before, if any was
        with self._lock:
            self.step = max(self.step, step)  # rows of a long run come less often than every step
        self._prune()

    def _take_back_unless_ours(self, name):
        """A process that was frozen just before it wrote has written into a run that goes on elsewhere: the newest
        checkpoint would be one of a past that has not happened."""
        version = self.artifacts.entry(name).version
        try:
            self._confirm()
        except Superseded:
            with contextlib.suppress(UserError):  # gone, or the other one has come to this step meanwhile
                if self.artifacts.entry(name).version == version:
                    self.artifacts.remove(name)
            raise

    def _prune(self):
        """Let go of all checkpoints but the newest and the best: by its scores, and, until that one is scored, the
        nearest to the best headline that a probe has seen.  A run may collapse after its best moment."""
        kept = artifacts.checkpoints(self.artifacts)
        stay = {scores.best(self.artifacts, self._headline)[0], *list(kept)[-KEEP:]}
        with self._lock:
            best = self._best
        if best is not None:
            scored = {result["step"] for result in scores.kept(self.artifacts)}  # some of them may be gone by now
            stay |= {min(kept.keys() | scored, key=lambda step: abs(step - best[1]))} - scored
        for step in kept.keys() - stay:
            self.artifacts.remove(kept[step])

    def log(self, message):
        line = f"{time.strftime('%H:%M:%S')}  {message}"
        with _explained("log"):
            self.artifacts.append(artifacts.LOG, f"{line}\n".encode(errors="replace"))
        if self.echo:
            self.echo(line)

    def should_stop(self):
        if self._error:
            raise self._error
        return self._stop

    def stop(self):
        """Ask the run to stop, from a signal handler or a test."""
        self._stop = True

    def _beat(self):
        answered = time.monotonic()
        while not self._done.wait(BEAT):
            self._read_usage()
            try:
                self._flush()
                answered = time.monotonic()
            except UserError as error:  # a full disk, or someone deleted the run
                if isinstance(error, Unreachable) and time.monotonic() - answered < OUTAGE:
                    continue  # nothing is lost: it is written once the server is back
                self._error = error  # told to the training thread, which can end the run in good order
                self._stop = True
                return

    def _read_usage(self):
        """Once every few seconds, and once a step: a second row of a step would take the place of the first."""
        now = time.monotonic()
        if self._usage is None or self.step == self._read_step or now - self._read_at < max(USAGE, self.seconds / READINGS):
            return
        figures, self._read_at = self._usage(), now
        with self._lock:
            self._read_step, at = self.step, self._now()
            self._rows += [(self.step, key, value, at) for key, value in figures.items()]

    def _flush(self):
        with self._flushing:  # one thread at a time: rows must not overtake each other
            try:
                self._commit()
                self._files.catch_up()
            except Unreachable:
                self._files.away = True
                raise
            self._files.away = False

    def _commit(self):
        with self._lock:
            rows, self._rows = self._rows, []
            step = self.step
            facts = self._facts | {"line": self._line.points()}
            if self._speeds:
                facts["images_per_second"] = statistics.median(self._speeds)
        now = time.monotonic()
        self.seconds, self._clock = self.seconds + now - self._clock, now
        try:
            self.store.add_rows(self.id, rows, only_attempt=self._attempt)
        except Unreachable:
            with self._lock:
                self._rows = rows + self._rows
            raise
        with _explained("TensorBoard file"):
            self._events.add(rows)
        self.store.update(self.id, only_attempt=self._attempt, step=step, heartbeat=time.time(), seconds=self.seconds,
                          facts=facts)
        status = self.store.get(self.id).status
        if status == STOPPING:
            self._stop = True
        elif status == LOST:
            # Taken for dead: the machine slept, or a disk hung.  It is not, and nobody has queued it again.
            self.store.move(self.id, RUNNING, only_from=(LOST,), only_attempt=self._attempt, message="", ended=0.0,
                            handle=self._handle)

    def _confirm(self):
        """What becomes a file has no WHERE: ask first whether the run is still ours, and raise Superseded if not."""
        self.store.update(self.id, only_attempt=self._attempt, heartbeat=time.time())


def _best(headline, rows):
    """``(value, step)`` of the best value of a curve, the first of equals; None while there is none."""
    finite = np.isfinite(rows.value)
    values = dict(zip(rows.step[finite].tolist(), rows.value[finite].tolist()))
    step = headline.best(values)
    return None if step is None else (values[step], step)


class _InMemory(io.BytesIO):
    """What weights are saved to before they go to disk: HDF5 crashes the process when the disk is full under it."""

    def __str__(self):
        return "checkpoint.weights.h5"  # Keras asks for the suffix


def _npy(array):
    """The bytes of an array's .npy file."""
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


@contextlib.contextmanager
def _explained(what):
    """Turns a failure to write into a sentence."""
    try:
        yield
    except NotWritten as error:
        raise StoreError(f"The {what} could not be written ({error.reason}); what was written before is kept: make room on "
                         "the disk and resume the run.") from error
