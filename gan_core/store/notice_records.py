"""Notices as the catalogue knows them: who was told what of which run, so that nobody is told twice.

Several processes may notice the same event: the one whose row it is sends it.  No address is kept here, for addresses may be
secrets.  ``tests/store/test_notice_records.py`` is the contract.
"""

import time
from dataclasses import dataclass

from gan_core.store import records
from gan_core.store.tables import INSERT, notices


@dataclass(frozen=True)
class NoticeRecord:
    """One notice: the ``event`` of an ``attempt`` of a ``run``, and the ``channel`` by which it goes.

    Times are seconds since the epoch; ``sent`` is 0 where it has not arrived, and ``message`` then says why, once it was
    given up.
    """

    run: str
    attempt: int
    event: str
    channel: str
    created: float = 0.0
    sent: float = 0.0
    message: str = ""

    @classmethod
    def of(cls, row):
        return cls(**records.sound(cls, row)[0])


class NoticeRecords:
    """The notices of one catalogue.  Every method is safe to call from several processes at once."""

    def __init__(self, catalogue):
        self._catalogue = catalogue

    def claim(self, run, attempt, event, channel):
        """Whether this is the first to claim the notice, and so is the one to send it."""
        values = dict(run=run, attempt=attempt, event=event, channel=channel, created=time.time(), sent=0.0, message="")
        with self._catalogue._writing() as connection:
            insert = INSERT[connection.dialect.name](notices).values(**values).on_conflict_do_nothing()
            return connection.scalar(insert.returning(notices.c.run)) is not None

    def end(self, run, attempt, event, channel, message=""):
        """Write down that it has arrived, or with a ``message`` why it was given up."""
        query = notices.update().where(notices.c.run == run, notices.c.attempt == attempt, notices.c.event == event,
                                       notices.c.channel == channel)
        with self._catalogue._writing() as connection:
            connection.execute(query.values(sent=0.0 if message else time.time(), message=message))

    def list(self, run):
        """The notices of a run, the oldest first."""
        query = notices.select().where(notices.c.run == run).order_by(notices.c.created, notices.c.event, notices.c.channel)
        with self._catalogue._reading() as connection:
            return [NoticeRecord.of(row) for row in connection.execute(query).mappings()]
