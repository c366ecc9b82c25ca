"""The Architectures page, and what a description tells it: networks, wiring, operations."""

import dataclasses
import json
from pathlib import Path

import keras
import pytest
from keras import layers

from gan_core.modalities.base import modality
from gan_core.models import describe, flops
from gan_core.models.card import Card
from gan_core.models.networks.attention import SelfAttention
from gan_core.models.networks.resnet import ConditionalNorm
from gan_core.models.registry import architecture, architectures
from helpers_runs import is_a_sentence
from helpers_visits import (  # noqa: F401 (also fixtures)
    button, choose, click, drawn, go, known, links, store, texts, visit,
)
from pages.components import card_view, diagram, drawn_view, family_tree, shell
from pages.components.shell import known_cards

GOLDEN = Path(__file__).parents[1] / "golden" / "operations.json"
each = pytest.mark.parametrize("name", architectures())


# What a card tells of itself


@each
def test_it_tells_how_it_works(name):
    card = describe.card(name)
    assert len(card.story.split(". ")) == 3 and card.story.endswith("."), "three plain sentences"
    assert ("Lite: " in card.summary + card.story) == card.title.endswith("-lite"), "what was cut, in one sentence"
    assert card.formula and "$" not in card.formula and card.formula.count("{") == card.formula.count("}")
    assert len(card.strengths) >= 2 and len(card.weaknesses) >= 2
    assert all(not each.endswith(".") and len(each) < 120 for each in card.strengths + card.weaknesses)


@each
def test_its_networks_are_described_layer_by_layer(name):
    card = describe.card(name)
    assert {each["name"]: each["parameters"] for each in card.networks} == card.parameters
    for network in card.networks:
        names = [layer["name"] for layer in network["layers"]]
        assert len(set(names)) == len(names)
        for place, layer in enumerate(network["layers"]):
            assert set(layer["feeds"]) <= set(names[:place]), "in the order of computation"
    assert card.flops_per_sample > 1000


@each
def test_everything_in_its_drawing_is_connected(name):
    card = describe.card(name)
    networks = {network["name"] for network in card.networks}
    for start, end in card.wiring:
        assert end in networks and start in networks | {each["name"] for each in card.inputs} | {describe.DATA}
    assert networks <= {end for _, end in card.wiring}, "nothing feeds it: say what does in its `wiring`"
    fed = {start for start, _ in card.wiring}
    assert {each["name"] for each in card.inputs} <= fed, "an input leads nowhere: say where to in its `wiring`"
    assert describe.DATA in fed
    assert {moved for player in card.moves.values() for moved in player} == networks
    drawing = diagram.dot(card)
    assert all(f'"{name}" [label=' in drawing for name in networks)
    assert all(name in diagram.words(card) for name in networks)


def test_the_wiring_of_the_usual_game():
    assert sorted(describe.card("cgan").wiring) == sorted([
        ["latent", "generator"], ["label", "generator"], ["data", "discriminator"], ["generator", "discriminator"],
        ["label", "discriminator"]])


def test_dials_and_blurred_real_images_are_in_the_drawing():
    wiring = {name: describe.card(name).wiring for name in ("biggan", "stylegan", "pixelcnn", "lapgan")}
    assert ["truncation", "generator"] in wiring["biggan"]
    assert ["truncation", "generator"] in wiring["stylegan"] and ["mixing", "generator"] in wiring["stylegan"]
    assert ["uniform", "network"] in wiring["pixelcnn"] and ["data", "generator"] in wiring["lapgan"]


def test_lsgan_is_dcgan_but_for_its_loss():
    lsgan, dcgan = (describe.card(name) for name in ("lsgan", "dcgan"))
    assert lsgan.networks == dcgan.networks and lsgan.wiring == dcgan.wiring and lsgan.inputs == dcgan.inputs
    assert {knob.name for knob in dcgan.knobs} - {knob.name for knob in lsgan.knobs} == {"loss"}


def test_an_architecture_may_say_its_wiring_itself():
    class Other(architecture("gan")):
        wiring = (("latent", "generator"), ("generator", "discriminator"))

    assert describe.wiring(Other(Other.Config.tiny(), modality("images").example)) == (
        ["latent", "generator"], ["generator", "discriminator"])


