"""How an architecture looks: as a card, in full, and beside others."""

import re

import pandas as pd
import streamlit as st

from pages.components.diagram import diagram, short
from pages.components.shell import page


def badges(family):
    """What it learns and what it needs, as words in boxes."""
    with st.container(horizontal=True, gap="small"):
        for kind in family.data:
            st.badge(kind, color="blue", icon=":material/scatter_plot:" if kind == "points" else ":material/image:")
        for need in family.needs:
            st.badge(f"needs {need}", color="orange", icon=":material/label:")


def card(family):
    with st.container(border=True, height="stretch"):
        st.markdown(f"**{family.title}**  \n{family.summary}")
        badges(family)
        st.caption(f"{short(sum(family.parameters.values()))} parameters · {short(family.flops_per_sample)} operations a "
                   f"sample · {family.paper.partition(',')[0]}")
        with st.container(horizontal=True):
            st.page_link(page("architectures"), label="Details", icon=":material/info:",
                         query_params={"family": family.name})
            train_link(family)


def train_link(family):
    st.page_link(page("train"), label="Train", icon=":material/play_arrow:", query_params={"architecture": family.name})


def details(family):
    head, go = st.columns([5, 1], vertical_alignment="center")
    with head:
        st.subheader(family.title, anchor=False)
        st.caption(family.summary)
        badges(family)
    if go.button("Train", type="primary", icon=":material/play_arrow:", width="stretch", key="architectures:train",
                 help=f"Opens the form with {family.title} chosen."):
        st.switch_page(page("train"), query_params={"architecture": family.name})
    words, side = st.columns([3, 2], gap="large")
    with words:
        st.markdown(family.story or family.summary)
        if family.formula:
            st.markdown("**Objective**")
            st.latex(in_lines(family.formula))
        st.markdown("**Networks**")
        diagram(family)
        st.caption("Solid arrows carry samples and scores, dotted ones say which networks a loss moves. "
                   f"Sizes are those of the default settings on {family.example}.")
    with side:
        st.table(facts(family), hide_header=True)
        strengths_and_weaknesses(family)
        st.markdown(f"[{family.paper}]({family.link})")
    for network in family.networks:
        with st.expander(f"Layers of the {network['name'].replace('_', ' ')} ({len(network['layers'])})"):
            layers(network)


def in_lines(formula):
    """A formula with a line for each part that a gap sets off: in one line it would be wider than its column."""
    parts = re.split(r"\\q?quad", formula)
    if len(parts) == 1 or r"\begin" in formula:
        return formula
    return r"\begin{aligned} & " + r" \\ & ".join(part.strip() for part in parts) + r" \end{aligned}"


def facts(family):
    """``{fact: value}``, all of them words."""
    found = {"Learns": ", ".join(family.data), "Needs": ", ".join(family.needs) or "nothing but samples"}
    found |= {f"{network.replace('_', ' ').capitalize()} parameters": f"{number:,}"
              for network, number in family.parameters.items()}
    found["Operations a sample"] = f"{family.flops_per_sample / 1e6:,.3g} million"
    found["Players"] = ", ".join(each.replace("_", " ") for each in family.players)
    return found


def strengths_and_weaknesses(family):
    for title, icon, phrases in (("Strengths", ":material/thumb_up:", family.strengths),
                                 ("How it fails", ":material/warning:", family.weaknesses)):
        if phrases:
            st.markdown("\n".join([f"{icon} **{title}**\n", *(f"- {each[0].upper()}{each[1:]}" for each in phrases)]))


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
    return " x ".join("?" if each is None else str(each) for each in sizes) or "one number"


def side_by_side(families):
    """Facts, objectives and drawings of two or three.  The formulas stand below each other: they want the width."""
    told = {family.title: facts(family) for family in families}
    rows = list(dict.fromkeys(fact for each in told.values() for fact in each))
    st.table(pd.DataFrame({title: [each.get(fact, "–") for fact in rows] for title, each in told.items()}, index=rows))
    for family in families:
        if family.formula:
            title, formula = st.columns([1, 5], vertical_alignment="center")
            title.markdown(f"**{family.title}**")
            formula.latex(in_lines(family.formula))
    for column, family in zip(st.columns(len(families), gap="medium"), families):
        with column:
            st.subheader(family.title, anchor=False)
            st.markdown(family.story or family.summary)
            diagram(family)
            strengths_and_weaknesses(family)
            train_link(family)
