"""What is searched: ranges from the knobs' own declarations, and a sentence for each that cannot be searched."""

import dataclasses

import pytest

from gan_core.config import knobs
from gan_core.config.knobs import ABOVE_0, knob
from gan_core.errors import BadInput
from gan_core.sweeps.space import Axis, Space, as_key, parse
from helpers_runs import is_a_sentence


@dataclasses.dataclass(frozen=True, kw_only=True)
class Config(knobs.Config):
    rate: float = knob(1e-3, low=1e-6, high=1.0, log=True, help="A rate.")
    width: int = knob(64, low=4, high=512, log=True, help="A width.")
    layers: int = knob(3, low=1, high=8, help="Layers.")
    penalty: float = knob(0.0, low=0.0, high=10.0, help="A penalty.")
    every: int = knob(1, low=1, high=16, when={"penalty": ABOVE_0}, help="How often.")
    optimizer: str = knob("adam", choices=("adam", "sgd"), help="An optimizer.")
    momentum: float = knob(0.9, low=0.0, high=0.99, when={"optimizer": ("sgd",)}, help="Of SGD.")
    mirror: bool = knob(False, only="images", help="Mirrors.")
    path: str = knob("", help="A file.")


def asked(*texts, kind="images", **base):
    return parse(texts, Config.knobs(), Config().as_dict() | base, kind)


def test_without_a_range_the_knobs_own_declaration_counts():
    rate, width, optimizer, mirror = asked("rate", "width", "optimizer", "mirror").axes
    assert (rate.low, rate.high, rate.log) == (1e-6, 1.0, True) and (width.low, width.high) == (4, 512)
    assert optimizer.values == ("adam", "sgd") and mirror.values == (False, True)
    assert rate.in_words() == "1e-06 to 1, by factors" and optimizer.in_words() == "adam, sgd"


def test_a_range_and_a_list_narrow_it():
    rate, width, layers = asked("rate = 1e-4 .. 1e-2", "width=16,32,32", "layers=2..4").axes
    assert (rate.low, rate.high) == (1e-4, 1e-2) and width.values == (16, 32) and layers.size == 3
    assert not asked("penalty", "every").axes[0].log, "0 has no logarithm"


def test_what_is_kept_comes_back():
    for axis in asked("rate", "optimizer", "every", "penalty").axes:
        assert Axis.from_dict(axis.as_dict()) == axis


def test_a_knob_comes_after_those_it_depends_on_and_is_left_out_where_it_means_nothing():
    space = asked("momentum", "every=1..4", "penalty=0,1", "optimizer")
    assert [axis.name for axis in space.axes][:2] == ["penalty", "optimizer"]
    assert space.at_base() == {"penalty": 0.0, "optimizer": "adam"}
    small = Space(space.axes[:2] + space.axes[3:], space.base, "images")
    known = [as_key(params) for params in small.all()]
    assert len(known) == len(set(known)) == 2 + 2 * 4, "how often counts only where there is a penalty"


@pytest.mark.parametrize("texts, part", [
    (["no_such"], "There is no knob 'no_such'; choose from rate"),
    (["steps"], "a setting of every run"),
    (["width=64..16"], "cannot lie between 64 and 16"),
    (["width=16..16"], "nothing to search"),
    (["rate=a..b"], "must be a number, not 'a'"),
    (["width=1.5..9"], "must be a whole number"),
    (["rate=1e-9..1"], "must lie between"),
    (["rate=nan..1"], "must be a number"),
    (["rate=..1"], "must be a number"),
    (["optimizer=adam,lion"], "must be one of adam, sgd"),
    (["optimizer=adam"], "needs two values"),
    (["rate="], "needs two values"),
    (["rate", "rate=1e-3..1e-2"], "twice"),
    (["path"], "has no range of its own"),
    (["every"], "means nothing beside the other settings; vary or set penalty"),
    ([], "Nothing is to be varied"),
])
def test_what_cannot_be_searched_is_a_sentence(texts, part):
    with pytest.raises(BadInput) as refused:
        asked(*texts)
    assert part in str(refused.value) and is_a_sentence(str(refused.value))


def test_a_knob_that_means_nothing_for_such_data_is_a_sentence():
    with pytest.raises(BadInput, match="Mirror means nothing for points"):
        asked("mirror", "rate", kind="points")


def test_every_wrong_knob_has_its_sentence():
    with pytest.raises(BadInput) as refused:
        asked("width=64..16", "no_such", "rate")
    assert set(refused.value.fields) == {"width", "no_such"}


def test_a_knob_that_another_setting_lets_mean_something_may_vary():
    assert asked("every=1..4", penalty=1.0).size == 4
