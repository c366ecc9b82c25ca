"""The recorder of a real run: into the store, about once a second, from a thread of its own."""

import collections
import contextlib
import io
import itertools
import json
import math
import statistics
import threading
import time

import numpy as np
from tensorboardX.event_file_writer import EventsWriter
from tensorboardX.proto.event_pb2 import Event, SessionLog
from tensorboardX.proto.summary_pb2 import Summary

from gan_core.errors import StoreError, UserError
from gan_core.modalities import drawing
from gan_core.store import artifacts, scores
from gan_core.store.run import LOST, RUNNING, STOPPING
from gan_core.whole_files import replacing, write_whole

KEEP = 3  # newest checkpoints; further ones stay while they may be the best
BEAT = 1.0  # seconds between two commits
REFERENCE = 500  # real points drawn behind generated ones


class StoreRecorder:
    """Records one attempt of a run; see :class:`gan_core.training.recorder.Recorder`.

    Use it as a context: a thread commits rows and a heartbeat while training goes on, so that a long compilation
    or a slow step does not look like death.

    Args:
        on_row: called with ``(step, values)`` of every row.
        echo: called with every line of the log.
    """

    def __init__(self, store, run, *, on_row=None, echo=None):
        self.store, self.id = store, run.id
        self.folder = store.folder(run.id)
        self.on_row, self.echo, self.reference = on_row, echo, None
        self.step, self.seconds = run.step, run.seconds
        self._attempt, self._handle = run.attempt, run.handle
        self._rows, self._lock, self._flushing = [], threading.Lock(), threading.Lock()
        self._facts = dict(run.facts)
        self._line = Line(self._facts.get("line", ()), run.step)
        self._lowest = _lowest(store.rows(run.id, keys=["kernel"]))
        self._speeds = collections.deque(maxlen=200)
        self._stop, self._done = threading.Event(), threading.Event()
        self._error = None
        self._thread = threading.Thread(target=self._beat, name="recorder", daemon=True)

    def __enter__(self):
        self._clock = time.monotonic()
        with _explained("TensorBoard file"):
            self._events = _events(self.folder / "events", self._attempt, self.step + 1)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._done.set()
        self._thread.join()
        try:
            self._flush()
        finally:
            with contextlib.suppress(OSError):  # told already, by the flush
                self._events.close()

    def show_behind(self, points):
        """Draw these real points (M, 2) behind generated ones."""
        self.reference = np.asarray(points)[:REFERENCE]

    def facts(self, **found):
        """Keep what the worker found out about the run."""
        with self._lock:
            self._facts |= found

    def metrics(self, step, values):
        now = time.time()
        with self._lock:
            self._rows += [(step, key, float(value), now) for key, value in values.items()]
            self.step = step
            self._line.add(values.get("g_loss"))
            if (kernel := values.get("kernel", math.inf)) < self._lowest[0]:
                self._lowest = kernel, step
            if "images_per_second" in values:
                self._speeds.append(values["images_per_second"])
        if self.on_row:
            self.on_row(step, values)

    def samples(self, step, samples, grid):
        folder = self.folder / "samples"
        self._confirm()
        with _explained("samples"):
            if samples.ndim == 2:
                with replacing(artifacts.step_path(folder, step, ".npy")) as partial:
                    np.save(partial, samples)
                picture = drawing.scatter(samples, self.reference)
            else:
                picture = drawing.sheet(samples, grid)
                if not (folder / "grid.json").exists():
                    write_whole(folder / "grid.json", json.dumps({"rows": grid[0], "columns": grid[1]}).encode())
            with replacing(artifacts.step_path(folder, step, ".png")) as partial:
                picture.save(partial)

    def view(self, step, title, rows):
        folder = artifacts.view_folder(self.folder, title)
        self._confirm()
        with _explained("view"):
            names, known = tuple(name for name, _ in rows), artifacts.views(self.folder)
            before = next((view for view in known if view.folder == folder), None)
            if before is None or before.rows_at(step) != names:
                steps = {} if before is None else {each: told for each, told in before.rows.items() if each < step}
                write_whole(folder / "rows.json", json.dumps({"title": title, "rows": steps | {step: names}}).encode())
            picture = drawing.sheet(np.concatenate([row for _, row in rows]), (len(rows), len(rows[0][1])))
            with replacing(artifacts.step_path(folder, step, ".png")) as partial:
                picture.save(partial)

    def checkpoint(self, step, write):
        image = _InMemory()
        write(image)
        self._flush()  # rows first: a run that goes on from here does not make them again
        with _explained("checkpoint"):
            write_whole(artifacts.step_path(self.folder / "checkpoints", step, ".weights.h5"), image.getbuffer())
        with self._lock:
            self.step = max(self.step, step)  # rows of a long run come less often than every step
        self._confirm()  # writing takes a while
        self._prune()

    def _prune(self):
        """Let go of all checkpoints but the newest and the best: by its scores, and, until that one is scored, the
        nearest to the lowest kernel distance that a probe has seen.  A run may collapse after its best moment."""
        kept = artifacts.checkpoints(self.folder)
        stay = {scores.best(self.folder)[0], *list(kept)[-KEEP:]}
        with self._lock:
            lowest, where = self._lowest
        if lowest < math.inf:
            scored = {result["step"] for result in scores.kept(self.folder)}  # some of them may be gone by now
            stay |= {min(kept.keys() | scored, key=lambda step: abs(step - where))} - scored
        for step in kept.keys() - stay:
            kept[step].unlink(missing_ok=True)

    def log(self, message):
        line = f"{time.strftime('%H:%M:%S')}  {message}"
        with _explained("log"), open(self.folder / "log.txt", "a", encoding="utf-8") as log:
            log.write(line + "\n")
        if self.echo:
            self.echo(line)

    def should_stop(self):
        if self._error:
            raise self._error
        return self._stop.is_set()

    def stop(self):
        """Ask the run to stop, from a signal handler or a test."""
        self._stop.set()

    def _beat(self):
        while not self._done.wait(BEAT):
            try:
                self._flush()
            except UserError as error:  # a full disk, or someone deleted the run
                self._error = error  # told to the training thread, which can end the run in good order
                self._stop.set()
                return

    def _flush(self):
        with self._flushing:  # one thread at a time: rows must not overtake each other
            with self._lock:
                rows, self._rows = self._rows, []
                step = self.step
                facts = self._facts | {"line": self._line.points()}
                if self._speeds:
                    facts["images_per_second"] = statistics.median(self._speeds)
            now = time.monotonic()
            self.seconds, self._clock = self.seconds + now - self._clock, now
            self.store.add_rows(self.id, rows, only_attempt=self._attempt)
            with _explained("TensorBoard file"):
                _write_events(self._events, rows)
            self.store.update(self.id, only_attempt=self._attempt, step=step, heartbeat=time.time(), seconds=self.seconds,
                              facts=facts)
            status = self.store.get(self.id).status
            if status == STOPPING:
                self._stop.set()
            elif status == LOST:
                # Taken for dead: the machine slept, or a disk hung.  It is not, and nobody has queued it again.
                self.store.move(self.id, RUNNING, only_from=(LOST,), only_attempt=self._attempt, message="", ended=0.0,
                                handle=self._handle)

    def _confirm(self):
        """What becomes a file has no WHERE: ask first whether the run is still ours, and raise Superseded if not."""
        self.store.update(self.id, only_attempt=self._attempt, heartbeat=time.time())


