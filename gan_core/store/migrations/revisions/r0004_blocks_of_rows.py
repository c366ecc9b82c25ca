"""Rows that stand still are kept a second time in blocks, which are read at once."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "4", "3"


def upgrade():
    op.create_table(
        "blocks",
        sa.Column("run_id", sa.String(40), sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("first", sa.BigInteger, primary_key=True),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.Column("names", sa.JSON, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
