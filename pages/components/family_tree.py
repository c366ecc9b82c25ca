"""Who takes whose ideas further, and when: a map of architectures by the years of their papers."""

import itertools

import streamlit as st

from pages.components import diagram, markdown
from pages.components.shell import link

# On a phone it is rolled, and not made so small that nothing can be read.
ROLLED = """<style>
.st-key-family-tree .stGraphVizChart { overflow-x: auto }
.st-key-family-tree .stGraphVizChart svg { min-width: 60rem; height: auto }
</style>"""
OWN = "own"  # those that name no paper


def show(cards):
    """Draw the map of ``{name: Card}``: a click on one leads to it."""
    st.html(diagram.STYLE + ROLLED)
    with st.container(key="family-tree"):
        st.graphviz_chart(dot(cards), alt=words(cards), width="content")
    st.caption("From above to below by the years of the papers; an arrow leads to who takes an idea further. Those to which "
               "none leads began something of their own here.")


def dot(cards):
    """The map in Graphviz's language: a row for each year."""
    lines = ["digraph {", "rankdir=TB; bgcolor=transparent; nodesep=0.18; ranksep=0.42;",
             'node [fontname="Arial", fontsize=13, shape=box, style=rounded, margin="0.11,0.06"]; '
             "edge [arrowsize=0.6];"]
    rows = {year: [card for card in cards.values() if year_of(card) == year] for year in years(cards)}
    for year in rows:
        lines.append(f"{diagram.quoted(f'year {year}')} [label={diagram.quoted(year)}, shape=plaintext];")
    for year, next_year in itertools.pairwise(rows):
        lines.append(f"{diagram.quoted(f'year {year}')} -> {diagram.quoted(f'year {next_year}')} [style=invis];")
    for year, there in rows.items():
        together = "; ".join(diagram.quoted(name) for name in (f"year {year}", *(card.name for card in there)))
        lines.append(f"{{rank=same; {together};}}")
        lines += [f"{diagram.quoted(card.name)} [label={diagram.quoted(card.title)}, tooltip={diagram.quoted(card.paper)}, "
                  f'URL="?family={card.name}", target="_self"];' for card in there]
    lines += [f"{diagram.quoted(before.name)} -> {diagram.quoted(card.name)};"
              for card in cards.values() for before in ancestors(card, cards)]
    return "\n".join([*lines, "}"])


def words(cards):
    """The map for those who cannot see it."""
    told = [f"{card.title} ({year_of(card)}) builds on {' and '.join(before.title for before in ancestors(card, cards))}"
            for card in cards.values() if ancestors(card, cards)]
    return f"Who takes whose ideas further: {'; '.join(told)}."


def years(cards):
    """As they are called, the first one first; those without a year are the last."""
    return sorted({year_of(card) for card in cards.values()}, key=lambda year: (year == OWN, year))


def year_of(card):
    return str(card.year or OWN)


def ancestors(card, cards):
    return [cards[name] for name in card.builds_on if name in cards and name != card.name]


def neighbours(card, cards):
    """Links to what one builds on, and to what builds on it."""
    after = [other for other in cards.values() if card.name in other.builds_on]
    for title, others in (("Builds on", ancestors(card, cards)), ("Led to", after)):
        if others:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.caption(markdown.plain(title), width="content")
                for other in others:
                    link("architectures", label=markdown.filled("{} ({})", other.title, year_of(other)),
                         query_params={"family": other.name})
