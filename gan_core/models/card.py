"""A model card: what is known of an architecture without building it, as plain values that travel as JSON.

Light: the form, validation and tables work from cards, and never load Keras.  Where cards come from is
:mod:`gan_core.models.cards`.
"""

import dataclasses
import re
from dataclasses import dataclass, field

from gan_core.config.knobs import Knob
from gan_core.data import DOMAINS, IMAGES, PAIRS
from gan_core.modalities.base import learned, modality
from gan_core.pretrained import lite

NAMED = 6  # architectures in a refusal


@dataclass(frozen=True)
class Card:
    """One architecture, described.

    ``requirements`` are those of :func:`refusal`; ``parameters`` maps each network to its number of trained
    parameters at the default knobs on the data that ``example`` names; ``inputs`` describe what a sample is made
    of there.  ``networks`` are those of :func:`gan_core.models.describe.network`, ``wiring`` says what feeds what
    (:func:`gan_core.models.describe.wiring`), ``moves`` which networks each player moves, ``sides`` whose side it is on, and
    ``flops_per_sample`` how many operations it takes to draw a sample, ``not_a_graph`` says why samples cannot be drawn
    outside of the workbench, "" where they can, and ``builds_on`` names the architectures whose ideas it takes further.
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
    not_a_graph: str = ""
    builds_on: tuple[str, ...] = ()

    @property
    def year(self):
        """When its paper was published; None of one's own that names none."""
        found = re.match(r"\D+ (\d{4}),", self.paper)
        return int(found[1]) if found else None

    @property
    def gives(self):
        """The kind of its samples, "" where it is that of its data."""
        return self.requirements.get("gives", "")

    @property
    def needs(self):
        """What its data must come with: of "labels", "pairs" and "two domains"."""
        needs = {"labels": self.requirements["needs_labels"], "pairs": PAIRS in self.data,
                 "two domains": DOMAINS in self.data}
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

    def inputs_of(self, run):
        """Its inputs in a run: no class where the data have none, or the networks are not told."""
        told = run.classes and run.knobs.get("class_conditional", True)
        return tuple(each for each in self.inputs if told or each["kind"] != "label")

    def as_dict(self):
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values):
        lists = {key: tuple(values[key]) for key in ("data", "inputs", "players", "strengths", "weaknesses", "networks",
                                                     "wiring")}
        lists["builds_on"] = tuple(values.get("builds_on", ()))
        return cls(**values | lists | {"knobs": tuple(Knob.from_dict(k) for k in values["knobs"])})


def refusal(requirements, data):
    """Why an architecture with these requirements cannot learn ``data``; "" when it can.

    A function of plain values, so that the form can ask before anything heavy is loaded.
    """
    title, kinds = requirements["title"], requirements["kinds"]
    if data.kind not in kinds:
        wanted = learned(data.kind)
        return (f"{title} learns {' or '.join(map(learned, kinds))}, not {wanted}; {_made_of(data, kinds)}choose other data "
                f"or an architecture that learns {wanted}{_learners(data.kind)}.")
    if requirements["needs_labels"] and not data.labelled:
        return (f"{title} needs labels and this data has none; choose labelled data (for your own images: one folder per "
                "class).")
    if data.n_classes < (fewest := requirements.get("fewest_classes", 0)):
        return (f"{title} tells classes apart and needs {fewest} at least, and this data has {data.n_classes} "
                f"({', '.join(data.classes)}); choose data of several classes (for your own images: one folder per class).")
    if (network := requirements.get("looks_through")) and (sentence := lite.missing(network)):
        return f"{title} judges through a network that others have trained. {sentence}"
    return modality(data.kind).refusal(requirements, data)


def _made_of(data, kinds):
    """How data are made of images that would do, to begin an advice with; "" where none are."""
    images, domains = data.kind == IMAGES, DOMAINS in kinds
    ways = {"make pairs of these (`--pairs`), ": images and PAIRS in kinds,
            "make two domains of two of their classes (`--domains`), ": images and domains and data.labelled,
            "make two domains of their sides (`--domains`), ": data.kind == PAIRS and domains}
    return "".join(way for way, is_there in ways.items() if is_there)


def _learners(kind):
    """": GAN (MLP), WGAN": the project's architectures that learn a kind of data; "" where there is none."""
    from gan_core.models import cards  # which are made of this module's

    titles = sorted((card.title for card in cards.shipped().values() if kind in card.data), key=str.casefold)
    if not titles:
        return ""
    more = f" and {len(titles) - NAMED} more" if len(titles) > NAMED else ""
    return f": {', '.join(titles[:NAMED])}{more}"
