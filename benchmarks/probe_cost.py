"""What live scores cost a run: steps a second with probes and without, in turns.

    python benchmarks/probe_cost.py [NAME] [--data mnist] [--minutes 5] [--rounds 3]

Every turn trains a fresh model for so many minutes, at the defaults of its quick look.  A turn with probes pays all that a
run pays: the probe's construction before the first step, its compilation, and every look at the samples.  The share of the
speed that is lost is the median over the rounds; exits with 1 when it is more than 3 %.
"""

import argparse
import os
import statistics
import sys
import time
from pathlib import Path

from verbs import ROOT, quick_look

sys.path.insert(0, str(ROOT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from gan_core.recorder import Silence  # noqa: E402

MOST = 0.03  # of the speed


class Counting(Silence):
    """Hears nothing, but counts the probes."""

    probes = 0

    def metrics(self, step, values):
        self.probes += "spread" in values


def turn(spec, dataset, watched):
    """Trains a fresh model: ``(steps a second, seconds that the probe's construction took, probes)``."""
    import keras

    from gan_core import engine, training
    from gan_core.probe import Probe

    keras.backend.clear_session()
    device = engine.configure()
    model, recorder = training.build(spec, device), Counting()
    began = time.perf_counter()
    probe = Probe(dataset, spec.settings.seed) if watched else None
    constructed = time.perf_counter() - began
    outcome = training.fit(model, spec, dataset, recorder, device=device, probe=probe)
    return outcome.step / (time.perf_counter() - began), constructed, recorder.probes


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", nargs="?", default="dcgan")
    parser.add_argument("--data", default="mnist")
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workspace", type=Path, default=ROOT / "workspace-probe")
    args = parser.parse_args()

    from gan_core import data, families
    from gan_core.spec import make_spec

    dataset, family = data.load(args.data), families.families(args.workspace / "cache")[args.name]
    spec = make_spec(family, dataset.name, dataset.spec,
                     quick_look(family) | {"steps": 10_000_000, "minutes": args.minutes, "checkpoint_seconds": 3600.0})
    lost = []
    for number in range(args.rounds):
        order = (False, True) if number % 2 == 0 else (True, False)  # a machine that slows down slows both
        found = {watched: turn(spec, dataset, watched) for watched in order}
        (bare, *_), (probed, constructed, probes) = found[False], found[True]
        lost.append(1 - probed / bare)
        print(f"bare {bare:.3f} steps/s, with {probes} probes {probed:.3f} (construction {constructed:.1f} s): "
              f"{lost[-1]:.1%} lost", flush=True)
    cost = statistics.median(lost)
    print(f"{args.name} on {args.data}, {args.minutes:g} minutes a turn: live scores cost {cost:.1%} of the speed")
    return int(cost > MOST)


if __name__ == "__main__":
    sys.exit(main())
