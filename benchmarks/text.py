"""Texts, minutes on this machine: how many bits a character takes, beside the simplest models; and whether tunes are tunes.

    python benchmarks/text.py [tunes] [own] [--text FILE] [--minutes M] [--seeds N] [--write] [--workspace DIR]
                              [--pace DATA=STEPS ...]

``tunes``: fiddle tunes in ABC that the project makes by a grammar.  ``own``: a text as a person would bring it, by default
what Python's help says of the language (``pydoc_data.topics``, 465,000 characters of every installation), of which a
tenth is held out.  The character LSTM is trained at its defaults, with several seeds, and scored by ``evaluate``: bits a
character of held-out text, beside those of a unigram and of a trigram that learned the same text.

Runs are trained by the command line, one after the other; those that are there are not trained again.  --write keeps the
figures in docs/text.json, and writes docs/text.md of all that is there.  Exits with 1 when a run does not take 0.3 bits a
character less than the trigram.
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

from verbs import ROOT, Pace, gan, train

sys.path.insert(0, str(ROOT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import kept  # noqa: E402

from gan_core.store import open_store  # noqa: E402

FIGURES, PAGE = ROOT / "docs" / "text.json", ROOT / "docs" / "text.md"
FAMILY, MINUTES, SEEDS = "lstm", 15.0, 2
DATA = ("tunes", "own")
BAR = 0.3  # bits a character below the trigram's
KEYS = ("bits_per_character", "bits_error", "bits_per_character_trigram", "bits_per_character_unigram", "tunes_parse",
        "bars_fit", "longest_copy", "longest_copy_floor", "repetition", "repetition_floor")


def own_text(folder):
    """What Python's help says of the language, as a file; its path."""
    from pydoc_data import topics

    path = Path(folder) / "python-help.txt"
    path.write_text("\n\n".join(topics.topics[name] for name in sorted(topics.topics)), encoding="utf-8")
    return path


def run_of(store, title):
    return next((run for run in store.list(["finished"]) if run.name == title), None)


def measured(store, what, path, length, seed, knobs):
    """The figures of the run of some data and a seed, which is trained where it is not there."""
    title = f"{what}, seed {seed}"
    run = run_of(store, title)
    if run is None:
        print(f"{title} ...", flush=True)
        run = store.get(train(FAMILY, path, length, knobs, "--seed", seed, "--name", title, workspace=store.workspace))
    scores = json.loads(gan("evaluate", run.id, "--json", workspace=store.workspace))
    return {"seed": seed, "steps": run.step, "minutes": round(run.seconds / 60, 1), "parameters": sum(
        run.facts.get("parameters", {}).values()), "code": kept.code_of(FAMILY)} | {
        key: round(scores[key], 4) for key in KEYS if key in scores}


def page(figures):
    """What was measured, as Markdown."""
    lines = ["# Texts", "", f"Made by `python benchmarks/text.py --write` on {len(os.sched_getaffinity(0))} cores; see "
             "there for how. Bits a character of text that was held out, fewer is better; ± is the standard error over "
             f"texts. The bar is {BAR} bits below the trigram.", "",
             "| data | seed | steps | minutes | LSTM | trigram | unigram | tunes that parse | bars that fit "
             "| longest copy (real) | repetition (real) |", "|" + "---|" * 11]
    for what, rows in figures.items():
        for row in rows:
            mark = "" if row["code"] == kept.code_of(FAMILY) else f" {kept.CHANGED}"
            tunes = [f"{row[key]:.0%}" if key in row else "" for key in ("tunes_parse", "bars_fit")]
            lines.append("| " + " | ".join([
                what + mark, str(row["seed"]), f"{row['steps']:,}", f"{row['minutes']:.1f}",
                f"{row['bits_per_character']:.3f} ± {row['bits_error']:.3f}", f"{row['bits_per_character_trigram']:.3f}",
                f"{row['bits_per_character_unigram']:.3f}", *tunes,
                f"{row['longest_copy']:.0f} ({row['longest_copy_floor']:.0f})",
                f"{row['repetition']:.2f} ({row['repetition_floor']:.2f})"]) + " |")
    lines += ["", "The tunes are made by the project's grammar. The text is what Python's help says of the language; the "
              "trigram and the unigram learned what the LSTM learned, smoothed by strengths that were chosen on a tenth "
              f"of it. {kept.CHANGED}: measured with other code.", ""]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="*", metavar="tunes|own")
    parser.add_argument("--text", type=Path, metavar="FILE", help="in the place of Python's help")
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--set", action="append", default=[], metavar="KNOB=VALUE", dest="knobs",
                        help="for a miniature that shows whether all works")
    parser.add_argument("--workspace", type=Path)
    parser.add_argument("--write", action="store_true")
    Pace.option(parser)
    args = parser.parse_args()
    if strange := set(args.what) - set(DATA):
        parser.error(f"there is no {min(strange)}; choose from {', '.join(DATA)}")
    knobs = dict(word.split("=", 1) for word in args.knobs)
    pace, found = Pace(args.pace), {}
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(args.workspace or Path(folder) / "workspace")
        for what in args.what or DATA:
            path = "tunes" if what == "tunes" else args.text or own_text(folder)
            found[what] = [measured(store, what, path, pace.length(what, args.minutes), seed, knobs)
                           for seed in range(args.seeds)]
            for row in found[what]:
                print(what, row, flush=True)
        store.close()
    figures = kept.add(FIGURES, {}, lambda known: known | found) if args.write else found
    if args.write:
        kept.write_whole(PAGE, page(figures))
    else:
        print(page(figures))
    return int(any(row["bits_per_character"] > row["bits_per_character_trigram"] - BAR
                   for rows in found.values() for row in rows))


if __name__ == "__main__":
    sys.exit(main())
