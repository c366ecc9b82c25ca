"""One run in this process: from the claim to the last word in the catalogue."""

import contextlib
import signal
import threading
import time
import traceback

from gan_core.config.spec import RunSpec
from gan_core.errors import UserError
from gan_core.launch import queue
from gan_core.store import FAILED, RUNNING, STOPPING
from gan_core.store.recorder import StoreRecorder, rewind


def work(store, run_id, *, on_row=None, echo=None):
    """Train a run that this process has claimed, from its last checkpoint on.  Returns the ended Run.

    ``on_row(step, values)`` is told of every row (a progress bar), ``echo(line)`` of every line of the log.
    Whatever happens, the run does not stay "running": the reason stands in its ``message`` and its log.
    """
    run = store.get(run_id)
    status, message = FAILED, "Interrupted."
    try:
        status, message = _attempt(store, run, on_row, echo)
    except Exception as error:  # before training began, or as the last rows were written
        message = _sentence(store, run, error)
    finally:
        store.move(run_id, status, only_from=(RUNNING, STOPPING), message=message, ended=time.time(), pid=0)
    return store.get(run_id)


def _attempt(store, run, on_row, echo):
    """One attempt: ``(status, message)`` at its end."""
    checkpoint = rewind(store, run)
    # Signed here too: whoever started this process may have died before it could.
    store.update(run.id, step=checkpoint[0] if checkpoint else 0, **queue.ownership())
    with StoreRecorder(store, store.get(run.id), on_row=on_row, echo=echo) as recorder, _signals(recorder):
        try:
            outcome = _train(store, run, recorder, checkpoint)
            status, message = outcome.status, outcome.message
        except Exception as error:
            status, message = FAILED, _sentence(store, run, error)
        with contextlib.suppress(UserError):  # the disk may be full
            recorder.log(f"{status.capitalize()} at step {recorder.step:,}. {message}".rstrip())
    return status, message


def _sentence(store, run, error):
    """What to say of an error.  Of a bug, or a library's complaint, the log keeps the whole story."""
    if isinstance(error, UserError):
        return str(error)
    with contextlib.suppress(OSError), open(store.folder(run.id) / "log.txt", "a", encoding="utf-8") as log:
        traceback.print_exception(error, file=log)
    line = (str(error).splitlines() or ["no message"])[0].rstrip(".")
    return f"{type(error).__name__}: {line}; the run's log says more."


def _train(store, run, recorder, checkpoint):
    # Imported here: it takes seconds, and the heartbeat is beating by now.
    from gan_core import data, engine
    from gan_core.engine import hardware
    from gan_core.models import flops, inputs
    from gan_core.training import loop
    from gan_core.training.live_scores import Probe

    spec = RunSpec.from_dict(run.spec)
    dataset = data.load(spec.data, size=spec.size, workspace=store.workspace, held_out=spec.settings.held_out)
    if dataset.apart:
        recorder.log(f"{len(dataset.x_test):,} of the {len(dataset) + len(dataset.x_test):,} images are kept from training, "
                     "to see whether the others are learned by heart.")
    if spec.kind == data.POINTS:
        recorder.show_behind(dataset.x)
    device = engine.configure(spec.settings.deterministic)
    model = loop.build(spec, device)
    recorder.facts(parameters=model.parameters(), device=device, precision=model.config.precision,
                   round_flops=flops.round_flops(model))
    probe = Probe(dataset, spec.settings.seed) if spec.settings.probe_seconds and Probe.suits(dataset) else None
    if probe:
        recorder.facts(probe=probe.extractor.id)
    if not checkpoint:  # a run that an older version began has sheets from other noise
        recorder.facts(noise=inputs.sheet_noise(model.inputs()))
    outcome = loop.fit(model, spec, dataset, recorder, checkpoint=checkpoint, device=device, probe=probe)
    recorder.facts(memory=hardware.peak_memory())
    return outcome


@contextlib.contextmanager
def _signals(recorder):
    """SIGTERM and Ctrl-C stop the run in good order; a second Ctrl-C interrupts at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number, frame):
        recorder.stop()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
