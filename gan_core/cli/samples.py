"""Verbs that draw samples and judge them: sample, evaluate, score, compare."""

import io
import math
from pathlib import Path

from gan_core.cli.terminal import (add_import_choices, check_file, import_choices, pairs, print_json, progress, tell,
                                   whole, written_to)
from gan_core.errors import BadInput
from gan_core.launch.loading import loading_keras
from gan_core.models import cards
from gan_core.store import open_store, weights, workspace_path
from gan_core.tasks.checkpoints import BEST, LAST
from gan_core.whole_files import write_whole


def add_to(verb):
    parser = verb("sample", sample, "Draw samples from a run's last checkpoint.", run=True)
    parser.add_argument("--n", type=whole, metavar="N", help="default: 64; one with --seconds")
    parser.add_argument("--seed", type=whole, default=0)
    parser.add_argument("--out", type=Path, metavar="FILE",
                        help="a sheet (.png), or the samples themselves: .npz, .csv of a table, .mid or .wav of "
                             "music, .wav of sound, .txt of texts; with --turn a .gif")
    parser.add_argument("--turn", type=whole, metavar="VIEWS",
                        help="turn each sample, and see it from so many sides: a .gif, or rows of a .png")
    parser.add_argument("--seconds", type=float, metavar="S", help="how long a sample lasts, of sound")
    parser.add_argument("--label", metavar="K", help="a class, by number or name, or `each` in turn")
    parser.add_argument("--npz", type=Path, metavar="FILE", help="also write the samples as arrays")
    parser.add_argument("--with", action="append", default=[], metavar="NAME=VALUE", dest="chosen",
                        help="an input of the architecture, such as truncation=0.7, code=3 or code=each; or, of a "
                             "table where it can be asked for one, a category: COLUMN=VALUE")
    parser.add_argument("--to", type=whole, metavar="SEED", help="walk from the first sample of --seed to that of another")
    parser.add_argument("--checkpoint", default="last", metavar="best|last|STEP")

    parser = verb("evaluate", evaluate, "Score a run's checkpoint; the scores are kept with it.", json=True, run=True)
    parser.add_argument("--n", type=whole, metavar="N", help="samples; default: 10,000, fewer for small data")
    parser.add_argument("--checkpoint", default="last", metavar="best|last|STEP",
                        help="best: by the score that ranks such samples, such as the kernel distance")
    parser.add_argument("--extractor", metavar="NAME", help="what makes features of samples; default: what suits the data")
    parser.add_argument("--tstr", action="store_true", help="also train classifiers on generated and real samples")
    parser.add_argument("--target", default="", metavar="COLUMN",
                        help="of a table: the column that is told from the others after learning from generated rows")
    parser.add_argument("--real-per-class", type=whole, metavar="N", help="real samples for --tstr; default: as many as "
                                                                          "generated ones")

    parser = verb("score", score, "Score any two sets of samples or features, or two tables.", json=True)
    parser.add_argument("--real", required=True, type=Path, metavar="FILE",
                        help="a folder or a zip of images, .npz or .npy of samples, features or statistics, .csv of a table")
    parser.add_argument("--fake", required=True, type=Path, metavar="FILE")
    parser.add_argument("--extractor", metavar="NAME",
                        help="default: classifier with `labels` beside the reals, else random")
    parser.add_argument("--size", type=whole, metavar="N", help="side in pixels of images in folders and zips")
    add_import_choices(parser)
    parser.add_argument("--paired", action="store_true", help="sample i of both should be the same: also PSNR and SSIM")

    parser = verb("compare", compare, "Put runs side by side: figures, who is best beyond the noise, what differs.",
                  json=True)
    parser.add_argument("runs", metavar="RUN", nargs="+")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write it all as one page that opens with no network")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write the figures as a table")


