"""What every page begins with: the store, and a sentence instead of a traceback."""

import contextlib
import functools
import logging
import threading
from pathlib import Path

import streamlit as st
from starlette.responses import RedirectResponse
from starlette.routing import Route

from gan_core import visitors
from gan_core.compare.comparison import MOST
from gan_core.errors import BadInput, RunFailed, StoreError, UserError
from gan_core.launch import dispatcher
from gan_core.models import cards
from gan_core.store import FINISHED, STOPPED, Unreachable, open_store, workspace_path
from gan_core.store.curves import Series
from gan_core.tasks import background
from gan_core.tasks.compute import Compute
from pages.components import markdown, memory, newest, once

# Name of the file and address, title, icon; in the groups of the navigation.
PAGES = {
    "": (("home", "Home", "home"),),
    "Make": (("photos", "My photos", "add_photo_alternate"), ("train", "Train", "tune"), ("sweep", "Sweep", "query_stats"),
             ("data", "Data", "database"),
             ("draw", "Draw", "brush"), ("translate", "Translate", "translate"), ("doodle", "Doodle", "gesture"),
             ("restyle", "Restyle", "palette"), ("prompt", "Prompt", "auto_fix_high"),
             ("share", "Share", "ios_share")),
    "Look": (("monitor", "Monitor", "monitoring"), ("gallery", "Gallery", "photo_library"),
             ("explore", "Explore", "explore"), ("runs", "Runs", "list_alt"),
             ("tasks", "Tasks", "checklist")),
    "Judge": (("compare", "Compare", "compare"), ("report", "Report", "article"), ("judge", "Judge", "gavel"),
              ("anomalies", "Odd ones out", "troubleshoot")),
    "Learn": (("laboratory", "Laboratory", "science"), ("architectures", "Architectures", "category"),
              ("inspect", "Inside", "frame_inspect")),
}
FOR_OWNERS = {"photos", "train", "sweep", "data", "restyle", "share", "tasks"}  # pages that visitors do not get
SOON = 2.0  # seconds after the start of the server: the first page goes first
UNKNOWN = 5  # runs that an address names and nobody knows: each gets a sentence
ICON = Path(__file__).with_name("icon.png")


def _to_home(request):
    return RedirectResponse(f"./?{request.url.query}".rstrip("?"))


def base():
    """What stands before the paths of all addresses: "", or "/behind/a/proxy"."""
    path = st.get_option("server.baseUrlPath").strip("/")
    return f"/{path}" if path else ""


def routes():
    """Addresses of our own; Home's is that of the server."""
    return (Route(f"{base()}/home", _to_home),)


def before_visitors():
    """Say that the list of the folder ``pages/`` that Streamlit makes by itself is not wanted.

    It would be shown to the first visitor, until the first call of ``st.navigation``; outside of a visit that call does
    nothing else.
    """
    unheard = logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context")
    level = unheard.level
    unheard.setLevel(logging.ERROR)  # it would tell whoever starts the server that nobody visits yet
    st.navigation([st.Page(page("home"), default=True)])
    unheard.setLevel(level)
    memory.prepare()
    warm_up = threading.Timer(SOON, expect_questions)
    warm_up.daemon = True
    warm_up.start()


def expect_questions():
    """Where there are runs to draw from, somebody will: a process is made ready, which takes longer than drawing."""
    with contextlib.suppress(UserError, OSError):  # told on the pages
        path = workspace_path()
        if path.is_dir() and _store(str(path)).list([FINISHED, STOPPED]):
            compute().warm_up()


