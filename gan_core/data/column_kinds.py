"""What the columns of a table are, told by their texts: numbers in whatever way they are written, dates, categories; and
what is missing."""

import collections
import math
import re
import unicodedata
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from gan_core.data import columns as described, dates
from gan_core.data.choices import OUT
from gan_core.data.columns import CATEGORY, DATE, EXACT, INTEGER, MOST_CATEGORIES, NUMBER
from gan_core.data.texts import brief, quoted, shown
from gan_core.errors import BadInput

# What stands for a missing value, in small letters: words of R, pandas, databases and spreadsheets.
MISSING = {"", "na", "n/a", "nan", "null", "?", "inf", "-inf", "infinity", "-infinity", "<na>", "n.a.", "nat", "-nan", "\\n",
           "(null)", "[null]", "1.#ind", "-1.#ind", "1.#qnan", "-1.#qnan", "#n/a", "#na", "#n/a n/a", "#div/0!", "#value!",
           "#ref!", "#name?", "#num!", "#null!"}
# The same among numbers alone: elsewhere they may be categories.
AMONG_NUMBERS = {"none", "nil", "missing", "unknown", "undefined", "-", "--", "---", ".", "..", "*", "\N{EN DASH}",
                 "\N{EM DASH}"}
FEW, EACH = 10, 10  # whole numbers of at most so many values, each in so many rows, are names of something
MOST_DECIMALS = 12
NOISY = 4  # digits at least that a trip through floats adds
DOUBLE = 12  # from so many on they are of a double, of which the last two may be off: 0.30000000000000004
MANY = 20  # rows or categories from which on it is remarkable that these hardly come again, or those count
LONG_NUMBER = 9  # digits of a number that may be a name
NEARLY_ALL = 0.9  # of the rows have a text of their own in a column that names them
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_CODE = re.compile(r"[+-]?0\d+", re.ASCII)  # 007: a name, not a number
# What may stand before and after each number of a column: a currency, a share, a unit of measure.
_UNIT = re.compile(r"([+-]?)((?:[^\W\d_]{3} ?|[A-Z]{0,2})?[$€£¥₹₩₽₺₫₪฿₴₦]? ?)([+-]?[\d.,'\u2019\u00a0\u2009\u202f ]*\d)"
                   r"( ?(?:[%‰$€£¥₹₩₽₺₫₪฿₴₦]|°[CF]?|[^\W\d_]{1,4}(?:/[^\W\d_]{1,3})?|[^\W\d_]{0,2}[²³])?)")
ONE_LETTER = set("mgshlLKVWAJN")  # units that may stand behind a number without a space
_SPACES = "'\N{RIGHT SINGLE QUOTATION MARK} \N{NO-BREAK SPACE}\N{THIN SPACE}\N{NARROW NO-BREAK SPACE}"
# (what groups digits by three, what stands before decimals)
_ENGLISH, _GERMAN = [(group, ".") for group in f",{_SPACES}"], [(group, ",") for group in f".{_SPACES}"]


class Seen:
    """One column of a file: its texts, which of them stand for a missing value, and what somebody said that it is."""

    def __init__(self, name, texts, asked, delimiter):
        self.name, self.texts, self.asked, distinct = name, texts, asked, set(texts)
        words = MISSING if asked == CATEGORY else MISSING | AMONG_NUMBERS
        self.missing = {text for text in distinct if text.lower() in words} if asked else missing_texts(distinct, delimiter)
        self.distinct = distinct - self.missing
        self.lacking = sum(text in self.missing for text in texts) if self.missing else 0

    def names_rows(self, delimiter):
        """Whether nearly every row has a text of its own, as people have names."""
        known = len(self.texts) - self.lacking
        if known < MANY or len(self.distinct) < NEARLY_ALL * known:
            return False
        codes = sum(bool(_CODE.fullmatch(text)) for text in self.distinct)
        numbers = sum(bool(_NUMBER.fullmatch(text)) for text in self.distinct) - codes
        if 2 * numbers >= len(self.distinct) or not codes and plain(self.distinct, delimiter):
            return False  # a column of numbers, some of which may be something else
        return not dates.way_of(self.distinct)[0]

    def kept(self):
        """``(texts, the one that stands for a missing value)``, of several the most frequent; None where none is missing."""
        if not self.lacking:
            return self.texts, None
        usual = collections.Counter(text for text in self.texts if text in self.missing).most_common(1)[0][0]
        return [usual if text in self.missing else text for text in self.texts], usual


