"""A family's networks as a drawing: who feeds whom, and who moves what."""

import math

import streamlit as st

# The drawing is laid out in the browser and takes its colours from the page, light or dark.  A generator's side is
# dashed and a discriminator's solid, as on the charts; colour only helps.
STYLE = """<style>
.stGraphVizChart text { fill: currentColor; font-size: 13px !important }
.stGraphVizChart .edge path { stroke: currentColor; opacity: .75 }
.stGraphVizChart .edge polygon { stroke: currentColor; fill: currentColor; opacity: .75 }
.stGraphVizChart .node polygon, .stGraphVizChart .node path, .stGraphVizChart .node ellipse
  { stroke: currentColor; fill: currentColor; fill-opacity: .05 }
.stGraphVizChart .discriminator polygon, .stGraphVizChart .discriminator path, .stGraphVizChart .discriminator ellipse
  { stroke: #2f7fd6; stroke-width: 2px; fill: #2f7fd6; fill-opacity: .12 }
.stGraphVizChart .generator polygon, .stGraphVizChart .generator path, .stGraphVizChart .generator ellipse
  { stroke: #d8670f; stroke-width: 2px; fill: #d8670f; fill-opacity: .12 }
</style><i></i>"""
DATA = "data"


def diagram(card):
    """Draw it.  Solid arrows carry samples and scores; dotted ones say which networks a loss moves."""
    st.html(STYLE)
    st.graphviz_chart(dot(card), alt=words(card), width="content")


def dot(card):
    """The drawing in Graphviz's language."""
    lines = ["digraph {", 'rankdir=LR; bgcolor=transparent; nodesep=0.35; ranksep=0.45;',
             'node [fontname="Arial", fontsize=14, shape=box, style=rounded, margin="0.2,0.1"]; edge [arrowsize=0.7];']
    for model_input in card.inputs:
        lines.append(_node(model_input["name"], f"{model_input['name']}\n{_size_of(model_input)}", "input"))
    if any(start == DATA for start, _ in card.wiring):
        lines.append(_node(DATA, f"{DATA}\nreal samples", "input", "shape=cylinder"))
    for network in card.networks:
        label = f"{network['name'].replace('_', ' ')}\n{short(network['parameters'])} parameters"
        lines.append(_node(network["name"], label, side(card, network["name"])))
    lines += [f"{quoted(start)} -> {quoted(end)};" for start, end in card.wiring]
    for player in card.moves:
        lines.append(_node(f"loss of {player}", f"{player.replace('_', ' ')}\nloss", card.sides[player], "shape=ellipse"))
        lines += [f"{quoted(last)} -> {quoted(f'loss of {player}')};" for last in _last(card)]
        lines += [f"{quoted(f'loss of {player}')} -> {quoted(moved)} [style=dotted, constraint=false];"
                  for moved in card.moves[player]]
    return "\n".join([*lines, "}"])


def words(card):
    """The drawing for those who cannot see it."""
    feeds = [f"{start} feeds {end}" for start, end in card.wiring]
    moves = [f"the loss of the {player} moves {' and '.join(moved)}" for player, moved in card.moves.items()]
    return f"Networks of {card.title}: {'; '.join(feeds + moves)}."


def side(card, network):
    """Whose colours a network has: those of the player that moves it."""
    return next((card.sides[player] for player, moved in card.moves.items() if network in moved), "generator")


def short(number):
    """1.2 k, 34 M: for a drawing or a card, where the last digit says nothing."""
    for size, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= size:
            return f"{number / size:.3g} {letter}"
    return f"{number:,}"


def _last(card):
    """The networks whose output no other takes: the losses look at them."""
    networks = [network["name"] for network in card.networks]
    feeding = {start for start, end in card.wiring if end != start}
    return [name for name in networks if name not in feeding] or networks


def _size_of(model_input):
    if "classes" in model_input:
        return f"{len(model_input['classes'])} classes"
    if model_input["kind"] == "code":
        return f"one of {model_input['size']}"
    numbers = math.prod(model_input["shape"]) if "shape" in model_input else model_input.get("size", 1)
    return f"{numbers} numbers" if numbers > 1 else "a number"


def _node(name, label, kind, more=""):
    dashes = ' style="rounded,dashed"' if kind == "generator" else ""
    return f"{quoted(name)} [label={quoted(label)}, class={quoted(kind)}{dashes} {more}];"


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
