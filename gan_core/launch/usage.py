"""What a run takes of its machine while it goes on."""

import shutil
import subprocess
import time
from dataclasses import dataclass

import psutil


@dataclass(frozen=True)
class Usage:
    """``cpu`` in cores (1.9 is nearly two), ``memory`` in bytes, ``gpu`` a sentence or ""."""

    cpu: float
    memory: int
    gpu: str = ""


class Meter:
    """Reads the usage of one process; keep it, since the share of the CPU is measured between two readings."""

    def __init__(self, pid):
        self._process = None
        self._gpu = ("", 0.0)
        try:
            self._process = psutil.Process(pid)
            self._process.cpu_percent()
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

    def _read_gpu(self):
        text, read_at = self._gpu
        if time.monotonic() - read_at > 3 and shutil.which("nvidia-smi"):
            asked = "--query-gpu=utilization.gpu,memory.used,memory.total"
            try:
                answer = subprocess.run(["nvidia-smi", asked, "--format=csv,noheader,nounits"], timeout=2,
                                        capture_output=True, text=True).stdout.splitlines()[0].split(", ")
                text = f"{answer[0]} %, {int(answer[1]) / 1024:.1f} of {int(answer[2]) / 1024:.0f} GiB"
            except (OSError, subprocess.TimeoutExpired, IndexError, ValueError):
                text = ""
            self._gpu = (text, time.monotonic())
        return self._gpu[0]
