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

# Who may import whom: every module of the project itself and what is below it, these, and nothing else.  A rule is for a
# module and all below it, unless those have a rule of their own.
GROUND = ("errors", "visitors", "whole_files")
# What can be said of architectures without Keras.
LIGHT_MODELS = ("models.card", "models.cards", "models.inputs", "models.own_zoo")
ARROWS = {
    "": (),
    "errors": (),
    "visitors": ("errors",),
    "whole_files": (),
    "data": (*GROUND, "sound"),
    "config": (*GROUND, "data"),
    "sound": ("errors",),
    "modalities": (*GROUND, "data", "sound"),
    "engine": (),
    "models": (*GROUND, "config", "data", "engine", "modalities", "pretrained", "sound"),
    "models.losses": (),
    "models.likelihoods": (),
    "models.augment": (),
    "models.networks": ("data.columns", "data.characters", "sound.mu_law"),
    "pretrained": GROUND,
    "evaluation": (*GROUND, "data", "modalities", "pretrained", "sound"),
    "evaluation.metrics": ("errors", "data.finding", "data.columns", "data.rolls", "data.characters", "sound"),
    "evaluation.baselines": ("data.columns",),
    "evaluation.score_names": ("evaluation.metrics", "evaluation.baselines"),
    "training": (*GROUND, "config", "data", "engine", "modalities", "models", "evaluation"),
    "training.recorder": (),
    "store": (*GROUND, "config", "data", "modalities"),
    "notices": (*GROUND, "config", "data", "evaluation.alarms", "store"),
    "launch": (*GROUND, "config", "data", "store", "notices", "pretrained.lite", *LIGHT_MODELS),
    "launch.worker": ("launch", *GROUND, "config", "data", "store", "notices", "modalities", "models", "engine", "training"),
    "launch.warm_start": ("launch", *GROUND, "config", "training"),
    "launch.benchmark": ("launch", *GROUND, "config", "data", "store", "engine", "training"),
    "outside": (*GROUND, "config", "data", "modalities", "store", "notices", "launch.launchers"),
    "sweeps": (*GROUND, "config", "data", "evaluation", "modalities", "store", "launch", "compare", *LIGHT_MODELS),
    "exploring": (*GROUND, "data", "engine", "modalities", "models"),
    "anomalies": (*GROUND, "data", "engine", "models", "evaluation"),
    "anomalies.base": ("errors", "data"),
    "anomalies.telling": ("errors",),
    "restyling": (*GROUND, "engine", "pretrained"),
    "prompting": (*GROUND, "engine"),
    "sharing": (*GROUND, "config", "data", "modalities", "models", "evaluation", "training", "store"),
    "sharing.formats": (*GROUND, "config", "data", "models", "training"),
    "sharing.names": GROUND,
    "sharing.page": (),
    "laboratory": ("sharing.page",),
    "sharing.examples": ("errors", "visitors", "sharing.packs", "sharing.page"),
    "tasks": (*GROUND, "config", "data", "engine", "modalities", "models", "evaluation", "training", "store", "launch",
              "sharing", "exploring", "anomalies", "restyling", "prompting", "sweeps"),
    "compare": (*GROUND, "config", "data", "modalities", "evaluation", "store"),
    "reporting": (*GROUND, "data.finding", "modalities", "store", "compare"),
    "cli": (*GROUND, "config", "data", "engine", "modalities", "models", "evaluation", "training", "store", "launch",
            "tasks", "compare", "reporting", "sharing", "anomalies.methods", "sweeps", "notices", "outside"),
    "__main__": ("errors", "cli"),
}
FLAT = 5  # modules that may lie in gan_core itself
# Frameworks, and where alone each may be imported.  (data: Keras downloads sets, and scikit-learn brings one.)
FRAMEWORKS = {"streamlit": ("pages", "streamlit_app"), "tensorflow": ("gan_core.engine",), "jax": ("gan_core.engine",),
              "keras": ("gan_core.data", "gan_core.engine", "gan_core.pretrained", "gan_core.models",
                        "gan_core.evaluation.extractors", "gan_core.evaluation.label_reading",
                        "gan_core.evaluation.pose_reading", "gan_core.training",
                        "gan_core.launch.benchmark",
                        "gan_core.exploring", "gan_core.anomalies", "gan_core.restyling", "gan_core.prompting",
                        "gan_core.tasks", "gan_core.cli")}
