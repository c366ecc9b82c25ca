"""Work on trained models as the catalogue knows it: what was asked for, how far it is, what came of it.

``tests/store/test_task_records.py`` is the contract.  The protocol is that of the runs: who changes a status
names the old one, in one UPDATE, so that of two at once one wins.
"""

import dataclasses
import json
import secrets
import time
from dataclasses import dataclass, field

import sqlalchemy as sa

from gan_core.errors import BadInput
from gan_core.store import postgresql, records
from gan_core.store.run import FAILED, FINISHED, LOST, QUEUED, RUNNING, STOPPED, STOPPING
from gan_core.store.tables import tasks

ACTIVE = (RUNNING, STOPPING)  # a process works on it
OPEN = (QUEUED, *ACTIVE)
ENDED = (FINISHED, FAILED, STOPPED, LOST)
STATUSES = (*OPEN, *ENDED)
HISTORY = 200  # ended ones that are remembered

@dataclass(frozen=True)
class TaskRecord:
    """One piece of work.  Times are seconds since the epoch; 0 means "not yet".

    ``kind`` is the name of a task, ``run`` the id of the run that it is about ("" for none), ``checkpoint`` which of its
    checkpoints ("last", "best" or a step), ``config`` the task's knobs.  ``share`` of all is done, 0 to 1, ``words`` say
    what is being done, or what came of it, ``left`` is in seconds, None when it cannot be told.  ``result`` holds plain
    values, ``handle`` is its process's (:mod:`gan_core.launch.launchers`), ``message`` is a sentence for people when it went
    wrong, and ``log`` the file, in the workspace, that says more.
    """

    id: str
    kind: str
    run: str = ""
    checkpoint: str = "last"
    config: dict = field(default_factory=dict)
    status: str = QUEUED
    share: float = 0.0
    words: str = ""
    left: float | None = None
    result: dict = field(default_factory=dict)
    message: str = ""
    created: float = 0.0
    started: float = 0.0
    ended: float = 0.0
    heartbeat: float = 0.0
    handle: dict = field(default_factory=dict)
    log: str = ""

    @classmethod
    def of(cls, row):
        """The record of a row of the catalogue; what is damaged there is empty, and its ``message`` says so."""
        values, wrong = records.sound(cls, row)
        if values["status"] not in STATUSES:
            values, wrong = values | {"status": LOST}, [*wrong, "status"]
        told = f"What is kept of this task is damaged ({', '.join(wrong)}). " if wrong else ""
        return cls(**values | {"message": f"{told}{values['message']}"})

    @property
    def open(self):
        """Whether it is still to be done, or being done."""
        return self.status in OPEN


FIELDS = {attribute.name for attribute in dataclasses.fields(TaskRecord)}


def new_task(kind, run="", **fields):
    """A fresh queued :class:`TaskRecord` with an id that sorts by time within its kind and cannot collide."""
    now = time.time()
    name = f"{kind}-{time.strftime('%y%m%d-%H%M%S', time.localtime(now))}-{secrets.token_hex(3)}"
    return TaskRecord(**{"id": name, "kind": kind, "run": run, "created": now, "log": f"logs/tasks/{name}.log"} | fields)


class TaskRecords:
    """The records of one catalogue.  Every method is safe to call from several processes at once."""

    def __init__(self, catalogue):
        self._catalogue = catalogue

    def create(self, record):
        """Keep a new record; the oldest ended ones beyond :data:`HISTORY` are forgotten.

        Returns:
            It; None where the same (kind, run, checkpoint, config) is open already, and nothing was kept.
        """
        values = _values(dataclasses.asdict(record))
        same = tasks.select().where(tasks.c.kind == record.kind, tasks.c.run == record.run,
                                    tasks.c.checkpoint == record.checkpoint, tasks.c.status.in_(OPEN))
        old = (sa.select(tasks.c.id).where(tasks.c.status.in_(ENDED))
               .order_by(tasks.c.created.desc(), tasks.c.id.desc()).offset(HISTORY))
        with self._catalogue._writing() as connection:
            postgresql.one_at_a_time(connection)
            # Compared here: databases differ in what two pieces of JSON must share to be equal.
            if any(row["config"] == values["config"] for row in connection.execute(same).mappings()):
                return None
            connection.execute(tasks.insert().values(**values))
            if forgotten := connection.scalars(old).all():
                connection.execute(tasks.delete().where(tasks.c.id.in_(forgotten)))
        return record

    def get(self, task_id):
        """The record of this id; raises :class:`BadInput` when there is none."""
        with self._catalogue._reading() as connection:
            row = connection.execute(tasks.select().where(tasks.c.id == task_id)).mappings().first()
        if row is None:
            raise BadInput(f"There is no task {task_id!r}; `python -m gan_core tasks` lists them.")
        return TaskRecord.of(row)

    def list(self, *, kind=None, run=None, statuses=None):
        """Records, newest first; of a kind, a run or some statuses alone where those are given."""
        query = tasks.select().order_by(tasks.c.created.desc(), tasks.c.id.desc())
        if kind is not None:
            query = query.where(tasks.c.kind == kind)
        if run is not None:
            query = query.where(tasks.c.run == run)
        if statuses is not None:
            query = query.where(tasks.c.status.in_(tuple(statuses)))
        with self._catalogue._reading() as connection:
            return [TaskRecord.of(row) for row in connection.execute(query).mappings()]

    def update(self, task_id, **fields):
        """Change fields of a record that is open, its status excepted.  Whether it was open."""
        if "status" in fields:
            raise TypeError("change a status with move()")
        query = tasks.update().where(tasks.c.id == task_id, tasks.c.status.in_(OPEN))
        with self._catalogue._writing() as connection:
            return connection.execute(query.values(**_values(fields))).rowcount == 1

    def move(self, task_id, to, *, only_from, **fields):
        """Change the status, and fields with it, if it is one of ``only_from`` now.  Whether it was."""
        query = tasks.update().where(tasks.c.id == task_id, tasks.c.status.in_(tuple(only_from)))
        with self._catalogue._writing() as connection:
            return connection.execute(query.values(status=to, **_values(fields))).rowcount == 1

    def claim(self, task_id, *, parallel, **fields):
        """Set a queued record running, unless ``parallel`` of its kind are being worked on already.  Whether."""
        other = tasks.alias()
        active = (sa.select(sa.func.count()).select_from(other)
                  .where(other.c.status.in_(ACTIVE), other.c.kind == tasks.c.kind).scalar_subquery())
        query = tasks.update().where(tasks.c.id == task_id, tasks.c.status == QUEUED, active < parallel)
        with self._catalogue._writing() as connection:
            postgresql.one_at_a_time(connection)
            now = time.time()
            return connection.execute(query.values(status=RUNNING, started=now, heartbeat=now,
                                                   **_values(fields))).rowcount == 1

    def delete(self, task_id):
        """Forget an ended record.  Raises :class:`BadInput` when it is still open, or there is none."""
        query = tasks.delete().where(tasks.c.id == task_id, tasks.c.status.in_(ENDED))
        with self._catalogue._writing() as connection:
            gone = connection.execute(query).rowcount == 1
        if not gone:
            raise BadInput(f"This task is {self.get(task_id).status}; stop it before you delete it.")


def _values(fields):
    if unknown := fields.keys() - FIELDS:
        raise TypeError(f"a task has no {', '.join(sorted(unknown))}")
    return {name: json.loads(json.dumps(value)) if name in ("config", "result", "handle") else value
            for name, value in fields.items()}
