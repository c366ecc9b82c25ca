"""Text that is not ours, for what Streamlit draws as Markdown: it is shown as it is, whatever it holds.

Names of runs, classes and files, messages, notes, what stands in an address: whoever wrote them must not make a picture,
which a browser would fetch from anywhere, a link or a formula of them.  So a page draws literals, and what the functions
here return; a test reads the source of every page for it.
"""

import re
import string
import unicodedata

import pandas as pd

from pages.components.machine import without_paths

LONGEST = 2000  # characters of one text
SHORT, END = 500, 150  # of a message among others, and of its end, which says what to do
LOST = "\N{REPLACEMENT CHARACTER}"
# Takes no room and ends no word.  A backslash hides a character from Markdown's grammar alone: what looks for addresses,
# symbols and arrows (Streamlit's plugins, GitHub's autolinks) does so afterwards, in text without backslashes.
JOINER = "\N{WORD JOINER}"

_ACTIVE = re.compile(r"([\\`*_\[\]<$~&|])")
_AT_START = re.compile(r"^(\d{1,9}(?=[.)](?:\s|$))|(?=[#=>:]|[+-](?![\w.])))")  # of headings, lists, quotes, rules
_SOUGHT = re.compile(r":(?=\S)|www(?=\.|$)|@(?=[\w-])|(?<!\S)[<>~-](?=[>=-]+(?!\S))|(?<=(?<!\S)<-)(?=>(?!\S))",
                     re.IGNORECASE)
# Controls, marks that turn the order of what follows, halves of characters, and a mark that only scripts take for a space.
_UNSHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")


class Markdown(str):
    """What may be drawn: made of literals and of escaped text."""

    __slots__ = ()


def cleaned(text):
    """Text in one line, for what draws no Markdown but is sent to a browser all the same."""
    text = " ".join(str(text)[:LONGEST + 1].split())
    text = _UNSHOWN.sub(LOST, text)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"


def isolated(text):
    """The same where other words follow in the line, as in the options of a list: they keep their order if it is written
    from right to left."""
    text = cleaned(text)
    return f"\u2068{text}\u2069" if any(unicodedata.bidirectional(sign) in ("R", "AL") for sign in text) else text


def plain(text):
    """Anything, as Markdown that shows it as it is; what is :class:`Markdown` already stays."""
    if isinstance(text, Markdown):
        return text
    escaped = _ACTIVE.sub(r"\\\1", _SOUGHT.sub(rf"\g<0>{JOINER}", cleaned(text)))
    return Markdown(_AT_START.sub(r"\1\\", escaped))


def told(message):
    """What went wrong, or what is said of data, as :func:`plain` has it but without the folders of this machine."""
    return message if isinstance(message, Markdown) else plain(without_paths(message))


def short(message):
    """The same of a message that stands among others: of one that has no end the middle is left out."""
    text = without_paths(message)
    return plain(text if len(text) <= SHORT + END else f"{text[:SHORT]} … {text[-END:]}")


def bold(text):
    """The same in bold, also where it begins or ends with a sign."""
    text = plain(text)
    before, after = ("" if end.isalnum() else JOINER for end in (text[:1], text[-1:]))
    return Markdown(f"**{before}{text}{after}**")


def badge(text):
    """The same for ``st.badge``, which escapes brackets itself."""
    return Markdown(plain(text).replace("\\[", "[").replace("\\]", "]"))


class _Formatter(string.Formatter):
    def format_field(self, value, format_spec):
        shown = format(value, format_spec)
        return shown if isinstance(value, (int, float, Markdown)) else plain(shown)


def filled(template, *values, **named):
    """A literal of ours with ``{}`` in the places of text that is not, as :meth:`str.format` has them."""
    return Markdown(_Formatter().vformat(template, values, named))


def joined(separator, texts):
    """Texts with a literal of ours between them."""
    return Markdown(separator.join(map(plain, texts)))


def of(name):
    """A ``format_func`` that shows what ``name``, a function or a dict's ``get``, makes of an option."""
    return lambda option: plain(name(option))


def link(text, address):
    """A link to a page of the web, or the text alone where the address is none."""
    if not re.fullmatch(r"https?://[\w.-]+(:\d+)?(/[\w.,;~%/?#&=+@:-]*)?", address):
        return plain(text)
    return Markdown(f"[{plain(text)}]({address})")


def formula(text):
    """A formula that ends where it is meant to end."""
    return Markdown(str(text).replace("$", " "))


def table(data):
    """What ``st.table`` takes, a frame or ``{title: cell or cells}``, its cells, titles and index escaped."""
    if isinstance(data, pd.DataFrame):
        escaped = data.map(plain).rename(index=plain, columns=plain)
        return escaped.rename_axis(index=data.index.name and plain(data.index.name))
    return {plain(title): list(map(plain, cells)) if isinstance(cells, (list, tuple)) else plain(cells)
            for title, cells in data.items()}
