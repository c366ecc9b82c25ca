"""What the labels are called on the maps that a run has learned from, one for each colour of its palette:
``labels.json``."""

import json

from gan_core.errors import BadInput
from gan_core.store.artifacts import NoArtifact

NAME, LONGEST = "labels.json", 40


def of(artifacts, count):
    """The names of so many labels: those that were kept, else numbers."""
    usual = [f"{number + 1}" for number in range(count)]
    try:
        told = json.loads(artifacts.read(NAME))
    except (NoArtifact, ValueError):
        return usual
    if not isinstance(told, list) or len(told) != count or not all(isinstance(name, str) for name in told):
        return usual
    return [name or other for name, other in zip(told, usual)]


def keep(artifacts, names):
    """Keep names, one for each label.

    Raises:
        BadInput: for two of one name, or one that is too long.
    """
    names = [" ".join(str(name).split()) for name in names]
    if any(len(name) > LONGEST for name in names):
        raise BadInput(f"A name has at most {LONGEST} letters; shorten the longest.")
    given = [name for name in names if name]
    if len(set(given)) < len(given):
        raise BadInput("Two colours have one name; give each its own.")
    artifacts.put(NAME, json.dumps(names).encode())
