"""The Laboratory page without a browser: what it hands to the frame, what visitors get, and what Train makes of a game."""

import json

import pytest

import helpers_visits
from gan_core import visitors
from helpers_visits import button, choose, texts, visit
from pages.components import knob_form, laboratory_view

known, store = helpers_visits.known, helpers_visits.store  # the fixtures


def shown(at):
    [component] = [each for each in at.get("bidi_component") if '"keys"' not in each.proto.json]
    return json.loads(component.proto.json)


def options(page):
    return json.loads(page.partition('id="options">')[2].partition("</script>")[0])


def test_the_page_has_the_laboratory_with_the_state_of_its_address(store):
    at = visit("laboratory", state="game=wgan_gp&data=grid")
    page = shown(at)["page"]
    assert options(page) == {"embedded": True, "state": "game=wgan_gp&data=grid", "train": True}
    assert "class Network" in page and '<header hidden>' in page
    [download] = at.get("download_button")
    assert download.proto.label == "Download the laboratory" and not at.button


def test_visitors_play_and_do_not_train(store, monkeypatch):
    monkeypatch.setenv(visitors.VARIABLE, "1")
    assert options(shown(visit("laboratory"))["page"])["train"] is False


GAME = {"kind": "train", "architecture": "gan", "data": "grid", "set": {"loss": "minimax", "points_width": 16, "r1": 0.1},
        "notes": []}


def test_a_game_becomes_an_address_of_train():
    assert laboratory_view.training_query(GAME) == {
        "architecture": "gan", "data": "grid", "set": ["loss=minimax", "points_width=16", "r1=0.1"]}
    many = laboratory_view.training_query(GAME | {"set": dict.fromkeys(map(str, range(500)), 0)})
    assert len(many["set"]) == laboratory_view.KNOBS
    for nothing in (None, "x", {}, {"set": []}, {"set": {}, "architecture": "gan"}):
        assert laboratory_view.training_query(nothing) is None


def test_train_is_filled_with_a_game(store, known):
    at = visit("train", **laboratory_view.training_query(GAME))
    assert not at.warning and at.selectbox(key="train:architecture").value == "gan"
    assert at.selectbox(key="data:name").value == "grid" and not button(at, "Start training").disabled
    values = {name: at.session_state[knob_form.state_key("gan", name)]
              for name in ("loss", "points_width", "r1", "batch_size")}
    assert values == {"loss": "minimax", "points_width": 16, "r1": 0.1, "batch_size": 256}, "the rest is what suits points"
    assert not {"architecture", "data", "set"} & set(at.query_params), "once: a reload brings nothing back"
    at = choose(at, dataset="ring")
    assert at.session_state[knob_form.state_key("gan", "loss")] == "minimax", "it stays"


@pytest.mark.parametrize("query, sentence", [
    ({"architecture": "gan", "data": "/etc/passwd"}, "There are no data '/etc/passwd' here"),
    ({"architecture": "gan", "data": "ring", "set": ["points_width=1000000"]}, "Width must lie between 8 and 1,024"),
    ({"architecture": "gan", "data": "ring", "set": ["![x](y)=1"]}, "There is no knob '![x](y)'"),
    ({"architecture": "gan", "data": "ring", "set": ["loss"]}, "must be one of")])
def test_what_train_cannot_take_is_said_and_the_usual_stands_in_its_place(store, query, sentence):
    at = visit("train", **query)
    assert len(at.warning) == 1 and sentence in texts(at)
    assert at.session_state[knob_form.state_key("gan", "points_width")] == 128
