"""What was found odd by a run: ``odd/<method>-<of what>.json``, and beside it a sheet of the oddest, ``.png``.

A result has its ``key`` (the name without the suffix), ``run``, ``step``, ``method``, ``title``, ``data`` (what was looked
at), ``found`` (seconds since the epoch), ``protocol`` (how it was done, sentences), ``threshold`` and ``quantile``,
``normal_scores``, ``scores`` (``[{"file" or "index", "score", "odd": whether it exceeds the threshold, "class"}, ...]``),
``shown`` (places in these of those on the sheet), and where it is known which are odd ``methods``: ``{name: {"title",
"auroc", "auroc_low", "auroc_high", "auprc", "auprc_low", "auprc_high", "roc": [[...], [...]]}}``.
"""

import json
import re

from gan_core.store import records
from gan_core.store.artifacts import NoArtifact

FOLDER, JSON, PNG, MOST = "odd/", ".json", ".png", 20
NEEDED = {"key", "step", "method", "found", "threshold", "scores", "normal_scores", "protocol"}


def key_of(method, text):
    """The key of a result by a method of what ``text`` names; the same for the same."""
    return f"{method}-{re.sub('[^a-z0-9]+', '-', text.lower()).strip('-')[:40] or 'own'}"


def keep(artifacts, result, sheet):
    """Keep a result, in the place of an older one of the same key; the oldest beyond :data:`MOST` go."""
    artifacts.put(f"{FOLDER}{result['key']}{PNG}", sheet)
    artifacts.put(f"{FOLDER}{result['key']}{JSON}", json.dumps(result, allow_nan=False).encode())
    for old in kept(artifacts)[MOST:]:
        forget(artifacts, old["key"])


def kept(artifacts):
    """The results, the newest first."""
    names = [name for name in artifacts.list(FOLDER) if name.endswith(JSON)]
    found = records.read(artifacts, names, _fits)[0]
    return sorted((result for _, result in found), key=lambda result: -result["found"])


def sheet(artifacts, key):
    """The PNG of a result's oddest; None where it is gone."""
    try:
        return artifacts.read(f"{FOLDER}{key}{PNG}")
    except NoArtifact:
        return None


def forget(artifacts, key):
    for suffix in (JSON, PNG):
        artifacts.remove(f"{FOLDER}{key}{suffix}")


def _fits(result):
    return (isinstance(result, dict) and NEEDED <= result.keys() and records.is_number(result["found"])
            and records.is_number(result["threshold"]) and isinstance(result["key"], str) and isinstance(result["scores"],
                                                                                                         list)
            and all(isinstance(one, dict) and records.is_number(one.get("score")) for one in result["scores"])
            and isinstance(result["normal_scores"], list) and all(map(records.is_number, result["normal_scores"])))
