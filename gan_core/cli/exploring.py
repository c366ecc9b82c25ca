"""Verbs that explore what a model has learned: directions, project."""

import base64
from pathlib import Path

from gan_core.cli.pictures import read
from gan_core.cli.sharing import made_by
from gan_core.cli.terminal import check_file, tell, whole, written_to
from gan_core.errors import BadInput
from gan_core.models import cards
from gan_core.modalities.base import modality
from gan_core.store import open_store
from gan_core.whole_files import write_whole


def add_to(verb):
    parser = verb("directions", directions, "Find directions along which a run's samples change, as strips.", run=True)
    parser.add_argument("--method", default="pca", metavar="pca|sefa|random")
    parser.add_argument("--n", type=whole, default=8, metavar="N", help="the strongest come first")
    parser.add_argument("--seed", type=whole, default=0, help="of the sample that is moved")
    parser.add_argument("--effects", action="store_true", help="also say what each changes, and what it leaves alone")
    parser.add_argument("--out", type=Path, metavar="FILE", help="a picture of the strips, .png; of tables, .html")
    parser.add_argument("--npz", type=Path, metavar="FILE", help="directions (n, latent) and their strength (n,)")
    parser.add_argument("--checkpoint", default="last", metavar="best|last|STEP")

    parser = verb("project", project, "Find the latents from which a run draws a picture of your own.", run=True)
    parser.add_argument("picture", type=Path, metavar="PICTURE")
    parser.add_argument("--out", type=Path, metavar="FILE", help="the picture beside what the model makes of it, .png")
    parser.add_argument("--npz", type=Path, metavar="FILE", help="latent and samples")
    parser.add_argument("--steps", type=whole, default=300, metavar="N")
    parser.add_argument("--starts", type=whole, default=4, metavar="N", help="the best one counts")
    parser.add_argument("--seed", type=whole, default=0)
    parser.add_argument("--label", type=whole, default=-1, metavar="K", help="number of a class; default: any")
    parser.add_argument("--checkpoint", default="last", metavar="best|last|STEP")


def directions(args):
    run = open_store(args.workspace).get(args.run)
    run.read_spec(cards.names())
    suffix = modality(run.kind).strip_suffix
    _check(args, suffix)
    result = made_by(args, args.run, "directions", {"method": args.method, "n": args.n, "seed": args.seed,
                                                    "effects": args.effects})
    values = result.values
    if len(values["strength"]) < args.n:
        raise BadInput(f"From 1 to {len(values['strength'])} directions can be asked for, as many as the space has, not "
                       f"{args.n}.")
    _write(args, {args.out: result.files[f"strips{suffix}"], args.npz: result.files["directions.npz"]})
    for number, strength in enumerate(values["strength"]):
        line = f"{number:>3}  strength {strength:<10.4g}"
        if values["effects"]:
            low, high = (values["effects"][number][place] for place in ("-3", "3"))
            line += f"light {low['light']:+.2f} .. {high['light']:+.2f}"
            if "kept" in low:
                line += f"  class kept {low['kept']:.0%} .. {high['kept']:.0%}, reach {values['reach'][number]:g}"
        print(line)
    tell([f"{result.words[:1].upper()}{result.words[1:]} numbers of the input {values['input']}, step {values['step']:,}."])


def project(args):
    _check(args, sources=(args.picture,))
    content = read(args.picture)
    result = made_by(args, args.run, "project", {
        "picture": base64.b64encode(content).decode(), "steps": args.steps, "starts": args.starts, "seed": args.seed,
        "label": args.label})
    _write(args, {args.out: result.files["beside.png"], args.npz: result.files["point.npz"]})
    print(f"psnr {result.values['psnr']:.2f}")


def _check(args, picture=".png", sources=()):
    if not args.out and not args.npz:
        raise BadInput(f"Say where it goes: --out FILE{picture}, --npz FILE.npz or both.")
    for path, suffix in ((args.out, picture), (args.npz, ".npz")):
        if path and path.suffix.lower() != suffix:
            raise BadInput(f"Give a file that ends in {suffix}, not {path.name!r}.")
        if path:
            check_file(path, sources)


def _write(args, files):
    for path, content in files.items():
        if path:
            with written_to(path):
                write_whole(path, content)
