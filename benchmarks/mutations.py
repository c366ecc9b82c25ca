"""Does the test suite catch what it should?  Small faults, put into a copy of the code one at a time.

    python benchmarks/mutations.py [--only TEXT ...] [--tests PATH ...]

Each fault is a piece of text that stands once in ``gan_core``, wherever that is by now, and what takes its place; beside it
stand the tests that are to fail.  They run in a copy of the tree.  Ends with 1 when a fault got through.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]


class Fault(NamedTuple):
    name: str
    before: str
    after: str
    tests: str  # names of test files, without ``test_``


FAULTS = (
    Fault("the generator's loss has the wrong sign", "generator=lambda real, fake: ops.softplus(-flat(fake)),",
          "generator=lambda real, fake: ops.softplus(flat(fake)),", "losses"),
    Fault("the critic's loss has the wrong sign", "discriminator=lambda real, fake: flat(fake) - flat(real),",
          "discriminator=lambda real, fake: flat(real) - flat(fake),", "losses"),
    Fault("label smoothing is two-sided",
          "return real_target * ops.softplus(-real) + (1.0 - real_target) * ops.softplus(real) + ops.softplus(fake)",
          "return real_target * (ops.softplus(-real) + ops.softplus(fake)) + smoothing * ops.softplus(-fake)", "losses"),
    Fault("the penalty's epsilon is outside the root", "ops.square(ops.sqrt(squares + epsilon) - target)",
          "ops.square(ops.sqrt(squares) + epsilon - target)", "losses"),
    Fault("R1 counts twice", "total + 0.5 * weight * every * value", "total + weight * every * value", "techniques"),
    Fault("what a player calls moves the others' statistics", "            for variable, value in zip(bystanders, before):\n"
          "                    variable.assign(value)",
          "            for variable, value in zip(bystanders, before):\n                    pass", "engine"),
    Fault("the wrong player's variables move", "return [v for name in player.networks for v in getattr(self, name)",
          "return [v for name in self.players()[0].networks for v in getattr(self, name)", "engine"),
    Fault("the average is stale", "mean.assign(mean + (1.0 - decay) *", "mean.assign(mean + 0.0 * decay *",
          "engine engine_kept"),
    Fault("samples are not drawn from the average", "return self.averages.get(name, getattr(self, name))",
          "return getattr(self, name)", "engine engine_kept"),
    Fault("random state is not kept", 'states = {f"random_{index}": v for index, v in',
          'states = {f"random_{index}": v for index, v in [] and', "resume engine_kept"),
    Fault("a label is off by one", 'values.take(rows[0]) if name == "label"',
          'values.take(rows[0] - 1) if name == "label"', "batches data"),
    Fault("the order of the data ignores the seed", "if stream else [self._seed, epoch]", "if stream else [0, epoch]",
          "batches"),
    Fault("inputs ignore the seed", "model_input.draw(np.random.default_rng([seed, index]), n, data)",
          "model_input.draw(np.random.default_rng([0, index]), n, data)", "zoo cli_runs"),
    Fault("pixels are cut off instead of rounded", "return np.rint(np.clip(np.nan_to_num(scaled, copy=False), 0, 255))",
          "return np.floor(np.clip(np.nan_to_num(scaled, copy=False), 0, 255))", "batches"),
    Fault("a row is lost", "rows, self._rows = self._rows, []\n            step = self.step",
          "rows, self._rows = self._rows[1:], []\n            step = self.step", "recording"),
    Fault("the best checkpoint is thrown away", "for step in kept.keys() - stay:", "for step in sorted(kept)[:-KEEP]:",
          "recording"),
    Fault("one run too many works at a time", "active < parallel,", "active <= parallel,", "store"),
    Fault("a status changes whatever it was", "runs.c.id == run_id, runs.c.status.in_(tuple(only_from)))",
          "runs.c.id == run_id)", "store"),
    Fault("sheets of a future that was cut off stay", "if later > step:\n", "if later > step + 10**9:\n", "recording"),
    Fault("a knob's upper bound is not checked", "or self.high is not None and value > self.high", "or False", "knobs"),
    Fault("divergence is not noticed", "if not math.isfinite(value)]", "if False]", "training"),
    Fault("the kernel distance is biased",
          "within = _kernel_sum(x, x) - _own_kernels(x) + _kernel_sum(y, y) - _own_kernels(y)",
          "within = _kernel_sum(x, x) + _kernel_sum(y, y)", "metrics"),
    Fault("the Fréchet distance forgets what is shared", "- 2 * np.sqrt(np.maximum(shared, 0)).sum())",
          "- np.sqrt(np.maximum(shared, 0)).sum())", "metrics"),
    Fault("precision looks among too few neighbours",
          'k = positive_integer(k, "number of neighbours")\n    at_least(k + 1, f"precision and recall',
          'k = positive_integer(k, "number of neighbours") - 1\n    at_least(k + 1, f"precision and recall', "metrics"),
    Fault("test images are trained on", "return dataclasses.replace(self, x=self.x[~held],",
          "return dataclasses.replace(self, x=self.x,", "held_out"),
)


def place_of(fault, root):
    """The one file in which the fault's text stands; ends the program when it stands nowhere, or twice."""
    places = [path for path in root.glob("gan_core/**/*.py") for _ in range(path.read_text().count(fault.before))]
    if len(places) != 1:
        raise SystemExit(f"{fault.name!r}: its text stands {len(places)} times in the code; say it anew.")
    return places[0]


def tests_of(fault, root):
    files = [path for name in fault.tests.split() for path in sorted(root.glob(f"tests/**/test_{name}.py"))]
    if not files:
        raise SystemExit(f"{fault.name!r}: there are no tests called {fault.tests}.")
    return [str(path.relative_to(root)) for path in files]


def caught(fault, root, tests):
    """Whether one of the tests fails; the copy is as before afterwards."""
    path = place_of(fault, root)
    sound = path.read_text()
    path.write_text(sound.replace(fault.before, fault.after))
    try:
        done = subprocess.run([sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests], cwd=root,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    finally:
        path.write_text(sound)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{fault.name!r}: the tests could not be run.")
    return done.returncode == 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="*", default=[], help="faults whose names have one of these texts in them")
    parser.add_argument("--tests", nargs="*", help="run these instead")
    args = parser.parse_args()
    chosen = [fault for fault in FAULTS if not args.only or any(text in fault.name for text in args.only)]
    with tempfile.TemporaryDirectory(prefix="gan-faults-") as folder:
        root = Path(folder) / "tree"
        shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns(".venv", ".git", "workspace*", "__pycache__"))
        for fault in chosen:
            place_of(fault, root), tests_of(fault, root)
        through = [fault for fault in chosen
                   if not _told(fault, caught(fault, root, args.tests or tests_of(fault, root)))]
    print(f"{len(chosen) - len(through)} of {len(chosen)} faults were caught.")
    return 1 if through else 0


def _told(fault, found):
    print(f"{'caught' if found else 'GOT THROUGH':<12} {fault.name} ({fault.tests})", flush=True)
    return found


if __name__ == "__main__":
    sys.exit(main())
