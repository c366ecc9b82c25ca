"""Pictures in the style of others, as they were made in a workspace: ``restyled/<key>/`` with ``content.png``,
``style.png``,
``result.png`` (as far as it is) and ``told.json``."""

import contextlib
import hashlib
import json
import re
import shutil
import time
from pathlib import Path

from gan_core.errors import BadInput, StoreError
from gan_core.store import records
from gan_core.whole_files import write_whole

MOST = 60
CONTENT, STYLE, RESULT, TOLD = "content.png", "style.png", "result.png", "told.json"
_KEY = re.compile(r"[0-9a-f]{16}")


def begin(workspace, content, style, **settings):
    """Keep two pictures (PNG bytes) that are to become one.  Returns the key, which is the same for the same work.

    Raises:
        StoreError: when the workspace cannot be written.
    """
    told = json.dumps(settings, sort_keys=True)
    key = hashlib.sha256(content + b"\0" + style + told.encode()).hexdigest()[:16]
    place = _place(workspace, key)
    try:
        for old in [one["key"] for one in kept(workspace)][MOST - 1:]:
            forget(workspace, old)
        for name, data in ((CONTENT, content), (STYLE, style), (TOLD, json.dumps(
                {"begun": time.time(), "done": 0.0, "seconds": 0.0, **settings}).encode())):
            write_whole(place / name, data)
    except OSError as error:
        raise _unwritable(error) from error
    return key


def pictures(workspace, key):
    """``(content, style)``, PNG bytes; BadInput where they are gone."""
    place = _place(workspace, key)
    try:
        return (place / CONTENT).read_bytes(), (place / STYLE).read_bytes()
    except OSError:
        raise BadInput("The pictures of this work are gone; choose them again.") from None


def put(workspace, key, result, **told):
    """Keep a result as far as it is (PNG bytes), and what is told of it, such as the share that is ``done``."""
    place = _place(workspace, key)
    if not place.is_dir():
        raise BadInput("The pictures of this work are gone; choose them again.")
    try:
        write_whole(place / RESULT, result)
        write_whole(place / TOLD, json.dumps(_told(place) | told).encode())
    except OSError as error:
        raise _unwritable(error) from error


def kept(workspace):
    """What is known of each, ``{"key", "begun", "done", ...}``, the newest first."""
    found = []
    for place in Path(workspace, "restyled").glob("*"):
        told = _told(place) if _KEY.fullmatch(place.name) else {}
        if _fits(told):
            found.append(told | {"key": place.name})
    return sorted(found, key=lambda one: -one["begun"])


def result(workspace, key):
    """PNG bytes; None while there is nothing."""
    with contextlib.suppress(OSError):
        return (_place(workspace, key) / RESULT).read_bytes()
    return None


def forget(workspace, key):
    shutil.rmtree(_place(workspace, key), ignore_errors=True)


def _place(workspace, key):
    if not _KEY.fullmatch(str(key)):
        raise BadInput("There is no such work; choose two pictures.")
    return Path(workspace, "restyled", key)


def _fits(told):
    return (all(records.is_number(told.get(name)) for name in ("begun", "done"))
            and all(records.is_number(told.get(name, 0)) for name in ("seconds", "steps", "strength"))
            and records.is_text(told.get("encoder", "")))


def _told(place):
    try:
        told = json.loads((place / TOLD).read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _unwritable(error):
    return StoreError(f"The pictures could not be kept in the workspace ({error.strerror or error}); make room there.")
