"""The command line, for benchmarks: each verb in a process of its own, as a user would call it."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def gan(*arguments, workspace):
    """What ``python -m gan_core ARGUMENTS`` printed; ends the benchmark when the verb failed."""
    command = [sys.executable, "-m", "gan_core", *map(str, arguments), "--workspace", str(workspace)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}")
    return done.stdout


def train(name, data, minutes, knobs, *options, workspace, steps=1_000_000):
    """Train an architecture for so many minutes (0: no limit) or steps with these knobs; the id of the run."""
    settings = {"minutes": minutes} | {knob: value for knob, value in knobs.items() if knob != "steps"}
    chosen = [word for knob, value in settings.items() for word in ("--set", f"{knob}={value}")]
    return gan("train", name, "--data", data, "--steps", steps, *chosen, *options, workspace=workspace).split()[-1]


def quick_look(card):
    """The knobs of an architecture's preset for a quick look, without its number of steps."""
    return {knob: value for knob, value in card.presets.get("Quick look", {}).items() if knob != "steps"}
