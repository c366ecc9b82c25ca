"""Verbs that make pictures of pictures: translate."""

import base64
import json
from pathlib import Path

from gan_core.cli.sharing import made_by
from gan_core.cli.terminal import check_folder, tell, whole, written_to
from gan_core.errors import BadInput
from gan_core.tasks.sent import Usable
from gan_core.whole_files import write_whole

LARGEST = 64 * 2**20  # bytes of a picture


def add_to(verb):
    parser = verb("translate", translate, "Make of pictures what a run has learned to make of such.", run=True)
    parser.add_argument("pictures", type=Path, nargs="+", metavar="PICTURE")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER",
                        help="gets a PNG for each picture, of its name and shape")
    parser.add_argument("--to", default="", metavar="a|b", help="which way, where there are several")
    parser.add_argument("--fit", default="pad", metavar="pad|crop", help="pictures that are not square: all of them, or "
                        "their middle")
    parser.add_argument("--seed", type=whole, default=0, help="of what is left to chance")
    parser.add_argument("--checkpoint", default="last", metavar="best|last|STEP")


def read(path):
    """The bytes of a picture that a person names; BadInput where it cannot be read."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror}); give a picture.") from None
    if len(content) > LARGEST:
        raise BadInput(f"{path} has more than {LARGEST // 2**20} MB; give a smaller picture.")
    return content


def translate(args):
    names = _names(args.pictures)
    check_folder(args.out, names, args.pictures)
    readable = Usable([(path.name, path) for path in args.pictures], lambda path, name: read(path))
    given = [(name, base64.b64encode(content).decode()) for name, content in readable]
    result = made_by(args, args.run, "translate", {"pictures": json.dumps(given), "to": args.to, "fit": args.fit,
                                                   "seed": args.seed})
    with written_to(args.out):
        args.out.mkdir(parents=True, exist_ok=True)
    for number, place in enumerate(result.values["places"]):
        path = args.out / names[readable.places[place]]
        with written_to(path):
            write_whole(path, result.files[f"{number}.png"])
        print(path)
    refused = [*readable.refused, *result.values["refused"]]
    tell([f"{result.words[:1].upper()}{result.words[1:]}, step {result.values['step']:,}.", *refused])
    return int(bool(refused))


def _names(paths):
    """A file's name for each picture; of two of one name the second has a number."""
    names = []
    for path in paths:
        name, number = f"{path.stem}.png", 1
        while name in names:
            number += 1
            name = f"{path.stem} {number}.png"
        names.append(name)
    return names
