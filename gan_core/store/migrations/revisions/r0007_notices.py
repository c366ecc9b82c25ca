"""What people were told of runs has a table."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "7", "6"


def upgrade():
    op.create_table(
        "notices",
        sa.Column("run", sa.String(40), primary_key=True),
        sa.Column("attempt", sa.Integer, primary_key=True),
        sa.Column("event", sa.String(80), primary_key=True),
        sa.Column("channel", sa.String(40), primary_key=True),
        sa.Column("created", sa.Double, nullable=False),
        sa.Column("sent", sa.Double, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
    )
