"""Runs as processes: launch, stop, resume, and notice the dead.

Every run works in a process of its own.  One *dispatcher* process per workspace starts waiting runs in their order;
it is started by whoever launches a run and ends when nothing waits, so the queue moves with no browser and no
server.  Whoever looks at the store may call :func:`reap`, which finds runs whose process is gone.
"""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import filelock
import psutil

from gan_core.config.knobs import check
from gan_core.config.spec import RunSettings, RunSpec
from gan_core.errors import BadInput, RunFailed
from gan_core.models import own_zoo
from gan_core.store import ACTIVE, ENDED, FAILED, FINISHED, LOST, QUEUED, RUNNING, STOPPED, STOPPING, open_store
from gan_core.store.run import new_run

SILENCE = 30.0  # seconds without a heartbeat after which a run on another machine counts as lost
POLL = 0.3  # seconds
PROJECT = Path(__file__).parents[2]


def launch(store, spec):
    """Queue a run and see that it starts when its turn comes.  Returns the Run."""
    run = store.create(new_run(spec.as_dict(), spec.name))
    start_dispatcher(store)
    return run


def resume(store, run_id, *, steps=None, foreground=False):
    """Queue an ended run again, to go on from its last checkpoint, perhaps to another number of steps.

    Raises:
        BadInput: when it has not ended, or has no steps left.
    """
    run = store.get(run_id)
    if run.status not in ENDED:
        raise BadInput(f"This run is {run.status}; only a run that has ended can be resumed.")
    spec = RunSpec.from_dict(run.spec)
    if steps is not None:
        spec = spec.with_steps(check(RunSettings.knobs(), {"steps": steps})["steps"])
    if spec.settings.steps <= run.step and run.status in (FINISHED, STOPPED):
        raise BadInput(f"This run has made {run.step:,} steps and would stop at {spec.settings.steps:,}; give it "
                       "more steps in all to go on.", {"steps": f"More than {run.step:,}."})
    mine = ownership() if foreground else {"pid": 0, "born": 0.0, "host": ""}
    moved = store.move(run.id, QUEUED, only_from=ENDED, queued=time.time(), ended=0.0, message="",
                       steps=spec.settings.steps, spec=spec.as_dict(), **mine)
    if not moved:
        raise BadInput("Someone else has just resumed this run.")
    if not foreground:
        start_dispatcher(store)
    return store.get(run.id)


def stop(store, run_id, *, wait=0.0):
    """Ask a run to stop; it saves a checkpoint and ends.  Asking again changes nothing.

    Args:
        wait: seconds to wait for the end.

    Raises:
        BadInput: when it has ended already.
    """
    run = store.get(run_id)
    if not store.move(run.id, STOPPED, only_from=(QUEUED,), ended=time.time(), pid=0):
        store.move(run.id, STOPPING, only_from=(RUNNING,))
        if (status := store.get(run.id).status) in ENDED and run.status in ENDED:
            raise BadInput(f"This run has ended already: it is {status}.")
    deadline = time.monotonic() + wait
    while time.monotonic() < deadline and store.get(run.id).status in ACTIVE:
        time.sleep(POLL)
        reap(store)
    return store.get(run.id)


def ownership(pid=None):
    """How a process signs a run: its id, when it was born and on which machine."""
    process = psutil.Process(pid)
    return {"pid": process.pid, "born": process.create_time(), "host": socket.gethostname()}


def alive(run, now=None):
    """Whether the process that works on a run, or waits with it, still lives."""
    if run.host == socket.gethostname() and run.pid:
        try:
            process = psutil.Process(run.pid)
            if process.status() == psutil.STATUS_ZOMBIE:
                return False
            if abs(process.create_time() - run.born) < 2:  # two readings of a birth may differ by a clock tick
                return True
        except psutil.NoSuchProcess:
            return False
        # Another's process by now; or the machine's clock was set, which moves all births: then the heart still beats.
    return (now or time.time()) - max(run.heartbeat, run.started) < SILENCE


def reap(store):
    """Mark runs whose process is gone as lost.  Returns how many there were."""
    found = 0
    for run in store.list([*ACTIVE, QUEUED]):
        if run.status == QUEUED and not run.pid:
            continue  # waits for the dispatcher, in no process
        if not alive(run):
            found += store.move(run.id, LOST, only_from=(run.status,), ended=max(run.heartbeat, run.created), pid=0,
                                message="The process ended without a word: it was killed, ran out of memory, or the "
                                        "machine went down. Resume it to go on from its last checkpoint.")
    return found