def is_number(text) -> bool:
    return bool(_NUMBER.fullmatch(text))


def missing_texts(distinct, delimiter):
    """Those of a column's texts that stand for a missing value."""
    missing = {text for text in distinct if text.lower() in MISSING}
    among = {text for text in distinct if text.lower() in AMONG_NUMBERS}
    others = distinct - missing - among if among else set()
    return missing | among if others and plain(others, delimiter) else missing


def counts(texts):
    """Whether texts are the numbers of the rows, from 0 or from 1."""
    return len(texts) > 1 and texts[0] in ("0", "1") and all(
        one.isdigit() and other.isdigit() and len(other) < 10 and int(other) == int(one) + 1 for one, other
        in pairwise(texts))


def doubts(column, texts):
    """A sentence on what a column may have been meant to be instead, where it was taken for something that it seldom is."""
    name = brief(column.name)
    if column.kind != CATEGORY:
        if column.kind == described.INTEGER and len(texts) > MANY and counts(texts):
            yield f"The column {name!r} counts the rows, so that there is nothing to learn of it: leave it out."
        elif _numbers_rows(column, texts):
            yield (f"The column {name!r} has another whole number in nearly every row, each of {LONG_NUMBER} digits or "
                   "more, as customers, cards and telephones have: leave it out if it says whose row it is.")
        return
    others = [text for text in column.categories if not _NUMBER.fullmatch(text)]
    if 0 < 2 * len(others) < len(column.categories):
        numbers = len(column.categories) - len(others)
        yield (f"The column {name!r} was taken for categories, for beside {numbers:,} numbers there is "
               f"{brief(others[0])!r}: leave such rows out if it is of numbers.")
    elif len(column.categories) > max(MANY, len(texts) / 2):
        yield (f"The column {name!r} was taken for categories and has {len(column.categories):,} of them in {len(texts):,} "
               "rows: leave it out if it is a name or a date, and write plain numbers if it is of numbers.")


def _numbers_rows(column, texts):
    """Whether long whole numbers, another in nearly every row, may be names of something; dates are none."""
    known = [text for text in texts if text != column.missing]
    if column.kind not in (INTEGER, NUMBER) or column.decimals != 0 or len(known) <= MANY:
        return False
    short = min(sum(map(str.isdigit, text)) for text in known)
    return short >= LONG_NUMBER and len(set(known)) >= NEARLY_ALL * len(known)


def plain(texts, delimiter):
    """``{text: the number that it says}`` as Python writes it, of a set of texts that are all numbers in one way: with a
    point before decimals or, least where a comma parts values, a comma, and digits grouped or not; {} of others."""
    if all(map(_NUMBER.fullmatch, texts)):
        return {text: text for text in texts}
    ways = [*_ENGLISH, (None, ","), *_GERMAN] if delimiter == "," else [(None, ","), *_GERMAN, *_ENGLISH]
    for group, point in [(None, "."), *ways]:
        digits = rf"(\d+|\d{{1,3}}({re.escape(group)}\d{{3}})+)" if group else r"\d*"
        one = re.compile(rf"[+-]?{digits}({re.escape(point)}\d*)?([eE][+-]?\d{{1,3}})?", re.ASCII)
        said = {}
        for text in texts:
            signed = text.replace("\N{MINUS SIGN}", "-")
            if not one.fullmatch(signed):
                break
            said[text] = signed.replace(group or "", "").replace(point, ".")
            if not _NUMBER.fullmatch(said[text]):
                break
        else:
            return said
    return {}


def without_unit(texts):
    """``({text: its number}, before, after)`` of texts of which each has the same unit before or after a number; ({}, "",
    "") of others: of A1 and A2, or 3a and 4a, the letter is no unit, for it says which one it is."""
    found = {text: _UNIT.fullmatch(text.replace("\N{MINUS SIGN}", "-")) for text in texts}
    if not found or None in found.values():
        return {}, "", ""
    before, after = ({match[part] for match in found.values()} for part in (2, 4))
    if len(before) != 1 or len(after) != 1:
        return {}, "", ""
    before, after = before.pop(), after.pop()
    money = any(unicodedata.category(sign) == "Sc" for sign in before) or re.fullmatch(r"[A-Z]{3} ?", before)
    if not before + after or before and not money or re.fullmatch(r"[^\W\d_]", after) and after not in ONE_LETTER:
        return {}, "", ""
    return {text: match[1] + match[3] for text, match in found.items()}, before, after