def navigation():
    """The page config and the pages, as Streamlit wants them."""
    memory.clear()
    # An icon of our own: the browser would fetch the page's, a font's, from Google.
    st.set_page_config(page_title="GAN workbench", page_icon=str(ICON), layout="wide")
    # Less empty room above than Streamlit leaves.
    st.html("<style>.stMainBlockContainer { padding-top: 4.5rem; padding-bottom: 3rem }</style>")
    groups = {group: [st.Page(page(name), title=title, icon=f":material/{icon}:", default=name == "home")
                      for name, title, icon in pages if is_open(name)] for group, pages in PAGES.items()}
    # Whose address somebody was sent, and is not theirs, says so.
    groups[""] += [st.Page(_for_owners, title=title, url_path=name, visibility="hidden") for pages in PAGES.values()
                   for name, title, _ in pages if not is_open(name)]
    return st.navigation(groups, position="top")


def _for_owners():
    st.title("For its owner")
    st.info("This page is for whoever owns the workbench; you can look, draw, explore, compare and judge.",
            icon=":material/lock:")
    link("home", label="Home", icon=":material/home:")


def is_open(name):
    """Whether whoever looks has this page."""
    return name not in FOR_OWNERS or not visitors.are_here()


def link(name, *, label, icon=None, query_params=None):
    """A link to a page, as ``st.page_link``; nothing where visitors look and it is not theirs."""
    if is_open(name):
        st.page_link(page(name), label=markdown.plain(label), icon=icon, query_params=query_params)


def page(name):
    """The path of a page, for links."""
    return f"pages/{name}.py"


# Not Streamlit's caches: any visitor's browser may ask for those to be emptied, and processes would be left over.
@functools.cache
def _store(path):
    return open_store(path)


def store():
    """The store of the workspace, its queue looked after; the page ends with a sentence when it cannot be opened."""
    try:
        runs_store = _store(str(workspace_path()))
    except StoreError as error:
        st.error(markdown.told(error), icon=":material/folder_off:")
        st.stop()
    tend(runs_store)
    return runs_store


def tend(runs_store):
    """Look after the queues, and say why where they cannot be: what is there can be looked at all the same."""
    try:
        dispatcher.tend(runs_store)
        background.tend(runs_store)
    except Unreachable as error:  # nor can the page
        st.error(markdown.told(error), icon=":material/cloud_off:")
        st.stop()
    except (StoreError, RunFailed) as error:
        st.warning(markdown.told(error), icon=":material/folder_off:")


def compute():
    """The processes that compute for the pages, see :mod:`pages.components.asking`."""
    return _compute(workspace_path())


@functools.cache
def _compute(path):
    return Compute(path)


def zoo():
    """The :class:`cards.Zoo`, without waiting for architectures of one's own that nobody has described yet."""
    return cards.look(store().workspace / "cache", wait=False)


def known_cards():
    """``{name: Card}``, in the order of the titles that people see."""
    return dict(sorted(zoo().cards.items(), key=lambda item: item[1].title.casefold()))


def spec_of(run):
    """The :class:`gan_core.config.spec.RunSpec` of a run; :class:`BadInput` where it cannot be worked with here."""
    return run.read_spec(known_cards())


def must_be_usable(run):
    """End the page with a sentence where a run cannot be worked with."""
    try:
        spec_of(run)
    except BadInput as error:
        st.error(markdown.told(error), icon=":material/link_off:")
        st.stop()


@st.cache_resource(show_spinner=False, max_entries=MOST)
def series(_store, run_id):
    """A run's curves, shared by everyone who looks at it."""
    return Series(_store, run_id)


@contextlib.contextmanager
def telling():
    """Show what the user can put right as a sentence, and go on."""
    try:
        yield
    except UserError as error:
        once.refused(markdown.told(error))
        st.error(markdown.told(error))


def some_runs(runs_store, title):
    """The runs that a page about one has to choose from, below its title; where there are none the page ends."""
    st.title(markdown.plain(title))
    if runs := runs_store.list():
        return runs
    no_runs()
    st.stop()


def no_runs():
    """Said where there is nothing to look at; with the way to make something, for whom it is open."""
    st.info("There are no runs yet." + (" Start one on the Train page." if is_open("train") else ""), icon=":material/info:")
    link("train", label="Train", icon=":material/tune:")


