"""A workspace's runs copied from one place to another: catalogue and artifacts, checked, gone on with where it broke off.

Of each run the artifacts come first, then, in one transaction, its record and its rows: a run that the destination lists is
whole there.  Nothing is deleted where it was.
"""

import contextlib
import dataclasses
import hashlib
import json
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa

from gan_core import visitors
from gan_core.errors import BadInput, StoreError
from gan_core.store import task_records
from gan_core.store.artifacts import CONFIG
from gan_core.store.run import ENDED, Run
from gan_core.store.sweep_records import SweepRecords
from gan_core.store.tables import INSERT, metrics, runs, settings, sweep_runs, sweeps, tasks
from gan_core.store.task_records import TaskRecords

AT_ONCE = 5_000  # rows that are written by one statement
OF_THE_MACHINE = ("handle", "foreground", "heartbeat")  # of a run: they mean nothing elsewhere
NAMED = 3  # runs that a sentence names


@dataclass
class Moved:
    """What was done: ``runs``, ``artifacts``, ``bytes``, ``rows``, ``tasks`` and ``sweeps`` were copied; ``there`` runs were
    there already."""

    runs: int = 0
    artifacts: int = 0
    bytes: int = 0
    rows: int = 0
    tasks: int = 0
    sweeps: int = 0
    there: int = 0


def move(source, target, progress=lambda share, what: None):
    """Copy what is at one :class:`gan_core.store.addresses.Place` to another.  Returns the :class:`Moved`.

    Raises:
        BadInput: when the two are one, a run of the source is at work or waits, or the destination holds other runs, or
            other artifacts, under ids of the source; nothing was changed then.
        StoreError: when one of them cannot be read or written, or what was written is not what is read there; what was
            copied stays, and the same command goes on from there.
    """
    visitors.refuse()
    if source.identity == target.identity:
        raise BadInput(f"{source.words} is where it is already; name another place by --to.")
    from_catalogue, from_artifacts = source.open(make=False)
    try:
        to_move = sorted(from_catalogue.list(), key=lambda run: (run.created, run.id))
        if busy := [run for run in to_move if run.status not in ENDED]:
            raise BadInput(f"{_named(busy)} of {source.words} {'is' if len(busy) == 1 else 'are'} not done; stop what works "
                           "or waits there first.")
        to_catalogue, to_artifacts = target.open(make=True)
        try:
            there = {run.id: run for run in to_catalogue.list()}
            _refuse_others(from_catalogue, to_catalogue, to_artifacts, to_move, there, target)
            done = Moved()
            for number, run in enumerate(to_move):
                progress(number / max(len(to_move), 1), run.name)
                _move_run(run, from_catalogue, from_artifacts, to_catalogue, to_artifacts, run.id in there, done)
            _move_records(from_catalogue, to_catalogue, done)
            progress(1, "checked")
            return done
        finally:
            to_catalogue.close()
    finally:
        from_catalogue.close()


def _refuse_others(from_catalogue, to_catalogue, to_artifacts, to_move, there, target):
    """BadInput where an id is another's at the destination."""
    others = [run for run in to_move if run.id in there and _record(run) != _record(there[run.id])]
    if others:
        raise BadInput(f"{target.words} holds other runs under the ids of {_named(others)}, or has gone on with them; "
                       "choose an empty place, or delete them there.")
    for run in to_move:
        held = to_artifacts.of(run.id)
        if run.id not in there and CONFIG in held and _read_json(held) != run.spec:
            raise BadInput(f"{target.words} holds artifacts of another run under the id of {_named([run])}; choose an empty "
                           "place for them.")


