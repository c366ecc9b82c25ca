"""What is known of each architecture without building it: plain values that travel as JSON.

The zoo's modules import Keras, and with it TensorFlow: half a gigabyte and seconds that a web server should not
spend.  So the zoo describes itself once, in a process of its own, and everything that only *talks about*
architectures — the form, validation, tables — works from the descriptions.
"""

import contextlib
import dataclasses
import functools
import hashlib
import json
import os
import pkgutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from gan_core.config.known import refuse_unknown
from gan_core.config.knobs import Knob
from gan_core.errors import BadInput, RunFailed
from gan_core.modalities.base import modality
from gan_core.models import zoo


@dataclass(frozen=True)
class Family:
    """One architecture, described.

    ``requirements`` are those of :func:`refusal`; ``parameters`` maps each network to its number of trained
    parameters at the default knobs on the data that ``example`` names; ``inputs`` describe what a sample is made
    of there.  ``networks`` are those of :func:`gan_core.models.describe.network`, ``wiring`` says what feeds what
    (:func:`gan_core.models.describe.wiring`), ``moves`` which networks each player moves, ``sides`` whose side it is on, and
    ``flops_per_sample`` how many operations it takes to draw a sample.
    """

    name: str
    title: str
    paper: str
    link: str
    summary: str
    data: tuple[str, ...]
    requirements: dict
    inputs: tuple[dict, ...]
    knobs: tuple[Knob, ...]
    parameters: dict
    example: str
    presets: dict
    presets_for: dict
    defaults_for: dict
    players: tuple[str, ...] = ()
    story: str = ""
    formula: str = ""
    strengths: tuple[str, ...] = ()
    weaknesses: tuple[str, ...] = ()
    networks: tuple[dict, ...] = ()
    wiring: tuple[list, ...] = ()
    moves: dict = field(default_factory=dict)
    sides: dict = field(default_factory=dict)
    flops_per_sample: int = 0

    @property
    def needs(self):
        """What its data must come with: of "labels" and "pairs"."""
        needs = {"labels": self.requirements["needs_labels"], "pairs": "paired" in self.data}
        return tuple(name for name, needed in needs.items() if needed)

    def defaults(self, kind):
        """The value of every knob for data of this kind."""
        usual, here = {k.name: k.default for k in self.knobs}, self.defaults_for.get(kind, {})
        return usual | {name: here[name] for name in usual.keys() & here.keys()}

    def settings(self, kind):
        """Run settings that suit data of this kind better than the usual ones."""
        knobs = {k.name for k in self.knobs}
        return {name: value for name, value in self.defaults_for.get(kind, {}).items() if name not in knobs}

    def presets_of(self, kind):
        """``{title: values of knobs and run settings}`` for data of this kind."""
        return self.presets_for.get(kind, self.presets)

    def refuses(self, data):
        """Why it cannot learn ``data`` (a DataSpec); "" when it can."""
        return refusal(self.requirements, data)

    def as_dict(self):
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values):
        lists = {key: tuple(values[key]) for key in ("data", "inputs", "players", "strengths", "weaknesses", "networks",
                                                     "wiring")}
        return cls(**values | lists | {"knobs": tuple(Knob.from_dict(k) for k in values["knobs"])})


def refusal(requirements, data):
    """Why an architecture with these requirements cannot learn ``data``; "" when it can.

    A function of plain values, so that the form can ask before anything heavy is loaded.
    """
    title, kinds = requirements["title"], requirements["kinds"]
    if data.kind not in kinds:
        return f"{title} learns {' or '.join(kinds)}, not {data.kind}; choose other data or another architecture."
    if requirements["needs_labels"] and not data.labelled:
        return (f"{title} needs labels and this data has none; choose labelled data (for your own images: one folder per "
                "class).")
    return modality(data.kind).refusal(requirements, data)


def families(cache=None):
    """``{name: Family}`` of the whole zoo.

    Uses the registry when it is loaded already; else asks a process of its own, whose answer is kept in the
    folder ``cache`` until the zoo's source changes.
    """
    if "gan_core.models.registry" in sys.modules:
        from gan_core.models import describe

        return describe.families()
    return _from_another_process(_place(cache))


def family(name, cache=None):
    """The family of that name; :class:`BadInput` with the names there are when it does not exist.

    Where the whole list is not at hand, this one alone is described, which takes half the time.
    """
    if "gan_core.models.registry" in sys.modules:
        from gan_core.models import describe

        return describe.family(name)
    if known := kept(cache):
        refuse_unknown("architecture", [name], known, "architecture")
        return known[name]
    return _one(name)


def names():
    """The names of all architectures, those of their files: nothing is loaded for it."""
    return sorted(module.name for module in pkgutil.iter_modules(zoo.__path__))


def _place(cache):
    """The file in the folder ``cache`` that keeps the list."""
    return cache and Path(cache) / f"zoo-{_fingerprint()}.json"


def kept(cache):
    """The list that the folder ``cache`` keeps, or None."""
    return _kept(_place(cache))


def _kept(place):
    if place and place.exists():
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):  # damaged: then it is made anew
            return _read(place.read_text())
    return None


@functools.lru_cache(maxsize=2)
def _from_another_process(place):
    if found := _kept(place):
        return found
    text = _ask()
    found = _read(text)
    if place:
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            partial = place.with_suffix(f".{os.getpid()}")
            partial.write_text(text)
            partial.replace(place)
        except OSError:
            pass  # a read-only workspace costs a few seconds a start, no more
    return found


@functools.lru_cache
def _one(name):
    return _read(_ask(name))[name]


def _ask(*names):
    """What ``zoo --json`` says of these architectures, or of all."""
    answer = subprocess.run([sys.executable, "-m", "gan_core", "zoo", *names, "--json"], capture_output=True, text=True,
                            cwd=Path(__file__).parents[2])
    said = (answer.stderr.strip().splitlines() or ["the process ended without a word."])[-1]
    if answer.returncode == 2:  # bad arguments: a name that does not exist
        raise BadInput(said, {"architecture": said})
    if answer.returncode:
        raise RunFailed(f"The architectures cannot be listed: {said}")
    return answer.stdout


def _read(text):
    return {each["name"]: Family.from_dict(each) for each in json.loads(text)}


def _fingerprint():
    """Of the source that descriptions are made from."""
    root = Path(__file__).parents[1]
    digest = hashlib.sha256(sys.version.encode())
    for path in sorted(path for room in ("models", "config", "engine", "data") for path in root.glob(f"{room}/**/*.py")):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
