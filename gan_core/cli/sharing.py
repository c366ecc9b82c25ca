"""Verbs by which a run leaves the workbench: demo."""

from pathlib import Path

from gan_core.cli.terminal import progress, tell, written_to
from gan_core.config.spec import read
from gan_core.errors import BadInput
from gan_core.launch.loading import loading_keras
from gan_core.models import cards
from gan_core.store import open_store, weights
from gan_core.tasks import registry
from gan_core.tasks.checkpoints import BEST, LAST
from gan_core.whole_files import write_whole


def add_to(verb):
    parser = verb("demo", demo, "Write a run as one page that plays anywhere.", run=True)
    parser.add_argument("--out", type=Path, metavar="FILE", required=True, help="an .html file")
    parser.add_argument("--precision", default="int8", metavar="int8|float16|float32", help="of the weights in it")
    parser.add_argument("--title", default="", metavar="TEXT")
    parser.add_argument("--text", default="", metavar="TEXT", help="what you want to say to whoever opens it")
    parser.add_argument("--checkpoint", default="last", metavar="best|last|STEP")


def demo(args):
    if args.out.suffix.lower() not in (".html", ".htm"):
        raise BadInput(f"A demo is a page: give a file that ends in .html, not {args.out.name!r}.")
    result = _made(args, "demo", {"precision": args.precision, "title": args.title, "text": args.text})
    with written_to(args.out):
        write_whole(args.out, result.files["demo.html"])
    tell([f"{args.out} is {result.words}, of step {result.values['step']:,}."])


def _made(args, name, knobs):
    """What a task of this name makes of a run, while the person waits."""
    from gan_core.tasks.base import Context

    task, store = registry.task(name), open_store(args.workspace)
    run = store.get(args.run)
    config = task.Config.parse(knobs)
    if args.checkpoint in (BEST, LAST):
        tell(weights.passed_over(store, run.id))
    with loading_keras(read(run.spec, cards.names()).backend):
        import keras  # noqa: F401  the import is what is quiet
    with progress(delay=1) as bar:
        return task.run(Context(store, run, args.checkpoint), config, bar.told, lambda: False)
