"""A run's main curve in few points, for lists: as a run goes on they become wider, and never more."""

import math


class Line:
    """A curve of at most ``most`` points however long the run: when it is full, neighbours are merged."""

    def __init__(self, points=(), rows=0, most=48):
        """``points`` so far, made of ``rows`` rows: a resumed run goes on with points as wide as those it has."""
        self._points, self._most = list(points), most
        self._each, self._pending = max(1, round(rows / len(self._points))) if self._points else 1, []

    def add(self, value):
        if value is None or not math.isfinite(value):
            return
        self._pending.append(value)
        if len(self._pending) >= self._each:
            self._points.append(sum(self._pending) / len(self._pending))
            self._pending = []
        if len(self._points) >= self._most:
            pairs = zip(self._points[::2], self._points[1::2])
            self._points, self._each = [(a + b) / 2 for a, b in pairs], 2 * self._each

    def points(self):
        return [round(point, 4) for point in self._points]
