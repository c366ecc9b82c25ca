"""Metric rows in blocks: a copy of rows that stand still, thousands in a piece, since a database gives rows one by one.

Rows are the truth, and a block only a faster way to read them: whoever changes rows removes the blocks that hold them, in
the same transaction.
"""

import numpy as np
import sqlalchemy as sa

from gan_core.store import records
from gan_core.store.run import Rows
from gan_core.store.tables import blocks, metrics, runs, upsert

SIZE = 16_384  # rows in a block
LAYOUT = (("step", "<i8"), ("key", "<u2"), ("value", "<f8"), ("time", "<f8"))  # columns, one after the other
FETCHED = 2_000  # rows that are Python objects at a time


def read(connection, run_id, keys, after):
    """The :class:`gan_core.store.run.Rows` of a run after a step; those of some ``keys`` where these are given."""
    query = (sa.select(blocks.c.last, blocks.c.names, blocks.c.data).order_by(blocks.c.first)
             .where(blocks.c.run_id == run_id, blocks.c.last > after))
    parts, packed = [], after
    for last, names, data in connection.execute(query):
        if (rows := _rows(names, data)) is None:
            break  # it is damaged: from here on the rows themselves are read
        parts.append(_chosen(rows, keys, after))
        packed = last
    query = _selected(run_id, packed)
    if keys is not None:
        query = query.where(metrics.c.key.in_(tuple(keys)))
    parts += _fetched(connection, query)
    return Rows.joined(parts)


def pack(connection, run_id, most):
    """Keep up to ``most`` rows that are in no block yet in blocks, all but the last few.  How many were kept.

    The transaction must be one that writes.
    """
    # Nobody may change rows between our look at them and the end.  (SQLite has one writer anyway.)
    connection.execute(sa.select(runs.c.id).where(runs.c.id == run_id).with_for_update())
    rows = Rows.joined(_fetched(connection, _selected(run_id, _packed_until(connection, run_id)).limit(most)))
    ends = _ends(rows.step)
    for begin, end in zip([0, *ends], ends):
        names, codes = rows.coded(begin, end)
        data = b"".join(np.ascontiguousarray(column, kind).tobytes() for (_, kind), column in zip(
            LAYOUT, (rows.step[begin:end], codes, rows.value[begin:end], rows.time[begin:end])))
        connection.execute(upsert(connection, blocks).values(
            run_id=run_id, first=int(rows.step[begin]), last=int(rows.step[end - 1]), names=names, data=data))
    return ends[-1] if ends else 0


def unpacked(connection, run_id, most):
    """How many rows of a run are in no block, counted up to ``most``."""
    query = _selected(run_id, _packed_until(connection, run_id)).order_by(None).limit(most).subquery()
    return connection.scalar(sa.select(sa.func.count()).select_from(query))


def _packed_until(connection, run_id):
    """The last step whose rows are in blocks; -1 of none."""
    last = connection.scalar(sa.select(sa.func.max(blocks.c.last)).where(blocks.c.run_id == run_id))
    return -1 if last is None else last


def forget(connection, run_id, after=-1):
    """Remove blocks that hold rows later than a step."""
    connection.execute(blocks.delete().where(blocks.c.run_id == run_id, blocks.c.last > after))


def _selected(run_id, after):
    return (sa.select(metrics.c.step, metrics.c.key, metrics.c.value, metrics.c.time)
            .where(metrics.c.run_id == run_id, metrics.c.step > after).order_by(metrics.c.step, metrics.c.key))


def _fetched(connection, query):
    """The rows of a query in pieces.  They are taken from the driver: SQLAlchemy's own rows take three times as long."""
    result = connection.execute(query)
    while rows := result.cursor.fetchmany(FETCHED):
        try:
            yield Rows.of(rows)
        except (ValueError, TypeError, OverflowError):  # SQLite keeps anything anywhere
            yield Rows.of(_sound(rows))
    result.close()


def spoiled(connection, run_id):
    """How many rows of a run hold what is no step, no time or no value: SQLite keeps anything anywhere."""
    if connection.dialect.name != "sqlite":
        return 0
    kinds = {name: sa.func.typeof(metrics.c[name]) for name in ("step", "key", "value", "time")}
    odd = sa.or_(kinds["step"] != "integer", kinds["key"] != "text", kinds["value"].not_in(("real", "integer", "null")),
                 kinds["time"].not_in(("real", "integer")))
    return connection.scalar(sa.select(sa.func.count()).where(metrics.c.run_id == run_id, odd))


def _sound(rows):
    """Of damaged ones those that stand at a step and a time; a value that is none is NaN."""
    return [(step, key, value if records.is_number(value) else None, time) for step, key, value, time in rows
            if records.is_step(step) and isinstance(key, str) and records.is_number(time)]


def _rows(names, data):
    """The rows in a block; None of one that is damaged."""
    columns, place = {}, 0
    count, rest = divmod(len(data), sum(np.dtype(kind).itemsize for _, kind in LAYOUT))
    if rest or not isinstance(data, bytes) or not records.are_texts(names):
        return None
    for name, kind in LAYOUT:
        columns[name] = np.frombuffer(data, kind, count, place)
        place += columns[name].nbytes
    if count and columns["key"].max() >= len(names):
        return None
    return Rows(columns["step"], np.array(names, object)[columns["key"]], columns["value"], columns["time"])


def _chosen(rows, keys, after):
    chosen = rows.step > after
    if keys is not None:
        chosen &= np.isin(rows.key, list(keys))
    return rows if chosen.all() else Rows(rows.step[chosen], rows.key[chosen], rows.value[chosen], rows.time[chosen])


def _ends(step):
    """Where blocks end: all rows of a step are in one, and the last step, of which more may come, in none."""
    starts = np.flatnonzero(np.diff(step)) + 1  # of every step but the first
    ends = []
    while len(starts) and len(step) - (ends[-1] if ends else 0) >= SIZE:
        end = int(starts[max(np.searchsorted(starts, (ends[-1] if ends else 0) + SIZE, "right") - 1, 0)])
        if ends and end <= ends[-1]:
            break
        ends.append(end)
    return ends

