"""The catalogue's tables, as the newest revision in ``migrations`` leaves them.

Whoever changes a table, or adds one, adds a revision: see :mod:`gan_core.store.migrations`.
"""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

INSERT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}  # who can do so ON CONFLICT: each has its own

schema = sa.MetaData()

runs = sa.Table(
    "runs", schema,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("architecture", sa.String(80), nullable=False),
    sa.Column("data", sa.Text, nullable=False),
    sa.Column("steps", sa.BigInteger, nullable=False),
    sa.Column("spec", sa.JSON, nullable=False),
    sa.Column("status", sa.String(16), nullable=False, index=True),
    sa.Column("step", sa.BigInteger, nullable=False),
    *(sa.Column(name, sa.Double, nullable=False)
      for name in ("created", "queued", "started", "ended", "heartbeat", "seconds")),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("handle", sa.JSON, nullable=False),
    sa.Column("foreground", sa.Boolean, nullable=False),
    sa.Column("tags", sa.JSON, nullable=False),
    sa.Column("notes", sa.Text, nullable=False),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("facts", sa.JSON, nullable=False),
    sa.Column("parent", sa.JSON, nullable=False, server_default="{}"),
)

metrics = sa.Table(
    "metrics", schema,
    sa.Column("run_id", sa.String(40), sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("step", sa.BigInteger, primary_key=True),
    sa.Column("key", sa.String(80), primary_key=True),
    sa.Column("value", sa.Double),  # NULL is NaN, which SQLite cannot hold
    sa.Column("time", sa.Double, nullable=False),
    sqlite_with_rowid=False,
)

# Copies of rows that stand still, see :mod:`gan_core.store.blocks`.
blocks = sa.Table(
    "blocks", schema,
    sa.Column("run_id", sa.String(40), sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("first", sa.BigInteger, primary_key=True),  # step
    sa.Column("last", sa.BigInteger, nullable=False),
    sa.Column("names", sa.JSON, nullable=False),  # of keys
    sa.Column("data", sa.LargeBinary, nullable=False),
)

settings = sa.Table(
    "settings", schema,
    sa.Column("name", sa.String(80), primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

# Work on trained models, see :mod:`gan_core.store.task_records`.
tasks = sa.Table(
    "tasks", schema,
    sa.Column("id", sa.String(80), primary_key=True),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("run", sa.String(40), nullable=False, index=True),  # no foreign key: the history outlives runs
    sa.Column("checkpoint", sa.String(20), nullable=False),
    sa.Column("config", sa.JSON, nullable=False),
    sa.Column("status", sa.String(16), nullable=False, index=True),
    sa.Column("share", sa.Double, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("left", sa.Double),
    sa.Column("result", sa.JSON, nullable=False),
    sa.Column("message", sa.Text, nullable=False),
    *(sa.Column(name, sa.Double, nullable=False) for name in ("created", "started", "ended", "heartbeat")),
    sa.Column("handle", sa.JSON, nullable=False),
    sa.Column("log", sa.Text, nullable=False),
)

# Searches for good settings, and the runs that they begin, see :mod:`gan_core.store.sweep_records`.
sweeps = sa.Table(
    "sweeps", schema,
    sa.Column("id", sa.String(80), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("config", sa.JSON, nullable=False),
    sa.Column("told", sa.JSON, nullable=False),
    sa.Column("created", sa.Double, nullable=False),
    sa.Column("ended", sa.Double, nullable=False),
)

sweep_runs = sa.Table(
    "sweep_runs", schema,
    sa.Column("sweep", sa.String(80), sa.ForeignKey("sweeps.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("stage", sa.String(16), nullable=False),
    sa.Column("trial", sa.Integer, nullable=False),
    sa.Column("seed", sa.BigInteger, nullable=False),
    sa.Column("params", sa.JSON, nullable=False),
    sa.Column("run", sa.String(40), nullable=False),  # no foreign key: what was measured outlives runs
    sa.Column("created", sa.Double, nullable=False),
    sa.Column("ended", sa.Double, nullable=False),
    sa.Column("pruned", sa.Text, nullable=False),
    sa.Column("result", sa.JSON, nullable=False),
)

# What people were told of runs, and by whom, see :mod:`gan_core.store.notice_records`.
notices = sa.Table(
    "notices", schema,
    sa.Column("run", sa.String(40), primary_key=True),
    sa.Column("attempt", sa.Integer, primary_key=True),
    sa.Column("event", sa.String(80), primary_key=True),
    sa.Column("channel", sa.String(40), primary_key=True),
    sa.Column("created", sa.Double, nullable=False),
    sa.Column("sent", sa.Double, nullable=False),
    sa.Column("message", sa.Text, nullable=False),
)

leases = sa.Table(
    "leases", schema,
    sa.Column("name", sa.String(80), primary_key=True),
    sa.Column("holder", sa.Text, nullable=False),
    sa.Column("until", sa.Double, nullable=False),  # seconds since the epoch
)


def upsert(connection, table, where=None):
    """An INSERT whose rows replace those of the same primary key, in one statement: two who do so at once cannot collide.

    With ``where``, only such a row is replaced.
    """
    insert, keys = INSERT[connection.dialect.name](table), table.primary_key.columns.keys()
    others = {name: insert.excluded[name] for name in table.columns.keys() if name not in keys}
    return insert.on_conflict_do_update(index_elements=keys, where=where, set_=others)
