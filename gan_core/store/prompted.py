"""Pictures that were looked for by words: ``prompts/<key>.png`` of a run, as far as it is, and beside it ``.json``.

What is told of one has its ``key``, the ``prompt``, ``begun`` (seconds since the epoch), ``done`` (the share), ``seconds``,
``step`` (of the checkpoint), the run of ``clip``, and once it has ended its ``likeness``.
"""

import hashlib
import json
import re

from gan_core.store import records
from gan_core.store.pictured import Pictured

_KEY = re.compile(r"[0-9a-f]{16}")


def key_of(**settings):
    """The key of a picture that is looked for with these settings; the same for the same."""
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:16]


def _fits(told):
    return (bool(_KEY.fullmatch(told["key"])) and records.is_text(told.get("prompt"))
            and all(records.is_number(told.get(name)) for name in ("done", "seconds"))
            and (told.get("likeness") is None or records.is_number(told["likeness"])))


PICTURES = Pictured("prompts/", "begun", _fits, most=40)
