"""What a task is: something that can be done with a trained model, or with data.  Light: pages load it.

Adding a task is adding one file under ``kinds/``, see :mod:`gan_core.tasks.registry`.
"""

import functools
from dataclasses import dataclass, field

from gan_core.config.knobs import Config
from gan_core.modalities.base import Artifact, mime_of
from gan_core.tasks import checkpoints


@dataclass(frozen=True, kw_only=True)
class NoKnobs(Config):
    """Of a task of which nothing can be chosen."""


@dataclass(frozen=True)
class Result:
    """What came of a task: ``words`` for people, plain ``values`` by name, ``files`` (bytes) by file name, and the names of
    what was ``made`` and kept: ``{"dataset": "mine-1f2e"}``."""

    words: str = "done"
    values: dict = field(default_factory=dict)
    files: dict = field(default_factory=dict)
    made: dict = field(default_factory=dict)

    def artifact(self, stem):
        """The :class:`gan_core.modalities.base.Artifact` in the file of this name before its suffix; None when there is
        none."""
        name = next((name for name in self.files if name.rpartition(".")[0] == stem), None)
        return name and Artifact(self.files[name], mime_of(name), self.words)


@dataclass(frozen=True, eq=False)
class Context:
    """What a task works on: the ``store``, and where it is about one, the ``run`` and which of its checkpoints ("last",
    "best" or a step)."""

    store: object
    run: object = None
    checkpoint: str = checkpoints.LAST

    @functools.cached_property
    def step(self):
        """The step of the checkpoint.  Raises :class:`gan_core.errors.BadInput` when there is none."""
        return checkpoints.resolve(self.store, self.run, self.checkpoint)[0]

    def model(self, *, exact=False):
        """The model as it stood at the checkpoint; in single precision where it is to be ``exact``."""
        from gan_core.tasks import models

        return models.load(self.store, self.run, self.step, exact=exact)[0]

    def dataset(self):
        """What the run has learned from."""
        from gan_core.tasks import models

        return models.dataset(self.store, self.run)

    def data_of_inputs(self):
        """What the run has learned from, where an input of its model is taken from it; else None."""
        from gan_core.tasks import models

        return models.data_of_inputs(self.model(), self.store, self.run)


class Task:
    """Something that can be done.  The ``name`` is its file's; imports that load Keras stand within :meth:`run`."""

    title = ""  # what is done, for people: "Score"
    Config = NoKnobs
    interactive = False  # somebody waits for the answer: a computing process does it; others get a process of their own
    about_run = True  # needs a checkpoint of a run
    patient = True  # in a process of its own: takes only what training leaves of the processor
    seconds = 180  # an interactive one may take, or it hangs: several times what the slowest takes on two cores
    page = ""  # on which its result is found again

    def __init__(self, name):
        self.name = name

    def refuses(self, run, card=None):
        """Why this cannot be done with a run, a sentence; "" when it can.  ``card`` is the
        :class:`gan_core.models.card.Card` of its architecture, where the caller knows it."""
        return ""

    def check(self, store, run, config):
        """Raise :class:`gan_core.errors.UserError` for what can be told of the knobs before the work begins."""

    def run(self, context, config, progress, should_stop):
        """Do it.

        Args:
            context: a :class:`Context`.
            config: a ``Config`` of this task.
            progress: to be called with ``(share, what)``, 0 to 1 and in words, as it goes on.
            should_stop: to be asked often; raise :class:`gan_core.errors.Stopped` once it answers True.

        Returns:
            :class:`Result`.
        """
        raise NotImplementedError


def failure(title, kind, message, log):
    """A sentence about an error that nobody foresaw: what it was, and which log says more, "" where there is none."""
    line = (message.splitlines() or [""])[0].strip().rstrip(".") or "no message"
    return f"{title} failed ({kind}: {line})" + (f"; {log} in the workspace says more." if log else ".")
