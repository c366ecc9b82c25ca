"""The command line: ``python -m gan_core --help``.

The same verbs as the dashboard, for machines with no browser.  Exit code 0 on success, 2 for bad arguments, 1 for a
failed run; an error is one sentence on stderr.
"""

import argparse
import contextlib
import csv
import json
import os
import sys
from pathlib import Path

from gan_core.errors import BadInput, UserError
from gan_core.runs import DIVERGED, FAILED, LOST, open_store, workspace_path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def parser():
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--workspace", metavar="DIR", help="default: $GAN_WORKSPACE, else ./workspace")
    top = _Parser(prog="python -m gan_core", description="Train, watch and sample generative adversarial networks.")
    verbs = top.add_subparsers(dest="verb", required=True, metavar="VERB")

    def verb(name, function, help, *, json=False, run=False):
        each = verbs.add_parser(name, help=help, description=help, parents=[common])
        each.set_defaults(function=function)
        if run:
            each.add_argument("run", metavar="RUN", help="a run's id, or its first letters")
        if json:
            each.add_argument("--json", action="store_true", help="print JSON")
        return each

    verb("zoo", zoo, "List the architectures.", json=True)
    verb("datasets", datasets, "List the datasets.", json=True)

    each = verb("train", train, "Train in the foreground; the last line printed is the run's id.")
    each.add_argument("architecture", metavar="ARCH")
    each.add_argument("--data", required=True, metavar="NAME", help="a dataset, a folder of images or a zip of them")
    each.add_argument("--size", type=_whole, metavar="N", help="image side in pixels")
    each.add_argument("--steps", metavar="N")
    each.add_argument("--seed", metavar="S")
    each.add_argument("--set", action="append", default=[], metavar="KNOB=VALUE", dest="knobs")
    each.add_argument("--name", default="", metavar="TEXT")
    each.add_argument("--deterministic", action="store_true", help="bit for bit the same each time, slower")

    each = verb("resume", resume, "Go on with an ended run, in the foreground.", run=True)
    each.add_argument("--steps", metavar="N", help="steps in all")
    verb("stop", stop, "Stop a run; it saves a checkpoint first.", run=True)
    verb("runs", runs, "List the runs, newest first.", json=True)
    verb("show", show, "Show a run: status, step, settings.", json=True, run=True)
    each = verb("metrics", metrics, "Print a run's curves: step, key, value, time.", run=True)
    each.add_argument("--csv", action="store_true", help="comma-separated")

    each = verb("sample", sample, "Draw samples from a run's last checkpoint.", run=True)
    each.add_argument("--n", type=_whole, default=64)
    each.add_argument("--seed", type=_whole, default=0)
    each.add_argument("--out", type=Path, metavar="PNG")
    each.add_argument("--label", metavar="K", help="a class, by number or name")
    each.add_argument("--npz", type=Path, metavar="FILE", help="also write the samples as arrays")
    each.add_argument("--with", action="append", default=[], metavar="NAME=VALUE", dest="chosen",
                      help="an input of the architecture, such as truncation=0.7 or code=3")
    each.add_argument("--checkpoint", default="last", metavar="best|last|STEP")

    each = verb("evaluate", evaluate, "Score a run's checkpoint; the scores are kept with it.", json=True, run=True)
    each.add_argument("--n", type=_whole, metavar="N", help="samples; default: 10,000, fewer for small data")
    each.add_argument("--checkpoint", default="last", metavar="best|last|STEP", help="best: lowest kernel distance")
    each.add_argument("--extractor", metavar="NAME", help="classifier, random or inception")
    each.add_argument("--tstr", action="store_true", help="also train classifiers on generated and real samples")

    each = verb("score", score, "Score any two sets of samples or features.", json=True)
    each.add_argument("--real", required=True, type=Path, metavar="NPZ", help="array `samples` or `features`")
    each.add_argument("--fake", required=True, type=Path, metavar="NPZ")
    each.add_argument("--extractor", metavar="NAME", help="default: random; classifier needs `labels` beside the reals")
    each.add_argument("--paired", action="store_true", help="sample i of both should be the same: also PSNR and SSIM")

    each = verb("compare", compare, "Put runs side by side: figures, who is best beyond the noise, what differs.",
                json=True)
    each.add_argument("runs", metavar="RUN", nargs="+")
    each.add_argument("--html", type=Path, metavar="FILE", help="write it all as one page that opens with no network")
    each.add_argument("--csv", type=Path, metavar="FILE", help="write the figures as a table")

    each = verb("bench", bench, "Measure training speed, bare and with recording.", json=True)
    each.add_argument("architecture", metavar="ARCH")
    each.add_argument("--data", required=True, metavar="NAME")
    each.add_argument("--size", type=_whole, metavar="N")
    each.add_argument("--batch-size", type=_whole, metavar="B")
    each.add_argument("--steps", type=_whole, default=40, metavar="N")
    each.add_argument("--set", action="append", default=[], metavar="KNOB=VALUE", dest="knobs")

    # What jobs start; not for people.
    verbs.add_parser("work", parents=[common]).add_argument("run")
    verbs.choices["work"].set_defaults(function=work)
    verbs.add_parser("dispatch", parents=[common]).set_defaults(function=dispatch)
    each = verbs.add_parser("score-runs", parents=[common])
    each.add_argument("runs", nargs="+")
    each.add_argument("--every", action="store_true")
    each.set_defaults(function=score_runs)
    return top


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        raise BadInput(f"{message[:1].upper()}{message[1:]}; see `{self.prog} --help`.")


