"""Buttons that start, delete or keep something: one drawn button is pressed once, however fast it is clicked.

Streamlit runs the page for every click, and a second one is under way before the browser has heard of the first.  Here each
drawing of a button has a number, which is part of what the browser knows it by and is used up by the first click: the second
is one on a button that is gone.  What was said to the first is said once more to the second, which draws the page anew.
"""

import streamlit as st

PRESSED = "once:pressed"  # the key of the button that was pressed last


def button(label, *, key, place=st, **options):
    """As ``st.button`` or that of a ``place``: whether it was pressed.

    What follows must do its work before it draws anything: Streamlit leaves a run of the page where it draws, when the next
    click has come, and the first would be lost.
    """
    number = st.session_state.setdefault(_number(key), 0)
    pressed = place.button(label, key=f"{key}:{number}", on_click=_clicked, args=(key, number), **options)
    refusal = f"{_number(key)}:refusal"
    if pressed:
        st.session_state.update({_number(key): number + 1, PRESSED: key, refusal: ""})
    elif st.session_state.pop(f"{_number(key)}:unheard", False) and st.session_state.get(refusal):
        st.error(st.session_state[refusal])
    return pressed


def refused(sentence):
    """Why what the button that was pressed last asked for was not done."""
    if key := st.session_state.pop(PRESSED, None):
        st.session_state[f"{_number(key)}:refusal"] = sentence


def again(key):
    """Whether a button that was pressed already was clicked once more: for a page that was left by the first click."""
    return st.session_state.pop(f"{_number(key)}:again", False)


def _number(key):
    return f"once:{key}"


def _clicked(key, number):
    if st.session_state.get(_number(key)) != number:
        st.session_state.update({f"{_number(key)}:again": True, f"{_number(key)}:unheard": True})