# What the dashboard's server loads must leave these alone: half a gigabyte, and seconds at each start.
HEAVY = {"keras", "tensorflow", "jax", "torch", "streamlit"}
LIGHT = {f"gan_core.{name}" for name in (
    "__main__", "errors", "config.knobs", "config.spec", "data", "modalities.drawing", *LIGHT_MODELS, "training.recorder",
    "evaluation.extractors", "evaluation.scoring", "evaluation.score_files", "evaluation.score_names", "evaluation.human",
    "outside", "outside.importing", "notices.sending", "store", "store.scores", "store.explored", "exploring.pictures",
    "sharing.formats", "launch.queue", "launch.dispatcher",
    "launch.launchers.local", "launch.usage", "launch.forks", "tasks.server")}


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


def rule_of(module):
    """The name in :data:`ARROWS` of the rule for a module of gan_core; None where there is none."""
    parts = module.split(".")[1:]
    known = [".".join(parts[:n]) for n in range(len(parts), 0, -1)] if parts else [""]
    return next((name for name in known if name in ARROWS), None)


def violations(module, found):
    """Sentences about imports that the design forbids to this module."""
    wrong = [f"{module} imports {name}" for framework, places in FRAMEWORKS.items() for name in sorted(found)
             if below(name, [framework]) and not below(module, places)]
    if not below(module, ["gan_core"]):
        return wrong
    wrong += [f"{module} imports {name}" for name in sorted(found) if below(name, ["pages", "streamlit_app"])]
    rule = rule_of(module)
    ours = [f"gan_core.{name}" for name in (rule, *ARROWS[rule]) if name]
    # A package on the way to what may be imported is imported with it.
    return wrong + [f"{module} imports {name}" for name in sorted(found)
                    if below(name, ["gan_core"]) and not below(name, ours) and name != "gan_core"
                    and not any(below(each, [name]) for each in ours)]


def test_every_module_has_its_rule():
    names = {name_of(path) for path in FILES}
    assert {"gan_core.models.base", "gan_core.models.zoo.gan", "gan_core.engine.tensorflow"} <= names
    assert [name for name in sorted(names) if below(name, ["gan_core"]) and rule_of(name) is None] == []
    spoken_of = {*ARROWS, *(each for allowed in ARROWS.values() for each in allowed)}
    assert {f"gan_core.{name}".rstrip(".") for name in spoken_of} <= names, "a rule speaks of a module that is gone"


def test_few_modules_lie_flat():
    assert len([*(ROOT / "gan_core").glob("*.py")]) <= FLAT


def test_every_room_says_what_belongs_there():
    for path in FILES:
        if path.name == "__init__.py" and below(name_of(path), ["gan_core"]):
            assert ast.get_docstring(ast.parse(path.read_text())), f"{path.relative_to(ROOT)} has no first line"


def test_no_circle():
    """Each rule's room lies above all that it may import."""
    rooms = {name.split(".")[0]: set() for name in ARROWS}
    for name, allowed in ARROWS.items():
        rooms[name.split(".")[0]] |= {each.split(".")[0] for each in allowed} - {name.split(".")[0]}
    while ground := {room for room, allowed in rooms.items() if not allowed & rooms.keys()}:
        rooms = {room: allowed for room, allowed in rooms.items() if room not in ground}
    assert rooms == {}, "these go round in a circle"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_arrows(path):
    assert violations(name_of(path), imports(path.read_text(), name_of(path), path.name == "__init__.py")) == []


