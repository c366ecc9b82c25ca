"""Architectures: what there is to train, one by one and side by side."""

import streamlit as st

from gan_core.config.known import no_such
from gan_core.modalities.base import learned
from pages.components import card_view, family_tree, markdown, own_zoo_view, shell

MOST = 3  # side by side
ANY, NOTHING = "Anything", "Nothing"

shell.store()
cards = shell.known_cards()
address = st.query_params


def filters():
    """Draw the filters; returns the cards that pass."""
    kinds = list(dict.fromkeys(kind for card in cards.values() for kind in card.data))
    needs = list(dict.fromkeys(need for card in cards.values() for need in card.needs))
    kind = st.pills("Learns", kinds, key="architectures:kind", help="The kind of data you have.",
                      format_func=markdown.of(lambda kind: learned(kind).capitalize()))
    need = st.pills("Needs", [NOTHING, *needs], key="architectures:needs", format_func=markdown.of(str.capitalize),
                       help="What the data must come with: nothing but samples, a label for each, or pairs.")

    words = st.text_input("Search", key="architectures:search", placeholder="A name, an author, a year, what it does",
                          label_visibility="collapsed", icon=":material/search:").casefold().split()

    def passes(card):
        said = f"{card.name} {card.title} {card.paper} {card.summary} {card.story}".casefold()
        return (not kind or kind in card.data) and all(word in said for word in words) and (
            not need or (not card.needs if need == NOTHING else need in card.needs))

    return [card for card in cards.values() if passes(card)]


def overview():
    shown = filters()
    st.caption(f"{len(shown)} of {len(cards)} architectures")
    if not shown:
        st.info("No architecture is like that; take a filter or a word away.", icon=":material/filter_alt_off:")
    for start in range(0, len(shown), 3):  # a row at a time: cards of a row are equally high
        for column, card in zip(st.columns(3), shown[start:start + 3]):
            with column:
                card_view.tile(card)


def one(name):
    address["family"] = name  # a link within the page leaves the browser's address as it was
    names = list(cards)
    before, after = names[names.index(name) - 1], names[(names.index(name) + 1) % len(names)]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("All architectures", icon=":material/arrow_back:", on_click=address.pop, args=("family", None))
        for label, other in (("Previous", before), ("Next", after)):
            shell.link("architectures", label=markdown.filled("{}: {}", label, cards[other].title),
                       query_params={"family": other})
    card_view.details(cards[name], cards)


def beside():
    wanted = [name for name in address.get("compare", "").split(",") if name in cards][:MOST]
    # The address decides when it changed (a link was followed), else the widget does.
    state = st.session_state
    if address.get("compare") and state.get("architectures:address") != address["compare"]:
        state["architectures:compare"] = wanted
    chosen = st.multiselect("Architectures", list(cards), key="architectures:compare", max_selections=MOST,
                            format_func=lambda name: markdown.isolated(cards[name].title),
                            placeholder="Choose two or three", label_visibility="collapsed")
    address["compare"] = state["architectures:address"] = ",".join(chosen)
    if len(chosen) > 1:
        card_view.side_by_side([cards[name] for name in chosen])
    else:
        st.info("Choose two or three architectures to see them side by side.", icon=":material/compare_arrows:")


title, view = st.columns([3, 2], vertical_alignment="bottom")
title.title("Architectures")
name = address.get("family")
if name and name not in cards:
    st.warning(markdown.plain(no_such("architecture", name, cards)))
    name = None
VIEWS = OVERVIEW, MAP, BESIDE = "Overview", "Map", "Side by side"
asked = BESIDE if "compare" in address else MAP if "map" in address else OVERVIEW
chosen = view.segmented_control("View", VIEWS, default=asked, key="architectures:view", required=True,
                                label_visibility="collapsed")
own_zoo_view.show()
if chosen != BESIDE:
    address.pop("compare", None)
if chosen != OVERVIEW:
    address.pop("family", None)
if chosen == MAP:
    address["map"] = "years"
else:
    address.pop("map", None)
if chosen == BESIDE:
    beside()
elif chosen == MAP:
    family_tree.show(cards)
else:
    if name:
        one(name)
    else:
        overview()
