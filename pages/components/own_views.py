"""Saved views of a page: opened by ``?view=KEY``, kept under a name, renamed and forgotten."""

import streamlit as st

from gan_core import visitors
from gan_core.errors import BadInput
from gan_core.store import saved_views
from pages.components import markdown, once, shell


def opened(store, page, runs, options):
    """The view that the address names, its choices put into the page's widgets; None where it names none.

    To be called before those widgets are drawn.  The address names a view as long as it shows what was saved.

    Args:
        runs: all that there are; what of the view is gone among them is told.
        options: ``{choice: what can be chosen now}``; the rest of what was saved is left out.
    """
    state, address = st.session_state, f"{page}:view"
    if not (key := st.query_params.get("view", "")):
        state.pop(address, None)
        return None
    try:
        view = saved_views.get(store.workspace, key)
    except BadInput:
        st.warning(markdown.filled("There is no view {!r} here; it may have been forgotten.", key[:saved_views.LONGEST]))
        return _left(address)
    if view["page"] != page:
        st.warning(markdown.filled("{} is a view of another page.", view["title"]))
        _link(view)
        return _left(address)
    known = [run.id for run in runs]
    chosen = {name: _possible(value, options.get(name)) for name, value in view["chosen"].items()}
    if "runs" in chosen:
        chosen["runs"] = _possible(chosen["runs"], known)
    first = f"{page}:{next(iter(saved_views.CHOICES[page]))}"  # forgotten by Streamlit when the page is left
    if state.get(address) != [key, view["kept"]] or first not in state:
        _fill(page, chosen)
        state[address] = [key, view["kept"]]
    elif any(state.get(f"{page}:{name}", value) != value for name, value in chosen.items() if value is not None):
        return _left(address)
    if lost := saved_views.gone(view, known):
        st.warning(markdown.filled("Of the view {} these runs are gone: {}.", view["title"], markdown.joined(
            ", ", (name if name == run_id else f"{name} ({run_id})" for run_id, name in lost.items()))))
    return view


def _link(view):
    shell.link(view["page"], label=markdown.plain(view["title"]), icon=":material/bookmark:",
               query_params={"view": view["key"]})


def _left(address):
    """What is shown is no saved view (any more): neither is it in the address."""
    st.query_params.pop("view", None)
    st.session_state.pop(address, None)


def _possible(value, options):
    """Of what was saved, what can be chosen now."""
    if options is None:
        return value
    return [one for one in value if one in options] if isinstance(value, list) else value if value in options else None


def _fill(page, chosen):
    state = st.session_state
    for name, kind in saved_views.CHOICES[page].items():
        if chosen.get(name) is not None:
            state[f"{page}:{name}"] = chosen[name]
        elif name in chosen or kind is list or name == "text":
            state.pop(f"{page}:{name}", None)
    if "runs" in chosen:  # what the address names decides elsewhere, see shell.chosen_runs
        state[f"{page}:address"], state[f"{page}:gone"] = chosen["runs"], []
        st.query_params["runs"] = ",".join(chosen["runs"])


def manage(store, page, runs, view):
    """A button behind which all views of a page stand: opened, saved, renamed and forgotten there.

    Args:
        view: the one that is open, or None.
    """
    known = saved_views.kept(store.workspace, page)
    if visitors.are_here() and not known:
        return
    label = markdown.filled("View: {}", view["title"]) if view else "Saved views"
    with st.popover(label, icon=":material/bookmarks:", help="What is chosen on this page, kept under a name."):
        for one in known:
            left, right = st.columns([3, 2], vertical_alignment="center")
            with left:
                _link(one)
            if not visitors.are_here() and once.button("Forget", key=f"views:forget:{one['key']}", place=right,
                                                       icon=":material/delete:"):
                with shell.telling():
                    saved_views.forget(store.workspace, one["key"])
                    st.rerun()
        if not known:
            st.caption("None yet. One has an address that can be sent to somebody, and shows what you see now.")
        if not visitors.are_here():
            _save(store, page, runs, view)


def _save(store, page, runs, view):
    title = st.text_input("Name", view["title"] if view else "", key=f"views:title:{view['key'] if view else ''}",
                          max_chars=saved_views.LONGEST, placeholder="What it is called")
    chosen = {name: st.session_state.get(f"{page}:{name}") for name in saved_views.CHOICES[page]}
    names = {run.id: run.name for run in runs if run.id in (chosen.get("runs") or ())}
    with st.container(horizontal=True):
        saved = once.button("Save what is chosen", key=f"views:save:{page}", icon=":material/bookmark_add:",
                            help="Under the name of another view it takes its place.")
        key = None
        if not saved and view and title.strip() != view["title"]:
            if saved := once.button("Rename", key=f"views:rename:{view['key']}", icon=":material/edit:",
                                    help="It keeps its address."):
                key, chosen, names = view["key"], view["chosen"], view["runs"]
    if saved:
        with shell.telling():
            opened_next = saved_views.keep(store.workspace, title, page, chosen, names, key)
            st.query_params["view"] = opened_next
            st.rerun()