def test_what_data_a_family_needs(known):
    assert known["cgan"].needs == ("labels",) and known["gan"].needs == ()
    paired = Card.from_dict(json.loads(json.dumps(known["gan"].as_dict())) | {"data": ["pairs"]})
    assert paired.needs == ("pairs",)


# Operations


def network(x, *stack):
    y = x
    for layer in stack:
        y = layer(y)
    return keras.Model(x, y)


def test_operations_are_counted_by_hand():
    image = keras.Input((8, 8, 3))
    assert flops.flops(network(image, layers.Conv2D(5, 3, strides=2, padding="same"))) == 2 * 3 * 3 * 3 * 5 * 4 * 4
    assert flops.flops(network(image, layers.Conv2DTranspose(5, 4, strides=2, padding="same"))) == 2 * 4 * 4 * 3 * 5 * 8 * 8
    assert flops.flops(network(keras.Input((7,)), layers.Dense(4), layers.Dense(2))) == 2 * (7 * 4 + 4 * 2)


def test_a_wrapped_layer_costs_what_it_wraps():
    image = keras.Input((8, 8, 3))
    plain = network(image, layers.Conv2D(5, 3))
    assert flops.flops(network(image, layers.SpectralNormalization(layers.Conv2D(5, 3)))) == flops.flops(plain) > 0


def test_a_layer_of_our_own_says_what_it_costs():
    class Attention(layers.Layer):
        def call(self, x):
            return x

        def flops(self, input_shape, output_shape):
            return input_shape[0] ** 2 * output_shape[-1]

    assert flops.flops(network(keras.Input((16, 4)), Attention(), layers.Dense(3))) == 16**2 * 4 + 2 * 4 * 16 * 3


def test_attention_and_conditional_normalisation_say_what_they_cost():
    """Two operations a multiply-add; 8 channels are 1 for queries and keys and 4 for values, which are pooled by two."""
    def matrix(rows, inner, columns):
        return 2 * rows * inner * columns

    maps, told = keras.Input((6, 4, 8)), keras.Input((5,))
    attention = 2 * matrix(24, 8, 1) + matrix(24, 8, 4) + matrix(24, 4, 8) + matrix(24, 1, 6) + matrix(24, 6, 4)
    assert flops.flops(network(maps, SelfAttention())) == attention
    assert flops.flops(keras.Model([maps, told], ConditionalNorm()([maps, told]))) == 2 * matrix(1, 5, 8)


@each
def test_the_operations_of_a_sample_are_the_golden_ones(name):
    golden, found = json.loads(GOLDEN.read_text()), describe.card(name).flops_per_sample
    assert found == golden.get(name), f'if {found:,} is what a sample of {name} takes, write it into {GOLDEN.name}'
    assert set(golden) == set(architectures())


def test_networks_that_samples_do_not_pass_do_not_count():
    for name, drawing in (("vae", "decoder"), ("vaegan", "generator")):
        model = architecture(name)(architecture(name).Config.tiny(), modality("images").example)
        assert flops.sample_flops(model) == flops.flops(getattr(model, drawing))
    model = architecture("stylegan")(architecture("stylegan").Config.tiny(), modality("images").example)
    a_style_of_each_latent = 2 * flops.flops(model.mapping)
    assert flops.sample_flops(model) == a_style_of_each_latent + flops.flops(model.generator)


def test_a_sample_may_take_several_passes():
    cls = architecture("gan")
    model = cls(cls.Config.tiny(), modality("images").example)
    once = flops.sample_flops(model)
    model.passes = {"generator": 3}
    assert once == flops.flops(model.generator) and flops.sample_flops(model) == 3 * once


# The page


def cards(at):
    return [query.partition("=")[2] for _, query in links(at, "Details")]


def test_the_overview_has_a_card_for_every_family(store, known):
    at = visit("architectures")
    assert cards(at) == list(shell.known_cards()) and f"{len(known)} of {len(known)} architectures" in texts(at)
    for name, card in known.items():
        assert card.title in texts(at) and card.summary in texts(at)
        assert ("train", f"architecture={name}") in links(at, "Train")