def _whole(text):
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None


def zoo(args):
    with _quiet():
        from gan_core import describe
    found = [family.as_dict() for family in describe.families().values()]
    if args.json:
        return _print_json(found)
    for each in found:
        sizes = ", ".join(f"{name} {n:,}" for name, n in each["parameters"].items())
        print(f"{each['name']:<12} {each['title']:<18} {' or '.join(each['data']):<18} {sizes} ({each['example']})")
        print(f"{'':<12} {each['paper']}")


def datasets(args):
    from gan_core import data

    found = [each.as_dict() for each in data.catalogue(workspace_path(args.workspace))]
    if args.json:
        return _print_json(found)
    for each in found:
        shape = " x ".join(map(str, each["shape"]))
        print(f"{each['name']:<16} {each['kind']:<8} {shape:<12} {each['classes']:>3} classes  "
              f"{'available' if each['available'] else 'not here: ' + each['note']}")


def train(args):
    from gan_core import jobs
    from gan_core.runs.store import new_run

    store = open_store(args.workspace)
    run_settings = {k: v for k, v in (("steps", args.steps), ("seed", args.seed)) if v is not None}
    spec = _spec(args, store.workspace,
                 _pairs(args.knobs) | run_settings | ({"deterministic": True} if args.deterministic else {}),
                 name=args.name)
    run = store.create(new_run(spec.as_dict(), spec.name, **jobs.ownership()))
    return _foreground(store, run)


def resume(args):
    from gan_core import jobs

    store = open_store(args.workspace)
    jobs.reap(store)
    run = jobs.resume(store, args.run, steps=args.steps, foreground=True)
    # The backend must be known before Keras is imported, and a run goes on with the one it began with.
    os.environ["KERAS_BACKEND"] = run.spec["backend"]
    return _foreground(store, run)


def _foreground(store, run):
    from tqdm import tqdm

    from gan_core import jobs
    from gan_core.worker import work

    with _abandoning(store, run):
        jobs.wait_for_turn(store, run.id, lambda active: print(
            f"Waiting for {', '.join(each.id for each in active) or 'another run'} to end.", file=sys.stderr))
        with _quiet():
            from gan_core import training  # noqa: F401  the import is what is quiet
    with tqdm(total=run.steps, initial=run.step, unit="step", file=sys.stderr, dynamic_ncols=True) as bar:
        def on_row(step, values):
            bar.update(step - bar.n)
            losses = {k: f"{v:.3f}" for k, v in values.items() if k in ("d_loss", "g_loss", "critic_estimate")}
            bar.set_postfix(losses, refresh=False)

        ended = work(store, run.id, on_row=on_row, echo=bar.write if sys.stderr.isatty() else None)
    if ended.message:
        print(ended.message, file=sys.stderr)
    print(ended.id)
    return 1 if ended.status in (DIVERGED, FAILED, LOST) else 0


@contextlib.contextmanager
def _abandoning(store, run):
    """A run whose foreground process is interrupted before it works is stopped, not lost."""
    try:
        yield
    except KeyboardInterrupt:
        from gan_core import jobs

        jobs.stop(store, run.id)
        raise


