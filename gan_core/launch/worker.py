"""One run in this process: from the claim to the last word in the catalogue."""

import contextlib
import dataclasses
import os
import signal
import time
import traceback

from gan_core.config.spec import RunSpec
from gan_core.errors import BadInput, Broken, Superseded, UserError
from gan_core.launch import same_data, signals
from gan_core.launch import usage as machine
from gan_core.launch.loading import loading_keras
from gan_core.modalities.base import RIGHT, modality
from gan_core.notices import sending, watching
from gan_core.store import FAILED, RUNNING, STOPPING, lineage
from gan_core.store.artifacts import LOG
from gan_core.store.recorder import StoreRecorder
from gan_core.store.rewinding import rewind
from gan_core.store.weights import passed_over


def work(store, run_id, attempt, handle, *, on_row=None, echo=None):
    """Make an attempt at a run, which :func:`gan_core.launch.queue.claim` gave, from its last checkpoint on.  Returns the
    ended Run.

    The run is signed with the ``handle`` of this process: whoever started it may have died before it could do so.
    ``on_row(step, values)`` is told of every row (a progress bar), ``echo(line)`` of every line of the log.
    Whatever happens, the run does not stay "running": the reason stands in its ``message`` and its log.

    Raises:
        Superseded: when the run was given to another process meanwhile, to which it is left.
    """
    run = dataclasses.replace(store.get(run_id), attempt=attempt, handle=handle)
    status, message = FAILED, "Interrupted."
    try:
        status, message = _attempt(store, run, on_row, echo)
    except Superseded as error:
        _log(store, run, error)
        raise
    except (Exception, SystemExit) as error:  # before training began, or as the last rows were written
        message = _sentence(store, run, error)
    finally:
        ended = store.move(run_id, status, only_from=(RUNNING, STOPPING), only_attempt=attempt, message=message,
                           ended=time.time(), handle={})
    run = store.get(run_id)
    if ended:
        sending.ended(store, run)
    return run


def _attempt(store, run, on_row, echo):
    """One attempt: ``(status, message)`` at its end."""
    if run.facts.get(same_data.KEY):  # before anything is cut off
        same_data.load(store, run)
    damaged = passed_over(store, run.id)
    checkpoint = rewind(store, run)
    run = dataclasses.replace(run, step=checkpoint[0] if checkpoint else 0)
    store.update(run.id, only_attempt=run.attempt, step=run.step, handle=run.handle)
    with (watching.alarms_of(store, run),
          StoreRecorder(store, run, on_row=on_row, echo=echo, usage=_usage(store)) as recorder, _signals(recorder)):
        for sentence in damaged:
            recorder.log(sentence)
        try:
            outcome = _train(store, run, recorder, checkpoint)
            status, message = outcome.status, outcome.message
        except Superseded:
            raise
        except (Exception, SystemExit) as error:  # an architecture's code may also leave the process
            status, message = FAILED, _sentence(store, run, error)
        with contextlib.suppress(UserError):  # the disk may be full
            recorder.log(f"{status.capitalize()} at step {recorder.step:,}. {message}".rstrip())
    return status, message


def _usage(store):
    """What the recorder asks now and then for what this process takes of its machine."""
    meter = machine.Meter(os.getpid())
    return lambda: meter.figures(store.workspace)


def _sentence(store, run, error):
    """What to say of an error.  Of a bug, or a library's complaint, the log keeps the whole story."""
    story = error.__cause__ if isinstance(error, Broken) else error
    if not isinstance(story, UserError):
        _log(store, run, "".join(traceback.format_exception(story)).rstrip())
    if isinstance(error, UserError):
        return str(error)
    line = (str(error).splitlines() or ["no message"])[0].rstrip(".")
    return f"{type(error).__name__}: {line}; the run's log says more."


def _log(store, run, text):
    """Into the run's log without its recorder, which may have ended."""
    with contextlib.suppress(UserError):
        store.artifacts(run.id).append(LOG, f"{text}\n".encode(errors="replace"))


def _train(store, run, recorder, checkpoint):
    spec = RunSpec.from_dict(run.spec)
    with loading_keras(spec.backend):  # here: it takes seconds, and the heartbeat is beating by now
        from gan_core import engine
        from gan_core.engine import hardware
        from gan_core.launch import warm_start
        from gan_core.models import flops, inputs
        from gan_core.training import loop

    dataset = same_data.load(store, run)
    recorder.facts(**{same_data.KEY: dataset.identity.as_dict()}, data_note=dataset.note,
                   **modality(dataset.kind).facts(dataset))
    if dataset.note:
        recorder.log(dataset.note)
    if dataset.apart:
        recorder.log(f"{len(dataset.x_test):,} of the {len(dataset) + len(dataset.x_test):,} samples are kept from "
                     "training, to see whether the others are learned by heart.")
    recorder.show_beside(dataset)
    device = engine.configure(spec.settings.deterministic)
    model = loop.build(spec, device)
    recorder.facts(parameters=model.parameters(), device=device, precision=model.config.precision,
                   round_flops=flops.round_flops(model), main_curve=model.main_curve, losses=model.losses)
    probe = _probe(run, spec, dataset, model, recorder)
    parent = lineage.parent_of(run)
    begins = parent is not None and checkpoint[0] == parent.step  # with what its parent has written
    if not checkpoint or begins:  # a run that an older version began has sheets from other noise
        recorder.facts(noise=inputs.sheet_noise(model.inputs()))
    with contextlib.ExitStack() as stack:
        weights = stack.enter_context(_fetched(store, run, checkpoint))
        if begins:
            recorder.log(f"A fork of the run {parent.id}, which it follows to step {parent.step:,}; changed: "
                         f"{lineage.in_words(parent.changed)}.")
            weights = stack.enter_context(warm_start.fitted(model, spec, parent.changed, weights, device, recorder.log))
        outcome = loop.fit(model, spec, dataset, recorder, checkpoint=weights, device=device, probe=probe)
    recorder.facts(memory=hardware.peak_memory())
    return outcome


def _probe(run, spec, dataset, model, recorder):
    """What looks at the samples now and then, or None: by the extractor by which the run was watched before, for figures
    of another one would be no continuation of its curves."""
    from gan_core.training.live_answers import AnswersProbe
    from gan_core.training.live_scores import Probe

    if not (spec.settings.probe_seconds and Probe.suits(dataset)):
        return None
    if RIGHT in modality(model.made.kind).abilities:
        return AnswersProbe(dataset)
    known = run.facts.get("probe")
    try:
        probe = Probe(dataset, spec.settings.seed, model.looks_through, known and known.split(":")[0])
    except BadInput as error:
        recorder.log(f"{error} Until then no live scores are measured: others would be no continuation of these.")
        return None
    if known not in (None, probe.extractor.id):
        recorder.log(f"No live scores are measured from here on: they were by {known}, which is {probe.extractor.id} here, "
                     "and figures of another extractor would be no continuation of these.")
        return None
    for sentence in probe.extractor.notes:
        recorder.log(sentence)
    recorder.facts(probe=probe.extractor.id)
    return probe


@contextlib.contextmanager
def _fetched(store, run, checkpoint):
    """``(step, path)`` of a checkpoint ``(step, name)``; None of None."""
    if checkpoint is None:
        yield None
        return
    step, name = checkpoint
    with store.artifacts(run.id).local(name) as path:
        yield step, path


def _signals(recorder):
    """SIGTERM, SIGHUP and Ctrl-C stop the run in good order; a second Ctrl-C interrupts at once."""
    def stop(number, frame):
        recorder.stop()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    return signals.heard(stop, also=[signal.SIGINT])
