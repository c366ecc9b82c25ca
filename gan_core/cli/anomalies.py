"""The verb that finds what is odd: anomalies."""

import os
from pathlib import Path

from gan_core.anomalies.methods import methods
from gan_core.cli.sharing import made_by
from gan_core.cli.terminal import check_folder, print_json, tell, whole, written_to
from gan_core.data.sources import open_source
from gan_core.errors import BadInput
from gan_core.store import odd, open_store
from gan_core.tasks.kinds.anomalies import Config
from gan_core.whole_files import write_whole


def add_to(verb):
    parser = verb("anomalies", anomalies, "Find pictures that are unlike what a run has learned is normal.", run=True,
                  json=True)
    parser.add_argument("--data", default="", metavar="NAME|FOLDER",
                        help="what is looked at, a picture included; default: what the run kept from training")
    parser.add_argument("--method", default="fanogan", metavar="|".join(methods()))
    parser.add_argument("--normal", default="", metavar="CLASS,...", help="classes that are normal, a name with a "
                        "comma in double quotes; all others are odd")
    parser.add_argument("--n", type=whole, default=500, metavar="N", help="pictures at most")
    parser.add_argument("--steps", type=whole, default=0, metavar="N", help="of the search or of the encoder's training")
    parser.add_argument("--quantile", type=float, default=0.95, metavar="Q", help="share of normal pictures below the "
                                                                                  "threshold")
    parser.add_argument("--seed", type=whole, default=0)
    parser.add_argument("--out", type=Path, metavar="FOLDER",
                        help="gets a PNG for each picture: it, what it is like, and where they differ")
    parser.add_argument("--checkpoint", default="last", metavar="best|last|STEP")


def _refuse_what_is_looked_at(out, folder):
    """BadInput where pictures would be written among those that are looked at, of which some would be replaced; links may
    lead there, too."""
    if os.path.isfile(folder):
        check_folder(out, ["sheet.png", f"{Path(folder).stem}.png"], [Path(folder)])
    if not os.path.isdir(folder):
        return
    with open_source(folder) as source:
        files = [os.path.realpath(entry.handle) for entry in source.entries]
    looked_at = {os.path.realpath(folder), *map(os.path.dirname, files)}
    target = Path(os.path.realpath(out))
    if any(target.is_relative_to(one) for one in looked_at):
        raise BadInput(f"{out} is where the pictures are that are to be looked at, and some would be replaced; give another "
                       "folder.")


def anomalies(args):
    if args.out is not None:
        _refuse_what_is_looked_at(args.out, os.path.expanduser(args.data))
        check_folder(args.out)
    knobs = {knob.name for knob in Config.knobs()} - {"pictures", "each"}
    result = made_by(args, args.run, "anomalies", {name: getattr(args, name) for name in knobs}
                     | {"each": args.out is not None})
    store = open_store(args.workspace)
    held = store.artifacts(store.get(args.run).id)
    values = next(found for found in odd.RESULTS.kept(held) if found["key"] == result.values["key"])
    if args.out is not None:
        with written_to(args.out):
            args.out.mkdir(parents=True, exist_ok=True)
            for name, content in result.files.items():
                write_whole(args.out / name, content)
    if args.json:
        return print_json(values)
    for one in sorted(values["scores"], key=lambda one: -one["score"])[:20]:
        print(f"{one['score']:<12.6g} {'odd' if one['odd'] else '   '}  {one.get('file', one.get('index'))}")
    for areas in values.get("methods", {}).values():
        print(f"{areas['title']:<24} AUROC {areas['auroc']:.3f} ({areas['auroc_low']:.3f} to {areas['auroc_high']:.3f}), "
              f"AUPRC {areas['auprc']:.3f}")
    tell([f"{result.words[:1].upper()}{result.words[1:]}: their score is above {values['threshold']:.6g}.",
          *values["protocol"]])
