"""Scoring that nobody asked for: of runs that have ended, once nothing is left to train."""

import contextlib
import os

from gan_core import data
from gan_core.errors import UserError
from gan_core.store import FINISHED, STOPPED
from gan_core.sweeps.driving import TAG
from gan_core.tasks import background

WANTED = "score"  # setting of the workspace: "on" or "off"


def wanted(store):
    """Whether runs are scored unasked once they have ended: the workspace's setting, else ``$GAN_SCORE``, else yes."""
    return (store.setting(WANTED) or os.environ.get("GAN_SCORE") or "on") == "on"


def score_ended(store, ended):
    """Have every checkpoint of runs that have ended scored, and take them out of the list.

    For :func:`gan_core.launch.dispatcher.dispatch`; answers that it need not be called again, since they wait in the
    catalogue.
    """
    known = {run.id: run for run in store.list([FINISHED, STOPPED])} if ended and wanted(store) else {}
    for run_id in ended:
        with contextlib.suppress(UserError):  # someone was faster, or the disk is full
            # Of a sweep there are dozens of short ones, which were told apart already.
            if run_id in known and TAG not in known[run_id].tags and _has_enough(store, known[run_id]):
                background.start(store, "score", known[run_id], {"every": True})
    ended.clear()
    return False


def _has_enough(store, run):
    """Whether its data may have as many samples as scores need; who asks for scores of fewer is told."""
    from gan_core.evaluation.metrics.evaluate import FEWEST

    info = data.described(str(run.spec.get("data")), store.workspace)
    return info is None or info.count is None or info.count >= 2 * FEWEST
