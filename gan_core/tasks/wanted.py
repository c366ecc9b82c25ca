"""Which samples are wanted, as knobs: what drawing and keeping have in common."""

from dataclasses import dataclass

import numpy as np

from gan_core.config.knobs import Config, knob
from gan_core.errors import BadInput
from gan_core.models import cards, inputs

MOST = 100_000  # samples drawn at once
SEEDS = 2**31 - 1


@dataclass(frozen=True, kw_only=True)
class Samples(Config):
    """How many, from which seed, of which class and with which inputs."""

    n: int = knob(64, low=1, high=MOST, log=True, tiny=4, group="Samples", label="Samples", help="How many are drawn.")
    seed: int = knob(0, low=0, high=SEEDS, group="Samples", help="The same seed gives the same noise.")
    label: str = knob("", group="Samples", label="Class",
                      help="A class by number or name, or `each` in turn; nothing draws classes at random.")
    chosen: str = knob("", group="Samples", label="Inputs",
                       help="Inputs of the architecture, such as `truncation=0.7, code=each`.")

    def how(self):
        """The arguments of :func:`gan_core.tasks.sampling.draw_from`."""
        return {"seed": self.seed, "label": self.label or None, "chosen": from_text(self.chosen)}


def as_text(chosen):
    """``{"code": "each", "truncation": 0.7}`` as "code=each, truncation=0.7"."""
    return ", ".join(f"{name}={value}" for name, value in sorted(chosen.items()))


def from_text(text):
    """The inverse; values stay text.  Raises :class:`BadInput` for what is no list of NAME=VALUE."""
    chosen = {}
    for part in filter(str.strip, text.split(",")):
        name, equals, value = part.partition("=")
        if not equals or not name.strip():
            raise BadInput(f"Inputs are given as NAME=VALUE with commas between them, not {part.strip()!r}.")
        chosen[name.strip()] = value.strip()
    return chosen


def check_chosen(run, config, workspace):
    """Raise :class:`BadInput` for a class or inputs that samples of a run cannot have, as far as its card tells."""
    chosen = config.how()
    if chosen["label"] is not None:
        known = cards.card(run.architecture, workspace / "cache").inputs_of(run)
        labelled = any(model_input["kind"] == inputs.Label.kind() for model_input in known)
        labels_of(chosen["label"], run.classes if labelled else (), 1)


def labels_of(label, classes, n):
    """``n`` labels, int32, of a class given by number or name, or of each in turn."""
    if classes and label == inputs.EACH and label not in classes:
        return np.arange(n, dtype=np.int32) % len(classes)
    return np.full(n, class_index(label, classes), np.int32)


def class_index(label, classes):
    """The index of a class given by name, or by its number; of classes that are called 01 to 12, 2 is 02."""
    if not classes:
        raise BadInput("This architecture has no labels; leave --label out.")
    text = str(label)
    if text in classes:
        return list(classes).index(text)
    numbered = all(name.isdecimal() for name in classes)
    numbers = [int(name) for name in classes] if numbered else list(range(len(classes)))
    if text.isdecimal() and int(text) in numbers:
        return numbers.index(int(text))
    numbers = "" if numbered else f", or 0 to {len(classes) - 1}"
    raise BadInput(f"There is no class {label!r}; choose from {', '.join(classes)}{numbers}.")