def _lowest(rows):
    """``(value, step)`` of the lowest value of a curve; infinite while there is none."""
    finite = np.isfinite(rows.value)
    if not finite.any():
        return math.inf, 0
    return min(zip(rows.value[finite].tolist(), rows.step[finite].tolist()))


def _events(folder, attempt, first):
    """TensorBoard's file of one attempt, which starts at step ``first``; what older files say of later steps is void.

    It is written from the recorder's own thread.  The thread of tensorboardX's SummaryWriter dies when the disk is
    full, and whoever gives it the next value then waits for ever.
    """
    folder.mkdir(exist_ok=True)
    writer = EventsWriter(str(folder / "events"), f".{attempt}")
    writer.write_event(Event(wall_time=time.time(), step=first, session_log=SessionLog(status=SessionLog.START)))
    writer.flush()
    return writer


def _write_events(writer, rows):
    for (step, when), group in itertools.groupby(rows, lambda row: (row[0], row[3])):
        values = [Summary.Value(tag=key, simple_value=value) for _, key, value, _ in group]
        writer.write_event(Event(wall_time=when, step=step, summary=Summary(value=values)))
    writer.flush()


class _InMemory(io.BytesIO):
    """What weights are saved to before they go to disk: HDF5 crashes the process when the disk is full under it."""

    def __str__(self):
        return "checkpoint.weights.h5"  # Keras asks for the suffix


@contextlib.contextmanager
def _explained(what):
    """Turns a failure to write into a sentence."""
    try:
        yield
    except OSError as error:
        raise StoreError(f"The {what} could not be written ({error.strerror or error}); what was written before is "
                         "kept: make room on the disk and resume the run.") from error


class Line:
    """A curve of at most ``most`` points however long the run: when it is full, neighbours are merged."""

    def __init__(self, points=(), rows=0, most=48):
        """``points`` so far, made of ``rows`` rows: a resumed run goes on with points as wide as those it has."""
        self._points, self._most = list(points), most
        self._each, self._pending = max(1, round(rows / len(self._points))) if self._points else 1, []

    def add(self, value):
        if value is None or not math.isfinite(value):
            return
        self._pending.append(value)
        if len(self._pending) >= self._each:
            self._points.append(sum(self._pending) / len(self._pending))
            self._pending = []
        if len(self._points) >= self._most:
            pairs = zip(self._points[::2], self._points[1::2])
            self._points, self._each = [(a + b) / 2 for a, b in pairs], 2 * self._each

    def points(self):
        return [round(point, 4) for point in self._points]


def rewind(store, run):
    """Bring a run back to its last checkpoint: ``(step, path)`` of it, or None, everything later forgotten.

    ``run`` is as the attempt that begins has claimed it.
    """
    folder = store.folder(run.id)
    store.update(run.id, only_attempt=run.attempt, heartbeat=time.time())  # before the first file goes
    # Of a process that was killed while it wrote; or comes back too late, and finds that it cannot end its file.
    for half in folder.glob("**/.partial-*"):
        half.unlink(missing_ok=True)
    kept = artifacts.checkpoints(folder)
    step = max(kept, default=0)
    store.cut(run.id, step, only_attempt=run.attempt)
    for place, suffix in ((folder / "samples", ".png"), (folder / "samples", ".npy"),
                          *((view.folder, ".png") for view in artifacts.views(folder))):
        for each, path in artifacts.by_step(place, suffix).items():
            if each > step:
                path.unlink(missing_ok=True)
    return (step, kept[step]) if kept else None
