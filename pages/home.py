"""Home: what is running, what was last done, and the way in."""

import streamlit as st

from gan_core import visitors
from gan_core.launch import queue
from gan_core.launch.quickstart import first_spec
from gan_core.sharing import examples
from gan_core.store import ACTIVE, ENDED, QUEUED
from pages.components import examples_view, markdown, newest, once, run_view, shell

CARD = 200  # pixels of a text on a card
store = shell.store()


def card(run):
    with st.container(border=True):
        picture, text = st.columns([1, 2], vertical_alignment="top")
        with text:
            st.markdown(markdown.bold(run.name))
            run_view.badge(run)
            run_view.progress(run)
            if run.message:
                st.caption(markdown.short(run.message))
            with st.container(horizontal=True):
                run_view.open_links(run)
        with picture:
            if newest := run_view.newest_sheet(store, run):
                run_view.show_sheet(store, run, *newest, height=CARD)
            else:
                st.caption("No samples" if run.status in ENDED else "No samples yet")


def cards(runs):
    columns = st.columns(2)
    for index, run in enumerate(runs):
        with columns[index % 2]:
            card(run)


def welcome():
    st.title("Train a GAN and watch it learn")
    st.markdown("Two networks play against each other: a **generator** draws, a **discriminator** tells drawings from "
                "real images. Press the button and watch the drawings turn into digits. It takes about two minutes.")
    if once.button("Train my first GAN", key="home:first", type="primary", icon=":material/play_arrow:"):
        with shell.telling():
            start_first()
    st.caption("It is a small conditional GAN on handwritten digits, on this computer. Nothing leaves it.")
    shell.link("photos", label="Train on my own photos", icon=":material/add_photo_alternate:")
    if examples.examples():
        st.subheader("Or play with one that is trained", anchor=False)
        examples_view.show(store)
    columns = st.columns(3)
    for column, (title, text) in zip(columns, (
            ("Choose and tune", "Pick an architecture and data on the Train page, your own images included. Every "
                                "setting says what it does."),
            ("Watch", "Losses, accuracy, gradients and samples as they come. Close the browser: training goes on."),
            ("Look back", "The Gallery shows one fixed set of noise over the whole run; Runs keeps everything."))):
        with column.container(border=True):
            st.markdown(markdown.filled("**{}**  \n{}", title, text))


def for_visitors():
    st.markdown("Somebody shows you what they have trained. Draw from their models, walk in them, compare them, and judge "
                "which images are real. Nothing that you do changes them; your verdicts are kept.")
    with st.container(horizontal=True):
        shell.link("draw", label="Draw", icon=":material/brush:")
        shell.link("explore", label="Explore", icon=":material/explore:")
        shell.link("compare", label="Compare", icon=":material/compare:")
        shell.link("judge", label="Judge", icon=":material/gavel:")


def start_first():
    if not store.list():  # and not in another window meanwhile
        queue.launch(store, first_spec(store.workspace))
    follow()


def follow():
    """Go to the first run."""
    st.switch_page(shell.page("monitor"), query_params={"run": store.list()[-1].id})


@st.fragment(run_every=2 if store.list([*ACTIVE, QUEUED]) else None)
def overview():
    store = shell.store()
    active, waiting = store.list(ACTIVE), store.list([QUEUED])
    if active:
        st.subheader("Running")
        cards(active)
    if waiting:
        st.subheader(f"Waiting ({len(waiting)})")
        for run in reversed(waiting):
            st.markdown(markdown.filled(":material/hourglass_empty: {} &nbsp; {:,} steps", run.name, run.steps))
    ended = store.list(ENDED)[:6]
    if ended:
        st.subheader("Last done")
        cards(ended)


if once.again("home:first") and store.list():
    follow()
if store.list():
    left, right = st.columns([7, 1], vertical_alignment="bottom")
    left.title("Workbench")
    with right:
        shell.link("train", label="New run", icon=":material/add:")
        shell.link("photos", label="My photos", icon=":material/add_photo_alternate:")
        shell.link("monitor", label="Newest run", icon=":material/keep:", query_params={"run": newest.NEWEST})
        if store.sweeps.list():
            shell.link("sweep", label="Newest sweep", icon=":material/keep:", query_params={"sweep": newest.NEWEST})
    if visitors.are_here():
        for_visitors()
    overview()
    if examples.examples():
        room = st.expander("Trained examples to play with", icon=":material/sports_esports:", on_change="rerun",
                           key="home:examples")
        if room.open:
            with room:
                examples_view.show(store)
elif visitors.are_here():
    st.title("Workbench")
    st.info("There is nothing of its owner's to look at yet; these come along.", icon=":material/info:")
    examples_view.show(store)
else:
    welcome()
