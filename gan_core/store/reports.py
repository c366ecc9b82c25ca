"""Reports that somebody has written: ``reports/<key>.json``, a title and parts, each a text or a panel about some runs."""

import json
import time

from gan_core import visitors
from gan_core.errors import BadInput
from gan_core.store import named, records

TITLE = named.LONGEST  # characters of a title
TEXT, MOST, LONGEST_TEXT = "text", 60, 20_000  # the kind of what is written; parts of a report; characters of a text
MOST_RUNS = 24
LATEST = 253402214400  # seconds since the epoch, up to which there are dates: the end of the year 9999


def keep(workspace, title, parts, key=None, since=None):
    """Keep a report, in the place of that of a ``key``, or of the same title.  Returns its key.

    Args:
        parts: ``[{"kind": "text", "text"} or {"kind": a panel's name, "runs": ids, "chosen": keys, "frozen": {"when":
            seconds since the epoch, "elements": as gan_core.reporting.panels.base has them} or None}]``.
        since: when the report that the parts were made of was kept, its ``kept``; None to replace whatever is there.

    Raises:
        BadInput: for a title that is empty, too long or another report's, too many parts or too long a text, and where the
            report is not as it was ``since`` any more.
        StoreError: when the workspace cannot be written, and where visitors are.
    """
    visitors.refuse()
    title = _REPORTS.title(title)
    if len(parts) > MOST:
        raise BadInput(f"A report has at most {MOST} parts; begin another one.")
    if any(len(part.get("text", "")) > LONGEST_TEXT for part in parts):
        raise BadInput(f"A text of a report has at most {LONGEST_TEXT:,} characters; put it into two.")
    if any(len(part.get("runs", ())) > MOST_RUNS for part in parts):
        raise BadInput(f"A panel takes at most {MOST_RUNS} runs; choose fewer.")
    known = kept(workspace)
    if since is not None and (key, since) not in [(one["key"], one["kept"]) for one in known]:
        raise BadInput("The report was changed or forgotten in another window meanwhile; load the page anew and try again.")
    same = next((one["key"] for one in known if one["title"].casefold() == title.casefold()), None)
    if same not in (None, key):
        raise BadInput(f"Another report is called {title}; give this one another name.")
    told = {"title": title, "parts": parts}
    if not _fits(told):
        raise BadInput("The report holds what no report can hold; make it again.")
    return _REPORTS.keep(workspace, told, key)


def kept(workspace):
    """``[{"key", "title", "parts", "kept"}]``, by title.  What cannot be read is left out."""
    return _REPORTS.kept(workspace)


def get(workspace, key):
    """The report of a key, as in :func:`kept`; BadInput where there is none."""
    return _REPORTS.get(workspace, key)


def forget(workspace, key):
    """Remove one; BadInput where there is none."""
    _REPORTS.forget(workspace, key)


def frozen(elements):
    """Elements as a part keeps them, from now on."""
    return {"when": time.time(), "elements": [element.as_dict() for element in elements]}


def _fits(told):
    return isinstance(told.get("parts"), list) and len(told["parts"]) <= MOST and all(map(_is_part, told["parts"]))


def _is_kept(told):
    return _fits(told) and len(told["title"]) <= TITLE and records.is_number(told.get("kept"))


def _is_part(part):
    if not isinstance(part, dict) or not records.is_text(part.get("kind")):
        return False
    if not part.keys() <= ({"kind", "text"} if part["kind"] == TEXT else {"kind", "runs", "chosen", "frozen"}):
        return False
    if part["kind"] == TEXT:
        return records.is_text(part.get("text")) and len(part["text"]) <= LONGEST_TEXT
    return (records.are_texts(part.get("runs")) and len(set(part["runs"])) == len(part["runs"]) <= MOST_RUNS
            and records.are_texts(part.get("chosen", [])) and _is_frozen(part.get("frozen")))


def _is_frozen(frozen):
    return frozen is None or (isinstance(frozen, dict) and _is_date(frozen.get("when"))
                              and isinstance(frozen.get("elements"), list) and all(map(_is_element, frozen["elements"])))


def _is_date(when):
    return records.is_number(when) and 0 <= when <= LATEST


def _is_element(element):
    return (isinstance(element, dict) and isinstance(element.get("content"), (str, dict))
            and records.is_text(json.dumps(element, ensure_ascii=False))
            and all(isinstance(element.get(name), str) for name in ("kind", "title")))


_REPORTS = named.Named("reports", "report", "reports", _is_kept)
