"""Dates and times of a table: which way they are written in, as numbers, and written again in the same way."""

import datetime
import functools
import re

DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%Y", "%d.%m.%y", "%d-%m-%Y", "%d %b %Y", "%d %B %Y", "%d-%b-%Y",
        "%d-%b-%y", "%b %d, %Y", "%B %d, %Y", "%b %d %Y", "%B %d %Y")
MONTH_FIRST, DAY_FIRST = ("%m/%d/%Y", "%m/%d/%y"), ("%d/%m/%Y", "%d/%m/%y")
MONTHS = ("%Y-%m", "%Y/%m", "%m/%Y", "%b %Y", "%B %Y", "%b-%y")
TIMES = ("", " %H:%M:%S", " %H:%M", "T%H:%M:%S", "T%H:%M", " %H:%M:%S.%f", "T%H:%M:%S.%f", "T%H:%M:%SZ", "T%H:%M:%S.%fZ",
         " %H:%M:%S+00:00", " %I:%M %p", " %I:%M:%S %p")
ONLY_IF_ASKED = ("%Y%m%d", "%Y%m%d%H%M%S", "%y%m%d")  # to whoever was told nothing these are whole numbers
LOOKED_AT = 200  # texts that every way is tried on; that which suits is tried on all
_EPOCH = datetime.datetime(1970, 1, 1)
_CODE = re.compile(r"%(-?)([A-Za-z%])")
_MONTHS = ("", "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
           "December")
_SHORT = tuple(name[:3] for name in _MONTHS)
_DIGITS = {"Y": r"\d{4}", "y": r"\d{2}", "f": r"\d{1,6}", "p": "AM|PM", "b": "|".join(_SHORT[1:]), "B": "|".join(_MONTHS[1:])
           } | dict.fromkeys("mdHIMS", r"\d{1,2}") | {"z": r"Z|[+-]\d{2}:?\d{2}"}
_ZONE = re.compile(r"(?<=\d) ?(Z|[+-]\d{2}:?\d{2})$", re.ASCII)
UTC = "+00:00"


def way_of(texts, month_first=True, asked=False):
    """``(way, other way or "")`` in which all texts of a set are written, as ``strftime`` has it, with
    ``%-d`` and ``%-m`` where no zeros stand before; ("", "") where there is none.

    Args:
        month_first: what 1/2/2024 is where both would do; the other way is given then, too.
        asked: whether somebody said that these are dates.
    """
    some = sorted(texts)[:LOOKED_AT]
    slashed = (*MONTH_FIRST, *DAY_FIRST) if month_first else (*DAY_FIRST, *MONTH_FIRST)
    days = [*DAYS, *slashed, *MONTHS, *(ONLY_IF_ASKED if asked else ())]
    ways = [day + time for day in days for time in (TIMES if day not in (*MONTHS, *ONLY_IF_ASKED) else TIMES[:1])]
    suit = [way for way in ways if _all_read(some, way) and _all_read(texts, way)]
    if not suit:
        return _with_zones(texts, month_first)
    # Of the two that read the same texts that one is theirs which writes them alike.
    bare = not _alike(texts, suit[0]) and _alike(texts, _bare(suit[0]))
    other = next((one for one in suit[1:] if {suit[0][:8], one[:8]} <= {*MONTH_FIRST, *DAY_FIRST}), "")
    return (_bare(suit[0]), _bare(other)) if bare else (suit[0], other)


def _with_zones(texts, month_first):
    """As :func:`way_of`, of times behind which stands how far they are from UTC: written as they are where all of a set are
    equally far, as one's own clock has them, and else as UTC has them."""
    zones = [_ZONE.search(text) for text in texts]
    if not zones or None in zones:
        return "", ""
    way, other = way_of({text[:zone.start()] for text, zone in zip(texts, zones)}, month_first)
    if not has_time(way):  # 2024-05-0700 is no day behind which a zone stands
        return "", ""
    told = {zone[0] for zone in zones}
    after = told.pop() if len(told) == 1 else (" " if zones[0][0].startswith(" ") else "") + "%z"
    return (way + after, other and other + after) if _all_read(texts, way + after) else ("", "")


