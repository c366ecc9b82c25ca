"""Settings that somebody has named in a workspace, to be chosen again: ``presets/<key>.json``."""

from gan_core import visitors
from gan_core.errors import BadInput
from gan_core.store import named, records

LONGEST = named.LONGEST  # characters of a title
# Of every architecture the form offers these, in this order; some bring more along.
DEFAULTS = "Defaults"
COME_ALONG = ("Quick look", DEFAULTS, "Full")


def keep(workspace, title, architecture, kind, values, source="", taken=()):
    """Keep values of knobs under a title, for an architecture on a kind of data.  Returns its key.

    One of the same title, architecture and kind is replaced.

    Args:
        source: where they come from, such as the id of a sweep.
        taken: titles of presets that the architecture brings along, beside those of :data:`COME_ALONG`.

    Raises:
        BadInput: when the title is empty, too long, or that of a preset that comes with the workbench.
        StoreError: when the workspace cannot be written.
    """
    visitors.refuse()
    title = _PRESETS.title(title)
    if title.casefold() in map(str.casefold, (*COME_ALONG, *taken)):
        raise BadInput(f"{title} comes with the workbench; give the preset another name.")
    if not values or not all(records.is_plain(value) for value in values.values()):
        raise BadInput("A preset needs the value of one knob at least.")
    same = next((one["key"] for one in kept(workspace, architecture, kind)
                 if one["title"].casefold() == title.casefold()), None)
    return _PRESETS.keep(workspace, {"title": title, "architecture": architecture, "kind": kind, "values": values,
                                     "source": source}, same)


def kept(workspace, architecture=None, kind=None):
    """``[{"key", "title", "architecture", "kind", "values", "source", "kept"}]``, by title; of an architecture and a kind of
    data alone where those are given.  What cannot be read is left out."""
    return [one for one in _PRESETS.kept(workspace)
            if architecture in (None, one["architecture"]) and kind in (None, one["kind"])]


def forget(workspace, key):
    """Remove one; BadInput where there is none."""
    _PRESETS.forget(workspace, key)


def _fits(told):
    return (isinstance(told.get("values"), dict)
            and all(records.is_text(told.get(name)) for name in ("architecture", "kind", "source"))
            and all(records.is_text(name) and records.is_plain(value) for name, value in told["values"].items()))


_PRESETS = named.Named("presets", "preset", "presets", _fits)
