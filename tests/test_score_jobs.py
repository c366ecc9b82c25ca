"""That scoring in the background leaves the processor to training."""

import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

SPIN = """
import os
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
%s
print("ready", flush=True)
while True: pass
"""


@pytest.mark.skipif(sys.platform != "linux", reason="SCHED_IDLE, autogroups and processors to be pinned to are Linux's")
def test_it_gets_what_training_leaves():
    """Both have a session of their own, as jobs start them; Linux may share the processor out among sessions."""
    training, scoring = (
        subprocess.Popen([sys.executable, "-c", SPIN % first], start_new_session=True, stdout=subprocess.PIPE,
                         cwd=Path(__file__).parents[1])
        for first in ("", "from gan_core import background; background._step_back()"))
    spent = lambda process: sum(psutil.Process(process.pid).cpu_times()[:2])  # noqa: E731
    try:
        for process in (training, scoring):
            process.stdout.readline()
        before = spent(training), spent(scoring)
        end = time.monotonic() + 60
        while spent(training) - before[0] < 2 and time.monotonic() < end:
            time.sleep(0.1)
        assert spent(scoring) - before[1] < 0.25 * (spent(training) - before[0])
    finally:
        for process in (training, scoring):
            process.kill()
            process.wait()
