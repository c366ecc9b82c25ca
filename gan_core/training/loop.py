"""RunSpec + data + recorder -> a trained model.

The loop is ``keras.Model.fit`` over one long epoch; what is ours is the game (in the model and the engine), the
order of the data (stateless, so that any step can be the first) and the schedule of what is recorded.
"""

import itertools
import math
import time
from dataclasses import dataclass

import keras
import numpy as np

from gan_core import engine
from gan_core.config.known import refuse_unknown
from gan_core.data import batches, some
from gan_core.engine import hardware
from gan_core.errors import BadInput
from gan_core.modalities.base import modality
from gan_core.models import inputs, own_zoo
from gan_core.models.registry import architecture
from gan_core.training.sheets import Nearest, SheetSpread, Turned

# At most this many rows a curve: beyond, rows are means over a fixed number of steps.
MAX_ROWS = 20_000
# Times what probes took is trained before the next.  With their preparation, and the last one at the end of the run, they
# cost less than 3 %.
PROBE_SHARE = 42
DENSER = 10  # probes until they come at their full interval: most changes in the first minutes
AT_ONCE = 512  # samples of a sheet that are computed at once
VIEWED = 8  # samples in a view: as many as columns of a sheet


@dataclass(frozen=True)
class Outcome:
    """How training ended: "finished", "stopped" or "diverged", after how many steps, and why.

    ``seconds`` is the time it took; ``sheet_seconds`` and ``checkpoint_seconds`` are what one sheet of samples and
    one checkpoint took on average.
    """

    status: str
    step: int
    message: str = ""
    seconds: float = 0.0
    sheet_seconds: float = 0.0
    checkpoint_seconds: float = 0.0


def build(spec, device="cpu"):
    """The model of a run, compiled for this device and freshly initialised from the run's seed.

    Raises:
        BadInput: when the architecture cannot learn such data, does not exist, has not these knobs, or is a broken file of
            one's own.
    """
    cls = architecture(spec.architecture)
    with own_zoo.guarded(cls.__module__):
        return _built(cls, spec, device)


def _built(cls, spec, device):
    refuse_unknown("knob", spec.knobs, [knob.name for knob in cls.Config.knobs()])
    config = cls.Config(**spec.knobs)
    config = type(config)(**config.as_dict() | {"precision": precision_for(cls, config, spec.data_spec, device)})
    keras.utils.set_random_seed(spec.settings.seed)
    model = cls(config, spec.data_spec, seed=spec.settings.seed)
    model.compile(jit_compile=xla_for(cls, config, spec.data_spec, device), steps_per_execution=calls_for(model, device))
    return model


def precision_for(cls, config, data, device):
    """The precision to compute in: what the knob says, or what is faster here.

    XLA has no bfloat16 on a CPU.  What it is worth for convolutions: benchmarks/precision.py.
    """
    if config.precision != "auto":
        return config.precision
    if device == "gpu":
        return "mixed_bfloat16"
    halves = hardware.multiplies_in_bfloat16() and not xla_for(cls, config, data, device)
    return "mixed_bfloat16" if halves else "float32"


def xla_for(cls, config, data, device):
    """Measured on two CPU cores: 27 ms a step with against 35 without for dense networks, 320 against 255 for
    convolutions."""
    if config.xla != "auto":
        return config.xla == "on"
    return device == "gpu" or engine.BACKEND == "jax" or data.kind in cls.dense


def calls_for(model, device):
    """Steps per call of the compiled function: short steps are dominated by the call."""
    if model.config.steps_per_call:
        return model.config.steps_per_call
    if model.data.flat:
        return 20
    return 10 if device == "gpu" else 1


def fit(model, spec, dataset, recorder, *, checkpoint=None, device="cpu", probe=None):
    """Train until the last step, a request to stop, or divergence.

    Args:
        model: made by :func:`build`.
        spec: :class:`gan_core.config.spec.RunSpec`.
        dataset: :class:`gan_core.data.Dataset` that it names.
        recorder: :class:`gan_core.training.recorder.Recorder`.
        checkpoint: ``(step, path)`` to go on from.
        probe: called with the model every so often, gives further figures to chart, see
            :mod:`gan_core.training.live_scores`.

    Returns:
        :class:`Outcome`.
    """
    start = 0
    if checkpoint:
        start, path = checkpoint
        model.load_weights(path, to_go_on=True)
    settings = spec.settings
    if start >= settings.steps:
        raise BadInput(f"This run has made its {settings.steps} steps already; give it more steps to go on.")
    size = model.config.batch_size
    sizes = ", ".join(f"{n:,} parameters in the {name}" for name, n in model.parameters().items())
    recorder.log(f"{model.title} on {spec.data}: {sizes}.")
    recorder.log(f"{engine.BACKEND} on {device}, {model.config.precision}, "
                 f"XLA {'on' if model.jit_compile else 'off'}, {model.steps_per_execution} steps a call, batch {size}, "
                 f"from step {start:,} to {settings.steps:,}.")

    if not checkpoint and (found := model.prepare(dataset, settings.seed)):
        recorder.log(found)
    weights = model.row_weights(dataset)

    def feed(first, last):
        return batches(dataset, size, seed=settings.seed, start=first, stop=last, draws=model.draws,
                       take=modality(dataset.kind).batch, mirror=settings.mirror, jitter=settings.jitter, weights=weights)

    watch = _Watch(spec, recorder, start, dataset, probe, modality(model.made.kind))
    ends = [step for step in model.stages() if start < step < settings.steps] + [settings.steps]
    for first, last in itertools.pairwise([start, *ends]):
        model.enter(model.stage_of(first))
        watch.last = last
        data = engine.feed(feed(first, last), next(feed(first, last)))
        model.fit(data, steps_per_epoch=last - first, epochs=1, shuffle=False, verbose=0, callbacks=[watch])
        if watch.outcome:
            break
        model.train_function = None  # the next stage is another computation
    return watch.outcome


