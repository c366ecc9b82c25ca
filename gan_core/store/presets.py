"""Settings that somebody has named in a workspace, to be chosen again: ``presets/<key>.json``."""

import json
import re
import secrets
import time
from pathlib import Path

from gan_core import visitors
from gan_core.errors import BadInput, StoreError
from gan_core.store import records
from gan_core.whole_files import write_whole

LONGEST = 40  # characters of a title
_KEY = re.compile(r"[0-9a-f]{12}")


def keep(workspace, title, architecture, kind, values, source=""):
    """Keep values of knobs under a title, for an architecture on a kind of data.  Returns its key.

    One of the same title, architecture and kind is replaced.

    Args:
        source: where they come from, such as the id of a sweep.

    Raises:
        BadInput: when the title is empty, too long, or that of a preset that comes with the workbench.
        StoreError: when the workspace cannot be written.
    """
    visitors.refuse()
    title = " ".join(title.split())
    if not 0 < len(title) <= LONGEST or not records.is_text(title):
        raise BadInput(f"A preset needs a name of 1 to {LONGEST} characters.")
    if title.casefold() in ("quick look", "defaults", "full"):
        raise BadInput(f"{title} comes with the workbench; give the preset another name.")
    if not values or not all(records.is_plain(value) for value in values.values()):
        raise BadInput("A preset needs the value of one knob at least.")
    same = next((one["key"] for one in kept(workspace, architecture, kind)
                 if one["title"].casefold() == title.casefold()), None)
    key = same or secrets.token_hex(6)
    told = {"title": title, "architecture": architecture, "kind": kind, "values": values, "source": source,
            "kept": time.time()}
    try:
        write_whole(Path(workspace, "presets", f"{key}.json"), json.dumps(told).encode())
    except OSError as error:
        raise StoreError(f"The preset could not be kept in the workspace ({error.strerror or error}); make room "
                         "there.") from error
    return key


def kept(workspace, architecture=None, kind=None):
    """``[{"key", "title", "architecture", "kind", "values", "source", "kept"}]``, by title; of an architecture and a kind of
    data alone where those are given.  What cannot be read is left out."""
    found = []
    for path in Path(workspace, "presets").glob("*.json"):
        told = _told(path)
        if told and architecture in (None, told["architecture"]) and kind in (None, told["kind"]):
            found.append(told | {"key": path.stem})
    return sorted(found, key=lambda one: (one["title"].casefold(), one["key"]))


def forget(workspace, key):
    """Remove one; BadInput where there is none."""
    visitors.refuse()
    path = Path(workspace, "presets", f"{key}.json")
    if not _KEY.fullmatch(str(key)) or not path.exists():
        raise BadInput(f"There is no preset {key!r}; `python -m gan_core presets` lists them.")
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"The preset could not be removed ({error.strerror or error}).") from error


def _told(path):
    try:
        told = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    fits = (_KEY.fullmatch(path.stem) and isinstance(told, dict) and isinstance(told.get("values"), dict)
            and all(records.is_text(told.get(name)) for name in ("title", "architecture", "kind", "source"))
            and all(records.is_text(name) and records.is_plain(value) for name, value in told["values"].items()))
    return told if fits else None
