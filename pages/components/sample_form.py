"""What is to be drawn: controls for whatever the inputs of a model leave to a person, see :mod:`gan_core.models.inputs`."""

import re
from dataclasses import dataclass

import streamlit as st

from gan_core.modalities.base import modality
from gan_core.models import inputs
from gan_core.models.inputs import EACH
from pages.components import markdown

IN_TURN, AT_RANDOM = "Each in turn", "At random"
ROWS = 8  # of a sheet where something comes in turn
WALK = 10  # steps of a walk, unless another number is asked for
SEEDS = 2**31 - 1
FINE = 10  # of a dial over more than this and between whole numbers, whole numbers are chosen
MARKS = 20  # of a number that is drawn unless it is chosen; of an angle that turns 24, which are 15 degrees of a circle


@dataclass(frozen=True)
class Wanted:
    """What :func:`gan_core.tasks.sampling.draw_from` takes, and that ``in_words``; ``classes`` stand for the columns of the
    sheet where they come in turn."""

    n: int
    seed: int
    label: str | None
    chosen: dict
    to: int | None
    in_words: str
    turns: tuple[str, ...]


def form(run, known):
    """Draw the controls for these inputs.  Returns :class:`Wanted`."""
    key = f"draw:{run.id}"
    walks = any(model_input.walks for model_input in known)
    walking = walks and st.session_state.get(f"{key}:walk", False)
    label, classes = None, inputs.labels(known)
    options = [*([] if walking else [IN_TURN]), *classes]
    if classes:
        label = st.selectbox("Class", options, key=f"{key}:class:{walking}", format_func=markdown.isolated)
    chosen = {}
    for choice in inputs.choices(known):
        value = _choice(choice, f"{key}:{choice.name}:{walking}", walking)
        if value != AT_RANDOM:
            chosen[choice.name] = EACH if value == IN_TURN else value
    in_turn = inputs.in_turn(EACH if label == IN_TURN else label, known, chosen)
    n = _number(run, f"{key}:n:{walking}", walking, in_turn)
    seed, to = _seeds(key, walks)
    words = [f"{name} {EACH} in turn" if value == EACH else f"{name} {value:g}" for name, value in chosen.items()]
    if classes:
        words.insert(0, "each class in turn" if label == IN_TURN else f"class {label}")
    turns = classes if label == IN_TURN else tuple(map(str, range(in_turn))) if in_turn else ()
    return Wanted(n, seed, EACH if label == IN_TURN else label, chosen, to, ", ".join(words), turns)


def _choice(choice, key, walking):
    title = " ".join(re.findall(r"[^\d_]+|\d+", choice.name)).capitalize()
    if choice.whole:
        options = [*([] if walking else [IN_TURN]), AT_RANDOM, *range(int(choice.high) + 1)]
        return st.selectbox(markdown.plain(title), options, key=key, help=markdown.plain(choice.help))
    if choice.default is None:
        parts = 24 if choice.turns else MARKS
        marks = [round(choice.low + (choice.high - choice.low) * part / parts, 2) for part in range(parts + 1)]
        return st.select_slider(markdown.plain(title), [AT_RANDOM, *marks], key=key, help=markdown.plain(choice.help),
                                format_func=markdown.of(_mark))
    low, high, default, step = choice.low, choice.high, choice.default, 0.05
    if high - low > FINE and all(float(end).is_integer() for end in (low, high, default)):  # such a one counts something
        low, high, default, step = int(low), int(high), int(default), 1
    return st.slider(markdown.plain(title), low, high, default, step, key=key, help=markdown.plain(choice.help))


def _mark(value):
    return value if value == AT_RANDOM else f"{value:g}"


def _number(run, key, walking, in_turn):
    shown, most = modality(run.kind).shown
    usual = WALK if walking else min(ROWS * in_turn, most) if in_turn else shown
    return st.number_input("Steps of the walk" if walking else "Samples", 1, most, usual, key=key)


def _seeds(key, walks):
    st.session_state.setdefault(f"{key}:seed", 0)

    def another():
        st.session_state[f"{key}:seed"] = (st.session_state[f"{key}:seed"] + 1) % SEEDS

    number, button = st.columns([3, 2], vertical_alignment="bottom")
    seed = number.number_input("Seed", 0, SEEDS, key=f"{key}:seed", help="The same seed gives the same noise.")
    button.button("Another", icon=":material/casino:", key=f"{key}:another", on_click=another, width="stretch")
    if walks and st.toggle("Walk to another seed", key=f"{key}:walk",
                           help="From the first sample of the one to the first of the other: the way between them shows "
                                "what the noise means, and that no sample was learned by heart."):
        return seed, st.number_input("To seed", 0, SEEDS, 1, key=f"{key}:to")
    return seed, None
