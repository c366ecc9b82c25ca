"""Long work on trained models: asked for here, done in processes of its own, stopped from anywhere.

A task waits in the catalogue until one of its kind may begin.  Whoever looks at the store (a page, a process that is done)
calls :func:`tend`, which claims what may begin and starts its process; of two at once, one claim wins.
"""

import contextlib
import functools
import os
import time

from gan_core import visitors
from gan_core.config.spec import RunSpec
from gan_core.errors import BadInput, RunFailed, StoreError
from gan_core.launch import launchers, queue
from gan_core.models import cards
from gan_core.store.run import FAILED, LOST, QUEUED, RUNNING, STOPPED, STOPPING
from gan_core.store.task_records import ACTIVE, ENDED, OPEN, new_task
from gan_core.tasks import checkpoints
from gan_core.tasks.checkpoints import BEST, LAST
from gan_core.tasks.registry import task

SETTING, VARIABLE = "tasks", "GAN_TASKS"
QUIET = 10.0  # seconds without a sign from a process that has one every half a second: others have the processor


def start(store, kind, run=None, config=None, *, checkpoint=LAST):
    """Ask for a task; it begins when its turn comes.  Returns its :class:`gan_core.store.task_records.TaskRecord`.

    Args:
        kind: the task's name.
        run: the run that it is about, None for a task about none.
        config: its knobs, in any form.
        checkpoint: of the run: "last", "best" or a step.

    Raises:
        BadInput: when there is no such task, it cannot be done with this run or such knobs, the same is being done, or
            ``$GAN_LAUNCHER`` names no launcher.
        StoreError: when there is no room for what it would keep.
    """
    the_task = task(kind)
    if the_task.interactive:
        raise BadInput(f"{the_task.title} is answered at once and needs no process of its own; use `do {kind}`.")
    wanted = asked(store, the_task, run, config, checkpoint)
    launchers.chosen()  # what could not be begun is not written down
    record = store.tasks.create(wanted)
    if record is None:
        raise BadInput(f"{the_task.title}: the same is being done already; wait for it, or stop it on the Tasks page.")
    tend(store)
    return record


def asked(store, the_task, run=None, config=None, checkpoint=LAST, **fields):
    """The record of a task that may be done, checked as :func:`start` says, and not kept yet."""
    if the_task.about_run != (run is not None):
        if the_task.about_run:
            raise BadInput(f"{the_task.title} is about a run; name one.")
        about = next((f" --set {knob.name}={'NAME' if knob.type == 'str' else 'VALUE'}" for knob in the_task.Config.knobs()),
                     "")
        raise BadInput(f"{the_task.title} takes no run; say `do {the_task.name}{about}` instead.")
    if run is not None:
        run.read_spec(cards.names())
        if refusal := the_task.refuses(run):
            raise BadInput(refusal)
        if str(checkpoint) not in (LAST, BEST):
            checkpoints.resolve(store, run, checkpoint)
    checked = the_task.Config.parse(config or {})
    the_task.check(store, run, checked)
    return new_task(the_task.name, run.id if run else "", checkpoint=str(checkpoint), config=checked.as_dict(), **fields)


def stop(store, task_id):
    """Ask a task to stop, wherever its process is; what it has kept stays.  Asking again changes nothing.

    Raises:
        BadInput: when there is no such task, or it had ended already.
    """
    before = store.tasks.get(task_id)
    if not store.tasks.move(task_id, STOPPED, only_from=(QUEUED,), ended=time.time(), words="stopped before it began"):
        store.tasks.move(task_id, STOPPING, only_from=(RUNNING,))
        if before.status in ENDED:
            raise BadInput(f"This task has ended already: it is {before.status}.")
    return store.tasks.get(task_id)


def parallel(store):
    """How many tasks of a kind may be worked on at once: the workspace's setting, else ``$GAN_TASKS``, else 1."""
    try:
        return max(1, int(store.setting(SETTING) or os.environ.get(VARIABLE) or 1))
    except ValueError:
        return 1


def in_words(store, record):
    """What is being done in an open task, or why it may seem to stand still."""
    if record.status in (QUEUED, STOPPING):
        return "waiting for its turn" if record.status == QUEUED else "stopping"
    words = record.words or "starting"
    with contextlib.suppress(BadInput):  # the task's file is gone, or broken
        if task(record.kind).patient and store.list([RUNNING]):
            return f"{words}, with what training leaves of the processor"
    if time.time() - max(record.heartbeat, record.started) > QUIET:
        return f"{words}, waiting for the processor"
    return words


def reap(store):
    """Mark tasks whose process is gone as lost, where that can be written.  Returns how many there were."""
    lost = 0
    for record in store.tasks.list(statuses=ACTIVE):
        if queue.alive(record):
            continue
        # One in the foreground spoke to its terminal.
        said = (f" What it said before is in {record.log} in the workspace; start it again."
                if (store.workspace / record.log).is_file() else " Start it again.")
        with contextlib.suppress(StoreError):  # who only looks must be able to, on a full disk, too
            lost += store.tasks.move(
                record.id, LOST, only_from=(record.status,), ended=max(record.heartbeat, record.started), handle={},
                message=f"Its process is gone without a word: it was killed, or the machine went down.{said}")
    return lost


def tend(store):
    """Find the dead, and begin what may begin, the oldest first; where visitors are, that is left to others."""
    if visitors.are_here():
        return
    waiting = store.tasks.list(statuses=OPEN)
    if not waiting:
        return
    reap(store)
    for record in reversed(waiting):
        if record.status == QUEUED and claim(store, record):
            _start_process(store, record)


def claim(store, record):
    """Take a waiting task for this process if one of its kind may begin.  Returns whether."""
    return store.tasks.claim(record.id, parallel=parallel(store), handle=queue.ownership())


def backend(store, record):
    """The Keras backend that a task needs: its run's, "" when any will do or the run is gone."""
    with contextlib.suppress(BadInput):
        return RunSpec.from_dict(store.get(record.run).spec).backend if record.run else ""
    return ""


def _start_process(store, record):
    """Of a task that was claimed; it signs it with its own name then."""
    wanted = backend(store, record)
    try:
        handle = launchers.start(["task", record.id, "--workspace", str(store.workspace)],
                                 {"KERAS_BACKEND": wanted} if wanted else {},
                                 functools.partial(_open_log, store.workspace / record.log))
        store.tasks.update(record.id, handle=handle)
    except (RunFailed, BadInput) as error:  # such as $GAN_LAUNCHER of whoever looked
        store.tasks.move(record.id, FAILED, only_from=ACTIVE, ended=time.time(), handle={}, message=str(error))


def _open_log(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    return open(path, "ab")
