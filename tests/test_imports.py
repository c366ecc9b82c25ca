"""Who may import whom: the arrows of the design, read from the source of every file; what a linter finds there; and
whether the tests of a file share a worker."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = sorted([*ROOT.glob("gan_core/**/*.py"), *ROOT.glob("pages/**/*.py"), *ROOT.glob("streamlit_app.py")])

# What a file may not import, by where it is: (where, what, but for).  A name stands for what is below it, too.
FORBIDDEN = [
    ("gan_core", {"streamlit", "pages", "streamlit_app"}, ()),
    ("pages", {"keras", "tensorflow", "jax"}, ()),
    ("gan_core", {"tensorflow", "jax"}, ("gan_core.engine", "gan_core.autodiff", "gan_core.data")),
    ("gan_core.training", {"gan_core.runs", "gan_core.jobs", "gan_core.worker", "gan_core.sampling"}, ()),
    ("gan_core.recorder", {"gan_core.runs"}, ()),
    ("gan_core.runs", {"gan_core.training", "gan_core.registry", "gan_core.model", "gan_core.engine", "gan_core.zoo",
                       "gan_core.jobs", "keras"}, ()),
    ("gan_core.engine", {"gan_core.model", "gan_core.training", "gan_core.zoo", "gan_core.registry", "gan_core.runs"}, ()),
    ("gan_core.data", {"gan_core.model", "gan_core.training", "gan_core.zoo", "gan_core.registry", "gan_core.runs"}, ()),
    ("gan_core.metrics", {"gan_core.training", "gan_core.runs", "gan_core.jobs", "streamlit"}, ()),
    # Of the store, extractors use the writing of whole files; scores know samples, and neither runs nor models.
    ("gan_core.extractors", {"gan_core.training", "gan_core.jobs", "gan_core.sampling", "gan_core.scoring",
                             "gan_core.evaluation", "gan_core.model", "gan_core.engine", "gan_core.zoo",
                             "gan_core.registry"}, ()),
    ("gan_core.scoring", {"gan_core.training", "gan_core.runs", "gan_core.jobs", "gan_core.sampling",
                          "gan_core.evaluation", "gan_core.registry", "keras"}, ()),
    ("gan_core.recognition", {"gan_core.training", "gan_core.runs", "gan_core.jobs", "gan_core.sampling",
                              "gan_core.registry"}, ()),
]
# What of gan_core a file may import, by where it is; all the rest it may not.
ALLOWED = {
    "gan_core.zoo": {"adversarial", "augment", "autodiff", "data", "errors", "inputs", "knobs", "likelihoods", "losses",
                     "model", "networks", "techniques", "zoo"},
    "gan_core.networks": {"networks"},
    "gan_core.losses": set(),
    "gan_core.augment": set(),
    "gan_core.likelihoods": set(),
    "gan_core.autodiff": set(),
    "gan_core.knobs": {"errors"},
    "gan_core.scorecard": set(),
    "gan_core.metrics": {"errors", "metrics"},
    "gan_core.errors": set(),
}
# What the dashboard's server loads must leave these alone: half a gigabyte, and seconds at each start.
HEAVY = {"keras", "tensorflow", "jax", "torch", "streamlit"}
LIGHT = {"gan_core.families", "gan_core.jobs", "gan_core.spec", "gan_core.runs", "gan_core.data", "gan_core.sheets",
         "gan_core.knobs", "gan_core.inputs", "gan_core.recorder", "gan_core.errors", "gan_core.extractors",
         "gan_core.scoring", "gan_core.score_files", "gan_core.scorecard", "gan_core.runs.scores", "gan_core.judging",
         "gan_core.__main__"}


def name_of(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(source, module, package=False):
    """Every module that ``source`` names in an import, wherever it stands, in full; and names that may be modules.

    ``package`` says whether it is an ``__init__.py``, from where relative imports start one level deeper.
    """
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            parts = module.split(".")
            above = parts[:len(parts) - node.level + package] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            found |= {base} | {f"{base}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in (
                "import_module", "__import__") and node.args and isinstance(node.args[0], ast.Constant):
            found.add(node.args[0].value)
    return found


def below(name, tops):
    return any(name == top or name.startswith(top + ".") for top in tops)


def violations(module, found):
    """Sentences about imports that the design forbids to this module."""
    wrong = [f"{module} imports {name}" for where, what, but in FORBIDDEN
             if below(module, [where]) and not below(module, but) for name in sorted(found) if below(name, what)]
    for where, allowed in ALLOWED.items():
        if below(module, [where]):
            ours = {f"gan_core.{name}" for name in allowed}
            wrong += [f"{module} imports {name}" for name in sorted(found)
                      if name.startswith("gan_core.") and not below(name, ours)]
    return wrong


def test_there_is_something_to_read():
    names = {name_of(path) for path in FILES}
    assert {"gan_core.model", "gan_core.zoo.gan", "gan_core.engine", "gan_core.engine.tensorflow"} <= names
    known = {where for where, _, _ in FORBIDDEN} | set(ALLOWED) | {each for _, _, but in FORBIDDEN for each in but}
    assert known <= names | {"pages", "gan_core"}, "a rule speaks of a module that is gone"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_arrows(path):
    assert violations(name_of(path), imports(path.read_text(), name_of(path), path.name == "__init__.py")) == []


@pytest.mark.parametrize("module, source", [
    ("gan_core.zoo.new", "from gan_core import training"),
    ("gan_core.zoo.new", "from gan_core.runs.disk import open_store"),
    ("gan_core.zoo.new", "from .. import jobs"),
    ("gan_core.zoo.new", "import tensorflow as tf"),
    ("gan_core.training", "def f():\n    from gan_core.runs import files"),
    ("gan_core.training", "if False:\n    import gan_core.jobs"),
    ("gan_core.model", "import importlib\nimportlib.import_module('tensorflow.data')"),
    ("gan_core.metrics.new", "import streamlit as st"),
    ("gan_core.metrics.new", "from gan_core.extractors import classifier"),
    ("gan_core.extractors.new", "def f():\n    from gan_core import sampling"),
    ("gan_core.scoring", "from gan_core.runs import scores"),
    ("gan_core.sheets", "from pages.components import live_chart"),
    ("gan_core.losses", "from gan_core.model import Player"),
    ("gan_core.networks.new", "from gan_core.losses import flat"),
    ("pages.new", "import keras"),
])
def test_a_forbidden_import_is_found_wherever_it_stands(module, source):
    assert violations(module, imports(source, module))


def test_relative_imports_are_resolved():
    assert "gan_core.jobs" in imports("from .. import jobs", "gan_core.zoo.new")
    assert "gan_core.zoo.gan" in imports("from . import gan", "gan_core.zoo.new")
    assert "gan_core.runs.sql" in imports("from .sql import Catalogue", "gan_core.runs", package=True)
    assert "gan_core.jobs" in imports("from .. import jobs", "gan_core.runs", package=True)


def test_what_the_dashboard_loads_is_light():
    """In a fresh interpreter, with everything of gan_core that a page names."""
    modules = {name_of(path) for path in FILES}
    wanted = LIGHT | {name for path in FILES if below(name_of(path), ["pages", "streamlit_app"])
                      for name in imports(path.read_text(), name_of(path)) if name in modules and "gan_core." in name}
    script = f"""
import importlib, json, sys
found = {{}}
for name in {sorted(wanted)!r}:
    importlib.import_module(name)
    for heavy in {sorted(HEAVY)!r}:
        if heavy in sys.modules:
            found.setdefault(heavy, name)
print(json.dumps(found))
"""
    answer = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout) == {}, "{what was loaded: by what}"


def test_the_linter_finds_nothing():
    answer = subprocess.run([sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format", "concise", "."],
                            cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_the_tests_of_a_file_share_a_worker():
    """Each worker would else build every module's fixtures, some of which take minutes."""
    answer = subprocess.run([sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadgroup", "-v", "tests/test_knobs.py"],
                            cwd=ROOT, capture_output=True, text=True, timeout=120)
    passed = [line.rstrip() for line in answer.stdout.splitlines() if "PASSED" in line]
    assert answer.returncode == 0 and passed, answer.stdout + answer.stderr
    assert all(line.endswith("@test_knobs") for line in passed) and len({line.split()[0] for line in passed}) == 1
