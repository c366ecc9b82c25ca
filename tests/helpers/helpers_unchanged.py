"""Tests that need not be run again: their code is as it was when they passed.

What is said of each of the zoo's families grows with the families and with what is said; nearly all of it is decided by code
that did not change.  So for tests with the mark ``zoo_wide``, and for all in ``models/test_FAMILY.py``, there is kept, in
``golden/zoo-wide.json``, of which code they passed: all that the family, the test's file and the helpers import, whole
folders at a time, for their files find each other; the test's file and its helpers themselves; and the libraries.  While
that is the same they are left out, and the last lines of a run say how many.  Where it has changed they are run.  Those of
a few families are run always, and all with ``--all`` or ``--passed``, which also keeps that they passed, as ``--record``
does::

    make test ARGS="-n 2 --dist loadgroup -m 'zoo_wide or settled' --passed"

Files that train or score for minutes, and are about no one family, have the mark ``settled``: they are left out while
nothing at all has changed of ``gan_core``, the file and the helpers, nor of the pages where it visits them.  What is about
processes that die, places, pages in a browser and time has no such mark: it is run every time.
"""

import ast
import collections
import functools
import hashlib
import importlib.metadata
import json
import platform
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
KEPT = TESTS / "golden" / "zoo-wide.json"
LIVE = {"gan", "dcgan", "cgan", "wgan_gp"}  # are tested with every run of the tests
LIBRARIES = ("keras", "tensorflow", "numpy", "jax", "scikit-learn")
sys.path.append(str(TESTS.parent / "benchmarks"))

import kept  # noqa: E402

WHOLE = "*"  # in the place of a family: a settled file is about none
PAGES, VISITS = TESTS.parent / "pages", "helpers_visits"  # who imports these draws pages
ZOO = "gan_core.models.zoo"
ZOO_FOLDER = TESTS.parent.joinpath(*ZOO.split("."))
GROUP = "zoo-wide"
COUNT = pytest.StashKey()


def leave_out(config, items):
    """Take the items out that need not be run, and say so."""
    groups = collections.defaultdict(list)
    for item in items:
        if (family := _family_of(item)) and family not in LIVE:
            path = item.path.relative_to(TESTS).as_posix()
            groups[f"{path} {family}"].append(item)
            item.user_properties.append((GROUP, f"{path} {family}"))
    if any(map(config.getoption, ("--record", "--passed", "--all"))):
        return
    known, left_out = kept.read(KEPT, {}), []
    for group, members in groups.items():
        path, family = group.split(" ")
        told = known.get(group)
        # Of a part of them, or of one that is asked for by its name, the number is another: they are run.
        if told and told["tests"] == len(members) and told["of"] == fingerprint(family, path):
            left_out += members
    if left_out:
        gone = set(map(id, left_out))
        items[:] = [item for item in items if id(item) not in gone]
        config.hook.pytest_deselected(items=left_out)
    config.stash[COUNT] = len(left_out)
    if hasattr(config, "workeroutput"):
        config.workeroutput["left_out"] = len(left_out)


def _family_of(item):
    """The family that a test speaks of: the one that it has the mark for, or the one that its file is called after; or that
    its file is settled as a whole."""
    if item.get_closest_marker("settled"):
        return WHOLE
    if item.get_closest_marker("zoo_wide"):
        callspec = getattr(item, "callspec", None)
        return callspec.params.get("name") if callspec else None
    of_file = item.path.stem.removeprefix("test_")
    return of_file if item.path.parent.name == "models" and (ZOO_FOLDER / f"{of_file}.py").exists() else None


class Telling:
    """Says at the end of a run how many were left out."""

    count = 0

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node, error):  # of xdist: each worker has left out the same
        self.count = max(self.count, getattr(node, "workeroutput", {}).get("left_out", 0))

    def pytest_terminal_summary(self, terminalreporter, config):
        if count := max(self.count, config.stash.get(COUNT, 0)):
            terminalreporter.write_line(f"{count} tests were left out: their code is as it was when they passed "
                                        "(tests/golden/zoo-wide.json); --all runs them, too.")


class Keeping:
    """Keeps of which code whole groups passed."""

    def __init__(self):
        self._passed, self._failed = collections.Counter(), set()

    def pytest_runtest_logreport(self, report):
        if group := dict(report.user_properties).get(GROUP):
            self._passed[group] += report.when == "call" and report.passed
            self._failed |= set() if report.passed else {group}

    def pytest_sessionfinish(self):
        found = {}
        for group, tests in self._passed.items():
            path, family = group.split(" ")
            if group not in self._failed:
                found[group] = {"tests": tests, "of": fingerprint(family, path)}
        if found:
            there = {WHOLE, *(path.stem for path in ZOO_FOLDER.glob("*.py"))}
            kept.add(KEPT, {}, lambda known: dict(sorted(
                (group, told) for group, told in (known | found).items() if group.split(" ")[1] in there)))


@functools.cache
def fingerprint(family, path):
    """Of all that decides whether the tests of a file pass for a family, or :data:`WHOLE`."""
    reached = _everything(path) if family == WHOLE else _reached(family, path)
    told = [platform.python_version_tuple()[:2], [_version(name) for name in LIBRARIES],
            [_content(place) for place in sorted(reached)]]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:12]


def _reached(family, path):
    """What a family, a file of tests and the helpers import: modules by their names, files of tests by their paths."""
    reached, waiting = set(), [f"{ZOO}.{family}", f"{TESTS.name}/{path}", f"{TESTS.name}/conftest.py"]
    while waiting:
        place = waiting.pop()
        if place not in reached:
            reached.add(place)
            waiting += _leads_to(place)
    return reached


def _everything(path):
    """The paths of all files of the project that a settled file can reach."""
    folders = [TESTS.parent / "gan_core", TESTS / "helpers", *([PAGES] if VISITS in (TESTS / path).read_text() else [])]
    files = {each for folder in folders for each in folder.rglob("*") if each.is_file() and "__pycache__" not in each.parts}
    return {each.relative_to(TESTS.parent).as_posix() for each in (*files, TESTS / path, TESTS / "conftest.py")}


def _source(place):
    """The file of a module of the project, or of the tests; None where there is none."""
    path = TESTS.parent / place if "/" in place else kept._path(place)
    return path if path is not None and path.exists() else None


@functools.cache
def _content(place):
    path = _source(place)
    return hashlib.sha256(path.read_bytes()).hexdigest() if path else ""


@functools.cache
def _leads_to(place):
    """What a module or a file of the tests imports of the project, and of a module what lies beside it."""
    path = _source(place)
    if path is None:
        return []
    imported = [full for _, full, _ in kept._imports(ast.parse(path.read_text()))]
    helpers = [f"{TESTS.name}/helpers/{full.partition('.')[0]}.py" for full in imported if full.startswith("helpers_")]
    own = [full for full in imported if full.partition(".")[0] == "gan_core"]
    return [*helpers, *own, *([] if place.endswith(".py") else _beside(place))]


def _beside(module):
    """The files that lie beside a module, which may find each other; other families aside."""
    package = module if kept._path(module).name == "__init__.py" else module.rpartition(".")[0]
    if package in (ZOO, "gan_core"):
        return []
    return [f"{package}.{path.stem}" for path in kept._path(package).parent.glob("*.py") if path.stem != "__init__"]


def _version(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""
