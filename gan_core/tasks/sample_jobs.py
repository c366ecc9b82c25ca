"""What a run's samples are used for, in the background (:mod:`gan_core.tasks.background`): kept as a dataset, or given to
classifiers to learn from."""

import json

from gan_core.data import imported, to_uint8
from gan_core.errors import BadInput, Stopped, UserError
from gan_core.modalities.base import KEEP, modality
from gan_core.tasks import background

KEEPING, RECOGNITION = "keeping", "recognition"  # the kinds of work
MOST = 100_000  # samples


def start_keeping(store, run, step, name, n, *, seed=0, label=None, chosen=None):
    """Draw ``n`` samples and keep them as a dataset of this name; the rest as for :func:`gan_core.tasks.sampling.draw`.

    Raises:
        BadInput: for a name or a number that cannot be, or when samples are being kept already.
        StoreError: when there is no room for them.
    """
    kind = modality(run.kind)
    if KEEP not in kind.abilities:
        raise BadInput(f"Only images can be kept as a dataset; download {kind.words[1]} instead.")
    _check_number(n, least=2)
    imported.check_name(name, store.workspace)
    imported.check_room(n, run.spec["shape"], store.workspace)
    _start(store, KEEPING, "keep-samples", run, {"step": step, "name": name, "n": n, "seed": seed, "label": label,
                                                "chosen": chosen or {}},
           "Samples are being kept already; wait for them, or cancel.")


def start_recognition(store, run, step, n, real_per_class):
    """Train classifiers on ``n`` generated samples, on real ones and on both: :func:`gan_core.tasks.evaluation.recognise`.

    Raises:
        BadInput: for numbers that cannot be, or when classifiers are being trained already.
    """
    _check_number(n, least=1)
    _start(store, RECOGNITION, "recognise", run, {"step": step, "n": n, "real_per_class": real_per_class},
           "Classifiers are being trained already; wait for them, or cancel.")


def keep_samples(store, run_id, step, name, **how):
    """The body of a process; returns its exit code."""
    def work(run, **heard):
        from gan_core import engine
        from gan_core.tasks import sampling

        engine.configure()
        samples, labels = sampling.draw(store, run, step=step, **how, should_stop=heard["should_stop"],
                                        progress=lambda share: heard["progress"](0.98 * share, "drawing samples"))
        kept = imported.keep(name, to_uint8(samples), labels, run.spec["classes"], store.workspace,
                             f"Drawn by {run.name} ({run.id}) at step {step:,}.")
        return kept.name

    return _work(store, KEEPING, run_id, work, patient=False)  # someone waits for it, for seconds


def recognise(store, run_id, step, **how):
    """The body of a process; returns its exit code."""
    def work(run, **heard):
        from gan_core.tasks import evaluation

        evaluation.recognise(store, run, checkpoint=step, **how, **heard)
        return "done"

    return _work(store, RECOGNITION, run_id, work)


def _check_number(n, least):
    if not least <= n <= MOST:
        raise BadInput(f"From {least} to {MOST:,} samples can be drawn, not {n:,}.")


def _start(store, kind, verb, run, how, busy):
    background.start(store, kind, [run.id], [verb, run.id, json.dumps(how)], busy=busy,
                     KERAS_BACKEND=run.spec["backend"])


def _work(store, kind, run_id, work, patient=True):
    with background.Working(store, kind, [run_id], patient) as working:
        try:
            working.result = work(store.get(run_id), progress=working.progress, should_stop=working.should_stop)
        except Stopped:
            raise
        except UserError as error:
            working.problems.append(str(error))
    return 1 if working.problems else 0