@pytest.mark.parametrize("module, source", [
    ("gan_core.models.zoo.new", "from gan_core import training"),
    ("gan_core.models.zoo.new", "from gan_core.store.local import open_store"),
    ("gan_core.models.zoo.new", "from ... import launch"),
    ("gan_core.models.zoo.new", "import tensorflow as tf"),
    ("gan_core.training.loop", "def f():\n    from gan_core.store import artifacts"),
    ("gan_core.training.loop", "if False:\n    import gan_core.launch.queue"),
    ("gan_core.models.base", "import importlib\nimportlib.import_module('tensorflow.data')"),
    ("gan_core.evaluation.metrics.new", "import streamlit as st"),
    ("gan_core.evaluation.metrics.new", "from gan_core.evaluation.extractors import classifier"),
    ("gan_core.evaluation.extractors.new", "def f():\n    from gan_core.tasks import sampling"),
    ("gan_core.evaluation.scoring", "from gan_core.store import scores"),
    ("gan_core.evaluation.scoring", "import keras"),
    ("gan_core.modalities.drawing", "from pages.components import live_chart"),
    ("gan_core.models.losses", "from gan_core.models.base import Player"),
    ("gan_core.models.networks.new", "from gan_core.models.losses import flat"),
    ("gan_core.launch.queue", "from gan_core.models.registry import architecture"),
    ("gan_core.store.run", "from gan_core import launch"),
    ("pages.new", "import keras"),
])
def test_a_forbidden_import_is_found_wherever_it_stands(module, source):
    assert violations(module, imports(source, module))


OTHERS = sorted([*ROOT.glob("benchmarks/*.py"), *ROOT.glob("tests/**/*.py")])


def paths_of_the_store(source):
    """What in a source builds or asks for the path of a run's file, or tells new from old by a time of change."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "folder":
            yield f"line {node.lineno}: .folder("
        elif isinstance(node, ast.Attribute) and node.attr.startswith(("st_mtime", "getmtime")):
            yield f"line {node.lineno}: .{node.attr}"
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and getattr(node.right, "value", "") == "runs":
            yield f'line {node.lineno}: / "runs"'


# Datasets, architectures, weights that come with packages.
FILES_OF_THEIR_OWN = ["gan_core.store", "gan_core.data", "gan_core.models.describing", "gan_core.pretrained"]


@pytest.mark.parametrize("path", [path for path in FILES if not below(name_of(path), FILES_OF_THEIR_OWN)], ids=name_of)
def test_no_path_leaves_the_store(path):
    """A run's files are artifacts: bytes under names, wherever they lie (:mod:`gan_core.store.artifacts`)."""
    assert list(paths_of_the_store(path.read_text())) == []


@pytest.mark.parametrize("path", OTHERS, ids=lambda path: path.stem)
def test_not_even_tests_and_benchmarks_ask_for_a_folder(path):
    assert [found for found in paths_of_the_store(path.read_text()) if ".folder(" in found] == []


@pytest.mark.parametrize("source", [
    "path = store.folder(run.id) / 'log.txt'", "log = open(store.workspace / 'runs' / run.id / 'log.txt')",
    "changed = path.stat().st_mtime_ns", "changed = os.path.getmtime(path)"])
def test_a_path_of_the_store_is_found(source):
    assert len(list(paths_of_the_store(source))) == 1


def test_relative_imports_are_resolved():
    assert "gan_core.models.base" in imports("from .. import base", "gan_core.models.zoo.new")
    assert "gan_core.models.zoo.gan" in imports("from . import gan", "gan_core.models.zoo.new")
    assert "gan_core.store.catalogue" in imports("from .catalogue import Catalogue", "gan_core.store", package=True)
    assert "gan_core.launch" in imports("from .. import launch", "gan_core.store", package=True)


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
    answer = subprocess.run([sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadgroup", "-v",
                             "tests/config/test_knobs.py"], cwd=ROOT, capture_output=True, text=True, timeout=120)
    passed = [line.rstrip() for line in answer.stdout.splitlines() if "PASSED" in line]
    assert answer.returncode == 0 and passed, answer.stdout + answer.stderr
    assert all(line.endswith("@test_knobs") for line in passed) and len({line.split()[0] for line in passed}) == 1
