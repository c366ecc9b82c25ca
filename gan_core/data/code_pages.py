"""In which letters a file of text is written: UTF-8, UTF-16, UTF-32, or an older code page, which is guessed and told."""

import codecs
import io
import re
import unicodedata

from gan_core.data.sources import COMMON_KOREAN, COMMON_RUSSIAN
from gan_core.errors import BadInput

LOOKED_AT = 200_000  # bytes by which an older code page is guessed
CONTROLS = 0.002  # of a text's characters, at most: what has more steers a machine, and says nothing to people
ZEROS = 0.1  # of the halves of letters, at least, in UTF-16
FEW_LETTERS, FEW_SIGNS = 12, 6  # different ones of an alphabet, or of signs of two bytes, by which a page can be told
MOST_STRANGE = 100_000  # lines that are not in UTF-8, of a file whose other lines are
_WORD = re.compile(r"[^\W\d_]+")
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig", "UTF-8"), (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
          (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"), (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
          (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"))
# What texts of a language are full of.
COMMON_CHINESE = ("的一是不了在人有我他這这中大來来上國国個个到說说們们為为子和你地出道也時时年得就那要下以"
                  "生會会自著着去之過过家學学對对可她里裡後后小麼么心多天而能好都然沒没日於于起還还發发成事只"
                  "作當当想看文無无開开手十用主行方又如前所本見见經经頭头面公同三已老從从動动兩两長长")
COMMON_GREEK = "αοιετσνηρπκμλυωάέίόύήώς"
# (code page, what it is for people, letters that such a text is full of, how large a share of those beyond ASCII they are)
_PAGES = (("cp932", "Japanese (Shift JIS)", "のにはをたがでとしれさいるもなてかっ", 0.2),
          ("euc_jp", "Japanese (EUC)", "のにはをたがでとしれさいるもなてかっ", 0.2),
          ("gb18030", "Chinese (GB 18030)", COMMON_CHINESE, 0.15), ("big5", "Chinese (Big5)", COMMON_CHINESE, 0.15),
          ("cp949", "Korean (EUC-KR)", COMMON_KOREAN, 0.3),
          ("cp1251", "Cyrillic (Windows 1251)", COMMON_RUSSIAN, 0.45),
          ("koi8_r", "Cyrillic (KOI8-R)", COMMON_RUSSIAN, 0.45), ("cp866", "Cyrillic (DOS 866)", COMMON_RUSSIAN, 0.45),
          ("cp1253", "Greek (Windows 1253)", COMMON_GREEK, 0.7))
_ALPHABETS = ("cp1251", "koi8_r", "cp866", "cp1253")
WESTERN = "Western European (Windows 1252)"


def read(data: bytes, label) -> tuple[str, str]:
    """``(text, how it was read)`` of a file's bytes: "" of plain UTF-8, else a sentence.

    Line ends are those of Unix, and letters with accents one character where there is one (NFC).  Raises BadInput, which
    calls the file ``label``, for what is no text, or in a script that cannot be told.
    """
    text, page, guessed = decoded(data)
    text = text and text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n")
    if text is None or sum(map(_is_control, text[:LOOKED_AT])) > CONTROLS * min(len(text), LOOKED_AT):
        raise BadInput(f"{label} is no text, or in letters that cannot be told; save what it says as plain text in UTF-8.")
    text = unicodedata.normalize("NFC", text)
    text = "".join(letter for letter in text if not _is_control(letter)) if any(map(_is_control, set(text))) else text
    if page == "UTF-8":
        return text, ""
    doubt = "; save it in UTF-8 if letters look wrong" if guessed else ""
    return text, f"It was read as {page}{doubt}."


def _is_control(letter):
    return letter not in "\n\t" and unicodedata.category(letter) == "Cc" or letter == "\ufeff"


def decoded(data):
    """``(text or None, its code page as people call it, whether that is a guess)`` of a file's bytes, as they are."""
    for mark, page, title in _MARKS:
        if data.startswith(mark):
            return _try(data, page), title, False
    if b"\0" in data:
        for page, zeros, others in (("utf-16-le", data[1::2], data[::2]), ("utf-16-be", data[::2], data[1::2])):
            # One zero byte alone says nothing.
            if zeros.count(0) > max(1, 10 * others.count(0), ZEROS * len(zeros)) and (text := _try(data, page)) is not None:
                return text, "UTF-16, which it does not say", True
    if (text := _try(data, "utf-8")) is not None:
        return text, "UTF-8", False
    return (None, "", False) if b"\0" in data else _of_two(data) or _older(data)


def _of_two(data):
    """As :func:`decoded`, of a file most of whose lines are in UTF-8, and some in an older code page, as when two were put
    together; None of others."""
    good, bad = 0, []
    for line in io.BytesIO(data):
        if line.isascii():
            continue
        if _try(line, "utf-8") is not None:
            good += 1
        else:
            bad.append(line)
        if len(bad) > MOST_STRANGE:
            return None
    text, page, _ = _older(b"".join(bad)) if len(bad) < good else (None, "", False)
    if text is None:
        return None
    others = iter(text.split("\n"))
    lines = (line if line.isascii() or _try(line, "utf-8") is not None else
             (next(others) + "\n" * line.endswith(b"\n")).encode() for line in io.BytesIO(data))
    how = f"{len(bad):,} line{'s' * (len(bad) > 1)} of it as {page}"
    return b"".join(lines).decode(), f"UTF-8, and {how}", True


def _older(data):
    """As :func:`decoded`, of a file in one of the code pages that there were before Unicode."""
    likeliest = sorted(((_likely(data, page, common) / share, page, title) for page, title, common, share in _PAGES),
                       reverse=True)
    for times, page, title in likeliest:
        if times >= 1.0 and (text := _try(data, page)) is not None:
            return text, title, True
    text = _try(data, "cp1252")
    return (None, "", False) if text is None or _is_foreign(text[:LOOKED_AT]) else (text, WESTERN, True)


def _likely(data, page, common):
    """The share of common letters among those beyond ASCII, if a text is in a code page; 0 where it is not, where they are
    too few to tell, or fewer than the others, within words, too, as umlauts are."""
    text = _try(data[:LOOKED_AT], page, cut=len(data) > LOOKED_AT) or ""
    letters = [letter.lower() for letter in text if letter.isalpha()]
    other = [letter for letter in letters if not letter.isascii()]
    if len(set(other)) < (FEW_LETTERS if page in _ALPHABETS else FEW_SIGNS):
        return 0.0
    if 2 * len(other) <= len(letters) and not _is_foreign(text):
        return 0.0
    return sum(letter in common for letter in other) / len(other)


def _is_foreign(text):
    """Whether most words of a text that have letters beyond ASCII have no others; those of Western Europe have both."""
    words = [word for word in _WORD.findall(text) if len(word) > 1 and not word.isascii()]
    return 2 * sum(not any(map(str.isascii, word)) for word in words) > len(words)


def _try(data, page, cut=False):
    """The text that bytes are in a code page, None where they are none; of a ``cut`` part the last letter may be half."""
    try:
        return codecs.getincrementaldecoder(page)().decode(data, final=not cut)
    except UnicodeError:
        return None
