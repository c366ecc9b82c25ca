"""How well pictures are found in a model's space, and what a direction of one's own does: docs/exploring.md.

    python benchmarks/exploring.py RUN RUN ... [--workspace DIR] [--write]

Each run is one on labelled images of one channel, such as MNIST.  Of each: 32 samples of its own and 32 held-out real
images are projected (300 steps, one start; and eight starts for real ones), and the time of the first is taken.  A direction
of one's own is learned from the ten samples of 200 with the most ink and the ten with the least; along its labelled range,
as far as 80 % of samples keep their class by a classifier, the ink of 64 fresh samples is measured.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
N, STEPS, MARKS, POOL = 32, 300, 10, 200


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+")
    parser.add_argument("--workspace")
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()

    from gan_core.store import open_store
    from gan_core.tasks import models

    store, rows, moves = open_store(args.workspace), [], []
    for run_id in args.runs:
        run = store.get(run_id)
        model, step = models.load(store, run)
        dataset = models.dataset(store, run)
        name = f"{run.architecture}, {step:,} steps, seed {run.spec['settings']['seed']}"
        rows.append([name, *found_again(model, dataset)])
        print(*rows[-1], sep=" | ", flush=True)
        moves += [[name, *row] for row in own_direction(model, dataset, store.workspace)]
        print(*moves[-1], sep=" | ", flush=True)
    text = report(rows, moves)
    if args.write:
        (ROOT / "docs" / "exploring.md").write_text(text)
    else:
        print(text)


def found_again(model, dataset):
    from gan_core.data import floats
    from gan_core.exploring import projection, space

    own = space.samples(model, space.drawn(model, N, 99))
    real = floats(dataset.x_test[:N])
    began = time.monotonic()
    of_own = projection.projected(model, own, steps=STEPS, starts=1).psnr
    seconds = time.monotonic() - began
    one, eight = (projection.projected(model, real, steps=STEPS, starts=starts).psnr for starts in (1, 8))
    return [f"{np.median(of_own):.1f}", f"{seconds:.0f}", f"{np.median(one):.1f}", f"{np.median(eight):.1f}"]


def own_direction(model, dataset, workspace):
    from gan_core.evaluation import extractors
    from gan_core.exploring import own, space as spaces, strips

    extractor = extractors.for_dataset(dataset, workspace=workspace)
    space = spaces.of(model)
    marked = spaces.drawn(model, POOL, 7)
    ink = spaces.samples(model, marked).reshape(POOL, -1).mean(1)
    order = np.argsort(ink)
    thick, thin = ({name: values[rows] for name, values in marked.items()} for rows in (order[-MARKS:], order[:MARKS]))
    vector = own.found(model, space, thick, thin, extractor).vectors[0]
    told = strips.effects(model, space, vector, extractor, seed=3)
    reach = strips.reach(told)
    for place in strips.LOOKED_AT:
        said = told[f"{place:g}"]
        yield [f"{place:g}", f"{said['light']:+.3f}", f"{said['kept']:.0%}", "yes" if abs(place) <= reach else ""]


def report(rows, moves):
    head = ["# Exploring: what comes back, and what a direction does", "",
            "Made by `python benchmarks/exploring.py RUN ... --write` on two cores; see there for how.", "",
            "Medians of 32 pictures in decibels, 300 steps; own samples from one start, with the time for all 32.", "",
            "| run | own samples, dB | seconds | real held-out, 1 start | real held-out, 8 starts |",
            "|---|---|---|---|---|"]
    body = [f"| {' | '.join(row)} |" for row in rows]
    middle = ["", "A direction of one's own, of ten samples with much ink and ten with little: how much lighter 64 fresh "
                  "samples become (a share of the whole range), and how many keep their class.", "",
              "| run | steps along it | ink | class kept | within its range |", "|---|---|---|---|---|"]
    return "\n".join([*head, *body, *middle, *(f"| {' | '.join(row)} |" for row in moves)]) + "\n"


if __name__ == "__main__":
    main()
