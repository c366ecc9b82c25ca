"""How fast a run trains, bare and with everything that is recorded at the defaults."""

import dataclasses
import statistics
import tempfile
import time
from pathlib import Path

import keras

from gan_core import data, engine
from gan_core.data import batches
from gan_core.store import DiskStore
from gan_core.store.recorder import StoreRecorder
from gan_core.store.run import RUNNING, new_run
from gan_core.training import loop
from gan_core.training.live_scores import suited

MIDDLE = 10_000  # step at which the recorded turns begin
TURNS = 3  # timings swing from minute to minute: bare and recorded alternate, medians count


def seconds_a_step(model, feed, steps):
    """Mean seconds of ``steps`` steps of a compiled model on ``feed``, an iterator of batches.

    From the beginning of training to the end of the last step: what Keras clears away after it is paid once a run, and
    would weigh heavily on a few steps.
    """
    clock = _Clock()
    model.fit(engine.feed(feed, next(feed)), steps_per_epoch=steps, shuffle=False, verbose=0, callbacks=[clock])
    return clock.seconds / steps


class _Clock(keras.callbacks.Callback):
    """Seconds from the beginning of training to the end of the last step, whose losses are waited for."""

    async_safe = False

    def on_train_begin(self, logs=None):
        self.began = time.perf_counter()

    def on_train_batch_end(self, batch, logs=None):
        self.seconds = time.perf_counter() - self.began


def run(spec, workspace=None):
    """Time ``spec.settings.steps`` steps, in turns by ``fit`` alone and as a run records them.

    The recorded turns begin in the middle of a run, where sheets of samples come at their interval; what one sheet
    and one checkpoint cost is measured apart and spread over the interval at which they come, so that the figure
    does not depend on how many happen to fall into a short measurement.

    Returns:
        ``step_ms`` (bare), ``bare_images_per_second``, ``recorded_images_per_second`` (rows, TensorBoard files,
        samples and checkpoints at the spec's settings included), ``recording_cost`` (share of the time),
        ``probe_ms`` of measuring samples now and then and ``probe_start_ms`` of its preparation (None where data are too
        few; what they cost a run of some minutes tells benchmarks/probe_cost.py), and what was run.
    """
    dataset = data.load(spec.data, size=spec.size, workspace=workspace)
    device = engine.configure(spec.settings.deterministic)
    model = loop.build(spec, device)
    batch, steps = model.config.batch_size, spec.settings.steps

    def bare():
        feed = batches(dataset, batch, seed=spec.settings.seed, stop=steps + 1, draws=model.draws)
        return seconds_a_step(model, feed, steps)

    def recorded(store):
        # No sheet and no checkpoint but the last ones, which are measured and taken out.
        quiet = dataclasses.replace(spec, settings=dataclasses.replace(
            spec.settings, steps=MIDDLE + steps, sample_every=10 * MIDDLE, checkpoint_seconds=3600.0))
        run = store.create(new_run(spec.as_dict(), "bench", status=RUNNING))
        weights = Path(store.workspace) / "start.weights.h5"
        model.save_weights(weights)
        with StoreRecorder(store, run) as recorder:
            outcome = loop.fit(model, quiet, dataset, recorder, checkpoint=(MIDDLE, weights), device=device)
        rows = (outcome.seconds - outcome.sheet_seconds - outcome.checkpoint_seconds) / steps
        calls_between = max(spec.settings.checkpoint_seconds / rows, 1)
        return rows + outcome.checkpoint_seconds / calls_between + outcome.sheet_seconds / spec.settings.sample_every

    def probed():
        """Milliseconds of one probe, and of its preparation."""
        began = time.perf_counter()
        probe = suited(model, dataset, spec.settings.seed) if spec.settings.probe_seconds else None
        if probe is None:
            return None, None
        prepared = time.perf_counter() - began
        taken = []
        for _ in range(1 + TURNS):
            began = time.perf_counter()
            probe(model)
            taken.append(time.perf_counter() - began)
        return tuple(round(1000 * seconds, 1)
                     for seconds in (statistics.median(taken[1:]), prepared))  # the first one compiles

    bare()  # compiles
    plain, with_recording = [], []
    with tempfile.TemporaryDirectory(prefix="gan-bench-") as folder:
        store = DiskStore(Path(folder))
        for _ in range(TURNS):
            plain.append(bare())
            with_recording.append(recorded(store))
        store.close()
    step, slower = statistics.median(plain), statistics.median(with_recording)
    probe, preparation = probed()
    return {"architecture": spec.architecture, "data": spec.data, "backend": engine.BACKEND, "device": device,
            "batch_size": batch, "steps": steps, "step_ms": round(1000 * step, 3),
            "bare_images_per_second": round(batch / step, 1),
            "recorded_images_per_second": round(batch / slower, 1),
            "recording_cost": round(1 - step / slower, 4),
            "probe_ms": probe, "probe_start_ms": preparation}
