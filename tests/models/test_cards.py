"""The cards that are shipped, what describes itself because it has none, and the first GAN that is offered."""

import json
import shutil
import time

import pytest

from gan_core import data
from gan_core.errors import BadInput
from gan_core.launch import quickstart
from gan_core.models import cards, describing, own_zoo
from helpers_pages import zoo
from helpers_runs import python

ANEW = "make the cards anew with `python -m gan_core describe --write`"


@pytest.fixture(scope="session")
def known():
    return zoo()


# Those that are shipped


def test_the_shipped_cards_are_those_of_the_zoo():
    from gan_core.models import describe, registry

    shipped = {path.stem: path.read_text() for path in cards.SHIPPED.glob("*.json")}
    assert shipped.keys() == registry.architectures().keys(), ANEW
    stale = [name for name, text in shipped.items() if text != describe.shipped_text(name)]
    assert not stale, f"{', '.join(stale)} changed: {ANEW}"


def test_reading_them_is_quick_and_loads_no_framework(tmp_path):
    """In a fresh process, without writing anything and without asking another one."""
    answer = python(f"""
import json, subprocess, sys, time
from gan_core.models import cards
subprocess.run = None
began = time.perf_counter()
known = cards.cards({str(tmp_path / "cache")!r})
took = time.perf_counter() - began
heavy = sorted({{"keras", "tensorflow", "jax", "gan_core.models.registry"}} & set(sys.modules))
print(json.dumps([took, heavy, sorted(known)]))
""")
    took, heavy, names = json.loads(answer.stdout)
    assert took < 0.3 and heavy == [] and names == sorted(own_zoo.projects_own()), answer.stderr
    assert not list(tmp_path.iterdir())


def test_a_card_of_other_source_is_not_believed(tmp_path, monkeypatch):
    """Its file was changed, or the card damaged: then it describes itself."""
    shutil.copytree(cards.SHIPPED, tmp_path / "cards")
    monkeypatch.setattr(cards, "SHIPPED", tmp_path / "cards")
    gan = tmp_path / "cards" / "gan.json"
    good = gan.read_text()
    try:
        for text in (good.replace('"source": "', '"source": "0'), good[:200], "[]", '{"source": 1}'):
            gan.write_text(text)
            cards.shipped.cache_clear()
            assert cards.shipped().keys() == own_zoo.projects_own().keys() - {"gan"}
    finally:
        monkeypatch.undo()
        cards.shipped.cache_clear()


def test_an_unknown_architecture_is_refused_with_the_names_there_are(tmp_path):
    with pytest.raises(BadInput, match="'no-such-gan'; choose from .*dcgan") as error:
        cards.card("no-such-gan", tmp_path)
    assert "architecture" in error.value.fields


# Those that describe themselves


@pytest.fixture
def described(known, monkeypatch, tmp_path):
    """How often a process was asked for a card, and what it answers: the card of gan, under the name that was asked for."""

    class Process:
        asked, why = [], ""

        def run(self, command):
            assert command[1:4] == ["-m", "gan_core", "describe"]
            name, out = command[4], command[command.index("--out") + 1]
            self.asked.append(name)
            if not self.why:
                values = known["gan"].as_dict() | {"name": name}
                open(out, "w").write(json.dumps(values))
            return int(bool(self.why)), self.why.encode()

    process = Process()
    process.asked = []
    monkeypatch.setattr(describing, "_ended", process.run)
    monkeypatch.setenv("GAN_ZOO", str(tmp_path / "zoo"))
    (tmp_path / "zoo").mkdir()
    (tmp_path / "zoo" / "mine.py").write_text("first")
    describing._answers.clear()
    yield process
    describing._answers.clear()


