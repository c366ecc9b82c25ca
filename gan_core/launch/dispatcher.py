"""Who starts waiting runs: one process a workspace, which whoever launches a run starts, and which ends when none waits.

So the queue moves with no browser and no server.  That there is one alone is what its lease in the catalogue says, wherever
it runs: it renews it while it works, and one that dies leaves a lease that runs out within seconds.
"""

import contextlib
import functools
import json
import secrets
import time

from gan_core import visitors
from gan_core.errors import BadInput, RunFailed, Superseded
from gan_core.launch import launchers, queue
from gan_core.launch.queue import POLL
from gan_core.notices import sending
from gan_core.store import ACTIVE, FAILED, QUEUED, Unreachable, open_store

LEASE = "dispatcher"
AWAY = 3600.0  # seconds for which it waits for the catalogue's server to come back
SECONDS = 6.0  # that a lease lasts; more than clocks differ, and than a round takes


def tend(store):
    """What every page does before it looks: find the dead, and see that waiting runs are looked after.

    Where visitors are, that is left to who trains.
    """
    if visitors.are_here():
        return
    queue.reap(store)
    if _waiting(store) and not _works(store.holder(LEASE)):
        queue.start_dispatcher(store)


def dispatch(workspace, afterwards=lambda store, ended: False):
    """Start waiting runs in their order until none waits.  The body of the dispatcher process.

    Args:
        afterwards: called with the store and the list of ids of runs that have ended, once nothing is left to train; it
            takes out those that it has seen to, and says whether it wants to be called again.
    """
    store = open_store(workspace)
    lease, children, ended = _Lease(store), {}, []
    with contextlib.closing(store):
        answered = time.monotonic()
        while True:
            try:
                if not lease.taken() or _is_done(store, lease, children, ended, afterwards):
                    return
                answered = time.monotonic()
            except Unreachable:  # those who work go on, too
                if time.monotonic() - answered > AWAY:
                    raise
                time.sleep(10 * POLL)


def _is_done(store, lease, children, ended, afterwards):
    """Look after the queue while we have the lease; whether nothing waits at the end."""
    try:
        while lease.kept() and (_round(store, children, ended) or afterwards(store, ended)):
            time.sleep(POLL)
    finally:
        lease.give_back()
    # A run queued between the last look and the giving back would wait for nobody: look once more.
    return not _waiting(store)


def _round(store, children, ended):
    """Start what may start; whether there is anything left to look after.  ``children`` are handles by run."""
    queue.reap(store)
    active = {run.id for run in store.list(ACTIVE)} if children else ()
    for run_id, handle in list(children.items()):
        lives = launchers.alive(handle)
        if lives is False or lives is None and run_id not in active:
            del children[run_id]
            ended.append(run_id)
    waiting = _waiting(store)
    if waiting and (attempt := queue.claim(store, waiting[0].id)):
        run = waiting[0]
        try:
            children[run.id] = handle = _start_worker(store, run, attempt)
            with contextlib.suppress(Superseded):  # it was quick, and has ended
                store.update(run.id, only_attempt=attempt, handle=handle)
        except (RunFailed, BadInput) as error:  # such as $GAN_LAUNCHER, which it has from whoever started it
            if store.move(run.id, FAILED, only_from=ACTIVE, only_attempt=attempt, ended=time.time(), handle={},
                          message=str(error)):
                sending.ended(store, store.get(run.id))
    return bool(waiting or children)


def _waiting(store):
    """Queued runs that no process of their own waits with, in their order."""
    return sorted((run for run in store.list([QUEUED]) if not run.foreground), key=lambda run: (run.queued, run.id))


def _start_worker(store, run, attempt):
    command = ["work", run.id, "--attempt", str(attempt), "--workspace", str(store.workspace)]
    # Whether the spec can be read is found, and said, by the worker.
    backend = {"KERAS_BACKEND": run.spec["backend"]} if "backend" in run.spec else {}
    return launchers.start(command, backend, functools.partial(store.open_log, run.id))


def _works(holder):
    """Whether the holder of the lease, "" for none, may still be at work: only one that is known to be dead is not."""
    return bool(holder) and launchers.alive(json.loads(holder)) is not False


class _Lease:
    """The right to dispatch, as one process has it.

    Losing it does no harm, since no run can be claimed twice: that two dispatch at once is only a waste.
    """

    def __init__(self, store):
        self._store, self._renewed = store, 0.0
        # Two threads of a process are two.
        self._mine = json.dumps(launchers.own_handle() | {"dispatcher": secrets.token_hex(4)})

    def taken(self):
        """Take it.  From one that is dead at once; one of which nothing is known has until its lease runs out."""
        deadline = time.monotonic() + SECONDS + POLL
        while not self._renew():
            holder = self._store.holder(LEASE)
            if holder and not _works(holder):
                self._store.release(LEASE, holder)
            elif holder and launchers.alive(json.loads(holder)) or time.monotonic() > deadline:
                return False
            else:
                time.sleep(POLL)
        return True

    def kept(self):
        return time.monotonic() - self._renewed < SECONDS / 3 or self._renew()

    def give_back(self):
        self._store.release(LEASE, self._mine)

    def _renew(self):
        renewed = self._store.lease(LEASE, self._mine, SECONDS)
        if renewed:
            self._renewed = time.monotonic()
        return renewed
