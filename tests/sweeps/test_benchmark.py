"""The page of benchmarks/sweep.py says what was measured, whichever way it went."""

import sys
from pathlib import Path

import pytest

from gan_core.store import MemoryStore
from gan_core.sweeps import propose, told
from helpers_sweeps import World, begin, through

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))

import sweep as benchmark  # noqa: E402


def measured(learned, chance, outcome="beaten"):
    return [{"family": "dcgan", "search": search, "repeat": repeat, "trials": 9, "outcome": outcome,
             "best": [value, value * 1.1], "defaults": [0.5, 0.6]}
            for search, values in (("learning", learned), ("chance", chance)) for repeat, value in enumerate(values)]


@pytest.mark.parametrize("learned, chance, said", [
    ((0.10, 0.11, 0.105), (0.30, 0.31, 0.305), "the race is better"), ((0.30, 0.31, 0.305), (0.10, 0.11, 0.105), "is worse"),
    ((0.1, 0.3, 0.2), (0.15, 0.25, 0.2), "cannot be told from it within the noise")])
def test_the_page_says_who_is_better(learned, chance, said):
    text = benchmark.page(measured(learned, chance))
    assert said in text and "in 3 of 3 sweeps." in text and "| dcgan † | learning | 0 | 9 |" in text


def test_the_page_says_that_the_defaults_were_not_beaten():
    assert "in 0 of 3 sweeps: they do not." in benchmark.page(measured((0.1,) * 3, (0.1,) * 3, "within the noise"))


def test_what_is_kept_is_what_a_sweep_has_found(monkeypatch):
    monkeypatch.setattr(propose, "importance", lambda *_: {})
    store = MemoryStore()
    now = through(store, begin(store, minutes=8, seeds=2), World(store, shares=(0.0, 0.5, 1.0)))
    one = benchmark.figures(told.as_dict(now), "gan", "learning", 0)
    assert len(one["best"]) == len(one["defaults"]) == 2 and one["params"] == now.trials[told.last_round(now).best].params
    assert "| gan" in benchmark.page([one | {"family": "gan"}])
    store.close()