def _move_run(run, from_catalogue, from_artifacts, to_catalogue, to_artifacts, is_there, done):
    held, copy = from_artifacts.of(run.id), to_artifacts.of(run.id)
    names, rows = held.list(), from_catalogue.rows(run.id)
    if not copy.list():
        with contextlib.suppress(StoreError):  # it was made when this broke off; what else is wrong, the first put tells
            to_artifacts.make(run.id)
    for name in sorted(names, key=lambda name: name != CONFIG):  # by it a second try knows that it is the same run
        data = held.read(name)
        if name in copy and copy.entry(name).size == len(data) and _digest(copy.read(name)) == _digest(data):
            continue
        copy.put(name, data)
        if _digest(copy.read(name)) != _digest(data):
            raise StoreError(f"{name} of the run {run.id} is not at its destination what it was; try again.")
        done.artifacts, done.bytes = done.artifacts + 1, done.bytes + len(data)
    if not is_there:
        _write_run(to_catalogue, run, rows)
        done.runs, done.rows = done.runs + 1, done.rows + len(rows)
    else:
        done.there += 1
    if _digest_of(to_catalogue.rows(run.id)) != _digest_of(rows):
        raise StoreError(f"The curves of the run {run.id} are not at their destination what they were; delete it there, and "
                         "try again.")


def _write_run(catalogue, run, rows):
    record = dataclasses.asdict(dataclasses.replace(run, handle={}, foreground=False))
    columns = list(zip(rows.step.tolist(), rows.key.tolist(), rows.value.tolist(), rows.time.tolist()))
    with catalogue._writing() as connection:
        connection.execute(runs.insert().values(**record | {"tags": list(run.tags)}))
        for begin in range(0, len(columns), AT_ONCE):
            connection.execute(metrics.insert(), [
                {"run_id": run.id, "step": step, "key": key, "value": None if value != value else value, "time": time}
                for step, key, value, time in columns[begin:begin + AT_ONCE]])


def _move_records(from_catalogue, to_catalogue, done):
    """Ended tasks, sweeps with their runs, and settings, where the destination has none of the same name."""
    history = [dataclasses.asdict(record) | {"handle": {}} for record in
               TaskRecords(from_catalogue).list(statuses=task_records.ENDED)]
    known_sweeps = SweepRecords(from_catalogue)
    searches = [dataclasses.asdict(sweep) for sweep in known_sweeps.list()]
    parts = [dataclasses.asdict(part) for sweep in searches for part in known_sweeps.runs(sweep["id"])]
    with from_catalogue._reading() as connection:
        chosen = [dict(row) for row in connection.execute(settings.select().where(settings.c.name != "schema")).mappings()]
    with to_catalogue._writing() as connection:
        done.tasks = _add(connection, tasks, history)
        done.sweeps = _add(connection, sweeps, searches)
        _add(connection, sweep_runs, parts)
        _add(connection, settings, chosen)


def _add(connection, table, rows):
    """Insert those whose key is free.  How many they were."""
    keys = list(table.primary_key.columns)
    before = connection.scalar(sa.select(sa.func.count()).select_from(table))
    for row in rows:
        connection.execute(INSERT[connection.dialect.name](table).values(**row).on_conflict_do_nothing(index_elements=keys))
    return connection.scalar(sa.select(sa.func.count()).select_from(table)) - before


def _record(run):
    """What a run is, wherever it lies."""
    values = {name: value for name, value in dataclasses.asdict(run).items() if name not in OF_THE_MACHINE}
    return json.dumps(values | {"tags": list(run.tags)}, sort_keys=True, default=str).replace("NaN", "null")


def _read_json(held):
    try:
        return json.loads(held.read(CONFIG))
    except ValueError:
        return None


def _digest(data):
    return hashlib.sha256(data).digest()


def _digest_of(rows):
    order = np.lexsort((rows.key.astype(str), rows.step))  # databases sort texts in their own ways
    parts = (rows.step[order].tobytes(), json.dumps(rows.key[order].tolist()).encode(), rows.value[order].tobytes(),
             rows.time[order].tobytes())
    return len(rows), _digest(b"".join(map(_digest, parts)))


def _named(listed: list[Run]):
    names = ", ".join(f"{run.name} ({run.id})" for run in listed[:NAMED])
    return names + (f" and {len(listed) - NAMED:,} more" if len(listed) > NAMED else "")
