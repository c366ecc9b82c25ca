"""The command line, for benchmarks: each verb in a process of its own, as a user would call it."""

import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]


def gan(*arguments, workspace):
    """What ``python -m gan_core ARGUMENTS`` printed; ends the benchmark when the verb failed."""
    command = [sys.executable, "-m", "gan_core", *map(str, arguments), "--workspace", str(workspace)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}")
    return done.stdout


def train(name, data, length, knobs, *options, workspace):
    """Train an architecture with these knobs, so long as a :class:`Length` says; the id of the run."""
    settings = {"minutes": length.minutes} | {knob: value for knob, value in knobs.items() if knob != "steps"}
    chosen = [word for knob, value in settings.items() for word in ("--set", f"{knob}={value}")]
    return gan("train", name, "--data", data, "--steps", length.steps, *chosen, *options, workspace=workspace).split()[-1]


def pairs_of(words):
    """``["a=1"]`` -> ``{"a": "1"}``."""
    return dict(word.split("=", 1) for word in words)


class Length(NamedTuple):
    """How long a run is: so many minutes, or, where those are 0, so many steps."""

    minutes: float
    steps: int = 1_000_000


class Pace:
    """Turns minutes into steps: as many as the quiet machine makes in them, so that other work beside a run changes nothing.

    ``words`` are those of ``--pace``, ``WHAT=STEPS A MINUTE``; what none of them names is trained by the clock.
    """

    def __init__(self, words):
        self._steps = {what: float(steps) for what, _, steps in (word.rpartition("=") for word in words)}

    @staticmethod
    def option(parser):
        parser.add_argument("--pace", nargs="*", default=[], metavar="WHAT=STEPS",
                            help="steps a minute that a run makes on the quiet machine: it is trained for as many as its "
                                 "minutes would give, whatever else the machine does")

    def length(self, what, minutes):
        return Length(0.0, round(self._steps[what] * minutes)) if what in self._steps else Length(minutes)


def quick_look(card):
    """The knobs of an architecture's preset for a quick look, without its number of steps."""
    return {knob: value for knob, value in card.presets.get("Quick look", {}).items() if knob != "steps"}
