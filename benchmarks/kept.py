"""What benchmarks have measured: JSON that several may add to side by side, and of which code it speaks."""

import ast
import contextlib
import copy
import fcntl
import functools
import hashlib
import json
import os

from verbs import ROOT

CHANGED = "†"  # beside what was measured with other settings or other code than those of this tree

# Imported, but not by a run on TensorFlow; or they say of architectures what decides nothing.
APART = {"gan_core.engine.jax", *(f"gan_core.models.{name}" for name in ("describe", "card", "cards", "own_zoo"))}
# They read files of people; what is measured learns from sets that everybody has.
APART |= {f"gan_core.data.{name}" for name in (
    "array_files", "arrays", "choices", "code_pages", "csv_table", "file_kinds", "imported", "keeping", "label_lists",
    "layout", "npz", "pictures", "pixel_bounds", "sources", "tars", "texts", "uploads", "sets.csv_files",
    "sets.own_sounds", "sets.paired_images", "sets.text_files")}


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


def code_of(name, *others):
    """A fingerprint of the code that decides what an architecture's runs become: its file, its networks, the game, the
    engine, the data, and all that these import; and of ``others``, modules by their full names, and what they import.

    Of definitions alone: in which file one stands, and by which name another file calls that file, decides nothing.
    """
    reached = _reached([f"gan_core.models.zoo.{name}", "gan_core.training.loop", *others])
    definitions = {each for module in reached for each in _definitions(module)}
    return hashlib.sha256("\n".join(sorted(definitions)).encode()).hexdigest()[:12]


def _reached(modules):
    found, waiting = set(), list(modules)
    while waiting:
        module = waiting.pop()
        if module not in found and module not in APART and _path(module):
            found.add(module)
            waiting += [full for _, full, _ in _imports(_tree(module))]
    return found


def _path(module):
    place = ROOT.joinpath(*module.split("."))
    return next((path for path in (place.with_suffix(".py"), place / "__init__.py") if path.exists()), None)


@functools.cache
def _tree(module):
    return ast.parse(_path(module).read_text())


def _imports(tree):
    """``(name here, full name, name there)`` of everything that is imported; ``import a.b`` binds none of the project's."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.asname or "", alias.name, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield "", node.module, ""
            yield from ((alias.asname or alias.name, f"{node.module}.{alias.name}", alias.name) for alias in node.names)


@functools.cache
def _definitions(module):
    """What a module defines: each of its statements as text, without imports and words for people."""
    tree = _tree(module)
    files = {here for here, full, _ in _imports(tree) if here and _path(full)}
    called = {here: there for here, full, there in _imports(tree) if here and not _path(full)}
    plain = _Plain(files, called)
    return tuple(ast.dump(plain.visit(node)) for node in copy.deepcopy(tree).body
                 if not isinstance(node, (ast.Import, ast.ImportFrom)))


class _Plain(ast.NodeTransformer):
    """Leaves of code what decides something.

    Args:
        files: names of modules of the project: ``inputs.draw`` is ``draw``, whatever its file is called here.
        called: ``{name here: name there}`` of what else is imported.
    """

    def __init__(self, files, called):
        self._files, self._called = files, called

    def visit_Import(self, node):
        return ast.Pass()

    visit_ImportFrom = visit_Import

    def visit_Assign(self, node):  # where an architecture comes from is said to people alone
        told = all(isinstance(target, ast.Name) and target.id == "builds_on" for target in node.targets)
        return ast.Pass() if told else self.generic_visit(node)

    def visit_Attribute(self, node):
        if isinstance(node.value, ast.Name) and node.value.id in self._files:
            return ast.Name(node.attr)
        return self.generic_visit(node)

    def visit_Name(self, node):
        return ast.Name(self._called.get(node.id, node.id))

    def visit_Constant(self, node):  # text with a space in it is said to people, and decides nothing
        said = isinstance(node.value, str) and " " in node.value
        return ast.Constant("") if said else node
