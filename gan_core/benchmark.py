"""How fast a run trains, bare and with everything that is recorded at the defaults."""

import statistics
import tempfile
import time
from pathlib import Path

from gan_core import data, engine, training
from gan_core.recorder import Silence
from gan_core.runs import DiskStore
from gan_core.runs.recording import StoreRecorder
from gan_core.runs.store import RUNNING, new_run

TURNS = 3  # timings swing from minute to minute: bare and recorded alternate, medians count


def run(spec, workspace=None):
    """Time ``spec.settings.steps`` steps, in turns without and with recording.

    Returns:
        ``step_ms`` (bare), ``bare_images_per_second``, ``recorded_images_per_second`` (samples, checkpoints, rows and
        TensorBoard files at the spec's settings included), ``recording_cost`` (share of the time), and what was run.
    """
    dataset = data.load(spec.data, size=spec.size, workspace=workspace)
    device = engine.configure(spec.settings.deterministic)
    model = training.build(spec, device)
    batch, steps = model.config.batch_size, spec.settings.steps

    def timed(recorder):
        began = time.perf_counter()
        training.fit(model, spec, dataset, recorder, device=device)
        return (time.perf_counter() - began) / steps

    timed(Silence())  # compiles
    bare, recorded = [], []
    with tempfile.TemporaryDirectory(prefix="gan-bench-") as folder:
        store = DiskStore(Path(folder))
        for _ in range(TURNS):
            bare.append(timed(_Bare()))
            created = store.create(new_run(spec.as_dict(), "bench", status=RUNNING))
            with StoreRecorder(store, created) as recorder:
                recorded.append(timed(recorder))
        store.close()
    step, with_recording = statistics.median(bare), statistics.median(recorded)
    return {"architecture": spec.architecture, "data": spec.data, "backend": engine.BACKEND, "device": device,
            "batch_size": batch, "steps": steps, "step_ms": round(1000 * step, 3),
            "bare_images_per_second": round(batch / step, 1),
            "recorded_images_per_second": round(batch / with_recording, 1),
            "recording_cost": round(1 - step / with_recording, 4)}
