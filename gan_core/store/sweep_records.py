"""Sweeps as the catalogue knows them: what is searched for, and each run that was begun for it with what it measured.

A sweep is continued by whoever has its records, and by several at once: a run of it is begun by the row of its number, which
one alone can write, in the transaction that makes the run.  What was measured stays here when the run is deleted.
"""

import dataclasses
import json
import secrets
import time
from dataclasses import dataclass, field

from gan_core.errors import BadInput
from gan_core.store import records
from gan_core.store.tables import INSERT, sweep_runs, sweeps


@dataclass(frozen=True)
class Sweep:
    """One search.  ``config`` says what is searched for and how, ``told`` what was found out by the way, both as
    :mod:`gan_core.sweeps` has them; times are seconds since the epoch, ``ended`` is 0 while there is something to do."""

    id: str
    name: str
    config: dict
    told: dict = field(default_factory=dict)
    created: float = 0.0
    ended: float = 0.0

    @classmethod
    def of(cls, row):
        return cls(**records.sound(cls, row)[0])


@dataclass(frozen=True)
class SweepRun:
    """One run of a sweep: the ``seed`` with which a ``trial``, a set of knobs' values (``params``), was tried in a
    ``stage``.

    ``number`` counts the runs of a sweep in the order in which they were begun.  ``pruned`` says why it was given up, ""
    while it was not.  ``result`` is there from ``ended`` (seconds since the epoch) on.
    """

    sweep: str
    number: int
    stage: str
    trial: int
    seed: int
    params: dict
    run: str = ""
    created: float = 0.0
    ended: float = 0.0
    pruned: str = ""
    result: dict = field(default_factory=dict)

    @classmethod
    def of(cls, row):
        return cls(**records.sound(cls, row)[0])


class SweepRecords:
    """The sweeps of one store.  Every method is safe to call from several processes at once."""

    def __init__(self, store):
        self._store = store

    def create(self, name, config):
        """Keep a new :class:`Sweep`; its id sorts by time and cannot collide."""
        now = time.time()
        stamp = time.strftime("%y%m%d-%H%M%S", time.localtime(now))
        sweep = Sweep(f"sweep-{stamp}-{secrets.token_hex(3)}", name, json.loads(json.dumps(config)), created=now)
        with self._store._writing() as connection:
            connection.execute(sweeps.insert().values(**dataclasses.asdict(sweep)))
        return sweep

    def get(self, sweep_id):
        """The sweep of this id, or of the only id that starts so; :class:`BadInput` when there is none."""
        with self._store._reading() as connection:
            rows = connection.execute(sweeps.select().where(sweeps.c.id == sweep_id)).mappings().all()
            if not rows and sweep_id:
                rows = connection.execute(sweeps.select().where(
                    sweeps.c.id.startswith(sweep_id, autoescape=True)).limit(2)).mappings().all()
        if len(rows) != 1:
            problem = "Several sweeps start with" if rows else "There is no sweep"
            raise BadInput(f"{problem} {sweep_id!r}; `python -m gan_core sweeps` lists them.")
        return Sweep.of(rows[0])

    def list(self):
        """Sweeps, newest first."""
        with self._store._reading() as connection:
            return [Sweep.of(row) for row in connection.execute(
                sweeps.select().order_by(sweeps.c.created.desc(), sweeps.c.id.desc())).mappings()]

    def runs(self, sweep_id):
        """The :class:`SweepRun` s of a sweep, in the order of their numbers."""
        query = sweep_runs.select().where(sweep_runs.c.sweep == sweep_id).order_by(sweep_runs.c.number)
        with self._store._reading() as connection:
            return [SweepRun.of(row) for row in connection.execute(query).mappings()]

    def run_ids(self):
        """Ids of all runs that were begun for a sweep, whether they are there yet or not: a set."""
        with self._store._reading() as connection:
            return set(connection.scalars(sweep_runs.select().with_only_columns(sweep_runs.c.run)))

    def begin(self, sweep_run, run):
        """Keep a run of a sweep, and with it the :class:`gan_core.store.run.Run`, queued: both or neither.

        Returns:
            Whether it was kept: where another has begun the run of this number, nothing is.
        """
        values = dataclasses.asdict(dataclasses.replace(sweep_run, run=run.id, created=time.time()))

        def along(connection):
            insert = INSERT[connection.dialect.name](sweep_runs).values(**values).on_conflict_do_nothing()
            if connection.scalar(insert.returning(sweep_runs.c.number)) is None:
                raise _Begun

        try:
            self._store.create(run, along)
        except _Begun:
            return False
        return True

    def prune(self, sweep_run, why):
        """Write down that a run is given up, before it is stopped.  Whether nobody had done so, and it had not ended."""
        return self._change(sweep_run, sweep_runs.c.pruned == "", pruned=why)

    def end(self, sweep_run, result):
        """Write down what came of a run, once.  Whether nobody had done so."""
        return self._change(sweep_run, ended=time.time(), result=json.loads(json.dumps(result)))

    def _change(self, sweep_run, *conditions, **fields):
        query = sweep_runs.update().where(sweep_runs.c.sweep == sweep_run.sweep, sweep_runs.c.number == sweep_run.number,
                                          sweep_runs.c.ended == 0, *conditions)
        with self._store._writing() as connection:
            return connection.execute(query.values(**fields)).rowcount == 1

    def tell(self, sweep_id, told):
        """Keep what was found out by the way; what was told before is replaced."""
        with self._store._writing() as connection:
            connection.execute(sweeps.update().where(sweeps.c.id == sweep_id).values(told=json.loads(json.dumps(told))))

    def finish(self, sweep_id):
        """Nothing is left to do."""
        with self._store._writing() as connection:
            connection.execute(sweeps.update().where(sweeps.c.id == sweep_id, sweeps.c.ended == 0).values(ended=time.time()))

    def delete(self, sweep_id):
        """Forget a sweep; its runs stay."""
        with self._store._writing() as connection:
            connection.execute(sweep_runs.delete().where(sweep_runs.c.sweep == sweep_id))
            connection.execute(sweeps.delete().where(sweeps.c.id == sweep_id))


class _Begun(Exception):
    """Another has begun the run of this number."""
