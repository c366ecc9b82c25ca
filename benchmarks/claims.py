"""What single architectures promise, measured on MNIST and written to docs/claims.md.

    python benchmarks/claims.py labels [acgan cgan biggan] [--steps 3000] [--seeds 1]
    python benchmarks/claims.py codes [--steps 3000] [--seeds 3]
    python benchmarks/claims.py critic [--steps 1200]

labels: how many samples a classifier of real digits takes for the class they were asked for.
codes:  InfoGAN's category code read off test digits, each value matched to a digit: the share that is wrong (Chen 2016,
        section 7.2: 5 %).
critic: whether WGAN's estimate falls as samples become better: its rank correlation with the kernel distance (Arjovsky
        2017, section 4.2).

Budgets are steps, so the result does not depend on the machine.  What was measured is kept in docs/claims.json and not
measured again with the same knobs and code; runs are kept in the workspace.  Needs MNIST ($GAN_DATA/mnist.npz or a network).
"""

import argparse
import json
import os
import sys
from pathlib import Path

import kept as keeping
from verbs import ROOT, gan, quick_look

sys.path.insert(0, str(ROOT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from gan_core.models import cards  # noqa: E402

KEPT, PAGE = ROOT / "docs" / "claims.json", ROOT / "docs" / "claims.md"


def train(name, knobs, steps, seed, workspace):
    words = [word for knob, value in knobs.items() for word in ("--set", f"{knob}={value}")]
    return gan("train", name, "--data", "mnist", "--steps", steps, "--seed", seed, *words, workspace=workspace).split()[-1]


def labels(name, knobs, steps, seed, workspace):
    """Share of samples that are what they were asked to be, and that of real digits."""
    run_id = train(name, knobs, steps, seed, workspace)
    found = json.loads(gan("evaluate", run_id, "--n", 2000, "--json", workspace=workspace))
    return {"agreement": found["label_accuracy"], "real": found["label_accuracy_floor"], "kernel": found["kernel"]}


def codes(name, knobs, steps, seed, workspace):
    """Share of test digits whose code stands for another digit, under the best matching of codes and digits."""
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    from gan_core import data
    from gan_core.store import open_store
    from gan_core.tasks import models

    run_id = train(name, knobs, steps, seed, workspace)
    store, mnist = open_store(workspace), data.load("mnist")
    model, _ = models.load(store, store.get(run_id))
    read = np.concatenate([np.asarray(model.read(data.to_float(mnist.x_test[i:i + 500])))
                           for i in range(0, len(mnist.x_test), 500)])
    counts = np.zeros((int(model.config.categories), 10))
    np.add.at(counts, (read, mnist.y_test), 1)
    matched = counts[linear_sum_assignment(-counts)].sum()
    return {"error": 1 - float(matched) / len(read)}


def critic(name, knobs, steps, seed, workspace):
    """Rank correlation of the critic's estimate with the live kernel distance, and both at the ends."""
    import numpy as np
    from scipy.stats import spearmanr

    from gan_core.store import open_store
    from gan_core.store.curves import Series

    run_id = train(name, knobs | {"probe_seconds": 5}, steps, seed, workspace)
    series = Series(open_store(workspace), run_id).refresh()
    (at, kernel, _), (step, estimate, _) = series.curve("kernel"), series.curve("critic_estimate")
    # The mean over what led up to each probe, the first tenth left out: there the critic is still learning to judge.
    means = np.array([estimate[(step > place - steps // 10) & (step <= place)].mean() for place in at])
    late = at > steps // 10
    return {"correlation": float(spearmanr(means[late], kernel[late])[0]), "probes": int(late.sum()),
            "estimate": [float(means[late][0]), float(means[late][-1])],
            "kernel": [float(kernel[late][0]), float(kernel[late][-1])]}


CLAIMS = {
    "labels": (labels, ("acgan", "cgan", "biggan"), 3000, 1),
    "codes": (codes, ("infogan",), 3000, 3),
    "critic": (critic, ("wgan",), 1200, 1),
}


def found_before(key):
    return next((each for each in keeping.read(KEPT, []) if each.items() >= key.items()), None)


def pages(known):
    """What the page of what stands in docs/ should say, a line for each thing that was measured: ``{path: text}``."""
    lines = ["# What single architectures promise", "",
             "Measured on MNIST by `python benchmarks/claims.py`, with the knobs of each architecture's preset for a quick "
             f"look; budgets are steps. {keeping.CHANGED} marks what was measured with another preset or other code than "
             "those of this tree.", "",
             "| claim | architecture | steps | seed | measured |", "|---|---|---|---|---|"]
    for each in sorted(keeping.read(KEPT, []), key=lambda each: (each["claim"], each["name"], each["steps"], each["seed"])):
        found, now = each["found"], (quick_look(known[each["name"]]), keeping.code_of(each["name"]))
        changed = "" if (each.get("knobs"), each.get("code")) == now else f" {keeping.CHANGED}"
        said = {"labels": lambda: f"{found['agreement']:.1%} of samples are the class asked for (real digits: "
                                  f"{found['real']:.1%}); kernel distance {found['kernel']:.3f}",
                "codes": lambda: f"{found['error']:.1%} of test digits have a code that stands for another digit",
                "critic": lambda: f"rank correlation {found['correlation']:.2f} with the kernel distance over "
                                  f"{found['probes']} probes; estimate {found['estimate'][0]:.3g} to "
                                  f"{found['estimate'][1]:.3g}, kernel distance {found['kernel'][0]:.3g} to "
                                  f"{found['kernel'][1]:.3g}"}[each["claim"]]()
        lines.append(f"| {each['claim']} | `{each['name']}`{changed} | {each['steps']:,} | {each['seed']} | {said} |")
    return {PAGE: "\n".join([*lines, ""])}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("claim", choices=CLAIMS)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--steps", type=int)
    parser.add_argument("--seeds", type=int)
    parser.add_argument("--workspace", type=Path, default=ROOT / "workspace-claims")
    args = parser.parse_args()
    measure, names, steps, seeds = CLAIMS[args.claim]
    known = cards.cards(args.workspace / "cache")
    for name in args.names or names:
        knobs = quick_look(known[name])
        for seed in range(args.seeds or seeds):
            place = {"claim": args.claim, "name": name, "steps": args.steps or steps, "seed": seed}
            key = place | {"knobs": knobs, "code": keeping.code_of(name)}
            if not found_before(key):
                found = measure(name, knobs, place["steps"], seed, args.workspace)
                keeping.add(KEPT, [], lambda kept: [*(each for each in kept if not each.items() >= place.items()),
                                                    key | {"found": found}])
            print(found_before(key), flush=True)
    for path, text in pages(known).items():
        keeping.write_whole(path, text)


if __name__ == "__main__":
    main()
