"""What names a run's process is its launcher's affair; who waits in the foreground is said; there are leases."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "2", "1"

runs = sa.table("runs", *(sa.column(name) for name in ("id", "status", "pid", "born", "host", "foreground")),
                sa.column("handle", sa.JSON))


def upgrade():
    op.add_column("runs", sa.Column("handle", sa.JSON))
    op.add_column("runs", sa.Column("foreground", sa.Boolean))
    connection = op.get_bind()
    for run in connection.execute(sa.select(runs.c.id, runs.c.status, runs.c.pid, runs.c.born, runs.c.host)).all():
        handle = {"launcher": "local", "pid": run.pid, "born": run.born, "host": run.host} if run.pid else {}
        connection.execute(runs.update().where(runs.c.id == run.id).values(
            handle=handle, foreground=run.status == "queued" and bool(run.pid)))
    with op.batch_alter_table("runs") as batch:
        batch.alter_column("handle", nullable=False)
        batch.alter_column("foreground", nullable=False)
        for name in ("pid", "born", "host"):
            batch.drop_column(name)
    op.create_table(
        "leases",
        sa.Column("name", sa.String(80), primary_key=True),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("until", sa.Double, nullable=False),
    )
