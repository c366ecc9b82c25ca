"""What was found odd by a run: ``odd/<method>-<of what>.json``, and beside it a sheet of the oddest, ``.png``.

A result has its ``key`` (the name without the suffix), ``run``, ``step``, ``method``, ``title``, ``data`` (what was looked
at), ``found`` (seconds since the epoch), ``protocol`` (how it was done, sentences), ``left_out`` (sentences about what could
not be looked at), ``threshold`` and ``quantile``,
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


AREAS = ("auroc", "auroc_low", "auroc_high", "auprc", "auprc_low", "auprc_high")


def _fits(result):
    return (NEEDED <= result.keys() and records.is_number(result["threshold"]) and records.is_step(result["step"])
            and all(records.is_text(result.get(name, "")) for name in ("method", "title", "data"))
            and records.are_texts(result["protocol"]) and records.are_texts(result.get("left_out", []))
            and isinstance(result["scores"], list) and bool(result["scores"]) and all(map(_is_score, result["scores"]))
            and isinstance(result["normal_scores"], list) and bool(result["normal_scores"])
            and all(map(records.is_number, result["normal_scores"]))
            and isinstance(result.get("methods") or {}, dict) and all(map(_is_told, (result.get("methods") or {}).values())))


def _is_score(one):
    return (isinstance(one, dict) and records.is_number(one.get("score"))
            and all(one.get(name) is None or records.is_plain(one[name]) for name in ("file", "index", "class")))


def _is_told(method):
    return (isinstance(method, dict) and records.is_text(method.get("title"))
            and all(records.is_number(method.get(area)) for area in AREAS)
            and isinstance(method.get("roc"), list) and len(method["roc"]) == 2
            and all(map(records.are_numbers, method["roc"])))


RESULTS = Pictured("odd/", "found", _fits, most=20)
