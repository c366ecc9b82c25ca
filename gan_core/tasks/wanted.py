"""Which samples are wanted, as knobs: what drawing and keeping have in common."""

from dataclasses import dataclass

from gan_core.config.knobs import Config, knob
from gan_core.errors import BadInput

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