def chosen_run(runs_store, runs, *, key):
    """The run that ``?run=`` names, or the newest; a selectbox changes it.  None when there is no run.

    The address always names the run, so that it can be sent to someone, or keeps to the newest one (``?run=newest``,
    ``?run=newest-FAMILY``), whichever that is, until another is chosen.
    """
    if not runs:
        return None
    ids, widget = [run.id for run in runs], f"{key}:run"
    wanted, word = st.query_params.get("run"), newest.word("run")
    if word:
        if not (run := newest.run(runs, word)):
            st.warning(markdown.filled("There is no run of {!r} here yet. This is the newest one.", word.partition("-")[2]))
        if not run or not newest.shown("run", widget, run.id):
            word = ""
        wanted = run.id if word else None
    other = None  # that is there, and is none of those that the page can use
    if wanted and wanted not in ids:
        try:
            other = runs_store.get(wanted)
            wanted, other = (other.id, None) if other.id in ids else (None, other)
        except BadInput:
            st.warning(markdown.filled("There is no run {!r} here; it may have been deleted. This is the newest one.",
                                       wanted))
            wanted = None
    # The address decides when it changed (a link was followed), else the widget does.
    if wanted and st.session_state.get(f"{widget}:address") != wanted:
        st.session_state[widget] = wanted
    elif st.session_state.get(widget) not in ids:
        st.session_state[widget] = wanted or ids[0]
    if other:
        st.warning(markdown.filled("{} ({}) cannot be used on this page; {} is shown in its place.", other.name, other.id,
                                   next(run.name for run in runs if run.id == st.session_state[widget])))
    # Without the status: this stands while fragments below go on, and would tell an old one.
    names = {run.id: f"{markdown.isolated(run.name)}  ·  {run.id}" for run in runs}
    chosen = st.selectbox("Run", ids, key=widget, format_func=names.get, label_visibility="collapsed")
    st.query_params["run"] = st.session_state[f"{widget}:address"] = word or chosen
    return next(run for run in runs if run.id == chosen)


def chosen_runs(runs, *, key, placeholder, opened=()):
    """Ids of the runs that ``?runs=a,b`` names, or that are chosen here: ``(ids among runs, other ids of the address)``.

    The address always names them, so that they can be sent to someone; of those that are unknown, the first few.  Those
    that a button has ``opened`` (a list of ids, emptied here) are shown until the browser brings their address: a second
    click that is under way brings the one of before.
    """
    known = {run.id: f"{markdown.isolated(run.name)}  ·  {run.status}  ·  {run.id}" for run in runs}
    state, kept, others = st.session_state, f"{key}:address", f"{key}:gone"
    address = list(dict.fromkeys(run_id for run_id in st.query_params.get("runs", "").split(",") if run_id))
    if address == opened:
        opened.clear()
    elif opened:
        state[kept], address = None, list(opened)
    # The choice is lost where another thing was drawn in its place meanwhile.
    if address and (state.get(kept) != address or f"{key}:runs" not in state):
        state[f"{key}:runs"] = [run_id for run_id in address if run_id in known]
        state[others] = [run_id for run_id in address if run_id not in known][:UNKNOWN]
    if deleted := [run_id for run_id in state.get(f"{key}:runs", []) if run_id not in known]:
        state[f"{key}:runs"] = [run_id for run_id in state[f"{key}:runs"] if run_id in known]
        state[others] = [*state.get(others, []), *deleted]
    picked = st.multiselect("Runs", list(known), key=f"{key}:runs", format_func=known.get, placeholder=placeholder,
                            label_visibility="collapsed",
                            # Who chooses anew has read that some runs were deleted.
                            on_change=lambda: state.update({others: []}))
    gone = state.get(others, [])
    state[kept] = [*picked, *gone]
    if picked or gone:
        st.query_params["runs"] = ",".join([*picked, *gone])
    else:
        st.query_params.pop("runs", None)
    return picked, gone
