"""Pictures of a run with what is told of each: ``<folder><key>.png`` and ``.json`` beside it, the newest few of them."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from gan_core.store import records
from gan_core.store.artifacts import NoArtifact

JSON, PNG = ".json", ".png"


@dataclass(frozen=True)
class Pictured:
    """A folder of a run's artifacts in which such pictures lie.

    Attributes:
        folder: what their names begin with, such as ``"odd/"``.
        when: the name of the number by which they are sorted, the largest first.
        fits: ``fits(told)`` says whether a dict with a ``key`` and that number is what such a picture is told of.
        most: how many are kept.
    """

    folder: str
    when: str
    fits: Callable[[dict], bool]
    most: int

    def put(self, artifacts, told, png):
        """Keep a picture and what is told of it, in the place of an older one of its ``key``; the oldest too many go."""
        artifacts.put(self._name(told["key"], PNG), png)
        artifacts.put(self._name(told["key"], JSON), json.dumps(told, allow_nan=False).encode())
        for old in self.kept(artifacts)[self.most:]:
            self.forget(artifacts, old["key"])

    def kept(self, artifacts):
        """What is told of each, the newest first; what is damaged is left out."""
        names = [name for name in artifacts.list(self.folder) if name.endswith(JSON)]
        found, _ = records.read(artifacts, names, self._fits)
        return sorted((told for _, told in found), key=lambda told: -told[self.when])

    def picture(self, artifacts, key):
        """The PNG; None where it is gone."""
        try:
            return artifacts.read(self._name(key, PNG))
        except NoArtifact:
            return None

    def forget(self, artifacts, key):
        for suffix in (JSON, PNG):
            artifacts.remove(self._name(key, suffix))

    def _name(self, key, suffix):
        return f"{self.folder}{key}{suffix}"

    def _fits(self, told):
        return (isinstance(told, dict) and records.is_text(told.get("key")) and records.is_number(told.get(self.when))
                and self.fits(told))
