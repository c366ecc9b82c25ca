"""What a store of runs can do.  ``tests/store/test_store.py`` is the contract that every implementation must pass."""

import dataclasses
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from gan_core.config.spec import read
from gan_core.errors import BadInput, StoreError
from gan_core.store import records
from gan_core.store.artifacts import Artifacts

QUEUED, RUNNING, STOPPING = "queued", "running", "stopping"
STOPPED, FINISHED, DIVERGED, FAILED, LOST = "stopped", "finished", "diverged", "failed", "lost"
STATUSES = (QUEUED, RUNNING, STOPPING, STOPPED, FINISHED, DIVERGED, FAILED, LOST)
ACTIVE = (RUNNING, STOPPING)  # a process works on it
ENDED = (STOPPED, FINISHED, DIVERGED, FAILED, LOST)


# Stands for the architecture of a run that another program trained: no file of ours can be called so.
ELSEWHERE = "made elsewhere"
NO_MODEL = ("This run was made elsewhere: its curves and sheets are here and its model is not, so that nothing can be drawn "
            "from it, scored or resumed here; the program that made it does that.")
SIDES = ("discriminator", "generator")  # on which players are
DAMAGED = "What is kept of this run is damaged"


class Unreachable(StoreError):
    """A database or an object store that does not answer now; what was asked of it can be asked again later."""


def _numbers(value):
    return isinstance(value, dict) and all(map(records.is_number, value.values()))


def _sizes(value):
    """Numbers by name, and nothing else."""
    return value is None or isinstance(value, dict) and all(records.is_whole(size) for size in value.values())


def _curves(value):
    """``{curve: [title, side]}`` of players' losses."""
    return value is None or isinstance(value, dict) and all(
        isinstance(told, (list, tuple)) and len(told) == 2 and records.is_text(told[0]) and told[1] in SIDES
        for told in value.values())


def _is_parent(value):
    """Whether it says from where a fork began, or that it is none."""
    changed = value.get("changed", {})
    return not value or (
        records.is_text(value.get("id")) and records.is_step(value.get("step")) and isinstance(changed, dict)
        and all(isinstance(pair, list) and len(pair) == 2 and all(map(records.is_plain, pair)) for pair in changed.values())
        and records.is_number(value.get("seconds", 0.0)) and records.is_number(value.get("samples", 0)))


# Facts that are computed with or shown.
FACTS = ({name: records.is_number for name in ("images_per_second", "round_flops", "memory")}
         | dict.fromkeys(("data_note", "device", "precision", "main_curve", "probe"), records.is_text)
         | {"data": lambda value: value is None or isinstance(value, dict), "losses": _curves, "noise": _sizes}
         | {"parameters": _numbers, "line": lambda value: isinstance(value, list) and all(map(records.is_number, value))})


