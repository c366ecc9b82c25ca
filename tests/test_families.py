"""What a server knows of the zoo without loading it, and the first GAN that it offers."""

import json
import sys
import types

import pytest

from gan_core import data
from gan_core.errors import BadInput, RunFailed
from gan_core.launch import quickstart
from gan_core.models import cards
from helpers_pages import zoo


@pytest.fixture(scope="session")
def known():
    return zoo()


# Descriptions of the zoo


def forget():
    """As in the next process."""
    cards._from_another_process.cache_clear()
    cards._one.cache_clear()


@pytest.fixture
def from_process(monkeypatch):
    """What ``zoo --json`` answers, and how often it was asked; nothing is remembered between tests."""
    answer = types.SimpleNamespace(asked=0, names=[], returncode=0, stdout="", stderr="")

    def run(command, **_):
        assert command[1:4] == ["-m", "gan_core", "zoo"] and command[-1] == "--json"
        answer.asked += 1
        answer.names = command[4:-1]
        return answer

    monkeypatch.delitem(sys.modules, "gan_core.models.registry", raising=False)
    monkeypatch.setattr(cards.subprocess, "run", run)
    forget()
    yield answer
    forget()


@pytest.fixture
def described(known, from_process):
    from_process.stdout = json.dumps([family.as_dict() for family in known.values()])
    return from_process


def test_descriptions_are_kept_until_the_source_changes(known, described, tmp_path, monkeypatch):
    cache = tmp_path / "cache"
    assert cards.families(cache) == known and described.asked == 1
    forget()
    assert cards.families(cache) == known and described.asked == 1
    monkeypatch.setattr(cards, "_fingerprint", lambda: "changed")
    assert cards.families(cache) == known and described.asked == 2
    assert sorted(path.suffix for path in cache.iterdir()) == [".json", ".json"]
    assert cards.family("gan", cache) == known["gan"]
    with pytest.raises(BadInput, match="dcgan"):
        cards.family("no-such-gan", cache)


def test_one_family_does_not_wait_for_the_whole_zoo(known, from_process, tmp_path):
    from_process.stdout = json.dumps([known["cgan"].as_dict()])
    assert cards.family("cgan", tmp_path) == known["cgan"] == cards.family("cgan", tmp_path)
    assert from_process.asked == 1 and from_process.names == ["cgan"]
    assert not list(tmp_path.iterdir()), "one is not the list"
    from_process.returncode, from_process.stderr = 2, "There is no architecture 'gam'; choose from cgan.\n"
    with pytest.raises(BadInput, match="choose from cgan") as error:
        cards.family("gam", tmp_path)
    assert "architecture" in error.value.fields


@pytest.mark.parametrize("damage", ["", "[{", "[{}]", '[{"name": "gan"}]'])
def test_a_damaged_description_is_made_anew(known, described, tmp_path, damage):
    cards.families(tmp_path)
    [kept] = tmp_path.iterdir()
    kept.write_text(damage)
    forget()
    assert cards.families(tmp_path) == known and described.asked == 2
    forget()
    assert cards.families(tmp_path) == known and described.asked == 2


def test_a_cache_that_cannot_be_written_costs_time_and_nothing_else(known, described, tmp_path):
    (tmp_path / "file").write_text("in the way")
    assert cards.families(tmp_path / "file") == known


def test_a_zoo_that_does_not_load_is_a_sentence(from_process, tmp_path):
    from_process.returncode, from_process.stderr = 1, "Traceback\nImportError: No module named 'keras'\n"
    with pytest.raises(RunFailed, match="No module named 'keras'"):
        cards.families(tmp_path)
    assert not list(tmp_path.iterdir())


# The first GAN


def test_the_first_gan_suits_the_data_that_is_here(known, tmp_path, monkeypatch):
    monkeypatch.setattr(quickstart, "family", lambda name, cache: known[name])
    for name in ("mnist", "digits"):
        monkeypatch.setattr(data, "default_dataset", lambda: name)
        spec = quickstart.first_spec(tmp_path)
        assert (spec.architecture, spec.data, spec.shape, spec.size) == ("cgan", name, (28, 28, 1), 28)
        assert len(spec.classes) == 10 and spec.name == "My first GAN" and spec.backend == "tensorflow"
        assert not known["cgan"].refuses(spec.data_spec)
        loaded = next(each for each in data.catalogue() if each.name == name)
        assert tuple(loaded.classes) == spec.classes
