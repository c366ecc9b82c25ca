"""Which zoo-wide tests need not be run again: none whose code, or whose tests, are other than when they passed."""

import types
from pathlib import Path

import pytest

import helpers_unchanged
from helpers_unchanged import TESTS, fingerprint, leave_out

PATH, ROWS = "models/test_zoo.py", "models/test_rows.py"


class Config:
    def __init__(self, **options):
        self.options, self.stash, self.deselected = options, {}, []
        self.hook = types.SimpleNamespace(pytest_deselected=lambda items: self.deselected.extend(items))

    def getoption(self, name):
        return self.options.get(name.strip("-"), False)


def item(family, mark=True, path=PATH, settled=False):
    callspec = types.SimpleNamespace(params={"name": family})
    return types.SimpleNamespace(path=TESTS / path, user_properties=[], callspec=callspec,
                                 get_closest_marker=lambda name: mark or None if name == "zoo_wide" else settled or None)


@pytest.fixture
def passed(tmp_path, monkeypatch):
    """Two tests of LAPGAN and one of GRAN have passed, as a run with ``--record`` keeps it."""
    monkeypatch.setattr(helpers_unchanged, "KEPT", tmp_path / "zoo-wide.json")
    keeping = helpers_unchanged.Keeping()
    for family in ("lapgan", "lapgan", "gran"):
        for when in ("setup", "call", "teardown"):
            keeping.pytest_runtest_logreport(types.SimpleNamespace(
                user_properties=[(helpers_unchanged.GROUP, f"{PATH} {family}")], when=when, passed=True))
    keeping.pytest_sessionfinish()


def run(*items, **options):
    """Which of these are run."""
    left, config = list(items), Config(**options)
    leave_out(config, left)
    assert len(left) + len(config.deselected) == len(items)
    return left


@pytest.fixture
def other_content(monkeypatch):
    """``other_content(place)``: the file of a place is changed."""
    def change(place):
        assert helpers_unchanged._source(place), place
        known = helpers_unchanged._content
        monkeypatch.setattr(helpers_unchanged, "_content", lambda each: "other" if each == place else known(each))
        fingerprint.cache_clear()
    yield change
    fingerprint.cache_clear()


def test_what_passed_is_left_out_while_nothing_changes(passed):
    tests = [item("lapgan"), item("lapgan"), item("gran")]
    assert run(*tests) == []


@pytest.mark.parametrize("option", ["all", "record", "passed"])
def test_all_are_run_where_they_are_asked_for(passed, option):
    tests = [item("lapgan"), item("lapgan")]
    assert run(*tests, **{option: True}) == tests


def test_others_are_run(passed):
    """Of a part it is not known whether it passed as part of the whole; and what has no mark is always run."""
    tests = [item("lapgan"), item("vae"), item("gran", mark=False), item("gran", path="training/test_probe.py")]
    assert run(*tests) == tests


def test_a_file_called_after_a_family_speaks_of_it():
    for family, mark, path in [("lapgan", True, PATH), ("lapgan", False, "models/test_lapgan.py"),
                               (None, False, "models/test_losses.py"), (None, False, "exploring/test_lapgan.py")]:
        assert helpers_unchanged._family_of(item("lapgan", mark=mark, path=path)) == family


def test_some_families_are_run_always(tmp_path, monkeypatch):
    monkeypatch.setattr(helpers_unchanged, "KEPT", tmp_path / "zoo-wide.json")
    assert helpers_unchanged.LIVE and all(run(item(name)) for name in helpers_unchanged.LIVE)


@pytest.mark.parametrize("place", [
    "gan_core.models.zoo.lapgan", "gan_core.models.adversarial", "gan_core.engine.tensorflow", "gan_core.training.loop",
    "gan_core.data.batches", "gan_core.models.inputs.label", "gan_core.modalities.images", "tests/models/test_zoo.py",
    "tests/conftest.py", "tests/helpers/helpers_zoo.py", "tests/helpers/helpers_checkpoints.py"])
def test_all_are_run_whose_code_has_changed(passed, other_content, place):
    other_content(place)
    tests = [item("lapgan"), item("lapgan"), item("gran")]
    assert run(*tests) == (tests[:2] if place.endswith("lapgan") else tests)


def test_all_are_run_with_another_library(passed, monkeypatch):
    monkeypatch.setattr(helpers_unchanged, "_version", lambda name: "4.0")
    fingerprint.cache_clear()
    tests = [item("gran")]
    assert run(*tests) == tests
    fingerprint.cache_clear()


def test_nothing_is_kept_of_what_has_failed(passed):
    keeping = helpers_unchanged.Keeping()
    for passes in (True, False):
        keeping.pytest_runtest_logreport(types.SimpleNamespace(
            user_properties=[(helpers_unchanged.GROUP, f"{PATH} vae")], when="call", passed=passes))
    keeping.pytest_sessionfinish()
    tests = [item("vae"), item("vae")]
    assert run(*tests) == tests and "vae" not in Path(helpers_unchanged.KEPT).read_text()


@pytest.mark.parametrize("place, path, stale", [
    ("gan_core/models/zoo/lapgan.py", ROWS, True), ("gan_core/cli/terminal.py", ROWS, True),
    ("gan_core/sharing/player/worker.js", ROWS, True), ("tests/conftest.py", ROWS, True),
    ("tests/helpers/helpers_zoo.py", ROWS, True), (f"tests/{ROWS}", ROWS, True),
    ("pages/tasks.py", ROWS, False), ("pages/tasks.py", "models/test_own_zoo.py", True)])
def test_a_settled_file_is_run_where_anything_that_it_reaches_has_changed(tmp_path, monkeypatch, other_content, place, path,
                                                                          stale):
    monkeypatch.setattr(helpers_unchanged, "KEPT", tmp_path / "zoo-wide.json")
    keeping = helpers_unchanged.Keeping()
    keeping.pytest_runtest_logreport(types.SimpleNamespace(
        user_properties=[(helpers_unchanged.GROUP, f"{path} {helpers_unchanged.WHOLE}")], when="call", passed=True))
    keeping.pytest_sessionfinish()
    tests = [item("gan", mark=False, path=path, settled=True)]
    assert run(*tests) == [] and run(*tests, *tests) == 2 * tests
    other_content(place)
    assert run(*tests) == (tests if stale else [])
