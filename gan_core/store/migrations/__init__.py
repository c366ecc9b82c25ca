"""How the catalogue's tables came to be as they are: one file a revision, run by Alembic where a workspace is older.

The revision of a workspace stands in its setting ``schema``, where every version looks, those from before there were
migrations included; so there is no table of Alembic's beside it.  A new workspace is made from :mod:`gan_core.store.tables`
at once, and a test holds the two against each other.

To change the tables, change ``tables.py`` and add a file to ``revisions``, ``r0003_what_it_does.py``, with the next
number::

    revision, down_revision = "3", "2"

    def upgrade():
        op.add_column("runs", sa.Column("owner", sa.Text, nullable=False, server_default=""))

A revision is one transaction together with those before it.  It must not use ``tables.py``, which goes on changing; what
SQLite cannot alter (a type, a default, a column that is a key) goes through ``op.batch_alter_table``.  There is no way
back: an older version refuses a newer workspace.
"""

from pathlib import Path

REVISIONS = Path(__file__).parent / "revisions"
NEWEST = max(int(path.stem.partition("_")[0][1:]) for path in REVISIONS.glob("r*.py"))  # a few names: no file is opened


def upgrade(connection, revision):
    """Bring the tables from ``revision``, 0 for none at all, to the newest in the transaction that ``connection`` is in."""
    # Imported here, as few starts need it: it takes longer than all else that a store does to open.
    from alembic.operations import Operations
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory(REVISIONS, version_locations=[str(REVISIONS)])
    steps = reversed([*scripts.iterate_revisions("head", str(revision) if revision else "base")])
    with Operations.context(MigrationContext.configure(connection)):
        for step in steps:
            step.module.upgrade()
