"""Work on trained models has a table."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "3", "2"


def upgrade():
    op.create_table(
        "tasks",
        sa.Column("id", sa.String(80), primary_key=True),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("run", sa.String(40), nullable=False),
        sa.Column("checkpoint", sa.String(20), nullable=False),
        sa.Column("config", sa.JSON, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("share", sa.Double, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("left", sa.Double),
        sa.Column("result", sa.JSON, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        *(sa.Column(name, sa.Double, nullable=False) for name in ("created", "started", "ended", "heartbeat")),
        sa.Column("handle", sa.JSON, nullable=False),
        sa.Column("log", sa.Text, nullable=False),
    )
    op.create_index("ix_tasks_run", "tasks", ["run"])
    op.create_index("ix_tasks_status", "tasks", ["status"])
