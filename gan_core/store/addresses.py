"""Where a workspace's catalogue and artifacts lie: in its folder, or where ``$GAN_CATALOGUE`` and ``$GAN_ARTIFACTS`` say."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from gan_core.errors import BadInput, StoreError
from gan_core.store import postgresql
from gan_core.store.artifact_stores import known, open_artifact_store
from gan_core.store.catalogue import Catalogue

CATALOGUE, ARTIFACTS, CACHE = "GAN_CATALOGUE", "GAN_ARTIFACTS", "GAN_ARTIFACTS_CACHE"
CACHED = 2000  # MB of fetched artifacts on this disk, where they lie elsewhere
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)


def is_address(text):
    """Whether it is one, and no folder."""
    return bool(_ADDRESS.match(text))


def catalogue_url():
    """``$GAN_CATALOGUE``, checked: "" for the workspace's own SQLite; :class:`StoreError` where it is none."""
    text = os.environ.get(CATALOGUE, "").strip()
    return checked_catalogue(text) if text else ""


def checked_catalogue(text):
    """The URL as SQLAlchemy takes it.

    Raises:
        StoreError: when it is none, is of another database than PostgreSQL, or a package is missing.
    """
    try:
        url = sa.make_url(text)
    except (sa.exc.ArgumentError, ValueError):
        raise StoreError(f"{shown(text)!r} is no address of a catalogue; {postgresql.FORM}.") from None
    return postgresql.checked(url)


def artifacts_url():
    """``$GAN_ARTIFACTS``, checked: "" for the workspace's own folder."""
    text = os.environ.get(ARTIFACTS, "").strip()
    return checked_artifacts(text) if text else ""


def checked_artifacts(text):
    """The URL itself.  Raises :class:`StoreError` where no artifacts that others are to see can be there."""
    scheme, separator, place = text.partition("://")
    if separator and scheme in known():
        if not getattr(known()[scheme], "lasting", True):
            raise StoreError(f"Artifacts at {scheme}:// end with their process; give a folder or s3://BUCKET/PREFIX.")
        if scheme == "file" and not Path(place).is_absolute():
            raise StoreError(f"{text!r} names no folder from the root on; write file:///PATH.")
    else:
        open_artifact_store(shown(text))  # which says what there is
    return text


def cache_bytes():
    """How many bytes of fetched artifacts stay on this disk.  Raises :class:`StoreError` where the setting is no number."""
    text = os.environ.get(CACHE, "").strip()
    try:
        size = float(text or CACHED)
        if not 0 <= size < 1e9:
            raise ValueError
    except ValueError:
        raise StoreError(f"{CACHE} is a number of megabytes, 0 or more, and not {text[:40]!r}.") from None
    return int(size * 10**6)


def shown(url):
    """An address for people: without its password, whatever else is wrong with it."""
    text = re.sub(r"(://[^/@\s]*?:)\S*@", r"\1***@", str(url))
    return re.sub(r"(?i)((?:password|secret|token|key)[\w-]*=)[^&\s]*", r"\1***", text)


@dataclass(frozen=True)
class Place:
    """Where a workspace is, as ``move`` has it: of the catalogue and of the artifacts an address, or the folder."""

    text: str
    catalogue: str = ""
    artifacts: str = ""
    catalogue_folder: Path | None = None
    artifacts_folder: Path | None = None

    @classmethod
    def of(cls, text):
        """A folder; or a catalogue and artifacts, ``CATALOGUE,ARTIFACTS``, each an address or the folder of a workspace.

        Raises:
            BadInput: when it is neither.
            StoreError: when an address is none.
        """
        if not text.strip():
            raise BadInput("A place is the folder of a workspace, or CATALOGUE,ARTIFACTS: say which.")
        if not is_address(text) and (os.path.exists(os.path.expanduser(text)) or "," not in text):
            folder = Path(os.path.expanduser(text)).absolute()
            return cls(text, catalogue_folder=folder, artifacts_folder=folder)
        catalogue, comma, artifacts = text.rpartition(",")  # the first may name several hosts
        if not comma or not catalogue.strip() or not artifacts.strip():
            raise BadInput(f"{shown(text)!r} says where one half is; a place is the folder of a workspace, or "
                           "CATALOGUE,ARTIFACTS, such as postgresql://user@host/db,s3://bucket/prefix.")
        parts = {}
        for name, part, check in (("catalogue", catalogue.strip(), checked_catalogue),
                                  ("artifacts", artifacts.strip(), checked_artifacts)):
            if is_address(part):
                parts[name] = check(part)
            else:
                parts[f"{name}_folder"] = Path(os.path.expanduser(part)).absolute()
        return cls(text, **parts)

    @property
    def words(self):
        """For people."""
        if self.catalogue_folder is not None and self.catalogue_folder == self.artifacts_folder:
            return str(self.catalogue_folder)
        return f"{shown(self.catalogue) or self.catalogue_folder},{shown(self.artifacts) or self.artifacts_folder}"

    @property
    def identity(self):
        """Two places of one identity are one."""
        return (str(self.catalogue) or str(self.catalogue_folder), str(self.artifacts) or str(self.artifacts_folder))

    def open(self, make):
        """``(catalogue, artifact store)``, with nothing between us and them.

        Args:
            make: whether folders that are missing are made; else they are a :class:`BadInput`.
        """
        from gan_core.store.local import sqlite_catalogue

        for folder, inside in ((self.catalogue_folder, "catalogue.sqlite"), (self.artifacts_folder, "runs")):
            if folder is not None and not make and not (folder / inside).exists():
                raise BadInput(f"{folder} is no workspace: it has no {inside}; correct --from.")
        if self.artifacts_folder is not None:
            (self.artifacts_folder / "runs").mkdir(parents=True, exist_ok=True)
        store = open_artifact_store(self.artifacts or f"file://{self.artifacts_folder / 'runs'}")
        if self.catalogue_folder is not None:
            self.catalogue_folder.mkdir(parents=True, exist_ok=True)
            return sqlite_catalogue(self.catalogue_folder), store
        return Catalogue(self.catalogue), store
