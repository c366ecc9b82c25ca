"""Where cards are found: those of the project's architectures are shipped; others describe themselves when first needed.

The zoo's modules import Keras, and with it TensorFlow: half a gigabyte and seconds that a web server should not spend.
``python -m gan_core describe --write`` makes the shipped cards anew; a test says when they are stale.
"""

import collections
import dataclasses
import functools
import json
from pathlib import Path
from typing import NamedTuple

from gan_core.config.known import refuse_unknown
from gan_core.errors import BadInput
from gan_core.models import describing, own_zoo
from gan_core.models.card import Card

SHIPPED = Path(__file__).parent / "zoo" / "cards"


class Zoo(NamedTuple):
    """``cards`` by name, ``broken`` the sentences about files that cannot be used, by the file's name, and the names of
    those ``waiting`` to be described."""

    cards: dict
    broken: dict
    waiting: tuple


def look(cache=None, *, wait=True):
    """The :class:`Zoo`: the project's architectures and those in ``$GAN_ZOO``.

    Args:
        cache: the folder that keeps what had to be described; None keeps nothing.
        wait: whether to wait for what nobody has described yet, some seconds each; else it is described meanwhile.
    """
    cards, (files, broken) = dict(shipped()), _not_shipped()
    answers = {name: describing.known(name, path, cache) for name, path in files.items()}
    waiting = {name: files[name] for name, answer in answers.items() if answer is None}
    if wait:
        answers |= {name: describing.describe(name, path, cache) for name, path in waiting.items()}
        waiting = {}
    else:
        describing.begin(waiting, cache)
    for name, answer in answers.items():
        if isinstance(answer, str):
            broken[files[name].name] = answer
        elif answer:
            cards[name] = answer
    return Zoo(_told_apart(dict(sorted(cards.items()))), broken, tuple(waiting))


def _told_apart(cards):
    """The same with the file's name in the titles that another has, too: lists show titles.  The project's stay."""
    alike = collections.Counter(_read(card.title) for card in cards.values())
    return {name: card if name in shipped() or alike[_read(card.title)] == 1 else
            dataclasses.replace(card, title=f"{card.title.strip()} ({name})".strip()) for name, card in cards.items()}


def _read(title):
    """A title as the eye takes it."""
    return " ".join(title.casefold().split())


def cards(cache=None):
    """``{name: Card}`` of all that can be used, sorted by name; see :func:`look`."""
    return look(cache).cards


def card(name, cache=None):
    """The card of that name.  Describes no other than this one.

    Raises:
        BadInput: with the names there are when it does not exist, or with what is wrong with its file.
    """
    if name in shipped():
        return shipped()[name]
    files, _ = _not_shipped()
    if name not in files:
        own_zoo.refuse(name)
        refuse_unknown("architecture", [name], names(), "architecture")
    answer = describing.describe(name, files[name], cache)
    if isinstance(answer, str):
        raise BadInput(answer, {"architecture": answer})
    known = {other: describing.known(other, path, cache) for other, path in files.items()}
    known = {other: found for other, found in known.items() if isinstance(found, Card)}
    return _told_apart({**shipped(), **known, name: answer})[name]


def names():
    """The names of all architectures, those of their files: nothing is loaded for it."""
    return sorted({*own_zoo.projects_own(), *own_zoo.files()[0]})


def _not_shipped():
    """``({name: Path}, {file's name: sentence})`` of what describes itself: one's own, and what the project has no card of,
    or an old one."""
    files, broken = own_zoo.files()
    return {name: path for name, path in own_zoo.projects_own().items() if name not in shipped()} | files, broken


@functools.cache
def shipped():
    """``{name: Card}`` of the project's architectures whose files are as they were when their cards were made."""
    shipped = {}
    for name, path in own_zoo.projects_own().items():
        try:
            values = json.loads((SHIPPED / f"{name}.json").read_text(encoding="utf-8"))
            if values.pop("source") == own_zoo.source_of(path):
                shipped[name] = Card.from_dict(values)
        except (OSError, ValueError, KeyError, TypeError):
            pass  # none, or a damaged one: it describes itself
    return shipped
