"""How an architecture looks: as a card, in full, and beside others."""

import re

import pandas as pd
import streamlit as st

from gan_core.modalities.base import learned, modalities
from pages.components import drawn_view, family_tree, markdown
from pages.components.diagram import diagram, short
from pages.components.shell import is_open, link, page


def badges(card):
    """What it learns and what it needs, as words in boxes."""
    with st.container(horizontal=True, gap="small"):
        for kind in card.data:
            known = modalities().get(kind)  # one's own architecture may name what is gone
            st.badge(markdown.badge(learned(kind)), color="blue", icon=known.icon if known else None)
        for need in card.needs:
            st.badge(markdown.badge(f"needs {need}"), color="orange", icon=":material/label:")


def tile(card):
    """Short, among others."""
    with st.container(border=True, height="stretch"):
        st.markdown(markdown.filled("{}  \n{}", markdown.bold(card.title), card.summary))
        drawn_view.show(card, few=True)
        badges(card)
        st.caption(markdown.joined(" · ", filter(None, [f"{short(sum(card.parameters.values()))} parameters",
                                                        f"{short(card.flops_per_sample)} operations a sample",
                                                        card.paper.partition(",")[0]])))
        with st.container(horizontal=True):
            link("architectures", label="Details", icon=":material/info:",
                 query_params={"family": card.name})
            train_link(card)


def train_link(card):
    link("train", label="Train", icon=":material/play_arrow:", query_params={"architecture": card.name})


def details(card, cards):
    """All of a card, of those that there are."""
    head, go = st.columns([5, 1], vertical_alignment="center")
    with head:
        st.subheader(markdown.plain(card.title), anchor=False)
        st.caption(markdown.plain(card.summary))
        badges(card)
    if is_open("train") and go.button(
            "Train", type="primary", icon=":material/play_arrow:", width="stretch", key="architectures:train",
            help=markdown.filled("Opens the form with {} chosen.", card.title)):
        st.switch_page(page("train"), query_params={"architecture": card.name})
    words, side = st.columns([3, 2], gap="large")
    with words:
        if card.story:  # the summary stands above
            st.markdown(markdown.plain(card.story))
        if card.formula:
            st.markdown("**Objective**")
            st.latex(markdown.formula(in_lines(card.formula)))
        st.markdown("**Networks**")
        diagram(card)
        st.caption(markdown.filled("Solid arrows carry samples and scores, dotted ones say which networks a loss moves. "
                                   "Sizes are those of the default settings on {}.", card.example))
    with side:
        st.table(markdown.table(facts(card)), hide_header=True)
        strengths_and_weaknesses(card)
        st.markdown(markdown.plain(paper(card)))
        family_tree.neighbours(card, cards)
        drawn_view.show(card)
    for network in card.networks:
        name = network["name"].replace("_", " ")
        with st.expander(markdown.filled("Layers of the {} ({})", name, len(network["layers"]))):
            layers(network)


def paper(card):
    """Where an architecture was published, as a link where there is one; "" of one's own that names no paper."""
    return markdown.link(card.paper or card.link, card.link) if card.link else card.paper


def in_lines(formula):
    """A formula with a line for each part that a gap sets off: in one line it would be wider than its column."""
    if r"\begin{aligned}" in formula:  # in lines already, which are parted where they set something off
        return re.sub(r"\\qquad\s*", r"\\\\ & ", formula)
    parts = re.split(r"\\q?quad", formula)
    if len(parts) == 1 or r"\begin" in formula:
        return formula
    return r"\begin{aligned} & " + r" \\ & ".join(part.strip() for part in parts) + r" \end{aligned}"


def facts(card):
    """``{fact: value}``, all of them words."""
    values = {"Learns": ", ".join(map(learned, card.data)), "Needs": ", ".join(card.needs) or "nothing but samples"}
    values |= {f"{network.replace('_', ' ').capitalize()} parameters": f"{number:,}"
               for network, number in card.parameters.items()}
    values["Operations a sample"] = f"{card.flops_per_sample / 1e6:,.3g} million"
    values["Players"] = ", ".join(player.replace("_", " ") for player in card.players)
    return values


def strengths_and_weaknesses(card):
    for title, phrases in ((markdown.filled(":material/thumb_up: **Strengths**\n"), card.strengths),
                           (markdown.filled(":material/warning: **How it fails**\n"), card.weaknesses)):
        if phrases:
            st.markdown(markdown.joined("\n- ", [title, *(phrase[:1].upper() + phrase[1:] for phrase in phrases)]))


def layers(network):
    """The layers of a network in the order of computation."""
    rows = network["layers"]
    st.dataframe(
        pd.DataFrame({"Layer": [row["name"] for row in rows], "Type": [row["type"] for row in rows],
                      "": [row["detail"] for row in rows], "Output": [shape(row["shape"]) for row in rows],
                      "Parameters": [row["parameters"] for row in rows],
                      "Fed by": [", ".join(row["feeds"]) for row in rows]}),
        hide_index=True, alt=f"Layers of the {network['name']}, with their output shapes and parameters",
        column_config={"Parameters": st.column_config.NumberColumn(format="localized")})


def shape(sizes):
    return " x ".join("?" if size is None else str(size) for size in sizes) or "one number"


def side_by_side(cards):
    """Facts, objectives and drawings of two or three.  The formulas stand below each other: they want the width."""
    told = {card.title: facts(card) for card in cards}
    rows = list(dict.fromkeys(fact for values in told.values() for fact in values))
    st.table(markdown.table(pd.DataFrame({title: [values.get(fact, "–") for fact in rows] for title, values in told.items()},
                                         index=rows)))
    for card in cards:
        if card.formula:
            title, formula = st.columns([1, 5], vertical_alignment="center")
            title.markdown(markdown.bold(card.title))
            formula.latex(markdown.formula(in_lines(card.formula)))
    for column, card in zip(st.columns(len(cards), gap="medium"), cards):
        with column:
            st.subheader(markdown.plain(card.title), anchor=False)
            st.markdown(markdown.plain(card.story or card.summary))
            diagram(card)
            strengths_and_weaknesses(card)
            train_link(card)
