"""A run's files: where each kind lies, and what is there."""

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

from gan_core.modalities.base import SUFFIXES

STEP = re.compile(r"(\d{9})\.")


def size_of(path):
    """Bytes of a file; 0 when it is gone."""
    try:
        return os.path.getsize(path)
    except OSError:
        return 0


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
    """``{step: picture}`` of a run's samples, or whatever else shows them, in the order of their steps."""
    return sheets_in(Path(folder) / "samples")


def sheets_in(folder):
    """``{step: path}`` of the artifacts in a folder, in the order of their steps."""
    found = {step: path for suffix in SUFFIXES.values() for step, path in by_step(folder, suffix).items()}
    return dict(sorted(found.items()))


@dataclass(frozen=True)
class View:
    """Another picture of a run's samples: its title, and what each row is, from which step on."""

    title: str
    rows: dict[int, tuple[str, ...]]
    folder: Path

    def rows_at(self, step):
        """What each row of the sheet of a step is; a network that grows has more of them later."""
        return self.rows[max((each for each in self.rows if each <= step), default=min(self.rows))]

    def sheets(self):
        """``{step: picture}`` in the order of their steps."""
        return sheets_in(self.folder)


def view_folder(folder, title):
    return Path(folder) / "views" / re.sub(r"\W+", "-", title.lower())


def views(folder):
    """The :class:`View` s of a run, by title."""
    found = []
    for path in Path(folder).glob("views/*/rows.json"):
        told = json.loads(path.read_text())
        # Runs of before have one list for all steps.
        rows = told["rows"] if isinstance(told["rows"], dict) else {0: told["rows"]}
        found.append(View(told["title"], {int(step): tuple(names) for step, names in rows.items()}, path.parent))
    return sorted(found, key=lambda view: view.title)


def checkpoints(folder):
    """``{step: weights}`` of a run's checkpoints, in the order of their steps."""
    return by_step(Path(folder) / "checkpoints", ".weights.h5")