def column_of(name, texts, delimiter, label, asked="", missing=None):
    """``(its Column, its values, a sentence on what is in doubt or "")``; ``missing`` is the text of a missing value."""
    distinct = set(texts) - {missing}
    if asked == CATEGORY:
        return _category(name, texts, label, missing)
    numbers = (asked or not any(map(_CODE.fullmatch, distinct))) and plain(distinct, delimiter)
    before = after = ""
    if not numbers and distinct and asked in ("", NUMBER, INTEGER):
        bare, before, after = without_unit(distinct)
        said = plain(set(bare.values()), delimiter) if bare else {}
        numbers = {text: said[bare[text]] for text in bare} if said else {}
    as_written = texts
    if numbers:
        texts = [text if text == missing else numbers[text] for text in texts]
        distinct = set(texts) - {missing}
    finite = {text: described.finite(text) for text in distinct} if numbers else {}
    usable = bool(finite) and None not in finite.values()
    if asked in (NUMBER, INTEGER) and not usable:
        other = next((text for text in sorted(distinct) if not plain({text}, delimiter)), min(distinct))
        _refuse_kind(f"The column {name!r} of {label} cannot be of numbers, for it holds {brief(other)!r}; call it a "
                     "category, or leave it out.")
    if asked == DATE or "%" in asked or not usable and not asked:
        way, other = (asked, "") if "%" in asked else dates.way_of(distinct, delimiter == ",", asked=bool(asked))
        if wrong := [text for text in sorted(distinct) if way and dates.number_of(text, way) is None]:
            _refuse_kind(f"The column {name!r} of {label} holds {brief(wrong[0])!r}, which is no date like {way}.")
        if way:
            column, values = described.date(name, texts, way, missing)
            doubt = f"The dates of {shown(name)!r} were read as {way}, and {other} would do as well: say " \
                    f"columns={quoted(f'{shown(name)}={other}')} if they are such." if other else ""
            return column, values, doubt
        if asked:
            _refuse_kind(f"The column {name!r} of {label} holds {brief(min(distinct))!r}, and no way of writing dates is "
                         f"known that suits all its texts; say which, such as columns={quoted(f'{shown(name)}=%d/%m/%Y')}.")
    if not usable:
        return _category(name, texts, label, missing)
    values = [math.nan if text == missing else finite[text] for text in texts]
    decimals = max(map(decimals_of, distinct))
    huge = decimals == 0 and max(map(abs, finite.values())) > EXACT
    if huge and any("e" in text.lower() for text in distinct):
        decimals = None
    if asked == INTEGER and decimals:
        _refuse_kind(f"The column {name!r} of {label} holds numbers that are not whole; call it a number.")
    if not asked and decimals == 0 and len(distinct) <= FEW and len(texts) >= EACH * len(distinct):
        return _category(name, as_written if before + after else texts, label, missing)
    decimals = decimals if decimals is None or decimals <= MOST_DECIMALS else None
    if asked == NUMBER and decimals == 0:
        decimals = None  # what lies between two whole ones may be drawn
    made = replace(described.number(name, values, decimals, missing), before=before, after=after)
    doubt = (f"Of {shown(name)!r} the numbers are learned, and {shown((before + after).strip())} is written with each again."
             if before + after else "")
    # No whole number inside, for not all of them are exact there, but written as one.
    return replace(made, kind=NUMBER) if huge else made, values, doubt


def _category(name, texts, label, missing):
    count = len(set(texts))
    if count > MOST_CATEGORIES:
        _refuse_kind(f"The column {name!r} of {label} has {count:,} different texts and {MOST_CATEGORIES:,} are the "
                     f"limit; leave it out (columns={quoted(f'{shown(name)}={OUT}')}), or put its values into groups.")
    return described.category(name, texts, missing), texts, ""


def _refuse_kind(sentence):
    raise BadInput(sentence, {"columns": sentence})


def decimals_of(text):
    """Digits after the point; of 9.899999 two, for it is 9.90 after a trip through floats."""
    digits, _, exponent = text.lower().partition("e")
    places = max(len(digits.partition(".")[2]) - int(exponent or 0), 0)
    if exponent:
        return places
    last, value = Decimal(1 if places < DOUBLE else 100).scaleb(-places), Decimal(text)
    return next((few for few in range(1, places - NOISY + 1)
                 if 0 < abs(value - round(value, few)) <= last), places)
