"""The runs that come with the workbench: their demos, pictures and packs.

    python benchmarks/examples.py [NAME ...] [--train] [--workspace DIR]

Makes demos and pictures anew of the packs that there are, in seconds: for when what a demo holds has changed.  With
``--train`` it trains them, has them scored and finds a direction first, about twenty minutes on two cores for
all four.  They learn data whose licences allow it: MNIST (CC BY-SA 3.0) and points that a formula gives.  In a workspace
that is named (a temporary one by default) runs that are there already are taken as they are.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from gan_core.sharing import examples  # noqa: E402

LARGEST = 2_000_000  # bytes of a demo
# Few enough parameters that their packs are a few megabytes; sheets and checkpoints are what a slider needs.
SPARSE = {"sample_every": 250, "checkpoint_seconds": 3600, "probe_seconds": 60}
EXAMPLES = {
    "digits": ("cgan", "mnist", "Digits to order", "Choose the digit that is drawn, blend two of "
               "them, make all of them heavier with one slider.", {
        "steps": 6000, "filters": 16, "latent": 32, "batch_size": 64, "conditioning": "projection", "generator_rate": 5e-4,
        "discriminator_rate": 5e-4, "ema_decay": 0.998, "schedule": "linear"}),
    "styles": ("stylegan", "mnist", "Styles of digits", "Mix the coarse style of one sample with the fine style of "
               "another, and trade variety for clearness.", {
                   "steps": 5000, "filters": 12, "latent": 32, "batch_size": 32, "generator_rate": 6e-3,
                   "discriminator_rate": 6e-3, "ema_decay": 0.998}),
    "map": ("vae", "mnist", "A map of digits", "Two numbers decide everything: walk over the map and watch one digit turn "
            "into another.", {"steps": 8000, "latent": 2, "width": 96, "ema_decay": 0.998}),
    "ring": ("r3gan", "ring", "Eight islands", "A game on points of the plane: does the generator find all eight, and "
             "the bridges between them?", {"steps": 6000, "points_width": 64, "ema_decay": 0.998}),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="all by default: " + ", ".join(EXAMPLES))
    parser.add_argument("--train", action="store_true")
    parser.add_argument("--workspace")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        workspace = args.workspace or temporary
        known = {example.name: example for example in examples.examples().values()}
        for name in args.names or EXAMPLES:
            known[name] = made(name, workspace, args.train)
        listed = [vars(known[name]) for name in EXAMPLES if name in known]
        (examples.FOLDER / examples.INDEX).write_text(json.dumps(listed, indent=1) + "\n")


def made(name, workspace, train):
    from gan_core.data import IMAGES
    from gan_core.models import cards
    from gan_core.sharing import demo
    from gan_core.store import FINISHED, open_store
    from gan_core.tasks import models

    architecture, data, title, words, knobs = EXAMPLES[name]
    store = open_store(workspace)
    run = examples.open_as_run(store, name) if not train else next(
        (run for run in store.list([FINISHED]) if run.name == title), None)
    if run is None:
        settings = [f"--set={knob}={value}" for knob, value in (SPARSE | knobs).items()]
        gan(workspace, "train", architecture, "--data", data, "--seed", 0, "--name", title, *settings)
        run = next(run for run in store.list([FINISHED]) if run.name == title)
        gan(workspace, "evaluate", run.id)
    if train:
        explored(store, run)
    example = examples.Example(name, title, words, run.id)
    model, step = models.load(store, run, exact=True)
    example.parts.write_text(json.dumps(demo.parts(store, run, model, step, card=cards.card(architecture), title=title,
                                                   text=words, now=run.ended)) + "\n")
    if (size := len(example.demo())) > LARGEST:
        raise SystemExit(f"The demo of {name} has {size:,} bytes, more than {LARGEST:,}.")
    if train:
        gan(workspace, "pack", run.id, "--out", example.packed)
    gan(workspace, "sample", run.id, "--n", 36 if run.kind == IMAGES else 600, "--seed", 1, "--out", example.picture)
    print(f"{name}: demo {size:,} bytes, pack {example.packed.stat().st_size:,}", flush=True)
    return example


def explored(store, run):
    """Keep two directions with the run: what has much ink against what has little, and what changes most."""
    import numpy as np

    from gan_core.data import IMAGES
    from gan_core.evaluation import extractors
    from gan_core.exploring import own, space as spaces, strips
    from gan_core.store import explored as kept
    from gan_core.tasks import models

    model, _ = models.load(store, run, exact=True)
    space = spaces.of(model)
    if run.kind != IMAGES or "latent" not in [one.name for one in model.inputs()] or space.name != "latent" \
            or space.size < 4:
        return
    extractor = extractors.for_dataset(models.dataset(store, run), workspace=store.workspace)
    marked = spaces.drawn(model, 200, 7)
    order = np.argsort(spaces.samples(model, marked).reshape(200, -1).mean(1))
    heavy, light = ({name: values[rows] for name, values in marked.items()} for rows in (order[-10:], order[:10]))
    vector = own.found(model, space, heavy, light, extractor).vectors[0]
    reach = strips.reach(strips.effects(model, space, vector, extractor, seed=3))
    kept.keep_direction(store.artifacts(run.id), "heavier", input=space.name, vector=[float(number) for number in vector],
                        deviation=1.0, reach=reach, found="own")


def gan(workspace, *arguments):
    subprocess.run([sys.executable, "-m", "gan_core", *map(str, arguments), "--workspace", str(workspace)], cwd=ROOT,
                   check=True)


if __name__ == "__main__":
    main()
