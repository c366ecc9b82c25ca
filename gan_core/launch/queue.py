"""The queue of runs: launch, resume, stop, wait for a turn, and notice the dead.

Every run works in a process of its own, which a launcher starts (``launchers``).  A run waits in the catalogue until a
dispatcher starts it (``dispatcher``), or until its own process in the foreground claims it.  Whoever looks at the store may
call :func:`reap`, which finds runs whose process is gone.
"""

import contextlib
import functools
import os
import time

from gan_core.config.knobs import check
from gan_core.config.known import refuse_unknown
from gan_core.config.spec import RunSettings
from gan_core.errors import BadInput, RunFailed, StoreError
from gan_core.launch import launchers, same_data
from gan_core.launch.launchers.local import ownership
from gan_core.models import cards
from gan_core.notices import sending
from gan_core.store import ACTIVE, ENDED, FINISHED, LOST, QUEUED, RUNNING, STOPPED, STOPPING, lineage, weights
from gan_core.store.run import NO_MODEL, new_run

SILENCE = 30.0  # seconds without a heartbeat after which a run on another machine counts as lost
POLL = 0.3  # seconds
WORDLESS = "The process ended without a word: it was killed, ran out of memory, or the machine went down."
GO_ON = "Resume it to go on from its last checkpoint."
SLOWER = "start a new run with lower learning rates, or clip the gradients"  # what to do where resuming cannot help


def launch(store, spec):
    """Queue a run and see that it starts when its turn comes.  Returns the Run.

    Raises:
        BadInput: when ``$GAN_LAUNCHER`` names no launcher.
    """
    launchers.chosen()  # what could not be begun is not written down
    run = store.create(new_run(spec.as_dict(), spec.name))
    start_dispatcher(store)
    return run


def start_dispatcher(store):
    """See that a dispatcher looks after the queue: start one; if there is one already, it ends by itself."""
    launchers.start(["dispatch", "--workspace", str(store.workspace)], {},
                    functools.partial(open, store.workspace / "dispatcher.log", "ab"))


def resume(store, run_id, *, steps=None, foreground=False, other_data=False):
    """Queue an ended run again, to go on from its last checkpoint, perhaps to another number of steps.

    Args:
        foreground: this process is going to work on it.
        other_data: go on even if its data are not what they were.

    Raises:
        BadInput: when it has not ended, has no steps left, has no whole checkpoint or diverged before its first, or is of an
            architecture or has a knob that does not exist any more; in the foreground also when its data are others than
            before, which a process of its own finds out later, and else when ``$GAN_LAUNCHER`` names no launcher.
    """
    run = store.get(run_id)
    if run.status not in ENDED:
        raise BadInput(f"This run is {run.status}; only a run that has ended can be resumed.")
    spec = run.read_spec(cards.names())
    refuse_unknown("knob", spec.knobs, [knob.name for knob in cards.card(spec.architecture).knobs])
    if steps is not None:
        spec = spec.with_steps(check(RunSettings.knobs(), {"steps": steps})["steps"])
    kept, wrong = weights.whole(store, run.id)
    if refusal := _in_vain(run, kept, wrong):
        raise BadInput(refusal)
    # What a damaged checkpoint held is to be made again.
    if spec.settings.steps <= (max(kept) if wrong else run.step) and run.status in (FINISHED, STOPPED):
        raise BadInput(f"This run has made {run.step:,} steps and would stop at {spec.settings.steps:,}; give it "
                       "more steps in all to go on.", {"steps": f"More than {run.step:,}."})
    if foreground and not other_data:
        same_data.load(store, run)
    if not foreground:
        launchers.chosen()
    moved = store.move(run.id, QUEUED, only_from=ENDED, queued=time.time(), ended=0.0, message="",
                       steps=spec.settings.steps, spec=spec.as_dict(), foreground=foreground,
                       handle=ownership() if foreground else {},
                       **({"facts": same_data.forget(run.facts)} if other_data else {}))
    if not moved:
        raise BadInput("Someone else has just resumed this run.")
    if not foreground:
        start_dispatcher(store)
    return store.get(run.id)


def can_resume(store, run):
    """Whether an ended run has something to go on from, or may begin anew."""
    return not _in_vain(run, *weights.whole(store, run.id))


def _in_vain(run, kept, wrong):
    """Why a run with these checkpoints cannot go on, a sentence; "" when it can."""
    if run.elsewhere:
        return NO_MODEL
    if wrong and not kept:
        return weights.nothing_whole(wrong)
    if run.parent and not kept:
        return lineage.NOTHING_TO_BEGIN_WITH
    if run.diverged and not kept:
        return f"This run diverged before its first checkpoint, so that it would only do so again; {SLOWER}."
    return ""


def stop(store, run_id, *, wait=0.0):
    """Ask a run to stop; it saves a checkpoint and ends.  Asking again changes nothing.

    Args:
        wait: seconds to wait for the end.

    Raises:
        BadInput: when it has ended already.
    """
    run = store.get(run_id)
    if not store.move(run.id, STOPPED, only_from=(QUEUED,), ended=time.time(), handle={}):
        store.move(run.id, STOPPING, only_from=(RUNNING,))
        if (status := store.get(run.id).status) in ENDED and run.status in ENDED:
            raise BadInput(f"This run has ended already: it is {status}.")
    deadline = time.monotonic() + wait
    while time.monotonic() < deadline and store.get(run.id).status in ACTIVE:
        time.sleep(POLL)
        reap(store)
    return store.get(run.id)


def alive(run, now=None):
    """Whether the process that works on a run, or waits with it, still lives."""
    verdict = launchers.alive(run.handle)
    return (now or time.time()) - max(run.heartbeat, run.started) < SILENCE if verdict is None else verdict


def reap(store):
    """Mark runs whose process is gone as lost, where that can be written.  Returns how many there were."""
    lost = 0
    for run in store.list([*ACTIVE, QUEUED]):
        if run.status == QUEUED and not run.foreground:
            continue  # waits for the dispatcher, in no process
        if alive(run):
            continue
        with contextlib.suppress(StoreError):  # who only looks must be able to, on a full disk, too
            if store.move(run.id, LOST, only_from=(run.status,), only_attempt=run.attempt, handle={},
                          ended=max(run.heartbeat, run.created),
                          message=" ".join([WORDLESS, *([] if run.elsewhere else [GO_ON])])):
                lost += 1
                sending.ended(store, store.get(run.id))
    return lost


def parallel(store):
    """How many runs may work at once: the workspace's setting, else ``$GAN_PARALLEL``, else 1."""
    try:
        return max(1, int(store.setting("parallel") or os.environ.get("GAN_PARALLEL") or 1))
    except ValueError:
        return 1


def claim(store, run_id):
    """Take a queued run for this process if it is its turn.  The number of the attempt that begins; 0 if it is not."""
    return store.claim(run_id, parallel=parallel(store), message="", handle=ownership())


def wait_for_turn(store, run_id, on_wait=lambda ahead: None):
    """Block until this process may work on the run.  Returns the number of the attempt that begins.

    Raises:
        RunFailed: when it was stopped or deleted while it waited.
    """
    told = False
    while not (attempt := claim(store, run_id)):
        reap(store)
        if store.get(run_id).status != QUEUED:
            raise RunFailed("The run was stopped before it began.")
        if not told:
            on_wait([run for run in store.list(ACTIVE) if not run.elsewhere])
            told = True
        time.sleep(POLL)
    return attempt

