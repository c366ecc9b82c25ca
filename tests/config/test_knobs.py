"""Knobs: conversion, checks, JSON, inheritance, miniature values and when they apply."""

import json
from dataclasses import FrozenInstanceError, dataclass

import pytest

from gan_core.config.knobs import ABOVE_0, Config, Knob, check, inherit, knob
from gan_core.errors import BadInput


@dataclass(frozen=True, kw_only=True)
class Base(Config):
    rate: float = knob(0.5, low=0.1, high=1.0, log=True, help="A rate.")
    size: int = knob(16, low=1, high=64, tiny=4, group="Size", help="A size.")


@dataclass(frozen=True, kw_only=True)
class Child(Base):
    size: int = inherit(Base, "size", default=32)
    mode: str = knob("plain", choices=("plain", "fancy"), help="A mode.")
    extra: float = knob(0.0, low=0.0, high=1.0, when={"mode": ("fancy",)}, only="images", help="For the fancy mode.")
    often: int = knob(1, low=1, high=9, when={"rate": ABOVE_0, "extra": ABOVE_0}, help="For either of two.")
    on: bool = knob(False, tiny=True, label="Switch", help="A switch.")


KNOBS = {k.name: k for k in Child.knobs()}


def test_knobs_come_in_the_order_of_declaration_and_describe_themselves():
    assert list(KNOBS) == ["rate", "size", "mode", "extra", "often", "on"]
    assert [k.type for k in KNOBS.values()] == ["float", "int", "str", "float", "int", "bool"]
    assert KNOBS["rate"].label == "Rate" and KNOBS["on"].label == "Switch"
    assert KNOBS["size"].group == "Size" and KNOBS["rate"].group == "Networks"
    assert KNOBS["rate"].log and not KNOBS["size"].log


@pytest.mark.parametrize("name, given, expected", [
    ("rate", "0.25", 0.25), ("rate", " 1e-1 ", 0.1), ("rate", 1, 1.0), ("rate", 0.1, 0.1),
    ("size", "8", 8), ("size", "8.0", 8), ("size", 64.0, 64), ("size", "1e1", 10),
    ("mode", "fancy", "fancy"),
    ("on", "true", True), ("on", "Yes", True), ("on", "1", True), ("on", 1, True), ("on", True, True),
    ("on", "false", False), ("on", " off ", False), ("on", "0", False), ("on", 0, False),
])
def test_values_of_any_form_are_converted(name, given, expected):
    value = KNOBS[name].check(given)
    assert value == expected and type(value) is type(expected)


@pytest.mark.parametrize("name, given, words", [
    ("rate", 0.0999, "between 0.1 and 1"), ("rate", 1.001, "between 0.1 and 1"),
    ("rate", "fast", "a number"), ("rate", "nan", "a number"), ("rate", float("inf"), "a number"),
    ("rate", None, "a number"),
    ("size", 0, "between 1 and 64"), ("size", 65, "between 1 and 64"), ("size", 10**30, "between 1 and 64"),
    ("size", 2.5, "a whole number"), ("size", "", "a whole number"), ("size", [3], "a whole number"),
    ("mode", "other", "one of plain, fancy"),
    ("on", "maybe", "true or false"), ("on", 2, "true or false"), ("on", 0.5, "true or false"),
])
def test_a_wrong_value_is_refused_with_a_sentence(name, given, words):
    with pytest.raises(ValueError) as error:
        KNOBS[name].check(given)
    sentence = str(error.value)
    assert words in sentence and sentence.startswith(KNOBS[name].label) and sentence.endswith(".")


def test_a_number_too_large_for_a_float_is_refused_like_any_other():
    with pytest.raises(ValueError, match="a whole number"):
        KNOBS["size"].check(10**400)


