"""Verbs by which a run leaves the workbench, and comes back: demo, site, export, pack, unpack."""

import secrets
import shutil
from pathlib import Path

from gan_core.cli.terminal import check_file, progress, tell, written_to
from gan_core.errors import BadInput
from gan_core.launch.loading import loading_keras
from gan_core.models import cards
from gan_core.sharing import formats
from gan_core.store import open_store, weights
from gan_core.tasks import registry
from gan_core.tasks.checkpoints import BEST, LAST
from gan_core.whole_files import replacing, try_to_write, write_whole


def add_to(verb):
    parser = verb("demo", demo, "Write a run as one page that plays anywhere.", run=True)
    parser.add_argument("--out", type=Path, metavar="FILE", required=True, help="an .html file")
    parser.add_argument("--precision", default="int8", metavar="int8|float16|float32", help="of the weights in it")
    parser.add_argument("--title", default="", metavar="TEXT")
    parser.add_argument("--text", default="", metavar="TEXT", help="what you want to say to whoever opens it")
    parser.add_argument("--checkpoint", default="last", metavar="best|last|STEP")

    parser = verb("site", site, "Write demos of several runs as a folder for any static host.")
    parser.add_argument("runs", metavar="RUN", nargs="+")
    parser.add_argument("--out", type=Path, metavar="FOLDER", required=True, help="a folder that is not there yet, or empty")
    parser.add_argument("--precision", default="int8", metavar="int8|float16|float32")
    parser.add_argument("--title", default="Generative models to play with", metavar="TEXT")
    parser.add_argument("--checkpoint", default="last", metavar="best|last|STEP")

    parser = verb("export", export, "Write a run's model as a file that other programs read, with its card.",
                  run=True)
    parser.add_argument("--format", default="onnx", metavar="|".join(formats.formats()))
    parser.add_argument("--out", type=Path, metavar="FILE", required=True)
    parser.add_argument("--title", default="", metavar="TEXT")
    parser.add_argument("--text", default="", metavar="TEXT", help="what you want to say to whoever takes it")
    parser.add_argument("--licence", default="", metavar="NAME", help="of the model, as the Hugging Face Hub calls it: mit")
    parser.add_argument("--checkpoint", default="last", metavar="best|last|STEP")

    parser = verb("pack", pack, "Write a run, with all that is kept with it, to one file.", run=True)
    parser.add_argument("--out", type=Path, metavar="FILE", required=True)

    parser = verb("unpack", unpack, "Take a run from a file that `pack` has written.")
    parser.add_argument("file", type=Path, metavar="FILE")


def demo(args):
    if args.out.suffix.lower() not in (".html", ".htm"):
        raise BadInput(f"A demo is a page: give a file that ends in .html, not {args.out.name!r}.")
    check_file(args.out)
    result = made_by(args, args.run, "demo", {"precision": args.precision, "title": args.title, "text": args.text})
    with written_to(args.out):
        write_whole(args.out, result.files["demo.html"])
    tell([f"{args.out} is {result.words}, of step {result.values['step']:,}."])


def site(args):
    from gan_core.sharing import site as sites

    if args.out.exists() and (not args.out.is_dir() or any(args.out.iterdir())):
        raise BadInput(f"{args.out} is there already; name a folder that is new or empty.")
    partial = args.out.with_name(f".partial-{secrets.token_hex(4)}")
    with written_to(args.out):
        try_to_write(partial)
    store, demos = open_store(args.workspace), []
    for run_id in dict.fromkeys(store.get(run).id for run in args.runs):
        run = store.get(run_id)
        result = made_by(args, run_id, "demo", {"precision": args.precision})
        demos.append(sites.demo_of(store, run, result.values["step"], cards.card(run.architecture),
                                   result.files["demo.html"]))
    with written_to(args.out):
        try:
            for name, content in sites.files(demos, args.title).items():
                write_whole(partial / name, content)
            if args.out.exists():
                args.out.rmdir()
            partial.rename(args.out)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    tell([f"{args.out} has {len(demos)} demo{'s' * (len(demos) > 1)}; open {args.out / 'index.html'}."])


def export(args):
    suffix = formats.one(args.format).suffix
    if args.out.suffix.lower() != suffix:
        raise BadInput(f"A file of the format {args.format} ends in {suffix}: give such a name, not {args.out.name!r}.")
    card = args.out.with_name(f"{args.out.name}.md")  # one for each format that a model is written in
    for path in (args.out, card):
        check_file(path)
    result = made_by(args, args.run, "export", {"format": args.format, "title": args.title, "text": args.text,
                                              "licence": args.licence})
    with written_to(args.out):
        # The card calls the file by the name that it gets here.
        write_whole(card, result.files["README.md"].replace(f"model{suffix}".encode(), args.out.name.encode()))
        write_whole(args.out, result.files[f"model{suffix}"])
    tell([f"{args.out} is {result.words}; {card.name} beside it is its card."])


def pack(args):
    from gan_core.sharing import packs

    store = open_store(args.workspace)
    run = store.get(args.run)
    with written_to(args.out), replacing(args.out) as partial:
        packs.pack(store, run, partial)
    tell([f"{args.out} is the whole run {run.id}, {args.out.stat().st_size / 1e6:,.1f} MB; `unpack` takes it in elsewhere."])


def unpack(args):
    from gan_core.sharing import packs

    if not args.file.is_file():
        what = f"{str(args.file)!r} is a folder" if args.file.is_dir() else f"There is no file {str(args.file)!r}"
        raise BadInput(f"{what}; give a file that `pack` has written.")
    print(packs.unpack(open_store(args.workspace), args.file).id)


def made_by(args, run_id, name, knobs):
    """What a task of this name makes of a run, while the person waits."""
    from gan_core.tasks.base import Context

    task, store = registry.task(name), open_store(args.workspace)
    run = store.get(run_id)
    config = task.Config.parse(knobs)
    backend = run.read_spec(cards.names()).backend  # who has no model is told that first
    if why := task.refuses(run):
        raise BadInput(why)
    task.check(store, run, config)
    if args.checkpoint in (BEST, LAST):
        tell(weights.passed_over(store, run.id))
    with loading_keras(backend):
        import keras  # noqa: F401  the import is what is quiet
    with progress(delay=1) as bar:
        return task.run(Context(store, run, args.checkpoint), config, bar.told, lambda: False)
