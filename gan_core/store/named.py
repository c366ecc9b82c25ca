"""What somebody has given a name in a workspace: a JSON file each, ``<folder>/<key>.json``, which all who come share."""

import json
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gan_core import visitors
from gan_core.errors import BadInput, StoreError
from gan_core.store import records
from gan_core.whole_files import write_whole

LONGEST = 40  # characters of a title
_KEY = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True)
class Named:
    """One kind of such records: its folder, what one is called, the verb that lists them, and whether a dict is one."""

    folder: str
    word: str
    verb: str
    fits: Callable

    def title(self, text):
        """A title that can be kept, or BadInput."""
        title = " ".join(text.split())
        if not 0 < len(title) <= LONGEST or not records.is_text(title):
            raise BadInput(f"A {self.word} needs a name of 1 to {LONGEST} characters.")
        return title

    def keep(self, workspace, told, key=None):
        """Keep a record, a dict with a ``title``, in the place of that of a key if one is given.  Returns its key.

        Raises:
            StoreError: when the workspace cannot be written, and where visitors are.
        """
        visitors.refuse()
        key = key or secrets.token_hex(6)
        try:
            write_whole(self._path(workspace, key), json.dumps(told | {"kept": time.time()}).encode())
        except OSError as error:
            raise StoreError(f"The {self.word} could not be kept in the workspace ({error.strerror or error}); make room "
                             "there.") from error
        return key

    def kept(self, workspace):
        """All, by title, each with its ``key``.  What cannot be read is left out."""
        found = [told | {"key": path.stem} for path in Path(workspace, self.folder).glob("*.json")
                 if (told := self._told(path))]
        return sorted(found, key=lambda one: (one["title"].casefold(), one["key"]))

    def get(self, workspace, key):
        """The record of a key, or BadInput."""
        told = self._told(self._path(workspace, key)) if _KEY.fullmatch(str(key)) else None
        if not told:
            raise BadInput(f"There is no {self.word} {str(key)[:LONGEST]!r}; `python -m gan_core {self.verb}` lists them.")
        return told | {"key": key}

    def forget(self, workspace, key):
        """Remove one; BadInput where there is none."""
        visitors.refuse()
        path = self._path(workspace, key)
        if not _KEY.fullmatch(str(key)) or not path.exists():
            raise BadInput(f"There is no {self.word} {key!r}; `python -m gan_core {self.verb}` lists them.")
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(f"The {self.word} could not be removed ({error.strerror or error}).") from error

    def _path(self, workspace, key):
        return Path(workspace, self.folder, f"{key}.json")

    def _told(self, path):
        try:
            told = json.loads(path.read_bytes())
        except (OSError, ValueError, RecursionError):
            return None
        fits = (_KEY.fullmatch(path.stem) and isinstance(told, dict) and records.is_text(told.get("title"))
                and self.fits(told))
        return told if fits else None