@dataclass(frozen=True)
class Run:
    """One run as the catalogue knows it.  Times are seconds since the epoch; 0 means "not yet".

    ``spec`` is :meth:`gan_core.config.spec.RunSpec.as_dict`; ``seconds`` is time spent in training, over all attempts;
    ``attempt`` counts starts, so that a reader notices that later rows were cut off; ``message`` says why a run
    ended or what it waits for; ``facts`` holds what the worker found out (parameters, device).  ``handle`` names the
    process that works on it, or waits with it, as :class:`gan_core.launch.base.Launcher` does; {} is none.  ``foreground``
    says that it was started at a shell, whose process waits for its turn: no dispatcher is to start it.  ``parent`` is that
    of a fork, see :class:`gan_core.store.lineage.Parent`; {} of a run that began with nothing.
    """

    id: str
    name: str
    architecture: str
    data: str
    steps: int
    spec: dict
    status: str = QUEUED
    step: int = 0
    created: float = 0.0
    queued: float = 0.0
    started: float = 0.0
    ended: float = 0.0
    heartbeat: float = 0.0
    seconds: float = 0.0
    attempt: int = 0
    handle: dict = field(default_factory=dict)
    foreground: bool = False
    tags: tuple[str, ...] = ()
    notes: str = ""
    message: str = ""
    facts: dict = field(default_factory=dict)
    parent: dict = field(default_factory=dict)

    @classmethod
    def of(cls, row):
        """The run of a row of the catalogue; what is damaged there is empty, and its ``message`` says so."""
        values, wrong = records.sound(cls, row)
        if values["status"] not in STATUSES:
            values, wrong = values | {"status": LOST}, [*wrong, "status"]
        lost_facts = [name for name, value in values["facts"].items() if not FACTS.get(name, lambda value: True)(value)]
        values["facts"] = {name: value for name, value in values["facts"].items() if name not in lost_facts}
        if not _is_parent(values["parent"]):
            values, wrong = values | {"parent": {}}, [*wrong, "parent"]
        if wrong := [*wrong, *(f"facts: {name}" for name in lost_facts)]:
            values["message"] = f"{DAMAGED} ({', '.join(wrong)}); what is left is shown. {values['message']}".rstrip()
        return cls(**values | {"tags": tuple(values["tags"])})

    @property
    def damaged(self):
        """Whether a part of it could not be read."""
        return self.message.startswith(DAMAGED)

    @property
    def elsewhere(self):
        """Whether another program made it: then there are curves and sheets, and nothing to draw from or to go on with."""
        return self.architecture == ELSEWHERE

    @property
    def for_rules(self):
        """This run for rules that know what our knobs mean: one that was made elsewhere may call others so."""
        return dataclasses.replace(self, spec=self.spec | {"knobs": {}}) if self.elsewhere else self

    def read_spec(self, cards):
        """The :class:`gan_core.config.spec.RunSpec`, for who works with the run; ``cards`` as for
        :func:`gan_core.config.spec.read`.

        Raises:
            BadInput: when it cannot be read, or when there is no model to work with, as of a run that was made elsewhere.
        """
        if self.elsewhere:
            raise BadInput(NO_MODEL)
        return read(self.spec, cards)

    # Parts of the spec for those who list runs, whatever became of it: one that cannot be read must not hide the others.
    # Who works with a run asks :meth:`read_spec`, which says what is wrong.

    @property
    def settings(self):
        """``{name: value}`` of those that can be one; empty when not known."""
        return self._plain("settings")

    @property
    def knobs(self):
        """``{name: value}`` of those that can be one; empty when not known."""
        return self._plain("knobs")

    def number(self, name, default):
        """The knob or the setting of that name, where it is a number; else the default."""
        value = (self.settings | self.knobs).get(name)
        return value if records.is_number(value) else default

    @property
    def main_curve(self):
        """The key of the curve that has a value at every row."""
        return self.facts.get("main_curve", "g_loss")

    @property
    def samples_a_step(self):
        """Real samples that a round takes."""
        updates = (self.number("discriminator_updates", 1), self.number("generator_updates", 1))
        return self.number("batch_size", 0) * max(updates)

    @property
    def kind(self):
        """Of its samples; "" when not known."""
        return self._part("gives", "") or self.data_kind

    @property
    def data_kind(self):
        """Of its data; "" when not known."""
        return self._part("kind", "")

    @property
    def shape(self):
        """Of a sample; () when not known."""
        shape = self._part("shape", [])
        return tuple(shape) if all(type(side) is int for side in shape) else ()

    @property
    def classes(self):
        """The names of its data's classes; () when not known."""
        return tuple(map(str, self._part("classes", [])))

    def _plain(self, name):
        return {key: value for key, value in self._part(name, {}).items()
                if records.is_text(key) and records.is_plain(value)}

    def _part(self, name, default):
        part = self.spec.get(name) if isinstance(self.spec, dict) else None
        return part if isinstance(part, (list, tuple) if default == [] else type(default)) else default

    @property
    def diverged(self):
        return self.status == DIVERGED

    @property
    def progress(self):
        """Share of its steps, or of its time where that ends first, that is done, 0 to 1."""
        minutes = self.number("minutes", 0.0)
        done = max(self.step / self.steps if self.steps else 0.0, self.seconds / 60 / minutes if minutes else 0.0)
        return 1.0 if self.status == FINISHED else min(done, 1.0)


def new_run(spec, name, **fields):
    """A fresh queued Run of a spec, with an id that sorts by time and cannot collide."""
    now = time.time()
    stamp = time.strftime("%y%m%d-%H%M%S", time.localtime(now))
    values = dict(id=f"{stamp}-{secrets.token_hex(3)}", name=name, architecture=spec["architecture"],
                  data=spec["data"], steps=spec["settings"]["steps"], spec=spec, created=now, queued=now)
    return Run(**values | fields)


