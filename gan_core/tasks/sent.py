"""Pictures that someone sends to a task, several at once: one that is none is told of and keeps no other back."""

import base64
import binascii
import json
from pathlib import PurePath

from gan_core.errors import BadInput


def pictures(text, most, done):
    """``[(name, bytes)]`` of JSON, ``[["name", "a file in base64"], ...]``; "" is none.

    Args:
        most: how many they may be.
        done: what is done with them, in a sentence: "translated".

    Raises:
        BadInput: where the text is no such list, or too long a one.
    """
    try:
        given = [(PurePath(str(name)).name, base64.b64decode(content, validate=True))
                 for name, content in (json.loads(text) if text else [])]
    except (ValueError, TypeError, binascii.Error):
        raise BadInput("The pictures could not be read; send them again.") from None
    if len(given) > most:
        raise BadInput(f"At most {most} pictures are {done} at once, not {len(given):,}; give fewer, or a folder or a zip "
                       "where that is taken.")
    return given


class Usable:
    """Those of what was sent that can be used, one after the other: ``(name, what became of it)``.

    ``count`` is how many were sent, ``places`` are the numbers among them of those that were used so far, ``refused`` are
    sentences about the others.

    Args:
        given: ``[(name, content), ...]``.
        taken: called with a content and its name; BadInput of what cannot be used.

    Raises:
        BadInput: while it is gone through, when none can be used: what is wrong with the first.
    """

    def __init__(self, given, taken):
        self._given, self._taken, self.count = given, taken, len(given)
        self.places, self.refused = [], []

    def __iter__(self):
        for place, (name, content) in enumerate(self._given):
            try:
                made = self._taken(content, name)
            except BadInput as error:
                self.refused.append(str(error))
                continue
            self.places.append(place)
            yield name, made
        if self.count and not self.places:
            more = f" None of the {self.count:,} can be used." if self.count > 1 else ""
            raise BadInput(self.refused[0] + more)
