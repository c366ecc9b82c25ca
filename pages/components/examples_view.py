"""Runs that come with the workbench: to be played with at once, and to be opened as runs."""

import streamlit as st
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route

from gan_core import visitors
from gan_core.modalities.base import Artifact
from gan_core.sharing import examples
from pages.components import artifact_view, markdown, once, shell


def show(store):
    """A card for each; nothing where there are none."""
    known = examples.examples()
    for column, (name, example) in zip(st.columns(max(len(known), 1)), known.items()):
        with column.container(border=True, height="stretch"):
            artifact_view.show(Artifact(example.picture.read_bytes(), "image/png", f"Samples of {example.title}"))
            st.markdown(markdown.filled("{}  \n{}", markdown.bold(example.title), example.words))
            st.link_button("Play", f"examples/{name}.html", icon=":material/sports_esports:", width="stretch",
                           help="Opens a page of its own, whose model computes in your browser.")
            if not visitors.are_here():
                _open(store, name)


def _open(store, name):
    key = f"example:{name}"
    opened = once.made(key)
    pressed = once.button("Open as a run", key=key, icon=":material/unarchive:", width="stretch",
                          help="Takes it in with its curves, samples and weights, to be looked at, drawn from and explored.")
    if pressed:
        with shell.telling():
            opened[:] = [examples.open_as_run(store, name).id]
    if (pressed or once.again(key)) and opened:
        st.switch_page(shell.page("monitor"), query_params={"run": opened[0]})


def _page(request):
    example = examples.examples().get(request.path_params["name"])
    return HTMLResponse(example.demo()) if example else PlainTextResponse("There is no such example.", 404)


def routes():
    """Where the demos are."""
    return (Route(f"{shell.base()}/examples/{{name}}.html", _page),)