def _alike(texts, way):
    """Whether a way writes all texts that it reads as they are."""
    return all(text_of(number_of(text, way), way) == text for text in texts)


def _bare(way):
    return re.sub(r"%([dmHI])", r"%-\1", way)


def _all_read(texts, way):
    return all(number_of(text, way) is not None for text in texts)


def has_time(way) -> bool:
    return "%H" in way or "%-H" in way or "%I" in way or "%-I" in way


def number_of(text, way) -> float | None:
    """Days since 1970 of a text, or seconds where the way has a time; None where it is written otherwise."""
    pattern, codes = _pattern(way)
    found = pattern.fullmatch(text)
    if not found:
        return None
    told = dict(zip(codes, found.groups()))
    year = int(told.get("Y") or told.get("y", 0)) + ("y" in told) * (1900 if int(told.get("y", 0)) > 68 else 2000)
    month = _by_name(told, "b", _SHORT) or _by_name(told, "B", _MONTHS) or int(told.get("m", 1))
    hour = int(told.get("H", 0))
    if "I" in told:
        if not 1 <= int(told["I"]) <= 12:
            return None
        hour = int(told["I"]) % 12 + 12 * (told.get("p", "").upper() == "PM")
    try:
        since = datetime.datetime(year, month, int(told.get("d", 1)), hour, int(told.get("M", 0)), int(told.get("S", 0)),
                                  int(told.get("f", "").ljust(6, "0"))) - _EPOCH
    except ValueError:  # the 31st of February
        return None
    return since.total_seconds() - _ahead(told.get("z", "Z")) if has_time(way) else float(since.days)


def _ahead(zone):
    """Seconds by which clocks of a zone are ahead of UTC."""
    if zone in ("Z", "z"):
        return 0
    return (1 if zone[0] == "+" else -1) * (3600 * int(zone[1:3]) + 60 * int(zone[-2:]))


@functools.cache
def _pattern(way):
    """``(pattern, the code of each group)``: Python's own keeps five of them, and is as slow as it then has to be."""
    parts, codes, end = [], [], 0
    for found in _CODE.finditer(way):
        parts.append(re.escape(way[end:found.start()]))
        end = found.end()
        if found[2] == "%":
            parts.append("%")
        else:
            parts.append(f"({_DIGITS[found[2]]})")
            codes.append(found[2])
    return re.compile("".join([*parts, re.escape(way[end:])]), re.ASCII | re.IGNORECASE), tuple(codes)


def _by_name(told, code, names):
    return next((place for place, name in enumerate(names) if name and name.lower() == told.get(code, "").lower()), 0)


def text_of(number, way) -> str:
    """The inverse, of numbers that lie between two that were read."""
    when = _EPOCH + (datetime.timedelta(seconds=float(number)) if has_time(way) else datetime.timedelta(days=round(number)))
    hour = when.hour % 12 or 12
    values = {"Y": f"{when.year:04d}", "y": f"{when.year % 100:02d}", "m": f"{when.month:02d}", "d": f"{when.day:02d}",
              "H": f"{when.hour:02d}", "I": f"{hour:02d}", "M": f"{when.minute:02d}", "S": f"{when.second:02d}",
              "f": f"{when.microsecond:06d}", "p": "AM" if when.hour < 12 else "PM", "b": _SHORT[when.month],
              "B": _MONTHS[when.month], "%": "%", "z": UTC}
    return _CODE.sub(lambda code: values[code[2]].lstrip("0") or "0" if code[1] else values[code[2]], way)


def refusal(way) -> str:
    """Why a way that somebody wrote down cannot be used, for the end of a sentence; "" when it can."""
    codes = {code for _, code in _CODE.findall(way)}
    if strangers := sorted(codes - set("YymdHIMSfpbBz%")):
        return f"%{strangers[0]} is not known in dates"
    return "" if codes & {"Y", "y"} else "a date needs a year, %Y"
