"""Architectures of one's own: the files of the folder that ``$GAN_ZOO`` names, each as if it lay in the project's zoo.

Light: finding them runs none of their code.
"""

import functools
import hashlib
import keyword
import os
import sys
import types
from pathlib import Path

from gan_core.models import zoo

VARIABLE = "GAN_ZOO"


def folder():
    """The folder, as an absolute path; None when there is none."""
    named = os.environ.get(VARIABLE, "").strip()
    return Path(named).expanduser().absolute() if named else None


def environment():
    """What a process with another working directory must be told: ``{variable: value}``."""
    place = folder()
    return {VARIABLE: str(place)} if place else {}


def projects_own():
    """``{name: Path}`` of the architectures in the project."""
    return {path.stem: path for path in sorted(Path(zoo.__file__).parent.glob("*.py")) if path.stem != "__init__"}


def files():
    """``({name: Path}, {file's name: sentence})``: the files that may be architectures, and why others cannot be.

    Names that begin with a dot or an underscore are left alone: an editor's copies, what several files share.
    """
    place = folder()
    if place is None:
        return {}, {}
    try:
        paths = sorted(path for path in place.iterdir() if path.suffix == ".py" and path.name[0] not in "._")
    except OSError as error:
        return {}, {str(place): f"The folder {place} that ${VARIABLE} names cannot be read: {error.strerror or error}."}
    known, refused = projects_own(), {}
    for path in paths:
        if not path.stem.isidentifier() or keyword.iskeyword(path.stem):
            refused[path.name] = (f"{path.name} cannot be used: {path.stem!r} is no name of a Python module; rename it, to "
                                  "letters, digits and underscores.")
        elif path.stem in known:
            refused[path.name] = (f"{path.name} cannot be used: the project has an architecture {path.stem!r}; rename the "
                                  "file.")
    return {path.stem: path for path in paths if path.name not in refused}, refused


def source_of(path):
    """A fingerprint of a file's content, the same on every system."""
    return hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()[:16]


def load(path):
    """The module in a file; raises whatever its code raises.  It runs once, until the file changes."""
    return _module(path, source_of(path))


@functools.cache
def _module(path, source):
    # Not from compiled code that lies beside it, which may be of an older version within the same second.
    module = types.ModuleType(f"gan_zoo.{path.stem}")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module  # dataclasses look themselves up there
    exec(compile(path.read_bytes(), str(path), "exec"), module.__dict__)
    return module