@dataclass(frozen=True)
class Rows:
    """Metric rows of one run as columns: ``step`` int64, ``key`` object, ``value`` and ``time`` float64, each (N,)."""

    step: np.ndarray
    key: np.ndarray
    value: np.ndarray
    time: np.ndarray

    def __len__(self):
        return len(self.step)

    def coded(self, begin=0, end=None):
        """``(names, codes)`` of the keys from one place to another: each key once, and for each row which it is."""
        keys = self.key[begin:end].tolist()
        places = {key: place for place, key in enumerate(dict.fromkeys(keys))}
        return list(places), np.fromiter(map(places.__getitem__, keys), "int64", len(keys))

    @classmethod
    def joined(cls, parts):
        """Several one after the other."""
        columns = list(zip(*((rows.step, rows.key, rows.value, rows.time) for rows in parts)))
        return cls(*map(np.concatenate, columns)) if columns else cls.of([])

    @classmethod
    def of(cls, rows):
        """From ``(step, key, value, time)`` tuples."""
        columns = list(zip(*rows)) or [(), (), (), ()]
        return cls(np.array(columns[0], "int64"), np.array(columns[1], object),
                   np.array(columns[2], "float64"), np.array(columns[3], "float64"))


class RunStore(Protocol):
    """Reads and writes runs.  Every method is safe to call from several processes at once.

    Who works on a run writes with ``only_attempt``, the number of its attempt.  Once the run has been queued again, it is
    not that attempt's any more: the write is refused as a whole by :class:`gan_core.errors.Superseded`.
    """

    def create(self, run: Run, along=None, files=None) -> Run:
        """Keep a new run; it has artifacts from then on, ``config.json`` first, and ``files``, ``{name: bytes}``, before
        anybody can see it.

        What ``along(connection)`` writes is kept in the same transaction; where it raises, nothing is."""

    def get(self, run_id: str) -> Run:
        """The run of this id, or of the only id that starts so; raises :class:`BadInput` when there is none."""

    def list(self, statuses: Iterable[str] | None = None) -> list[Run]:
        """Runs, newest first."""

    def update(self, run_id: str, *, only_attempt: int | None = None, **fields) -> None:
        """Change fields of a run, its status excepted."""

    def move(self, run_id: str, to: str, *, only_from: Iterable[str], only_attempt: int | None = None, **fields) -> bool:
        """Change the status, and fields with it, if it is one of ``only_from`` now, and the attempt this one.  Whether it
        was: of two callers at once, one wins."""

    def claim(self, run_id: str, *, parallel: int, **fields) -> int:
        """Move a queued run to running, started now, if fewer than ``parallel`` are active and no other has waited longer.
        The number of the attempt that begins with it; 0 when it may not."""

    def delete(self, run_id: str) -> None:
        """Forget an ended run: rows and artifacts."""

    def add_rows(self, run_id: str, rows: Iterable[tuple[int, str, float, float]], *,
                 only_attempt: int | None = None) -> None:
        """Append metric rows ``(step, key, value, time)``; a row of the same step and key is replaced."""

    def rows(self, run_id: str, *, keys: Iterable[str] | None = None, after: int = -1) -> Rows:
        """Metric rows with ``step > after``, by step."""

    def spoiled_rows(self, run_id: str) -> int:
        """How many metric rows cannot be read as they are, and are left out or stand without a value."""

    def cut(self, run_id: str, step: int, *, only_attempt: int | None = None) -> None:
        """Forget rows later than ``step``: a resumed run makes those steps again."""

    def setting(self, name: str, default: str = "") -> str:
        """A setting of the workspace."""

    def set(self, name: str, value: str) -> None:
        """Change a setting of the workspace."""

    def lease(self, name: str, holder: str, seconds: float) -> bool:
        """Take what only one may hold, or keep it, for so many seconds from now.  Whether ``holder`` has it.

        The clock is that of the machine that asks, :func:`time.time`, and never the database's: machines that share a
        workspace must agree to well within ``seconds``.
        """

    def holder(self, name: str) -> str:
        """Who has a lease that has not run out; "" when nobody has."""

    def release(self, name: str, holder: str) -> None:
        """Give a lease back, if ``holder`` has it."""

    def artifacts(self, run_id: str) -> Artifacts:
        """The run's samples, checkpoints, scores and all else that is no row."""

    def where(self, run_id: str) -> str:
        """Where these lie, for people."""

    def settle(self, seconds: float) -> bool:
        """Wait until artifacts that are on their way are where they belong, at most so long.  Whether all are."""
