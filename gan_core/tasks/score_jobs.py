"""Scoring in the background, see :mod:`gan_core.tasks.background`: one run after the other."""

import contextlib
import os
import traceback

from gan_core.errors import BadInput, Stopped, UserError
from gan_core.store import FINISHED, STOPPED
from gan_core.tasks import background

SETTING = "scoring"  # the kind of work
WANTED = "score"  # of the workspace: "on" or "off"


def start(store, run_ids, *, every=False):
    """Score the last checkpoints of some runs, or ``every`` one with fewer samples, in a process of its own.

    Raises:
        BadInput: when runs are being scored already, or there are none to score.
    """
    if not run_ids:
        raise BadInput("Choose a run to score.")
    background.start(store, SETTING, run_ids, ["score-runs", *run_ids, *(["--every"] if every else [])],
                     busy="Runs are being scored already; wait for them, or cancel.")


def wanted(store):
    """Whether runs are scored unasked once they have ended: the workspace's setting, else ``$GAN_SCORE``, else yes."""
    return (store.setting(WANTED) or os.environ.get("GAN_SCORE") or "on") == "on"


def current(store):
    """The :class:`gan_core.tasks.background.Work`, None when nothing was scored."""
    return background.current(store, SETTING)


def score_ended(store, ended):
    """Have the checkpoints of runs that have ended scored, and take them out of the list; whether some must wait."""
    known = {run.id for run in store.list([FINISHED, STOPPED])} if ended and wanted(store) else set()
    ended[:] = [run_id for run_id in ended if run_id in known]
    if not ended:
        return False
    if (now := current(store)) and now.active:
        return True
    with contextlib.suppress(BadInput, OSError):  # someone else was faster: their scoring is waited for
        start(store, list(ended), every=True)
        ended.clear()
    return bool(ended)


def cancel(store):
    """End the scoring; what was scored before is kept."""
    background.cancel(store, SETTING)


def work(store, run_ids, every=False):
    """The body of the process.  Returns how many runs could not be scored."""
    with background.Working(store, SETTING, run_ids) as working:
        from gan_core.tasks import evaluation

        score = evaluation.evaluate_all if every else evaluation.evaluate
        for number, run_id in enumerate(run_ids):
            def progress(share, what):
                working.progress((number + share) / len(run_ids), f"{run_id}: {what}")

            try:
                score(store, store.get(run_id), progress=progress, should_stop=working.should_stop)
            except Stopped:
                raise
            except Exception as error:  # the others are still to be scored
                working.problems.append(_sentence(store, run_id, error))
    return len(working.problems)


def _sentence(store, run_id, error):
    """Why a run could not be scored.  Of a bug, or a library's complaint, the log keeps the whole story."""
    if run_id not in {run.id for run in store.list()}:
        return f"{run_id} was deleted and could not be scored."
    if isinstance(error, UserError):
        return f"{run_id} could not be scored: {error}"
    traceback.print_exception(error)  # to scoring.log
    return (f"{run_id} could not be scored ({type(error).__name__}: "
            f"{(str(error).splitlines() or ['no message'])[0].rstrip('.')}); scoring.log in the workspace says more.")
