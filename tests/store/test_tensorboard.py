"""What a run's TensorBoard files say."""

import struct

import numpy as np
from tensorboardX.proto.event_pb2 import Event, SessionLog

import helpers_stores
from gan_core.store.recorder import StoreRecorder
from helpers_stores import table

store, recorded = helpers_stores.store, helpers_stores.recorded  # the fixtures


def events(held):
    """What a run's TensorBoard files say, in the order of their names."""
    found = []
    for name in held.list("events/"):
        data = held.read(name)
        while data:  # each record: length, its checksum, the event, its checksum
            length, = struct.unpack("<Q", data[:8])
            found.append(Event.FromString(data[12:12 + length]))
            data = data[16 + length:]
    return found


def scalars(held):
    return {(event.step, value.tag): value.simple_value for event in events(held) for value in event.summary.value}


def test_the_tensorboard_file_says_what_the_catalogue_says(recorded):
    store, run = recorded
    with StoreRecorder(store, run) as recorder:
        for step in (1, 2, 3):
            recorder.metrics(step, {"d_loss": step / 4, "g_loss": float("nan") if step == 3 else -step})
    told = scalars(store.artifacts(run.id))
    assert len(told) == 6 and np.isnan(told.pop((3, "g_loss")))
    assert told == {(s, k): v for s, k, v in table(store.rows(run.id)) if v is not None}
    first = events(store.artifacts(run.id))[0]
    assert first.file_version == "brain.Event:2"


def test_a_resumed_run_tells_tensorboard_what_is_void(recorded):
    store, run = recorded
    with StoreRecorder(store, run) as recorder:
        recorder.metrics(10, {"d_loss": 1.0})
    store.update(run.id, step=4, attempt=2)  # its checkpoint was of step 4
    with StoreRecorder(store, store.get(run.id)) as recorder:
        recorder.metrics(5, {"d_loss": 2.0})
    held = store.artifacts(run.id)
    assert len(held.list("events/")) == 2, "a file for each attempt, even within a second"
    assert scalars(held) == {(10, "d_loss"): 1.0, (5, "d_loss"): 2.0}
    starts = [event.step for event in events(held) if event.session_log.status == SessionLog.START]
    assert starts == [1, 5]
