"""Notices go to servers of the tests alone."""

import os

import pytest

import helpers_stores
from gan_core.notices import sending, settings
from helpers_notices import Heard, Mailed, serving

disk = helpers_stores.disk  # a fixture


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch, tmp_path):
    """Nothing of who runs the tests; pauses are short, and no proxy stands between."""
    for name in [name for name in os.environ if name.startswith(settings.PREFIX)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(settings, "files", lambda: [tmp_path / "secrets.toml"])
    monkeypatch.setattr(sending, "PAUSES", (0.02, 0.02))
    monkeypatch.setattr(sending, "TIMEOUT", 1.0)


@pytest.fixture
def heard():
    with serving(Heard()) as server:
        yield server


@pytest.fixture
def mailed():
    with serving(Mailed()) as server:
        yield server
