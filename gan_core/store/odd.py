"""What was found odd by a run: ``odd/<method>-<of what>.json``, and beside it a sheet of the oddest, ``.png``.

A result has its ``key`` (the name without the suffix), ``run``, ``step``, ``method``, ``title``, ``data`` (what was looked
at), ``found`` (seconds since the epoch), ``protocol`` (how it was done, sentences), ``threshold`` and ``quantile``,
``normal_scores``, ``scores`` (``[{"file" or "index", "score", "odd": whether it exceeds the threshold, "class"}, ...]``),
``shown`` (places in these of those on the sheet), and where it is known which are odd ``methods``: ``{name: {"title",
"auroc", "auroc_low", "auroc_high", "auprc", "auprc_low", "auprc_high", "roc": [[...], [...]]}}``.
"""

import re

from gan_core.store import records
from gan_core.store.pictured import Pictured

NEEDED = {"step", "method", "threshold", "scores", "normal_scores", "protocol"}


def key_of(method, text):
    """The key of a result by a method of what ``text`` names; the same for the same."""
    return f"{method}-{re.sub('[^a-z0-9]+', '-', text.lower()).strip('-')[:40] or 'own'}"


def _fits(result):
    return (NEEDED <= result.keys() and records.is_number(result["threshold"]) and isinstance(result["scores"], list)
            and all(isinstance(one, dict) and records.is_number(one.get("score")) for one in result["scores"])
            and isinstance(result["normal_scores"], list) and all(map(records.is_number, result["normal_scores"])))


RESULTS = Pictured("odd/", "found", _fits, most=20)
