"""What live scores cost a run: the share of its time that probes take, and steps a second with and without, in turns.

    python benchmarks/probe_cost.py [NAME] [--data mnist] [--minutes 5] [--rounds 3]

Every turn trains a fresh model for so many minutes, at the defaults of its quick look.  A turn with probes pays all that a
run pays: the probe's construction before the first step, its compilation, and every look at the samples.  Their share is
the median over the rounds; exits with 1 when it is more than 3 %.  Turns are minutes apart, in which a machine's speed may
change by more than that: they tell whether something dear was overlooked, not a percent.
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

from gan_core.training.recorder import Silence  # noqa: E402

MOST = 0.03  # of the speed


class Timed:
    """A probe that counts its looks and the seconds that it takes, those of its construction included."""

    def __init__(self, dataset, seed, but):
        from gan_core.training.live_scores import Probe

        self.looks, began = 0, time.perf_counter()
        self.probe = Probe(dataset, seed, but)
        self.seconds = time.perf_counter() - began

    def __call__(self, model):
        began = time.perf_counter()
        found = self.probe(model)
        self.looks, self.seconds = self.looks + 1, self.seconds + time.perf_counter() - began
        return found


def turn(spec, dataset, watched):
    """Trains a fresh model: ``(steps a second, its seconds, the Timed probe or None)``."""
    import keras

    from gan_core import engine
    from gan_core.training import loop

    keras.backend.clear_session()
    device = engine.configure()
    model = loop.build(spec, device)
    began = time.perf_counter()
    probe = Timed(dataset, spec.settings.seed, model.looks_through) if watched else None
    outcome = loop.fit(model, spec, dataset, Silence(), device=device, probe=probe)
    seconds = time.perf_counter() - began
    return outcome.step / seconds, seconds, probe


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", nargs="?", default="dcgan")
    parser.add_argument("--data", default="mnist")
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workspace", type=Path, default=ROOT / "workspace-probe")
    args = parser.parse_args()

    from gan_core import data
    from gan_core.config.spec import make_spec
    from gan_core.models import cards

    dataset, card = data.load(args.data), cards.cards(args.workspace / "cache")[args.name]
    spec = make_spec(card, dataset.name, dataset.spec,
                     quick_look(card) | {"steps": 10_000_000, "minutes": args.minutes, "checkpoint_seconds": 3600.0})
    shares, lost = [], []
    for number in range(args.rounds):
        order = (False, True) if number % 2 == 0 else (True, False)  # a machine that slows down slows both
        found = {watched: turn(spec, dataset, watched) for watched in order}
        (bare, *_), (probed, seconds, probe) = found[False], found[True]
        shares.append(probe.seconds / seconds)
        lost.append(1 - probed / bare)
        print(f"{probe.looks} probes took {probe.seconds:.1f} of {seconds:.0f} s: {shares[-1]:.1%}; "
              f"bare {bare:.2f} steps/s, with them {probed:.2f}: {lost[-1]:.1%} lost", flush=True)
    share = statistics.median(shares)
    print(f"{args.name} on {args.data}, {args.minutes:g} minutes a turn: live scores take {share:.1%} of the time; "
          f"by turns {statistics.median(lost):.1%} of the speed are lost")
    return int(share > MOST)


if __name__ == "__main__":
    sys.exit(main())
