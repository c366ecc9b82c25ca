"""The verb that paints by words: prompt."""

import signal
from pathlib import Path

from gan_core.cli.terminal import check_file, print_json, progress, tell, whole, written_to
from gan_core.errors import BadInput
from gan_core.launch import signals
from gan_core.launch.loading import loading_keras
from gan_core.models import cards
from gan_core.store import open_store
from gan_core.tasks.registry import task
from gan_core.whole_files import write_whole


def add_to(verb):
    parser = verb("prompt", prompt, "Look for a picture that fits some words, in the codes of a run of VQGAN.", run=True,
                  json=True)
    parser.add_argument("text", metavar="WORDS", help="what is to be seen, in words that CLIP has learned")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="a PNG")
    parser.add_argument("--clip", default="", metavar="RUN", help="by whose verdict; default: the newest run of CLIP on the "
                                                                 "same data")
    parser.add_argument("--steps", type=whole, default=200, metavar="N")
    parser.add_argument("--cutouts", type=whole, default=16, metavar="N", help="random squares that are looked at in each "
                                                                               "step")
    parser.add_argument("--starts", type=whole, default=4, metavar="N", help="pictures side by side, of which the best "
                                                                             "counts")
    parser.add_argument("--seed", type=whole, default=0, metavar="S")
    parser.add_argument("--checkpoint", default="last", metavar="best|last|STEP")


def prompt(args):
    from gan_core.tasks.base import Context

    if args.out.suffix.lower() != ".png":
        raise BadInput(f"The picture is written as a PNG, not to {args.out.name}; give it the ending .png.")
    the_task, store = task("prompt"), open_store(args.workspace)
    run = store.get(args.run)
    card = cards.card(run.read_spec(cards.names()).architecture)
    if refusal := the_task.refuses(run, card):
        raise BadInput(refusal)
    config = the_task.Config.parse({name: getattr(args, name) for name in ("text", "clip", "steps", "cutouts", "starts",
                                                                           "seed")})
    the_task.check(store, run, config)
    check_file(args.out)
    with loading_keras(run.read_spec(cards.names()).backend):
        import keras  # noqa: F401  the import is what is quiet
    stopped = []
    with progress() as bar, signals.heard(lambda *_: stopped.append(True),
                                          also=[signal.SIGINT]):  # what there is by then is kept
        result = the_task.run(Context(store, run, args.checkpoint), config, bar.told, lambda: bool(stopped))
    with written_to(args.out):
        write_whole(args.out, result.files["picture.png"])
    if args.json:
        print_json(result.values | {"file": str(args.out)})
    else:
        print(args.out)
    tell([f"{result.words[:1].upper()}{result.words[1:]}, says {result.values['clip']}."])
    return 0 if result.values["end"] else 130