def test_filters_by_data_and_by_what_it_needs(store, known):
    at = visit("architectures")
    at = drawn(at.pills(key="architectures:kind").set_value("points").run())
    assert cards(at) == [name for name, card in known.items() if "points" in card.data]
    at = drawn(at.pills(key="architectures:needs").set_value("labels").run())
    assert cards(at) == [name for name, card in known.items() if "points" in card.data and "labels" in card.needs]
    at = drawn(at.pills(key="architectures:kind").set_value(None).run())
    assert "cgan" in cards(at) and "gan" not in cards(at)
    at = drawn(at.pills(key="architectures:needs").set_value("Nothing").run())
    assert "gan" in cards(at) and "cgan" not in cards(at)


def test_every_family_in_full(store, known):
    for name, card in known.items():
        at = visit("architectures", family=name)
        assert at.query_params["family"] == name
        assert card.story in texts(at) and card.summary in texts(at)
        assert at.latex[0].value.strip("$\n ") == card_view.in_lines(card.formula).strip()
        assert f"[{card.paper}]({card.link})" in texts(at)
        for phrase in card.strengths + card.weaknesses:
            assert phrase[1:] in texts(at)
        [drawing] = at.get("graphviz_chart")
        assert drawing.proto.alt == diagram.words(card)
        assert len(at.dataframe) == len(card.networks)
        for table, described in zip(at.dataframe, card.networks):
            assert table.value["Parameters"].sum() == described["parameters"]
            assert table.value["Layer"].tolist() == [layer["name"] for layer in described["layers"]]


def test_a_formula_has_a_line_for_each_of_its_parts():
    assert card_view.in_lines(r"a \ge b") == r"a \ge b"
    assert (card_view.in_lines(r"a = b, \quad c = d; \qquad e")
            == r"\begin{aligned} & a = b, \\ & c = d; \\ & e \end{aligned}")
    ready = r"\begin{aligned} a &= b \quad \\ c &= d \end{aligned}"
    assert card_view.in_lines(ready) == ready
    assert (card_view.in_lines(r"\begin{aligned} a &= b, \qquad c = d \end{aligned}")
            == r"\begin{aligned} a &= b, \\ & c = d \end{aligned}")


def test_an_unknown_family_in_the_address_is_told(store, known):
    at = visit("architectures", family="gam")
    assert is_a_sentence(at.warning[0].value) and "'gam'" in at.warning[0].value and cards(at) == list(shell.known_cards())


def test_train_opens_the_form_with_the_architecture_chosen(store):
    at = click(visit("architectures", family="wgan_gp"), "Train")
    assert at.title[0].value == "Train" and at.selectbox(key="train:architecture").value == "wgan_gp"
    at = go(at, "train", architecture="wgan_gp")
    assert "architecture" not in at.query_params
    at = drawn(at.selectbox(key="train:architecture").set_value("gan").run())
    assert at.selectbox(key="train:architecture").value == "gan", "the address decides once"
    at = go(at, "train", architecture="cgan")
    assert at.selectbox(key="train:architecture").value == "cgan"
    at = visit("train", architecture="gam")
    assert "'gam'" in at.warning[0].value and at.selectbox(key="train:architecture").value == "dcgan"


def test_side_by_side(store, known):
    at = visit("architectures")
    at = drawn(at.segmented_control(key="architectures:view").set_value("Side by side").run())
    assert is_a_sentence(at.info[0].value)
    at = drawn(at.multiselect(key="architectures:compare").set_value(["gan", "cgan"]).run())
    assert at.query_params["compare"] == "gan,cgan"
    frame = at.table[0].value
    assert list(frame.columns) == [known["gan"].title, known["cgan"].title]
    assert frame.loc["Needs"].tolist() == ["nothing but samples", "labels"]
    assert len(at.get("graphviz_chart")) == len(at.latex) == 2
    at = visit("architectures", compare="dcgan,gan,wgan_gp,nothing")
    assert at.multiselect(key="architectures:compare").value == ["dcgan", "gan", "wgan_gp"]
    assert len(at.get("graphviz_chart")) == 3


def test_numbers_for_people():
    assert [diagram.short(n) for n in (7, 999, 1_234, 2_262_913, 67_100_000, 3e9)] == [
        "7", "999", "1.23 k", "2.26 M", "67.1 M", "3 G"]
    assert [card_view.shape(s) for s in ([], [10], [7, 7, 256], [None, 3])] == [
        "one number", "10", "7 x 7 x 256", "? x 3"]


