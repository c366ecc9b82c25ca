"""What benchmarks have measured: JSON that several may add to side by side, and of which code it speaks."""

import ast
import contextlib
import fcntl
import functools
import hashlib
import json
import os

from verbs import ROOT

CHANGED = "†"  # beside what was measured with other settings or other code than those of this tree

APART = {"gan_core.engine.jax", "gan_core.describe"}  # imported, but not by a run on TensorFlow


def read(path, empty):
    return json.loads(path.read_text()) if path.exists() else empty


def write_whole(path, text):
    """In one piece: whoever reads meanwhile reads the old text or the new one."""
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text)
    partial.replace(path)


def add(path, empty, change):
    """Read what stands in a file now, put ``change`` of it in its place, and return that.

    One after the other: what another has measured meanwhile is kept.
    """
    with _alone(path):
        kept = change(read(path, empty))
        write_whole(path, json.dumps(kept, indent=1))
    return kept


@contextlib.contextmanager
def _alone(path):
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def code_of(name):
    """A fingerprint of the code that decides what an architecture's runs become: its file, its networks, the game, the
    engine, the data, and all that these import."""
    digest = hashlib.sha256()
    for module in sorted(_reached([f"gan_core.zoo.{name}", "gan_core.training"])):
        digest.update(f"{module} {_code(module)}".encode())
    return digest.hexdigest()[:12]


def _reached(modules):
    found, waiting = set(), list(modules)
    while waiting:
        module = waiting.pop()
        if module not in found and module not in APART and _path(module):
            found.add(module)
            waiting += _imports(module)
    return found


def _path(module):
    place = ROOT.joinpath(*module.split("."))
    return next((path for path in (place.with_suffix(".py"), place / "__init__.py") if path.exists()), None)


def _imports(module):
    for node in ast.walk(ast.parse(_path(module).read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@functools.cache
def _code(module):
    """A module without its comments and without what it says to people: text with a space in it decides nothing."""
    return ast.dump(_Mute().visit(ast.parse(_path(module).read_text())))


class _Mute(ast.NodeTransformer):
    def visit_Constant(self, node):
        said = isinstance(node.value, str) and " " in node.value
        return ast.Constant("") if said else node