def test_all_wrong_knobs_are_named_each_with_its_own_sentence():
    with pytest.raises(BadInput) as error:
        check(Child.knobs(), {"rate": 7, "size": "x", "mode": "fancy", "speed": 1, "hue": 2})
    fields = error.value.fields
    assert set(fields) == {"rate", "size", "speed", "hue"}
    assert "'speed'" in fields["speed"] and "rate, size, mode" in fields["speed"]
    assert all(sentence in str(error.value) for sentence in fields.values())
    assert error.value.exit_code == 2


def test_check_returns_what_was_given_and_nothing_else():
    assert check(Child.knobs(), {"size": "2"}) == {"size": 2}
    assert check(Child.knobs(), {}) == {}


def test_a_config_is_parsed_from_text_and_keeps_the_defaults_of_the_rest():
    config = Child.parse({"rate": "0.2", "on": "yes", "mode": "fancy"})
    assert config == Child(rate=0.2, on=True, mode="fancy")
    assert config.as_dict() == {"rate": 0.2, "size": 32, "mode": "fancy", "extra": 0.0, "often": 1, "on": True}
    with pytest.raises(BadInput):
        Child.parse({"rate": "0.2", "nothing": "1"})
    with pytest.raises(FrozenInstanceError):
        config.rate = 0.3


def test_knobs_survive_json():
    for each in Child.knobs():
        assert Knob.from_dict(json.loads(json.dumps(each.as_dict()))) == each


def test_an_inherited_knob_changes_only_what_it_says():
    before, after = {k.name: k for k in Base.knobs()}["size"], KNOBS["size"]
    assert (after.default, before.default) == (32, 16)
    assert after.tiny == 4, "a miniature value that was chosen stays"
    assert (after.low, after.high, after.group, after.help) == (before.low, before.high, before.group, before.help)


def test_an_inherited_default_becomes_the_miniature_value_where_none_was_chosen():
    @dataclass(frozen=True, kw_only=True)
    class Other(Base):
        rate: float = inherit(Base, "rate", default=0.7)
        size: int = inherit(Base, "size", default=20, tiny=2, label="Extent")

    rate, size = Other.knobs()
    assert (rate.default, rate.tiny) == (0.7, 0.7)
    assert (size.default, size.tiny, size.label) == (20, 2, "Extent")
    assert Base().rate == 0.5, "the original is as it was"


def test_the_miniature_config_takes_every_knobs_tiny_value():
    assert Child.tiny() == Child(rate=0.5, size=4, mode="plain", extra=0.0, on=True)
    assert Child.tiny(size=5, mode="fancy") == Child(rate=0.5, size=5, mode="fancy", extra=0.0, on=True)


@pytest.mark.parametrize("mode, kind, expected", [
    ("fancy", "images", True), ("fancy", None, True), ("fancy", "points", False), ("plain", "images", False),
])
def test_a_knob_applies_to_its_kind_of_data_and_beside_certain_values(mode, kind, expected):
    assert KNOBS["extra"].applies({"mode": mode}, kind) is expected
    assert KNOBS["rate"].applies({"mode": mode}, kind) is True


@pytest.mark.parametrize("values, expected", [
    ({"rate": 0.1, "extra": 0.0}, True), ({"rate": 0.0, "extra": 2}, True), ({"rate": 0, "extra": 0.0}, False),
    ({"rate": 0.0}, False), ({}, False),
])
def test_a_knob_applies_while_any_of_several_others_is_above_0(values, expected):
    assert KNOBS["often"].applies(values) is expected
    assert Knob.from_dict(json.loads(json.dumps(KNOBS["often"].as_dict()))).applies(values) is expected


def test_a_knob_is_not_withdrawn_by_a_value_that_nobody_would_see():
    """A dataclass goes by the field that it inherits: the form would show the knob, and it would do nothing."""
    with pytest.raises(TypeError, match="size is a knob that .*Fixed inherits"):
        class Fixed(Base):
            size = 5

    class Free(Base):
        extent = 5

    assert Free().size == 16


def test_a_range_needs_both_ends():
    with pytest.raises(TypeError):
        knob(1, low=0, help="Half a range.")
