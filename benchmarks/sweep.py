"""Sweeps: whether what they find beats the defaults on fresh seeds, and what random search finds in the same time.

    python benchmarks/sweep.py [FAMILY ...] [--data mnist] [--minutes 60] [--each 1.5] [--seeds 3] [--repeats 3]
                               [--workspace FOLDER] [--write]

Each family is swept REPEATS times, every time from other seeds, by learning and by chance, under the same budget of minutes
and with runs of the same length.  The best of each meets the defaults on seeds by which nothing was chosen.  What was swept
before is not swept again.  With two families and the usual numbers it takes twelve hours.  --write keeps the figures in
docs/sweeps.json and writes docs/sweeps.md.
"""

import argparse
import json
import statistics
import sys
from pathlib import Path

import kept
from verbs import ROOT, gan

sys.path.insert(0, str(ROOT))

from gan_core.compare.noise import over_seeds, within  # noqa: E402
from gan_core.sweeps.plan import CHANCE, LEARNING  # noqa: E402

FIGURES, PAGE = ROOT / "docs" / "sweeps.json", ROOT / "docs" / "sweeps.md"
FAMILIES = {  # what is varied: what people turn first
    "dcgan": ("generator_rate=1e-5..1e-2", "discriminator_rate=1e-5..1e-2", "beta_1=0..0.9", "filters=16..64"),
    "wgan_gp": ("generator_rate=1e-5..1e-2", "discriminator_rate=1e-5..1e-2", "penalty_weight",
                "discriminator_updates=1..5"),
}
SEEDS_APART = 1000  # between two repeats


def swept(family, data, search, repeat, args):
    """What a sweep has found, as the command line prints it."""
    return json.loads(gan(
        "sweep", family, "--data", data, "--vary", *FAMILIES.get(family, FAMILIES["dcgan"]), "--minutes", args.minutes,
        "--each", args.each, "--seeds", args.seeds, "--seed", SEEDS_APART * repeat, "--search", search, "--name",
        f"{family} {search} {repeat}", "--json", workspace=args.workspace))


def figures(found, family, search, repeat):
    """Of a sweep what is kept: the scores on fresh seeds of the best and of the defaults."""
    finals = {trial["trial"]: trial["final_values"] for trial in found["trials"] if trial["final_values"]}
    best = found["final"]["best"]
    return {"family": family, "data": found["data"], "search": search, "repeat": repeat, "minutes": found["minutes"],
            "each": found["train_seconds"], "trials": len(found["trials"]), "score": found["score"],
            "outcome": found["final"]["outcome"], "params": found["trials"][best]["params"] if best is not None else {},
            "best": finals.get(best, []), "defaults": finals.get(0, [])}


def page(measured):
    """The text of docs/sweeps.md."""
    lines = ["# Sweeps", "", __doc__.splitlines()[0], ""]
    lines += [f"`python benchmarks/sweep.py` wrote this. {kept.CHANGED} marks what was measured with other code.", "",
              "| family | search | repeat | trials | best, fresh seeds | defaults, fresh seeds | the defaults are |",
              "|---|---|---|---|---|---|---|"]
    for one in measured:
        mark = "" if one.get("code") == code_of(one["family"]) else f" {kept.CHANGED}"
        cells = (f"{one['family']}{mark}", one["search"], one["repeat"], one["trials"], _mean(one["best"]),
                 _mean(one["defaults"]), one["outcome"])
        lines.append(f"| {' | '.join(map(str, cells))} |")
    lines.append("")
    for family in dict.fromkeys(one["family"] for one in measured):
        lines += [*verdicts(family, [one for one in measured if one["family"] == family]), ""]
    return "\n".join(lines)


def verdicts(family, measured):
    """Sentences: whether the defaults were beaten, and whether learning beat chance, over the repeats."""
    by = {search: [one for one in measured if one["search"] == search] for search in (LEARNING, CHANCE)}
    learned = by[LEARNING]
    beaten = sum(one["outcome"] == "beaten" for one in learned)
    yield (f"{family}: the swept settings beat the defaults beyond the noise in {beaten} of {len(learned)} sweeps"
           + ("." if beaten else ": they do not."))
    means = {search: [statistics.fmean(one["best"] or one["defaults"]) for one in some if one["best"] or one["defaults"]]
             for search, some in by.items()}
    if min(map(len, means.values())) > 1:
        ours, random = (over_seeds(means[search]) for search in (LEARNING, CHANCE))
        said = ("cannot be told from it within the noise" if within(ours, random) else
                "is better" if ours.value < random.value else "is worse")
        yield (f"Against random search at the same budget, over {len(means[LEARNING])} repeats, the race {said} "
               f"({ours.value:.4g} ± {ours.error:.2g} against {random.value:.4g} ± {random.error:.2g}).")


def _mean(values):
    if not values:
        return "–"
    return f"{statistics.fmean(values):.4g}" + (f" ± {over_seeds(values).error:.2g}" if len(values) > 1 else "")


def code_of(family):
    return kept.code_of(family, "gan_core.sweeps.driving")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("families", nargs="*", default=list(FAMILIES))
    parser.add_argument("--data", default="mnist")
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--each", type=float, default=1.5)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--workspace", type=Path, default=ROOT / "workspace-sweeps")
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    place = FIGURES if args.write else args.workspace / "sweeps.json"
    args.workspace.mkdir(parents=True, exist_ok=True)
    for repeat in range(args.repeats):
        for family in args.families:
            for search in (LEARNING, CHANCE):
                about = {"family": family, "data": args.data, "search": search, "repeat": repeat, "minutes": args.minutes}
                if any(about.items() <= one.items() for one in kept.read(place, [])):
                    continue
                print(f"{family} on {args.data}, by {search}, repeat {repeat} ...", flush=True)
                one = figures(swept(family, args.data, search, repeat, args), family, search, repeat)
                measured = kept.add(place, [], lambda known: [*known, one | {"code": code_of(one["family"])}])
                print(page(measured), flush=True)
    if args.write:
        kept.write_whole(PAGE, page(kept.read(FIGURES, [])))


if __name__ == "__main__":
    main()
