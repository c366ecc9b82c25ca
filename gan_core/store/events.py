"""What TensorBoard reads of a run: a file of events for each attempt."""

import itertools
import re
import socket
import struct
import time

from tensorboardX.proto.event_pb2 import Event, SessionLog
from tensorboardX.proto.summary_pb2 import Summary
from tensorboardX.record_writer import masked_crc32c

from gan_core.store.artifacts import EVENTS


class Events:
    """The file of one attempt, which starts at step ``first``; what older files say of later steps is void.

    It is written from the recorder's own thread, a piece a commit.  The thread of tensorboardX's SummaryWriter dies when
    the disk is full, and whoever gives it the next value then waits for ever.
    """

    def __init__(self, artifacts, attempt, first):
        host, now = re.sub(r"[^\w.-]+", "-", socket.gethostname()), time.time()
        self._artifacts = artifacts
        self._name = f"{EVENTS}events.out.tfevents.{int(now)}.{host}.{attempt}"
        self._append([Event(wall_time=now, file_version="brain.Event:2"),
                      Event(wall_time=now, step=first, session_log=SessionLog(status=SessionLog.START))])

    def add(self, rows):
        """Tell of metric rows ``(step, key, value, time)``."""
        if rows:
            self._append(Event(wall_time=when, step=step, summary=Summary(value=[
                Summary.Value(tag=key, simple_value=value) for _, key, value, _ in group]))
                for (step, when), group in itertools.groupby(rows, lambda row: (row[0], row[3])))

    def _append(self, events):
        self._artifacts.append(self._name, b"".join(_record(event.SerializeToString()) for event in events))


def _record(data):
    """Bytes as a record of the TFRecord format: their length, its checksum, they, theirs."""
    length = struct.pack("<Q", len(data))
    return b"".join([length, struct.pack("<I", masked_crc32c(length)), data, struct.pack("<I", masked_crc32c(data))])
