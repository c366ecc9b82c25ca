"""All that training may tell the world, and the two things it may ask."""

from collections.abc import Callable, Mapping, Sequence
from typing import BinaryIO, Protocol

import numpy as np


class Recorder(Protocol):
    """Training calls these from its loop; an implementation must return fast."""

    def metrics(self, step: int, values: Mapping[str, float]) -> None:
        """Scalars after ``step`` steps."""

    def samples(self, step: int, samples: np.ndarray, grid: tuple[int, int], beside: dict | None = None) -> None:
        """Samples from the fixed inputs: (rows * columns, H, W, C) in [-1, 1], or (N, 2) points; ``beside`` are arrays by
        name that are shown with them, such as their sources."""

    def view(self, step: int, title: str, rows: Sequence[tuple[str, np.ndarray]]) -> None:
        """Another picture of the same moment: ``(what the row is, (n, H, W, C) in [-1, 1])`` for each row."""

    def checkpoint(self, step: int, write: Callable[[BinaryIO], None]) -> None:
        """Keep what ``write(file)`` writes as the state after ``step`` steps."""

    def log(self, message: str) -> None:
        """A line for people."""

    def should_stop(self) -> bool:
        """Whether someone asked the run to stop."""

    def curve(self, key: str) -> list[tuple[int, float]]:
        """``(step, value)`` of what was recorded under a name so far, by attempts before this one too."""


class MemoryRecorder:
    """Keeps everything in lists: for tests, notebooks and benchmarks."""

    def __init__(self, stop_after=None):
        self.rows, self.sheets, self.views, self.checkpoints, self.lines = [], [], [], [], []
        self.stop_after = stop_after

    def metrics(self, step, values):
        self.rows.append((step, dict(values)))

    def samples(self, step, samples, grid, beside=None):
        self.sheets.append((step, samples, grid))

    def view(self, step, title, rows):
        self.views.append((step, title, rows))

    def checkpoint(self, step, write):
        self.checkpoints.append(step)

    def log(self, message):
        self.lines.append(message)

    def should_stop(self):
        return self.stop_after is not None and bool(self.rows) and self.rows[-1][0] >= self.stop_after

    def curve(self, key):
        return [(step, values[key]) for step, values in self.rows if key in values]


class Silence:
    """Hears nothing: what training costs without recording."""

    def metrics(self, step, values): ...
    def samples(self, step, samples, grid, beside=None): ...
    def view(self, step, title, rows): ...
    def checkpoint(self, step, write): ...
    def log(self, message): ...

    def should_stop(self):
        return False

    def curve(self, key):
        return []
