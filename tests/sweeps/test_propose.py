"""What is proposed next: within the ranges, new, better with what was learned, and nothing where all was tried."""

import math

import pytest

from gan_core.errors import BadInput
from gan_core.models import cards
from gan_core.sweeps import propose
from gan_core.sweeps.space import as_key, parse


def space_of(*texts, **base):
    card = cards.card("dcgan")
    return parse(texts, card.knobs, card.defaults("images") | base, "images")


def test_proposals_lie_within_the_ranges_and_leave_out_what_means_nothing():
    space = space_of("generator_rate=1e-4..1e-2", "filters=16..64", "optimizer=adam,adamw", "weight_decay=0..0.1")
    tried = [(space.at_base(), (1.0,))]
    for seed in range(12):
        params = propose.ask(space, tried, seed=seed)
        assert space.holds(params) and isinstance(params["filters"], int)
        assert ("weight_decay" in params) == (params["optimizer"] == "adamw")
        assert params["generator_rate"] == float(f"{params['generator_rate']:.3g}"), "as it is written"
        tried.append((params, (math.inf if seed % 5 == 4 else 1.0 / params["filters"],)))
    assert propose.ask(space, tried, seed=3) == propose.ask(space, tried, seed=3), "the same records, the same proposal"


def test_it_learns_from_what_was_tried():
    space = space_of("generator_rate=1e-6..1e-1")

    def off(params):
        return abs(math.log10(params["generator_rate"] / 1e-3))

    tried = [(params, (off(params),)) for params in ({"generator_rate": rate} for rate in (
        1e-6, 1e-5, 1e-4, 7e-4, 1.5e-3, 1e-2, 1e-1, 3e-6, 3e-2, 2e-5))]
    guesses = sorted(off(propose.ask(space, tried, seed=seed)) for seed in range(9))
    chance = sorted(off(propose.ask(space, tried, seed=seed, by_chance=True)) for seed in range(9))
    assert guesses[4] < chance[4], "medians"


def test_nothing_is_proposed_twice_and_of_few_sets_every_one():
    space, seen = space_of("optimizer=adam,sgd", "filters=16,32"), []
    for seed in range(4):
        seen.append(propose.ask(space, [(params, (1.0,)) for params in seen[:-1]], seen[-1:], seed))
    assert len({as_key(params) for params in seen}) == 4
    assert propose.ask(space, [(params, None) for params in seen], seed=9) is None


def test_two_losses_and_defaults_that_lie_outside_the_range_are_no_hindrance():
    space = space_of("filters=4..8")
    tried = [(space.at_base(), (0.1, 3.0)), ({"filters": 5}, (0.2, 1.0)), ({"filters": 6}, (math.inf, math.inf))]
    assert space.at_base() == {"filters": 64}
    assert propose.ask(space, tried)["filters"] in (4, 7, 8)


def test_what_matters_is_told_once_enough_was_tried():
    space = space_of("generator_rate=1e-4..1e-2", "filters=16..64")
    tried = [({"generator_rate": 1e-4 * 100 ** (i / 20), "filters": 16 + (7 * i) % 48}, (float(i),)) for i in range(21)]
    shares = propose.importance(space, tried)
    assert shares["generator_rate"] > 0.8 and sum(shares.values()) == pytest.approx(1)
    assert propose.importance(space, tried[:3]) == {}


def test_without_optuna_there_is_a_sentence(monkeypatch):
    monkeypatch.setattr(propose.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(BadInput, match="pip install -r requirements.txt"):
        propose.check()