def test_the_way_back_from_one_family(store, known):
    at = click(visit("architectures", family="gan"), "All architectures")
    assert "family" not in at.query_params and cards(at) == list(shell.known_cards())


def test_each_kind_of_data_has_its_own_symbol(store):
    said = texts(visit("architectures"))
    kinds = {kind for card in known_cards().values() for kind in card.data}
    assert "table" in kinds and all(f"{modality(kind).icon} {modality(kind).learned}" in said for kind in kinds)


def test_cards_stand_in_the_order_of_their_titles(store):
    titles = [card.title for card in known_cards().values()]
    assert titles == sorted(titles, key=str.casefold)
    at = visit("train")
    assert list(at.selectbox(key="train:architecture").options) == titles


def test_a_summary_stands_once_where_there_is_no_story(store, monkeypatch):
    card = dataclasses.replace(known_cards()["gan"], story="", paper="", link="")
    known = known_cards() | {"gan": card}
    monkeypatch.setattr(shell, "known_cards", lambda: known)
    at = visit("architectures", family="gan")
    assert texts(at).count(card.summary) == 1 and "[]()" not in texts(at)
    at = choose(visit("train"), "gan")
    assert card.summary in texts(at) and "[]()" not in texts(at)


def test_a_search_looks_through_what_is_said_of_each(store, known):
    at = visit("architectures")
    for words, first in (("wasserstein", "wgan_gp"), ("karras 2018", "progan"), ("PIX2PIX", "pix2pix")):
        at = drawn(at.text_input(key="architectures:search").set_value(words).run())
        assert first in cards(at) and len(cards(at)) < len(known) / 2, words
    at = drawn(at.text_input(key="architectures:search").set_value("no such words zzz").run())
    assert cards(at) == [] and is_a_sentence(at.info[0].value)


# Who takes whose ideas further


def test_nobody_builds_on_what_came_later_or_is_not_there(known):
    for card in known.values():
        assert card.year and set(card.builds_on) <= known.keys() - {card.name}, card.name
        assert all(known[before].year <= card.year for before in card.builds_on), card.name


def test_the_map_has_everyone_in_the_row_of_the_year_and_leads_there(store, known):
    at = visit("architectures")
    at = drawn(at.segmented_control(key="architectures:view").set_value("Map").run())
    assert at.query_params["map"] == "years" and not cards(at)
    [drawing] = at.get("graphviz_chart")
    dot = drawing.proto.spec
    for name, card in known.items():
        row = next(line for line in dot.splitlines() if line.startswith("{rank=same") and f'"{name}";' in line)
        assert f'"year {card.year}"' in row and f'URL="?family={name}"' in dot
        assert all(f'"{before}" -> "{name}";' in dot for before in card.builds_on)
    assert "Pix2Pix-lite (2017) builds on Conditional GAN" in drawing.proto.alt
    assert visit("architectures", map="years").segmented_control(key="architectures:view").value == "Map"
    at = drawn(at.segmented_control(key="architectures:view").set_value("Overview").run())
    assert "map" not in at.query_params and cards(at) == list(shell.known_cards())


def test_one_without_a_paper_or_with_a_stranger_before_it_is_on_the_map_too(known):
    own = dataclasses.replace(known["gan"], name="mine", title='My "own"', paper="", builds_on=("gone", "mine", "gan"))
    dot = family_tree.dot(known | {"mine": own})
    assert '"year own"; "mine";' in dot and dot.count('-> "mine"') == 1 and '"gan" -> "mine";' in dot
    assert r'label="My \"own\""' in dot


def test_what_one_builds_on_and_led_to_is_a_link(store, known):
    at = visit("architectures", family="wgan")
    found = {query for _, query in links(at, "DCGAN (2016)") + links(at, "WGAN-GP (2017)")}
    assert {"family=dcgan", "family=wgan_gp"} <= found


def test_what_one_draws_is_shown_and_is_small():
    sheets = sorted(drawn_view.SHEETS.glob("*.png"))
    assert len(sheets) >= 20 and max(path.stat().st_size for path in sheets) <= 30_000
    few, whole = (drawn_view._samples("dcgan", few) for few in (True, False))
    assert 0 < len(few) < len(whole) / 2 and drawn_view._samples("nothing", True) == b""