class _Watch(keras.callbacks.Callback):
    """Looks at the losses after every call and keeps the schedule of rows, samples and checkpoints."""

    async_safe = False

    def __init__(self, spec, recorder, start, dataset, probe, kind):
        super().__init__()
        self.probe = probe if spec.settings.probe_seconds else None
        self.spec, self.settings, self.recorder = spec, spec.settings, recorder
        self.step, self.good = start, start > 0  # whether there is a checkpoint to go back to
        self.row_every = math.ceil(self.settings.steps / MAX_ROWS)
        self.window, self.sheets, self.saves = [], [], []
        self.outcome = None
        self.began = None
        self.kind, self.dataset, self.real = kind, dataset, some(dataset, VIEWED)
        alike = kind.name == dataset.kind  # else samples cannot be compared with the data
        self.spread = SheetSpread(dataset) if alike else None
        self.nearest = Nearest(dataset, mirror=spec.settings.mirror) if alike and Nearest.suits(dataset) else None
        self.headline = kind.headline
        self.looks = recorder.curve(self.headline.key) if self.settings.stop_patience else []

    def on_train_begin(self, logs=None):
        self.start = self.step  # of this stage
        if self.began is None:
            self.began = self.saved_at = self.probed_at = time.monotonic()
            self.pause, self.probes, self.probing = pause(self.settings.probe_seconds, 0, 0.0, 0.0), 0, 0.0
            self.affordable, self.probed_step = 0.0, None
        known = self.model.inputs()
        self.fixed, self.grid = inputs.draw_grid(known, *self.kind.grid, data=self.dataset)
        if self.kind.chosen_from:
            different = min((one.different(self.dataset) or self.kind.chosen_from for one in known), default=0)
            self.fixed = inputs.draw(known, min(self.kind.chosen_from, different), inputs.SHEET_SEED, self.dataset)
        turning = inputs.turning(known)
        self.turned = turning and Turned(turning, self.spread.real)
        count = len(next(iter(self.fixed.values())))
        self.beside = inputs.beside(self.model.inputs(), count, inputs.SHEET_SEED, self.dataset)
        if self.step == 0:
            self._sheet()
            self._probe()  # what is no better than this has learned nothing
        self.clock = time.monotonic()

    def on_train_batch_end(self, batch, logs=None):
        # The last call may have fewer steps than Keras counts.
        before, self.step = self.step, min(self.start + batch + 1, self.last)
        now = time.monotonic()
        bad = [name for name, value in logs.items() if not math.isfinite(value)]
        if before > self.start:  # the first call compiles
            rate = (self.step - before) * self.model.config.batch_size / max(now - self.clock, 1e-9)
            logs = logs | {"images_per_second": rate}
        over = None if bad else self._over(now)
        if over is not None and not self._finite():  # what the last step did to the weights shows in no loss
            bad = ["A weight"]
        drawn = not bad and (over is not None or due(before, self.step, self.settings.sample_every))
        self._record(before, logs | (self._sheet() if drawn else {}), over is not None)
        if bad:
            self._diverge(bad[0])
        elif over is not None:
            self._end("finished", over)
        elif self.recorder.should_stop():
            self._end("stopped", drawn=drawn)
        else:
            saving = now - self.saved_at >= self.settings.checkpoint_seconds
            # Beside a checkpoint as soon as the time allows it: what is kept is measured, and the best is known.
            if now - self.probed_at >= (self.affordable if saving else self.pause):
                self._probe()
            if saving:
                self._save()
        self.clock = time.monotonic()  # what recording costs is not the model's speed

    def _over(self, now):
        """What to say when the run has come to its end, perhaps nothing; None while it goes on."""
        if self.step >= self.settings.steps:
            return ""
        if 0 < 60 * self.settings.minutes <= now - self.began:
            return f"Its {self.settings.minutes:g} minutes were over at step {self.step:,}."
        if 0 < self.settings.stop_patience < len(self.looks):
            step, value = self.looks[0]
            for other, seen in self.looks:
                step, value = (other, seen) if self.headline.ahead(seen, value) else (step, value)
            since = sum(other > step for other, _ in self.looks)
            if since >= self.settings.stop_patience:
                return (f"It was best at step {step:,} (a {self.headline.title} of {value:.4g}); {since} measurements since "
                        f"were no better, so it ended at step {self.step:,}.")
        return None

    def _record(self, before, logs, last):
        self.window.append(logs)
        if last or self.step // self.row_every > before // self.row_every:
            values = {k: [row[k] for row in self.window if k in row] for k in dict.fromkeys(itertools.chain(*self.window))}
            self.recorder.metrics(self.step, {k: sum(v) / len(v) for k, v in values.items()})
            self.window = []

    def _sheet(self):
        """Draws a sheet; figures for the chart, ``{name: number}``."""
        began = time.monotonic()
        engine.sync(self.model)
        samples = np.concatenate([keras.ops.convert_to_numpy(self.model.sample(
            {name: values[first:first + AT_ONCE] for name, values in self.fixed.items()}))
            for first in range(0, len(next(iter(self.fixed.values()))), AT_ONCE)])
        self.recorder.samples(self.step, samples, self.grid, self.beside)
        few = inputs.draw(self.model.inputs(), len(self.real), inputs.SHEET_SEED, self.dataset)
        views = self.model.views(few, self.real)
        if self.nearest:
            views |= self.nearest.view(samples[:VIEWED])
        turned, change = self.turned(self.model, few) if self.turned else ({}, {})
        for title, rows in (views | turned).items():
            self.recorder.view(self.step, title, [(name, keras.ops.convert_to_numpy(row)) for name, row in rows])
        figures = (self.spread(samples) if self.spread else {}) | change
        figures |= self.nearest.figures(samples) if self.nearest else {}
        self.sheets.append(time.monotonic() - began)
        return figures

    def _probe(self):
        if not self.probe or self.probed_step == self.step:
            return
        began, self.probed_step = time.monotonic(), self.step
        engine.sync(self.model)
        try:
            if figures := self.probe(self.model):
                self.recorder.metrics(self.step, figures)
                self.looks += [(self.step, figures[self.headline.key])] if self.headline.key in figures else []
        except BadInput as error:  # what cannot be measured can be trained all the same
            self.recorder.log(f"Samples are not measured any more: {error}")
            self.probe = None
        self.probed_at = time.monotonic()
        self.probes, self.probing = self.probes + 1, self.probing + self.probed_at - began
        self.pause, self.affordable = (pause(interval, self.probes, self.probing, self.probed_at - self.began - self.probing)
                                       for interval in (self.settings.probe_seconds, 0.0))

    def _save(self):
        began = time.monotonic()
        engine.sync(self.model)
        if self.model.is_finite():
            self.recorder.checkpoint(self.step, self.model.save_weights)
            self.good = True
        self.saved_at = time.monotonic()
        self.saves.append(self.saved_at - began)

    def _finite(self):
        engine.sync(self.model)
        return self.model.is_finite()

    def _end(self, status, message="", drawn=True):
        if not self._finite():
            return self._diverge("A weight")
        if not drawn and (figures := self._sheet()):
            self.recorder.metrics(self.step, figures)
        self._save()
        self._probe()  # last: who waits for the run to stop has its checkpoint
        self._leave(status, message)

    def _diverge(self, what):
        good = ("The last good checkpoint is kept; try a lower learning rate." if self.good else
                "No checkpoint was made before: start a new run with a lower learning rate.")
        self._leave("diverged", f"{what} was not a number any more at step {self.step:,}. {good}")

    def _leave(self, status, message=""):
        self.outcome = Outcome(status, self.step, message, time.monotonic() - self.began,
                               _mean(self.sheets), _mean(self.saves))
        self.model.stop_training = True


def pause(interval, probes, probing, trained):
    """Seconds until the next probe, after ``probes`` that took ``probing`` seconds in all, the first of which compiles,
    and ``trained`` seconds of training."""
    return max(interval * min(1.0, (1 + probes) / DENSER), PROBE_SHARE * probing - trained)


def _mean(seconds):
    return sum(seconds) / len(seconds) if seconds else 0.0


def due(before, step, every):
    """Whether a sheet of samples falls between ``before`` (excluded) and ``step`` (included).

    One every ``every`` steps, and early ones at 1, 2, 5, 10, 20, 50, ... below that, where most changes.
    """
    if step // every > before // every:
        return True
    early = (m * 10**p for p in range(8) for m in (1, 2, 5))
    return any(before < e <= step for e in early if e < every)