def parallel(store):
    """How many runs may work at once: the workspace's setting, else ``$GAN_PARALLEL``, else 1."""
    try:
        return max(1, int(store.setting("parallel") or os.environ.get("GAN_PARALLEL") or 1))
    except ValueError:
        return 1


def claim(store, run_id):
    """Take a queued run for this process if it is its turn.  Returns whether."""
    run = store.get(run_id)
    return store.claim(run_id, parallel=parallel(store), attempt=run.attempt + 1, message="", **ownership())


def wait_for_turn(store, run_id, on_wait=lambda ahead: None):
    """Block until this process may work on the run.

    Raises:
        RunFailed: when it was stopped or deleted while it waited.
    """
    told = False
    while not claim(store, run_id):
        reap(store)
        if store.get(run_id).status != QUEUED:
            raise RunFailed("The run was stopped before it began.")
        if not told:
            on_wait(store.list(ACTIVE))
            told = True
        time.sleep(POLL)


# The dispatcher


def start_dispatcher(store):
    """See that a dispatcher looks after the queue: start one; if there is one already, it ends by itself."""
    command = [sys.executable, "-m", "gan_core", "dispatch", "--workspace", str(store.workspace)]
    with open(store.workspace / "dispatcher.log", "ab") as log:
        _spawn(command, log)


def tend(store):
    """What every page does before it looks: find the dead, and see that waiting runs are looked after."""
    reap(store)
    if any(not run.pid for run in store.list([QUEUED])) and not _dispatcher_is_there(store):
        start_dispatcher(store)


def dispatch(workspace, afterwards=lambda store, ended: False):
    """Start waiting runs in their order until none waits.  The body of the dispatcher process.

    Args:
        afterwards: called with the store and the list of ids of runs that have ended, once nothing is left to train; it
            takes out those that it has seen to, and says whether it wants to be called again.
    """
    store = open_store(workspace)
    lock = filelock.FileLock(store.workspace / "dispatcher.lock")
    children, ended = {}, []
    while True:
        try:
            lock.acquire(timeout=0)
        except filelock.Timeout:
            return
        try:
            while _round(store, children, ended) or afterwards(store, ended):
                time.sleep(POLL)
        finally:
            lock.release()
        # A run queued between the last look and the release would wait for nobody: look once more.
        if not _waiting(store):
            return


def _round(store, children, ended):
    """Start what may start; whether there is anything left to look after."""
    for run_id, child in list(children.items()):
        if child.poll() is not None:  # collects it, so that it is no zombie
            del children[run_id]
            ended.append(run_id)
    reap(store)
    waiting = _waiting(store)
    if waiting and (run := waiting[-1]) and claim(store, run.id):
        try:
            children[run.id] = child = _start_worker(store, store.get(run.id))
            store.update(run.id, **ownership(child.pid))
        except (OSError, psutil.NoSuchProcess) as error:
            store.move(run.id, FAILED, only_from=ACTIVE, ended=time.time(), pid=0,
                       message=f"Its process could not be started ({error}).")
    return bool(waiting or children)


def _waiting(store):
    """Queued runs that no process of their own waits with, newest first."""
    return sorted((run for run in store.list([QUEUED]) if not run.pid), key=lambda run: (run.queued, run.id),
                  reverse=True)


def _start_worker(store, run):
    command = [sys.executable, "-m", "gan_core", "work", run.id, "--workspace", str(store.workspace)]
    with open(store.folder(run.id) / "log.txt", "ab") as log:
        return _spawn(command, log, KERAS_BACKEND=run.spec["backend"])


def _spawn(command, log, **environment):
    """A process that outlives this one: no terminal, no signals of ours."""
    environment |= own_zoo.environment()
    if "GAN_DATA" in os.environ:  # it may be relative to our working directory
        environment["GAN_DATA"] = os.path.abspath(os.environ["GAN_DATA"])
    return subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                            start_new_session=True, env=os.environ | environment)


def _dispatcher_is_there(store):
    try:
        with filelock.FileLock(store.workspace / "dispatcher.lock").acquire(timeout=0):
            return False
    except filelock.Timeout:
        return True
