"""What was kept while a run was explored: directions by name, and points that somebody liked.

``explored.json`` of a run: ``{"directions": [...], "points": [...]}``.  A direction has its ``name``, the ``input`` that it
lies in, its ``vector``, the ``deviation`` that one step is, how far it should ``reach``, and how it was ``found``; a point
its ``name`` and its ``inputs``, numbers by name.
"""

import json

from gan_core.errors import BadInput
from gan_core.store import records
from gan_core.store.artifacts import NoArtifact

NAME = "explored.json"
MOST, LONGEST, NUMBERS = 200, 60, 20_000  # things of each kind, letters of a name, numbers of one


def kept(artifacts):
    """``{"directions": [...], "points": [...]}``; what is damaged in it is left out."""
    try:
        told = json.loads(artifacts.read(NAME))
    except (NoArtifact, ValueError, RecursionError):
        told = {}
    told = told if isinstance(told, dict) else {}
    return {"directions": _whole(told.get("directions"), _is_direction), "points": _whole(told.get("points"), _is_point)}


def keep_direction(artifacts, name, **told):
    """Keep a direction, in the place of one of the same name.  Raises :class:`BadInput`."""
    _keep(artifacts, "directions", {"name": _name(name), **told}, _is_direction)


def keep_point(artifacts, name, point):
    """Keep a point, numbers by the name of an input, in the place of one of the same name.  Raises :class:`BadInput`."""
    _keep(artifacts, "points", {"name": _name(name), "inputs": point}, _is_point)


def rename(artifacts, kind, name, other):
    """Call a thing of this kind, "directions" or "points", otherwise.  Raises :class:`BadInput`."""
    told, other = kept(artifacts), _name(other)
    if other != name and any(thing["name"] == other for thing in told[kind]):
        raise BadInput(f"There is one called {other!r} already; choose another name.", {"name": "is taken"})
    told[kind] = [thing | {"name": other} if thing["name"] == name else thing for thing in told[kind]]
    _write(artifacts, told)


def forget(artifacts, kind, name):
    told = kept(artifacts)
    told[kind] = [thing for thing in told[kind] if thing["name"] != name]
    _write(artifacts, told)


def _keep(artifacts, kind, thing, is_one):
    if not is_one(thing):
        raise BadInput("This cannot be kept: it is not made of the numbers that a sample is made of.")
    told = kept(artifacts)
    told[kind] = [*(there for there in told[kind] if there["name"] != thing["name"]), thing]
    if len(told[kind]) > MOST:
        raise BadInput(f"A run keeps {MOST} {kind} at most; forget some first.")
    _write(artifacts, told)


def _write(artifacts, told):
    artifacts.put(NAME, json.dumps(told, allow_nan=False).encode())


def _name(name):
    name = " ".join(str(name).split())
    if not 1 <= len(name) <= LONGEST or not records.is_text(name):
        raise BadInput(f"Give it a name of 1 to {LONGEST} letters.", {"name": "is empty or too long"})
    return name


def _whole(things, is_one):
    found = [thing for thing in things if is_one(thing)] if isinstance(things, list) else []
    return list({thing["name"]: thing for thing in found}.values())[:MOST]  # of one name the last


def _is_direction(thing):
    return (isinstance(thing, dict) and _is_name(thing.get("name")) and records.is_text(thing.get("input"))
            and _numbers(thing.get("vector")) and _numbers([thing.get("deviation"), thing.get("reach")])
            and records.is_text(thing.get("found")))


def _is_point(thing):
    return (isinstance(thing, dict) and _is_name(thing.get("name")) and isinstance(thing.get("inputs"), dict)
            and bool(thing["inputs"]) and all(records.is_text(name) and _numbers(values)
                                              for name, values in thing["inputs"].items()))


def _numbers(values):
    return (isinstance(values, list) and 0 < len(values) <= NUMBERS
            and all(map(records.is_number, values)))


def _is_name(name):
    return records.is_text(name) and 1 <= len(name.strip()) <= len(name) <= LONGEST
