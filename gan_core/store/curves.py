"""A run's curves, kept up to date: each look reads only the rows that are new."""

import threading
from array import array

import numpy as np

PAUSE = 30.0  # seconds between two rows beyond which the run was not training but waiting to be resumed


class Series:
    """The curves of one run.  Safe to share between sessions.

    Args:
        store: :class:`gan_core.store.RunStore`.
        run_id: the run's.
    """

    def __init__(self, store, run_id):
        self._store, self._id = store, run_id
        self._lock = threading.Lock()
        self._forget()

    def _forget(self):
        self._curves, self._newest = {}, (-1, "", 0.0)  # step, key and time of a row

    def refresh(self):
        """Read what is new; everything anew when a resumed run has cut off rows that were read before."""
        with self._lock:
            step, *row = self._newest
            rows = self._store.rows(self._id, after=step - 1)
            same = rows.step == step
            if step >= 0 and row not in map(list, zip(rows.key[same], rows.time[same].tolist())):
                # The newest row is gone, or was made a second time: the run goes on from a checkpoint before it.
                self._forget()
                rows = self._store.rows(self._id)
            if len(rows):
                first = int(np.argmax(rows.step == rows.step[-1]))
                self._newest = int(rows.step[first]), rows.key[first], float(rows.time[first])
            names, codes = rows.coded()
            for code, key in enumerate(names):
                curve = self._curves.setdefault(key, (array("q"), array("d"), array("d")))
                # Of the newest step more may have come: a probe takes a while, and its figures are of the step before it.
                new = (codes == code) & (rows.step > (curve[0][-1] if curve[0] else -1))
                for column, items in zip(curve, (rows.step, rows.value, rows.time)):
                    column.frombytes(items[new].tobytes())
        return self

    def __contains__(self, key):
        return key in self._curves

    def keys(self):
        return sorted(self._curves)

    def curve(self, key):
        """``(step, value, minutes)`` of a key, each (N,); minutes of training, pauses left out."""
        with self._lock:
            if key not in self._curves:
                return np.zeros(0), np.zeros(0), np.zeros(0)
            step, value, time = (np.array(column) for column in self._curves[key])
        gaps = np.diff(time, prepend=time[:1])
        usual = np.median(gaps) if len(gaps) else 0.0
        # Older rows have the time of a clock that may have been set back meanwhile.
        gaps[(gaps > max(PAUSE, 20 * usual)) | (gaps < 0)] = max(usual, 0.0)
        return step, value, np.cumsum(gaps) / 60

    def last(self, key, default=None):
        """The newest value of a key."""
        with self._lock:
            return self._curves[key][1][-1] if key in self._curves else default
