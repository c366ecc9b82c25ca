"""What somebody has chosen on a page and given a name, to be opened again by its address: ``saved_views/<key>.json``."""

from gan_core import visitors
from gan_core.errors import BadInput
from gan_core.store import named, records

LONGEST = named.LONGEST  # characters of a title
# What a view of each page holds: the names of its choices, and whether one is a text or a list of texts.
CHOICES = {"compare": {"runs": list, "axis": str, "chart-axis": str, "charts": list, "parallel:names": list},
           "runs": {"text": str, "status": list, "arch": list, "tags": list}}


def keep(workspace, title, page, chosen, runs=None, key=None):
    """Keep what is chosen on a page under a title.  Returns the key of its address.

    A view of the same title and page is replaced, and keeps its address; that of a ``key`` is replaced, title and all.

    Args:
        chosen: ``{name: value}`` of :data:`CHOICES`; others, and those that are empty, are left out.
        runs: ``{id: name}`` of the runs that it shows, to say later which are gone.

    Raises:
        BadInput: when the title is empty, too long or that of another view than the key's, or nothing is chosen.
        StoreError: when the workspace cannot be written, and where visitors are.
    """
    visitors.refuse()
    title = _VIEWS.title(title)
    chosen = {name: value for name, value in chosen.items() if name in CHOICES[page] and value}
    if not chosen or (page == "compare" and not chosen.get("runs")):
        raise BadInput("There is nothing to save yet: choose runs first." if page == "compare" else
                       "There is nothing to save yet: search for something or choose a filter first.")
    same = next((one["key"] for one in kept(workspace, page) if one["title"].casefold() == title.casefold()), None)
    if key and same not in (None, key):
        raise BadInput(f"Another view is called {title}; give this one another name.")
    told = {"title": title, "page": page, "chosen": chosen, "runs": dict(runs or {})}
    return _VIEWS.keep(workspace, told, key or same)


def kept(workspace, page=None):
    """``[{"key", "title", "page", "chosen", "runs", "kept"}]``, by title; of one page where it is given.  What cannot be
    read is left out, of a view that a newer version has saved what is not known here."""
    return [_known(view) for view in _VIEWS.kept(workspace) if page in (None, view["page"])]


def get(workspace, key):
    """The view of a key, as in :func:`kept`; BadInput where there is none."""
    return _known(_VIEWS.get(workspace, key))


def forget(workspace, key):
    """Remove one; BadInput where there is none."""
    _VIEWS.forget(workspace, key)


def gone(view, known):
    """``{id: name}`` of the runs of a view that are not among the known ids."""
    return {run_id: view["runs"].get(run_id) or run_id for run_id in view["chosen"].get("runs", [])
            if run_id not in known}


def address(view):
    """Where it is opened, below the dashboard's own address."""
    return f"{view['page']}?view={view['key']}"


def _fits(told):
    choices, chosen, runs = CHOICES.get(str(told.get("page"))), told.get("chosen"), told.get("runs")
    return (choices is not None and isinstance(chosen, dict) and isinstance(runs, dict)
            and all(map(records.is_text, [*runs, *runs.values()])) and bool(choices.keys() & chosen.keys())
            and all((records.is_text if choices[name] is str else records.are_texts)(value)
                    for name, value in chosen.items() if name in choices))


def _known(view):
    choices = CHOICES[view["page"]]
    return view | {"chosen": {name: value for name, value in view["chosen"].items() if name in choices}}


_VIEWS = named.Named("saved_views", "view", "views", _fits)
