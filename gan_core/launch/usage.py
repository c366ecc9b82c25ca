"""What a run takes of its machine while it goes on: read at this moment for who looks, and kept with its rows."""

import contextlib
import shutil
import subprocess
import time
from dataclasses import dataclass

import psutil

# The keys under which a run's readings are kept with its rows, by what they begin with, and what each is.
PREFIX = "machine_"
CPU, MEMORY, GPU, GPU_MEMORY, READ, WRITTEN, FREE = (PREFIX + name for name in (
    "cpu",  # cores
    "memory",  # GiB
    "gpu",  # share of the time in which the first card is at work, whoever uses it
    "gpu_memory",  # GiB of that card in use
    "disk_read", "disk_written",  # MiB a second, by this process
    "disk_free"))  # GiB where the workspace is
GIB, MIB = 2**30, 2**20
PATIENCE = 3.0  # seconds between two questions to the card


@dataclass(frozen=True)
class Gpu:
    """The first card: the ``share`` of the time in which it is at work, and its memory in bytes."""

    share: float
    used: int
    memory: int

    def __str__(self):
        return f"{100 * self.share:.0f} %, {self.used / GIB:.1f} of {self.memory / GIB:.0f} GiB"


@dataclass(frozen=True)
class Usage:
    """``cpu`` in cores (1.9 is nearly two), ``memory`` in bytes, ``card`` a :class:`Gpu` or None."""

    cpu: float
    memory: int
    card: Gpu | None = None

    @property
    def gpu(self):
        """The card in words; "" where there is none."""
        return str(self.card or "")


class Meter:
    """Reads the usage of one process; keep it, since shares of time are measured between two readings."""

    def __init__(self, pid):
        self._process = None
        self._gpu = (None, 0.0)
        self._disk = None
        try:
            self._process = psutil.Process(pid)
            self._process.cpu_percent()
            self._disk = self._moved()
        except psutil.Error:  # it is gone, or another user's
            pass

    def read(self):
        """:class:`Usage`, or None when the process is gone."""
        try:
            if self._process is None or not self._process.is_running():
                return None
            return Usage(self._process.cpu_percent() / 100, self._process.memory_info().rss, self._read_gpu())
        except psutil.Error:
            return None

    def figures(self, workspace):
        """``{key: number}`` since the last reading, of what can be told here; ``workspace`` is the folder whose disk is
        looked at, None for none."""
        if (usage := self.read()) is None:
            return {}
        told = {CPU: usage.cpu, MEMORY: usage.memory / GIB}
        if usage.card:
            told |= {GPU: usage.card.share, GPU_MEMORY: usage.card.used / GIB}
        before, self._disk = self._disk, self._moved()
        if before and self._disk:
            seconds = max(self._disk[0] - before[0], 1e-9)
            told |= {key: max(now - then, 0) / MIB / seconds
                     for key, now, then in zip((READ, WRITTEN), self._disk[1:], before[1:])}
        with contextlib.suppress(OSError, TypeError):
            told[FREE] = shutil.disk_usage(workspace).free / GIB
        return told

    def _moved(self):
        """``(time, bytes read, bytes written)``; None where the system does not tell."""
        try:
            counts = self._process.io_counters()
            return time.monotonic(), counts.read_bytes, counts.write_bytes
        except (psutil.Error, AttributeError, NotImplementedError, OSError):
            return None

    def _read_gpu(self):
        card, read_at = self._gpu
        if time.monotonic() - read_at > PATIENCE and shutil.which("nvidia-smi"):
            asked = "--query-gpu=utilization.gpu,memory.used,memory.total"
            try:
                answer = subprocess.run(["nvidia-smi", asked, "--format=csv,noheader,nounits"], timeout=2,
                                        capture_output=True, text=True).stdout.splitlines()[0].split(", ")
                card = Gpu(float(answer[0]) / 100, int(answer[1]) * MIB, int(answer[2]) * MIB)
            except (OSError, subprocess.TimeoutExpired, IndexError, ValueError):
                card = None
            self._gpu = (card, time.monotonic())
        return self._gpu[0]