def stop(args):
    from gan_core import jobs

    store = open_store(args.workspace)
    jobs.reap(store)
    run = jobs.stop(store, args.run, wait=120)
    print(f"{run.id} is {run.status} at step {run.step:,}.")


def runs(args):
    from gan_core import jobs

    store = open_store(args.workspace)
    jobs.reap(store)
    found = store.list()
    if args.json:
        return _print_json([_as_dict(run) for run in found])
    for run in found:
        print(f"{run.id}  {run.status:<9} {run.step:>8,} / {run.steps:<8,}  {run.name}")


def show(args):
    from gan_core import jobs

    store = open_store(args.workspace)
    jobs.reap(store)
    run = store.get(args.run)
    if args.json:
        return _print_json(_as_dict(run))
    print(f"{run.name}\n{run.id}  {run.status}  step {run.step:,} of {run.steps:,}  {run.seconds:.0f} s")
    if run.message:
        print(run.message)
    print(f"folder      {store.folder(run.id)}")
    for name, value in (_as_dict(run)["config"]).items():
        print(f"{name:<24} {value}")


def _as_dict(run):
    """A run as JSON: the catalogue's fields, with the knobs and settings flat in ``config``."""
    from dataclasses import asdict

    values = asdict(run)
    spec = values.pop("spec")
    config = {"architecture": spec["architecture"], "data": spec["data"], "size": spec["size"],
              "backend": spec["backend"], **spec["settings"], **spec["knobs"]}
    return values | {"config": config}


def metrics(args):
    store = open_store(args.workspace)
    run = store.get(args.run)
    rows = store.rows(run.id)
    # Without --csv the same columns, tab-separated: still one row a line, and readable.
    writer = csv.writer(sys.stdout, dialect="unix" if args.csv else "excel-tab", quoting=csv.QUOTE_MINIMAL)
    writer.writerow(["step", "key", "value", "time"])
    writer.writerows((int(s), k, repr(float(v)), f"{t:.3f}") for s, k, v, t in
                     zip(rows.step, rows.key, rows.value, rows.time))


