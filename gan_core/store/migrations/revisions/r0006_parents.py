"""A run that is a fork knows its parent."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "6", "5"


def upgrade():
    op.add_column("runs", sa.Column("parent", sa.JSON, nullable=False, server_default="{}"))
