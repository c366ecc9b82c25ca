"""Pictures that were looked for by words: ``prompts/<key>.png`` of a run, as far as it is, and beside it ``.json``.

What is told of one has its ``key``, the ``prompt``, ``begun`` (seconds since the epoch), ``done`` (the share), ``seconds``,
``step`` (of the checkpoint), the run of ``clip``, and once it has ended its ``likeness``.
"""

import hashlib
import json
import re

from gan_core.store import records
from gan_core.store.artifacts import NoArtifact

FOLDER, JSON, PNG, MOST = "prompts/", ".json", ".png", 40
_KEY = re.compile(r"[0-9a-f]{16}")


def key_of(**settings):
    """The key of a picture that is looked for with these settings; the same for the same."""
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:16]


def put(artifacts, key, png, **told):
    """Keep a picture as far as it is, and what is told of it; the oldest beyond :data:`MOST` go."""
    artifacts.put(f"{FOLDER}{key}{PNG}", png)
    artifacts.put(f"{FOLDER}{key}{JSON}", json.dumps(told | {"key": key}, allow_nan=False).encode())
    for old in kept(artifacts)[MOST:]:
        forget(artifacts, old["key"])


def kept(artifacts):
    """What is told of each, the newest first."""
    names = [name for name in artifacts.list(FOLDER) if name.endswith(JSON)]
    found = records.read(artifacts, names, _fits)[0]
    return sorted((told for _, told in found), key=lambda told: -told["begun"])


def picture(artifacts, key):
    """The PNG; None where it is gone."""
    try:
        return artifacts.read(f"{FOLDER}{key}{PNG}")
    except NoArtifact:
        return None


def forget(artifacts, key):
    for suffix in (JSON, PNG):
        artifacts.remove(f"{FOLDER}{key}{suffix}")


def _fits(told):
    return (isinstance(told, dict) and isinstance(told.get("key"), str) and bool(_KEY.fullmatch(told["key"]))
            and isinstance(told.get("prompt"), str) and all(records.is_number(told.get(name)) for name in (
                "begun", "done", "seconds")))
