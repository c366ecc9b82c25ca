"""What sound costs by WaveNet, beside linear prediction, and how fast it is drawn: written to docs/sound.md.

    python benchmarks/sound.py [--data tones] [--steps 4000] [--seeds 2] [--n 400] [--set KNOB=VALUE] [--write]

bits:    of held-out sound, a number of 256 mu-law levels, by the network; by linear prediction, whose order and spread are
         chosen on training data (gan_core/evaluation/metrics/linear_prediction.py); by one that is fitted anew to what was
         heard last; and by how often each level comes.  Once with the class told, and once without, as linear prediction
         has it.
kernel:  the kernel distance of samples by log-mel features, beside that of real sound.
drawing: seconds that one core takes for 8,000 numbers; and the largest difference of a logit between the queues and the
         whole network, over a stretch of held-out sound.

Budgets are steps.  What was measured is kept in docs/sound.json with the code that it speaks of, and runs in the workspace.
Exits with 1 when the network needs as many bits as linear prediction in any run, a second takes ten seconds or more, or
logits differ by more than a thousandth.
"""

import argparse
import json
import os
import sys
import time

import kept as keeping
from verbs import ROOT, gan

sys.path.insert(0, str(ROOT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

KEPT, PAGE = ROOT / "docs" / "sound.json", ROOT / "docs" / "sound.md"
SCORED = ("gan_core.evaluation.metrics.linear_prediction", "gan_core.evaluation.extractors.log_mel",
          "gan_core.modalities.sound", "gan_core.data.sets.tones")
TELLING = {"told": "true", "not told": "false"}
LONGEST, NEAR = 10.0, 1e-3  # seconds that a second may take, and how far logits may be apart


def one_run(data, steps, seed, told, knobs, n, workspace):
    """Train, score and draw: a dict of what came of it."""
    words = [word for knob in (f"class_conditional={TELLING[told]}", *knobs) for word in ("--set", knob)]
    run = gan("train", "wavenet", "--data", data, "--steps", steps, "--seed", seed, *words, workspace=workspace).split()[-1]
    scores = json.loads(gan("evaluate", run, "--json", *(["--n", n] if n else []), workspace=workspace))
    names = ("bits_per_sample", "bits_linear", "linear_order", "bits_adaptive", "bits_unigram", "kernel", "kernel_floor")
    return {"data": data, "steps": steps, "seed": seed, "class": told, "knobs": knobs, "code": code()} | {
        name: scores.get(name) for name in names} | drawing(run, workspace)


def code():
    return keeping.code_of("wavenet", *SCORED)


def drawing(run, workspace):
    """``seconds`` that a second of sound takes on one core, and ``logits``, how far queues and network are apart."""
    import numpy as np

    from gan_core import engine
    from gan_core.models import inputs
    from gan_core.models.networks import causal
    from gan_core.sound.mu_law import levels_of
    from gan_core.store import open_store
    from gan_core.tasks import models

    engine.configure()
    store = open_store(workspace)
    model, _ = models.load(store, store.get(run), exact=True)
    drawn = inputs.draw(model.inputs_lasting(8000 / model.data.trait("rate")), 1, seed=0)
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        began = time.process_time()
        model.sample(drawn)
        seconds = time.process_time() - began
    finally:
        os.sched_setaffinity(0, cores)
    held, network, n = models.dataset(store, store.get(run)), model.sampler("network"), model.stretch
    wave = held.x_test[:1, :n]
    label = None if not model.classes else held.y_test[:1]
    padded = np.concatenate([np.zeros((1, model.context, 1), np.float32), wave], axis=1)[:, :-1]
    whole = np.asarray(network([padded, label] if model.classes else padded))[0]
    parts, levels = causal._Parts(network, label, 1), levels_of(wave[0, :, 0])
    given = [levels_of(0.0), *levels[:-1]]  # silence, and then what came
    quick = np.concatenate([parts.next(np.array([level])) for level in given])
    return {"seconds": seconds, "logits": float(np.abs(whole - quick).max())}


def page(rows):
    """What was measured, as Markdown."""
    lines = ["# Sound in bits", "",
             "Made by `python benchmarks/sound.py --write`. Bits are of a number of held-out sound at 256 mu-law levels, "
             "fewer are better; linear prediction is of the order in brackets, chosen on training data, with a spread that "
             "follows the last residuals; one that is adaptive is fitted anew to the last 512 numbers. Kernel distances are "
             "by log-mel features. Seconds are those of one core for 8,000 numbers; logits are the largest difference "
             "between queues and the whole network. A † marks what was measured with other code.", "",
             "| data | class | steps | seed | WaveNet, bits | linear prediction, bits | adaptive, bits | unigram, bits | "
             "kernel distance | real sound | seconds | logits |",
             "|---|---|---|---|---|---|---|---|---|---|---|---|"]
    for row in rows:
        mark = "" if row["code"] == code() else keeping.CHANGED
        cells = [f"{row['data']}{mark}", row["class"], f"{row['steps']:,}", row["seed"], f"{row['bits_per_sample']:.3f}",
                 f"{row['bits_linear']:.3f} ({row['linear_order']})", f"{row['bits_adaptive']:.3f}",
                 f"{row['bits_unigram']:.3f}", f"{row['kernel']:.4f}",
                 "" if row["kernel_floor"] is None else f"{row['kernel_floor']:.4f}", f"{row['seconds']:.1f}",
                 f"{row['logits']:.1e}"]
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join([*lines, ""])


def place(row):
    return [row[name] for name in ("data", "class", "steps", "seed", "knobs")]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="tones")
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--set", action="append", default=[], dest="knobs", metavar="KNOB=VALUE")
    parser.add_argument("--only", choices=list(TELLING), help="the class told, or not told")
    parser.add_argument("--n", type=int, help="samples that are scored; default: as evaluate has it")
    parser.add_argument("--workspace", default=str(ROOT / "workspace-sound"))
    parser.add_argument("--write", action="store_true", help="keep the figures in docs/")
    args = parser.parse_args()
    found = []
    for told in [args.only] if args.only else TELLING:
        for seed in range(args.seeds):
            row = one_run(args.data, args.steps, seed, told, args.knobs, args.n, args.workspace)
            print(json.dumps(row), flush=True)
            found.append(row)
    if args.write:
        rows = keeping.add(KEPT, [], lambda kept: [
            *(row for row in kept if place(row) not in map(place, found)), *found])
        keeping.write_whole(PAGE, page(sorted(rows, key=place)))
    missed = [row for row in found if row["bits_per_sample"] >= row["bits_linear"] or row["seconds"] >= LONGEST
              or row["logits"] > NEAR]
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
