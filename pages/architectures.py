"""Architectures: what there is to train, one by one and side by side."""

import streamlit as st

from gan_core.config.known import no_such
from pages.components import family_view, shell

MOST = 3  # side by side
ANY, NOTHING = "Anything", "Nothing"

shell.store()
families = shell.known_families()
address = st.query_params


def filters():
    """Draw the filters; returns the families that pass."""
    kinds = list(dict.fromkeys(kind for family in families.values() for kind in family.data))
    needs = list(dict.fromkeys(need for family in families.values() for need in family.needs))
    left, right = st.columns([1, 1])
    kind = left.pills("Learns", kinds, key="architectures:kind", format_func=str.capitalize,
                      help="The kind of data you have.")
    need = right.pills("Needs", [NOTHING, *needs], key="architectures:needs", format_func=str.capitalize,
                       help="What the data must come with: nothing but samples, a label for each, or pairs.")

    def passes(family):
        return (not kind or kind in family.data) and (
            not need or (not family.needs if need == NOTHING else need in family.needs))

    return [family for family in families.values() if passes(family)]


def overview():
    shown = filters()
    st.caption(f"{len(shown)} of {len(families)} architectures")
    if not shown:
        st.info("No architecture learns that; take a filter away.", icon=":material/filter_alt_off:")
    for start in range(0, len(shown), 3):  # a row at a time: cards of a row are equally high
        for column, family in zip(st.columns(3), shown[start:start + 3]):
            with column:
                family_view.card(family)


def one(name):
    address["family"] = name  # a link within the page leaves the browser's address as it was
    names = list(families)
    before, after = names[names.index(name) - 1], names[(names.index(name) + 1) % len(names)]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("All architectures", icon=":material/arrow_back:", on_click=address.pop, args=("family", None))
        for label, other in (("Previous", before), ("Next", after)):
            st.page_link(shell.page("architectures"), label=f"{label}: {families[other].title}",
                         query_params={"family": other})
    family_view.details(families[name])


def beside():
    wanted = [name for name in address.get("compare", "").split(",") if name in families][:MOST]
    # The address decides when it changed (a link was followed), else the widget does.
    state = st.session_state
    if address.get("compare") and state.get("architectures:address") != address["compare"]:
        state["architectures:compare"] = wanted
    chosen = st.multiselect("Architectures", list(families), key="architectures:compare", max_selections=MOST,
                            format_func=lambda name: families[name].title, placeholder="Choose two or three",
                            label_visibility="collapsed")
    address["compare"] = state["architectures:address"] = ",".join(chosen)
    if len(chosen) > 1:
        family_view.side_by_side([families[name] for name in chosen])
    else:
        st.info("Choose two or three architectures to see them side by side.", icon=":material/compare_arrows:")


title, view = st.columns([3, 2], vertical_alignment="bottom")
title.title("Architectures")
name = address.get("family")
if name and name not in families:
    st.warning(no_such("architecture", name, families))
    name = None
VIEWS = ("Overview", "Side by side")
chosen = view.segmented_control("View", VIEWS, default=VIEWS["compare" in address], key="architectures:view",
                                required=True, label_visibility="collapsed")
if chosen == "Side by side":
    address.pop("family", None)
    beside()
else:
    address.pop("compare", None)
    if name:
        one(name)
    else:
        overview()