def sample(args):
    from gan_core.modalities.base import check_suffix, modality, samples_spec, save_as

    if args.n is None:
        args.n = 64 if args.seconds is None else 1
    if not 1 <= args.n <= 100_000:
        raise BadInput("--n must lie between 1 and 100000.")
    if args.seconds is not None and not 0 < args.seconds < math.inf:
        raise BadInput("--seconds must be a number above 0.")
    if min(args.seed, args.to or 0) < 0:
        raise BadInput("--seed and --to must not be negative.")
    if not args.out and not args.npz:
        raise BadInput("Say where the samples go: --out FILE.png (of texts .txt), --npz FILE.npz or both.")
    if args.turn is not None:
        return _turned(args)
    store = open_store(args.workspace)
    run = store.get(args.run)
    whole = run.read_spec(cards.names())
    spec = samples_spec(whole.data_spec, whole.gives)
    kind = modality(spec.kind)
    if args.out:
        check_suffix(kind, args.out)
    for path in filter(None, (args.out, args.npz)):
        check_file(path)
    if args.checkpoint in (BEST, LAST):
        tell(weights.passed_over(store, run.id))
    with loading_keras(whole.backend):
        from gan_core.tasks import sampling
    with progress(delay=1) as bar:
        chosen = pairs(args.chosen, "--with", "NAME")
        samples, labels = sampling.draw(store, run, args.n, seed=args.seed, label=args.label, step=args.checkpoint,
                                        chosen=chosen, to=args.to, seconds=args.seconds,
                                        progress=lambda share: bar.told(share, "samples"))
    if words := kind.in_words(samples, spec) if chosen else {}:
        tell(f"{words[name].count(value):,} of {args.n:,} rows have {name} = {value}, as they were asked for."
             for name, value in chosen.items() if name in words)
    beside = None if args.to is not None else sampling.beside(store, run, args.n, seed=args.seed, step=args.checkpoint)
    if args.npz:
        file = io.BytesIO()
        kind.save(file, samples, spec, labels, beside or None, ".npz")
        with written_to(args.npz):
            write_whole(args.npz, file.getvalue())
    if args.out:
        with written_to(args.out):
            save_as(kind, args.out, samples, spec, labels, beside or None)


def _turned(args):
    from gan_core.tasks import turning

    turning.check(args.n, args.turn)
    if args.label is not None or args.to is not None or args.npz:
        raise BadInput("--turn goes with neither --label, --to nor --npz; leave these out.")
    if args.out.suffix.lower() not in (".gif", ".png"):
        raise BadInput(f"What turns is written as .gif or .png, not to {args.out.name}; give it another ending.")
    store = open_store(args.workspace)
    run = store.get(args.run)
    backend = run.read_spec(cards.names()).backend
    card = cards.card(run.architecture, store.workspace / "cache")
    if trouble := turning.card_refusal(card, run):
        raise BadInput(trouble)
    check_file(args.out)
    if args.checkpoint in (BEST, LAST):
        tell(weights.passed_over(store, run.id))
    with loading_keras(backend):
        from gan_core.tasks import models
    with progress(delay=1) as bar:
        model, _ = models.load(store, run, args.checkpoint)
        turned = turning.turned(model, args.n, args.turn, seed=args.seed, chosen=pairs(args.chosen, "--with", "NAME"),
                                data=models.data_of_inputs(model, store, run),
                                progress=lambda share: bar.told(share, "views"))
    with written_to(args.out):
        write_whole(args.out, turning.gif(turned) if args.out.suffix.lower() == ".gif" else turning.rows(turned))


def evaluate(args):
    if args.n is not None and not 1 <= args.n <= 100_000:
        raise BadInput("--n must lie between 1 and 100000.")
    if args.real_per_class is not None and (not args.tstr or args.real_per_class < 1):
        raise BadInput("--real-per-class must be at least 1, and is for --tstr.")
    store = open_store(args.workspace)
    run = store.get(args.run)
    if args.checkpoint in (BEST, LAST):
        tell(weights.passed_over(store, run.id))
    with loading_keras(run.read_spec(cards.names()).backend):
        from gan_core.tasks import evaluation
    with progress() as bar:
        scores = evaluation.evaluate(store, run, n=args.n, checkpoint=args.checkpoint, extractor=args.extractor,
                                     tstr=args.tstr, real_per_class=args.real_per_class, target=args.target,
                                     progress=bar.told, tell=bar.say)
    _print_scores(scores, args.json)


def score(args):
    from gan_core.evaluation import score_files

    pair = score_files.read(args.real, args.fake, size=args.size, choices=import_choices(args))
    if not pair.without_samples:
        with loading_keras():
            import keras  # noqa: F401
    with progress() as bar:
        scores = score_files.score(pair, extractor=args.extractor, paired=args.paired,
                                   workspace=workspace_path(args.workspace), progress=bar.told)
    _print_scores(scores, args.json)


def _print_scores(scores, as_json):
    from gan_core.evaluation import score_names

    if as_json:
        return print_json(scores)
    for line in score_names.as_text(scores):
        print(line)


def compare(args):
    from gan_core.compare import compare
    from gan_core.compare.document import as_html
    from gan_core.compare.report import as_csv, as_text
    from gan_core.store.curves import Series

    for path in filter(None, (args.html, args.csv)):
        check_file(path)
    store = open_store(args.workspace)
    comparison = compare(store, [store.get(run).id for run in args.runs], lambda run: Series(store, run).refresh())
    for path, make in ((args.html, lambda: as_html(comparison, store)), (args.csv, lambda: as_csv(comparison))):
        if path:
            with written_to(path):
                write_whole(path, make().encode())
    if args.json:
        return print_json(comparison.as_dict())
    for line in as_text(comparison):
        print(line)