def test_a_description_is_kept_until_the_file_changes(described, tmp_path):
    cache, file = tmp_path / "cache", tmp_path / "zoo" / "mine.py"
    assert list(cards.cards(cache)) == sorted([*own_zoo.projects_own(), "mine"]) and described.asked == ["mine"]
    assert cards.card("mine", cache).name == "mine"
    describing._answers.clear()  # as in the next process
    assert cards.card("mine", cache).name == "mine" and described.asked == ["mine"]
    file.write_text("second")
    assert cards.card("mine", cache).name == "mine" and described.asked == ["mine"] * 2
    assert len(list((cache / "cards").iterdir())) == 1, "the old one is gone"


def test_one_card_waits_for_no_other(described, tmp_path):
    assert cards.card("gan", tmp_path / "cache").name == "gan" and described.asked == []
    (tmp_path / "zoo" / "other.py").write_text("")
    cards.card("mine", tmp_path / "cache")
    assert described.asked == ["mine"]


@pytest.mark.parametrize("damage", ["", "[{", "[{}]", '{"name": "mine"}'])
def test_a_damaged_description_is_made_anew(described, tmp_path, damage):
    cards.cards(tmp_path)
    [kept] = (tmp_path / "cards").iterdir()
    kept.write_text(damage)
    for _ in range(2):
        describing._answers.clear()
        assert cards.card("mine", tmp_path).name == "mine"
    assert described.asked == ["mine"] * 2


def test_a_cache_that_cannot_be_written_costs_time_and_nothing_else(described, tmp_path):
    (tmp_path / "file").write_text("in the way")
    assert "mine" in cards.cards(tmp_path / "file") and "mine" in cards.cards(tmp_path / "file")
    assert described.asked == ["mine"]


def test_what_fails_is_told_once_and_tried_again_when_it_is_saved_again(described, tmp_path):
    described.why = "Traceback (most recent call last):\n  deep inside\nImportError: No module named 'nothing'."
    cache = tmp_path / "cache"
    for _ in range(2):
        describing._answers.clear()
        zoo = cards.look(cache)
        assert "mine" not in zoo.cards and zoo.cards.keys() == own_zoo.projects_own().keys()
        told = zoo.broken["mine.py"]
        assert told.startswith("mine.py cannot be used: ImportError: No module named 'nothing'; the traceback is in cache/")
        assert described.asked == ["mine"]
    log = tmp_path / told.split(" is in ")[1].split(" of ")[0]
    assert "deep inside" in log.read_text()
    with pytest.raises(BadInput, match="No module named 'nothing'") as error:
        cards.card("mine", cache)
    assert "architecture" in error.value.fields
    described.why = ""
    file = tmp_path / "zoo" / "mine.py"
    described_at = log.stat().st_mtime_ns
    while file.stat().st_mtime_ns <= described_at:  # the clock of files is coarse
        file.touch()
    assert "mine" in cards.cards(cache) and not log.exists()


def test_a_page_does_not_wait(described, tmp_path):
    zoo = cards.look(tmp_path, wait=False)
    assert zoo.waiting == ("mine",) and zoo.cards.keys() == own_zoo.projects_own().keys()
    end = time.monotonic() + 30
    while cards.look(tmp_path, wait=False).waiting:
        assert time.monotonic() < end
    assert "mine" in cards.look(tmp_path, wait=False).cards and described.asked == ["mine"]


# The first GAN


def test_the_first_gan_suits_the_data_that_is_here(known, tmp_path, monkeypatch):
    for name in ("mnist", "digits"):
        monkeypatch.setattr(data, "default_dataset", lambda: name)
        spec = quickstart.first_spec(tmp_path)
        assert (spec.architecture, spec.data, spec.shape, spec.size) == ("cgan", name, (28, 28, 1), 28)
        assert len(spec.classes) == 10 and spec.name == "My first GAN" and spec.backend == "tensorflow"
        assert not known["cgan"].refuses(spec.data_spec)
        loaded = next(each for each in data.catalogue() if each.name == name)
        assert tuple(loaded.classes) == spec.classes
