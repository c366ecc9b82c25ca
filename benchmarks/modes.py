"""How many modes of a ring and a grid of Gaussians each family captures, as in PacGAN's table 1 (Lin 2018, section 4.1).

    python benchmarks/modes.py gan pacgan unrolled [--data ring grid] [--seeds 3] [--steps 5000] [--json FILE]
                               [--set KNOB=VALUE] [--set NAME:KNOB=VALUE] [--as NAME=TITLE] [--again]

Everyone gets the same number of generator updates.  Of 2,500 samples: modes with a sample within three standard
deviations, the share of samples that near to a mode, and KL(generated || real) over the modes, in nats.  A run that
stands in docs/modes.json already is not made again unless ``--again`` is given; each is written as it ends, so the whole
can be interrupted.  All that stands there goes into docs/modes.md.
"""

import argparse
import os
import sys
import time
from pathlib import Path

import kept as keeping
from verbs import ROOT

sys.path.insert(0, str(ROOT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

KEPT, PAGE = ROOT / "docs" / "modes.json", ROOT / "docs" / "modes.md"
SAMPLES = 2500  # as the paper draws
COLUMNS = ("modes", "high_quality", "reverse_kl", "seconds")


def measure(spec):
    """Trains a run and counts the modes of its samples; plain values.  Seconds are those of this process's processor."""
    from gan_core import data
    from gan_core.data.sets.points import MODES
    from gan_core.evaluation.metrics.modes import mode_report
    from gan_core.models import inputs
    from gan_core.training import loop
    from gan_core.training.recorder import Silence

    model = loop.build(spec)
    began, used = time.perf_counter(), time.process_time()
    outcome = loop.fit(model, spec, data.load(spec.data), Silence())
    result = {"status": outcome.status, "seconds": round(time.perf_counter() - began, 1),
              "processor_seconds": round(time.process_time() - used, 1), "code": keeping.code_of(spec.architecture)}
    if outcome.status == "finished":
        # Other noise than that of training, and of its sheets.
        samples = model.sample(inputs.draw(model.inputs(), SAMPLES, spec.settings.seed + 1000))
        report = mode_report(samples, MODES[spec.data].centres, MODES[spec.data].sigma)
        result |= {"modes": report.captured, "high_quality": round(report.high_quality, 4),
                   "reverse_kl": round(report.reverse_kl, 4)}
    return result


def table(results):
    """Markdown: a line for each family on each data, mean and (lowest to highest) over seeds."""
    groups = {}
    for each in results:
        groups.setdefault((each["data"], each["title"], each["steps"]), []).append(each)
    lines = ["| data | family | steps | seeds | modes | high quality | reverse KL | seconds |",
             "|---|---|---|---|---|---|---|---|"]
    for (data, title, steps), group in sorted(groups.items()):
        done = [each for each in group if each["status"] == "finished"]
        cells = [_spread([each[column] for each in done], column) for column in COLUMNS]
        if any(each.get("code") != keeping.code_of(each["family"]) for each in group):
            title += f" {keeping.CHANGED}"
        seeds = f"{len(done)}" + (f" (and {len(group) - len(done)} diverged)" if len(done) < len(group) else "")
        lines.append(f"| {data} | {title} | {steps:,} | {seeds} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _spread(values, column):
    if not values:
        return "-"
    scale, form = {"modes": (1, ".1f"), "high_quality": (100, ".1f"), "reverse_kl": (1, ".2f"),
                   "seconds": (1, ".0f")}[column]
    low, mean, high = (scale * v for v in (min(values), sum(values) / len(values), max(values)))
    unit = " %" if column == "high_quality" else ""
    return f"{mean:{form}}{unit} ({low:{form}} to {high:{form}})"


def tables(results, known):
    """The table, and what was set otherwise than by default: lines of Markdown."""
    lines = ["Made by `python benchmarks/modes.py`: runs on 8 Gaussians in a ring and on 25 in a grid, as in PacGAN's table "
             f"1 (Lin 2018). Of {SAMPLES:,} samples: modes that were found, the share of samples within three standard "
             "deviations of one, and the reverse KL divergence in nats; mean over seeds, lowest and highest in brackets. "
             f"Real points: all modes, 98.9 %, 0.00. {keeping.CHANGED} marks what was measured with other code than that of "
             "this tree.", "", table(results), "", "Knobs that are not at their defaults:", ""]
    for title in sorted({each["title"] for each in results}):
        of = next(each for each in results if each["title"] == title)
        usual = known[of["family"]].defaults("points")
        changed = [f"{knob} {value}" for knob, value in of["knobs"].items()
                   if usual.get(knob, value) != value]
        lines.append(f"- {title}: {', '.join(changed) or 'none'}")
    return lines


def pages(known):
    """What the page of what stands in docs/ should say: ``{path: text}``."""
    return {PAGE: "\n".join(["# Modes of points", "", *tables(keeping.read(KEPT, []), known), ""])}


def asked(settings, name):
    """Knobs for one family from ``KNOB=VALUE`` and ``NAME:KNOB=VALUE``; the latter goes before."""
    common, own = {}, {}
    for each in settings:
        knob, _, value = each.partition("=")
        family, _, knob = knob.rpartition(":")
        if family in ("", name):
            (own if family else common)[knob] = value
    return common | own


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="+", help="architectures that learn points")
    parser.add_argument("--data", nargs="+", default=["ring", "grid"], choices=["ring", "grid"])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=5000)
    parser.add_argument("--set", action="append", default=[], metavar="[NAME:]KNOB=VALUE", dest="knobs")
    parser.add_argument("--as", action="append", default=[], metavar="NAME=TITLE", dest="titles",
                        help="what a variant of a family is called in the table")
    parser.add_argument("--json", type=Path, default=KEPT)
    parser.add_argument("--again", action="store_true")
    args = parser.parse_args()

    from gan_core import data
    from gan_core.config.spec import make_spec
    from gan_core.models import describe

    titles = dict(each.split("=", 1) for each in args.titles)
    for name in args.names:
        family, knobs = describe.card(name), asked(args.knobs, name)
        if family.defaults("points")["schedule"] != "constant":  # it ends with the run
            knobs = {"schedule_steps": args.steps} | knobs
        for where in args.data:
            for seed in range(args.seeds):
                spec = make_spec(family, where, data.load(where).spec, knobs | {"steps": args.steps, "seed": seed})
                title = titles.get(name, name)
                key = {"family": name, "title": title, "data": where, "seed": seed, "steps": args.steps,
                       "knobs": spec.knobs}
                if not args.again and any(each.items() >= key.items() for each in keeping.read(args.json, [])):
                    continue
                found = key | measure(spec)
                same = {name: value for name, value in key.items() if name != "knobs"}  # in place of what it was before
                keeping.add(args.json, [], lambda kept: [each for each in kept if not each.items() >= same.items()]
                            + [found])
                print({k: v for k, v in found.items() if k not in ("knobs", "family")}, flush=True)
    print(table(keeping.read(args.json, [])))
    if args.json == KEPT:
        for path, text in pages(describe.cards()).items():
            keeping.write_whole(path, text)


if __name__ == "__main__":
    main()
