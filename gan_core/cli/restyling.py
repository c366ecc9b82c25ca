"""The verb that paints: stylise."""

import signal
from pathlib import Path

from gan_core.cli.pictures import read
from gan_core.cli.terminal import check_file, progress, tell, whole, written_to
from gan_core.errors import BadInput
from gan_core.launch import signals
from gan_core.launch.loading import loading_keras
from gan_core.store import workspace_path
from gan_core.whole_files import write_whole


def add_to(verb):
    parser = verb("stylise", stylise, "Paint one picture in the style of another.")
    parser.add_argument("--content", type=Path, required=True, metavar="FILE", help="what is to be seen")
    parser.add_argument("--style", type=Path, required=True, metavar="FILE", help="how it is to look")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="a PNG")
    parser.add_argument("--encoder", default="random", metavar="random|lite0|FILE",
                        help="by which network; FILE has weights of VGG-19")
    parser.add_argument("--steps", type=whole, default=300, metavar="N")
    parser.add_argument("--strength", type=float, default=30.0, metavar="X", help="how much the style counts")
    parser.add_argument("--side", type=whole, default=256, metavar="N", help="pixels of the longer side: 128, 256, 384 or "
                                                                             "512")
    parser.add_argument("--keep-colours", action="store_true", help="those of the content")
    parser.add_argument("--seed", type=whole, default=0, metavar="S")


def stylise(args):
    from gan_core.tasks.kinds.restyle import Looks

    if args.out.suffix.lower() != ".png":
        raise BadInput(f"The picture is written as a PNG, not to {args.out.name}; give it the ending .png.")
    config = Looks.parse({"encoder": args.encoder, "steps": args.steps, "strength": args.strength, "side": args.side,
                          "keep_colours": args.keep_colours, "seed": args.seed})
    check_file(args.out, (args.content, args.style))
    files = [read(path) for path in (args.content, args.style)]
    with loading_keras():
        from gan_core.tasks import restyling
    stopped = []
    with progress() as bar, signals.heard(lambda *_: stopped.append(True),
                                          also=[signal.SIGINT]):  # what there is by then is kept
        png, done = restyling.restyled(*files, config, workspace_path(args.workspace) / "cache", bar.told,
                                       lambda: bool(stopped))
    with written_to(args.out):
        write_whole(args.out, png)
    if not done:
        tell([f"It was stopped; {args.out} is what there was by then."])
    print(args.out)
    return 0 if done else 130
