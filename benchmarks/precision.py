"""What bfloat16 is worth on this processor: milliseconds a step of each architecture in both precisions.

    python benchmarks/precision.py [NAME ...] [--data mnist] [--steps 5] [--rounds 3]

Both precisions of an architecture live in one process and take turns; the median of the rounds counts.  ``auto`` chooses
by what this found, see gan_core.training.loop.precision_for.  Dense networks, for which XLA is on, are measured with XLA.
"""

import argparse
import os
import statistics
import sys
from pathlib import Path

from verbs import ROOT, quick_look

sys.path.insert(0, str(ROOT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

PRECISIONS = ("float32", "mixed_bfloat16")


def contender(card, dataset, precision, steps):
    """A function that makes ``steps`` steps of a freshly built model and tells the seconds of one."""
    from gan_core import engine
    from gan_core.config.spec import make_spec
    from gan_core.data import batches
    from gan_core.launch import benchmark
    from gan_core.training import loop

    spec = make_spec(card, dataset.name, dataset.spec, quick_look(card) | {"precision": precision})
    model = loop.build(spec, engine.configure())
    feed = batches(dataset, model.config.batch_size, seed=0, draws=model.draws)
    return lambda: benchmark.seconds_a_step(model, feed, steps)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--data", default="mnist")
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workspace", type=Path, default=ROOT / "workspace-precision")
    args = parser.parse_args()

    import keras

    from gan_core import data
    from gan_core.data import IMAGES
    from gan_core.models import cards

    dataset, known = data.load(args.data), cards.cards(args.workspace / "cache")
    for name in args.names or [name for name, card in known.items() if IMAGES in card.data]:
        run = {precision: contender(known[name], dataset, precision, args.steps) for precision in PRECISIONS}
        seconds = {precision: [] for precision in PRECISIONS}
        for warm in range(1 + args.rounds):
            for precision in PRECISIONS:
                found = run[precision]()
                if warm:
                    seconds[precision].append(found)
        single, half = (1000 * statistics.median(seconds[precision]) for precision in PRECISIONS)
        print(f"{name:<10} float32 {single:>8.1f} ms   bfloat16 {half:>8.1f} ms   {single / half:.2f} times as fast",
              flush=True)
        del run
        keras.backend.clear_session()


if __name__ == "__main__":
    main()
