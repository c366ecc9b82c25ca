"""Buttons that start, delete or keep something: one drawn button is pressed once, however fast it is clicked.

Streamlit runs the page for every click, and a second one is under way before the browser has heard of the first.  Here each
drawing of a button has a number, which is part of what the browser knows it by and is used up by the first click: the second
is one on a button that is gone.  What was said to the first is said once more to the second, which draws the page anew, and
when the work of the first is done: Streamlit does not wait for it.
"""

import threading
from dataclasses import dataclass, field

import streamlit as st

PATIENCE = 60  # seconds that a second click waits for the work of the first
_pressed = threading.local()  # .last: the button that this run of a page is doing the work of


@dataclass
class Button:
    """What is known of a button in one visitor's session.

    It is changed in place: whatever touches ``st.session_state`` leaves a run of the page when the next click has come, and
    what is to be put there after the work may never arrive.
    """

    number: int = 0
    made: list = field(default_factory=list)
    refusal: str = ""
    again: bool = False
    unheard: bool = False
    working: threading.Thread | None = None


def button(label, *, key, place=st, **options):
    """As ``st.button`` or that of a ``place``: whether it was pressed.

    What follows must do its work before it draws anything or looks into ``st.session_state``: there Streamlit leaves a run
    of the page when the next click has come, and the first would be lost.
    """
    known = _known(key)
    number = known.number
    pressed = place.button(label, key=f"{key}:{number}", on_click=_clicked, args=(key, number), **options)
    if pressed:
        known.number, known.refusal, known.working = number + 1, "", threading.current_thread()
        known.made.clear()
        _pressed.last = known
    elif known.unheard:
        known.unheard = False
        if known.refusal:
            st.error(known.refusal)
    return pressed


def made(key):
    """A list in which the work of a button keeps what it made, for the drawings of the page that follow.

    To be taken before the button is drawn.
    """
    return _known(key).made


def refused(sentence):
    """Why what the button that was pressed last asked for was not done."""
    if known := getattr(_pressed, "last", None):
        known.refusal, _pressed.last = sentence, None


def again(key):
    """Whether a button that was pressed already was clicked once more: for a page that was left by the first click."""
    known = _known(key)
    known.again, told = False, known.again
    return told


def _known(key):
    return st.session_state.setdefault(f"once:{key}", Button())


def _clicked(key, number):
    known = _known(key)
    if known.number == number:
        return
    known.again = known.unheard = True
    if known.working and known.working is not threading.current_thread():
        known.working.join(PATIENCE)
