"""A run's files: written under a temporary name and moved, so that no reader ever sees half of one."""

import os
import re
from pathlib import Path

STEP = re.compile(r"(\d{9})\.")


def write_whole(path, data):
    """Write bytes to ``path`` at once or not at all."""
    with replacing(path) as partial:
        partial.write_bytes(data)


class replacing:
    """``with replacing(path) as partial``: write to ``partial``; it becomes ``path`` if all goes well."""

    def __init__(self, path):
        self.path = Path(path)
        # The suffix stays: some writers (Keras) insist on theirs.
        self.partial = self.path.with_name(f".partial-{os.getpid()}-{self.path.name}")

    def __enter__(self):
        self.path.parent.mkdir(parents=True, exist_ok=True)
        return self.partial

    def __exit__(self, error, *_):
        try:
            if error is None:
                os.replace(self.partial, self.path)
        finally:
            self.partial.unlink(missing_ok=True)  # unless it has become ``path``


def by_step(folder, suffix):
    """``{step: path}`` of the files ``<step>.<suffix>`` in a folder, in the order of their steps."""
    found = {}
    for path in sorted(Path(folder).glob(f"*{suffix}")):
        if match := STEP.match(path.name):
            found[int(match[1])] = path
    return found


def step_path(folder, step, suffix):
    return Path(folder) / f"{step:09d}{suffix}"


def sample_sheets(folder):
    """``{step: PNG}`` of a run's samples, in the order of their steps."""
    return by_step(Path(folder) / "samples", ".png")


def checkpoints(folder):
    """``{step: weights}`` of a run's checkpoints, in the order of their steps."""
    return by_step(Path(folder) / "checkpoints", ".weights.h5")
