"""Questions that somebody waits for: what travels to a computing process and back.  Light: pages load it."""

import functools
from dataclasses import dataclass

from gan_core.errors import TaskFailed
from gan_core.store import open_store
from gan_core.tasks.base import Context, failure
from gan_core.tasks.checkpoints import LAST
from gan_core.tasks.registry import task, title


class Superseded(Exception):
    """Nobody waits for this answer any more: a newer question took its place, or who asked has left."""


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint of a run: its step, what tells its weights from others of the same step, and the backend it needs."""

    run: str
    step: int
    version: str
    backend: str = "tensorflow"


@dataclass(frozen=True)
class Question:
    """A task, the workspace, the knobs as ``(name, value)`` pairs in order, and the :class:`Checkpoint` it is about.

    Equal questions have equal answers.
    """

    task: str
    workspace: str
    knobs: tuple[tuple[str, object], ...] = ()
    checkpoint: Checkpoint | None = None

    @classmethod
    def of(cls, task, workspace, checkpoint=None, /, **knobs):
        return cls(task, str(workspace), tuple(sorted(knobs.items())), checkpoint)


def answer(question, should_stop=lambda: False):
    """Do what is asked for in this process: :class:`gan_core.tasks.base.Result`.  Raises what the task raises."""
    the_task, place = task(question.task), question.checkpoint
    store = _store(question.workspace)
    context = Context(store, store.get(place.run), str(place.step)) if place else Context(store, None, LAST)
    return the_task.run(context, the_task.Config.parse(dict(question.knobs)), lambda share, what: None, should_stop)


def failed(question, error_type, message, log):
    """The error that tells of one that nobody foresaw."""
    return TaskFailed(failure(title(question.task), error_type, message, log))


@functools.lru_cache(maxsize=4)
def _store(workspace):
    return open_store(workspace)

