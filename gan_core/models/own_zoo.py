"""Architectures of one's own: the files of the folder that ``$GAN_ZOO`` names, each as if it lay in the project's zoo.

Light: finding them runs none of their code.
"""

import contextlib
import hashlib
import importlib.machinery
import importlib.util
import keyword
import os
import re
import sys
from pathlib import Path

from gan_core.errors import BadInput, Broken, UserError
from gan_core.models import zoo

VARIABLE = "GAN_ZOO"
PACKAGE = "gan_zoo"  # as which its files are modules, and import one another


def folder():
    """The folder, as an absolute path; None when there is none."""
    named = os.environ.get(VARIABLE, "").strip()
    return Path(os.path.expanduser(named)).absolute() if named else None


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
        elif not path.is_file():  # a pipe would be read for ever
            refused[path.name] = f"{path.name} cannot be read: it is no regular file; take it out of the folder."
        elif path.stem in known:
            refused[path.name] = (f"{path.name} cannot be used: the project has an architecture {path.stem!r}; rename the "
                                  "file.")
    return {path.stem: path for path in paths if path.name not in refused}, refused


def refuse(name):
    """Nothing, unless the folder's state is why there is no architecture of that name.

    Raises:
        BadInput: with what is wrong with its file, or with the folder.
    """
    usable, refused = files()
    if name not in usable and name not in projects_own():
        if sentence := refused.get(f"{name}.py") or refused.get(str(folder())):
            raise BadInput(sentence, {"architecture": sentence})


def source_of(path):
    """A fingerprint of a file's content, the same on every system."""
    return hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()[:16]


def fingerprint(path):
    """One of all that decides what the file defines: of its own content, and where it imports others of the folder, of
    theirs."""
    own = source_of(path)
    if not re.search(rf"\b{PACKAGE}\b|^\s*from\s+\.", path.read_text(encoding="utf-8", errors="replace"), re.MULTILINE):
        return own
    return hashlib.sha256(f"{own} {_sources(path.parent)}".encode()).hexdigest()[:16]


def _sources(place):
    """What is in the folder's files: ``[(name, fingerprint)]``, as text."""
    told = []
    for path in sorted(place.glob("*.py")):
        with contextlib.suppress(OSError):
            told += [(path.name, source_of(path))] if path.is_file() else []
    return repr(told)


def load(path):
    """The module in a file; raises whatever its code raises.  It runs once, until a file of the folder changes."""
    _Finder.look_at(path.parent)
    return importlib.import_module(f"{PACKAGE}.{path.stem}")


class _Finder:
    """Finds the folder's files for ``import``, whoever imports them: this process's code, or one of them another."""

    place, sources = None, ""

    @classmethod
    def look_at(cls, place):
        """Modules of files that were read before one of them changed, or of another folder, are forgotten."""
        if cls not in sys.meta_path:
            sys.meta_path.append(cls)
        sources = _sources(place)
        if (cls.place, cls.sources) != (place, sources):
            for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
                del sys.modules[name]
            cls.place, cls.sources = place, sources

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        package, _, stem = name.partition(".")
        if package != PACKAGE:
            return None
        if not stem:
            spec = importlib.machinery.ModuleSpec(PACKAGE, None, is_package=True)
            spec.submodule_search_locations = []  # this finder knows where they are
            return spec
        file = cls.place / f"{stem}.py"
        if not file.is_file():
            return None
        return importlib.util.spec_from_file_location(name, file, loader=_Source(name, str(file)))


class _Source(importlib.machinery.SourceFileLoader):
    def get_code(self, fullname):
        # Not from compiled code that lies beside it, which may be of an older version within the same second.
        return self.source_to_code(self.get_data(self.path), self.path)


@contextlib.contextmanager
def guarded(module):
    """While code of the module of this name is at work: what one of one's own raises becomes a sentence that names its file,
    :class:`gan_core.errors.Broken`.  What the project's raises stays what it is."""
    try:
        yield
    except UserError:
        raise
    except (Exception, SystemExit) as error:  # a file may also leave the process
        package, _, stem = module.partition(".")
        if package != PACKAGE:
            raise
        sentence = f"{stem}.py cannot be used: {in_words(error)}."
        raise Broken(sentence, {"architecture": sentence}) from error


def in_words(error):
    """An error's kind and the first line of what it says, without a full stop."""
    return f"{type(error).__name__}: {(str(error).splitlines() or [''])[0].strip().rstrip('. ') or 'no message'}"