def sample(args):
    from gan_core import sheets
    from gan_core.runs.files import replacing

    if not 1 <= args.n <= 100_000:
        raise BadInput("--n must lie between 1 and 100000.")
    if args.seed < 0:
        raise BadInput("--seed must not be negative.")
    if not args.out and not args.npz:
        raise BadInput("Say where the samples go: --out FILE.png, --npz FILE.npz or both.")
    store = open_store(args.workspace)
    run = store.get(args.run)
    os.environ["KERAS_BACKEND"] = run.spec["backend"]
    with _quiet():
        from gan_core import sampling
    with _progress(delay=1) as bar:
        samples, labels = sampling.draw(store, run, args.n, seed=args.seed, label=args.label, step=args.checkpoint,
                                        chosen=_pairs(args.chosen, "--with", "NAME"),
                                        progress=lambda share: bar.told(share, "samples"))
    if args.npz:
        with _written_to(args.npz):
            sampling.save(args.npz, samples, labels, run.spec["classes"])
    if args.out:
        if samples.ndim == 2:
            picture = sheets.scatter(samples)
        else:
            columns = min(args.n, max(1, round(args.n ** 0.5)))
            picture = sheets.sheet(samples, (-(-args.n // columns), columns))
        with _written_to(args.out), replacing(args.out) as partial:
            picture.save(partial, format="PNG")


def compare(args):
    from gan_core.compare import compare
    from gan_core.compare.report import as_csv, as_html, as_text
    from gan_core.runs.files import write_whole
    from gan_core.series import Series

    store = open_store(args.workspace)
    found = compare(store, [store.get(run).id for run in args.runs], lambda run: Series(store, run).refresh())
    for path, make in ((args.html, lambda: as_html(found, store)), (args.csv, lambda: as_csv(found))):
        if path:
            with _written_to(path):
                write_whole(path, make().encode())
    if args.json:
        return _print_json(found.as_dict())
    for line in as_text(found):
        print(line)


def evaluate(args):
    if args.n is not None and not 1 <= args.n <= 100_000:
        raise BadInput("--n must lie between 1 and 100000.")
    store = open_store(args.workspace)
    run = store.get(args.run)
    os.environ["KERAS_BACKEND"] = run.spec["backend"]
    with _quiet():
        from gan_core import evaluation
    with _progress() as bar:
        found = evaluation.evaluate(store, run, n=args.n, checkpoint=args.checkpoint, extractor=args.extractor,
                                    tstr=args.tstr, progress=bar.told, tell=bar.say)
    _print_scores(found, args.json)


def score(args):
    from gan_core import score_files

    pair = score_files.read(args.real, args.fake)
    if not pair.features:
        with _quiet():
            import keras  # noqa: F401
    with _progress() as bar:
        found = score_files.score(pair, extractor=args.extractor, paired=args.paired,
                                  workspace=workspace_path(args.workspace), progress=bar.told)
    _print_scores(found, args.json)


def _print_scores(found, as_json):
    from gan_core import scorecard

    if as_json:
        return _print_json(found)
    for line in scorecard.as_text(found):
        print(line)


@contextlib.contextmanager
def _progress(delay=0):
    """A bar on stderr of what takes a while, with the time left: ``told(share, what)`` moves it, ``say(line)`` writes
    above it."""
    from tqdm import tqdm

    with tqdm(total=1, leave=False, delay=delay, file=sys.stderr, dynamic_ncols=True,
              bar_format="{desc:<34}{percentage:3.0f}%|{bar}| {elapsed}, {remaining} left") as bar:
        def told(share, what):
            bar.set_description_str(what, refresh=False)
            bar.update(share - bar.n)

        bar.told, bar.say = told, lambda line: bar.write(line, file=sys.stderr)
        yield bar


@contextlib.contextmanager
def _written_to(path):
    try:
        yield
    except OSError as error:
        raise BadInput(f"{path} could not be written: {error.strerror or error}.") from None


def bench(args):
    if not 5 <= args.steps <= 100_000:
        raise BadInput("--steps must lie between 5 and 100000.")
    values = _pairs(args.knobs) | ({"batch_size": args.batch_size} if args.batch_size is not None else {})
    spec = _spec(args, workspace_path(args.workspace), values | {"steps": args.steps})
    with _quiet():
        from gan_core import benchmark
    found = benchmark.run(spec, workspace_path(args.workspace))
    if args.json:
        return _print_json(found)
    for name, value in found.items():
        print(f"{name:<28} {value}")


def work(args):
    from gan_core.worker import work

    ended = work(open_store(args.workspace), args.run)
    return 1 if ended.status in (DIVERGED, FAILED, LOST) else 0


def score_runs(args):
    from gan_core import score_jobs

    return 1 if score_jobs.work(open_store(args.workspace), args.runs, args.every) else 0


def dispatch(args):
    from gan_core import jobs

    jobs.dispatch(workspace_path(args.workspace))


def _spec(args, workspace, values, name=""):
    """The checked spec that the arguments of ``train`` and ``bench`` ask for."""
    from gan_core import data
    from gan_core.data import keras_sets
    from gan_core.families import family
    from gan_core.spec import make_spec

    found = family(args.architecture, cache=workspace / "cache")
    if any(args.data == each.name for each in keras_sets.infos()):  # Keras may have to fetch it
        with _quiet():
            import keras  # noqa: F401
    dataset = data.load(args.data, size=args.size, workspace=workspace)
    return make_spec(found, dataset.name, dataset.spec, values, size=args.size, name=name)


def _pairs(texts, flag="--set", what="KNOB"):
    """``["a=1"]`` -> ``{"a": "1"}``."""
    pairs = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise BadInput(f"{flag} takes {what}=VALUE, not {text!r}.")
        pairs[name.strip()] = value.strip()
    return pairs


def _print_json(value):
    json.dump(value, sys.stdout, indent=2)
    print()


@contextlib.contextmanager
def _quiet():
    """Keep what TensorFlow says on stderr while it loads, and show it only if loading fails."""
    import tempfile

    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as said:
        os.dup2(said.fileno(), 2)
        try:
            yield
        except BaseException:
            os.dup2(kept, 2)
            said.seek(0)
            sys.stderr.write(said.read().decode(errors="replace"))
            raise
        finally:
            os.dup2(kept, 2)
            os.close(kept)


def main(arguments=None):
    try:
        args = parser().parse_args(arguments)
        return args.function(args) or 0
    except UserError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:  # `... | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
