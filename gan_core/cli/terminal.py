"""What the verbs share: bars, JSON, quiet imports, and arguments that several of them take."""

import argparse
import contextlib
import json
import os
import sys

from gan_core.errors import BadInput


def whole(text):
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None


def pairs(texts, flag="--set", what="KNOB"):
    """``["a=1"]`` -> ``{"a": "1"}``."""
    pairs = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise BadInput(f"{flag} takes {what}=VALUE, not {text!r}.")
        pairs[name.strip()] = value.strip()
    return pairs


def spec_of(args, workspace, values, name=""):
    """The checked spec that the arguments of ``train`` and ``bench`` ask for."""
    from gan_core import data
    from gan_core.config.spec import make_spec
    from gan_core.data.sets import keras_sets
    from gan_core.models import cards, own_zoo

    card = cards.card(args.architecture, workspace / "cache")
    if sentence := own_zoo.files()[1].get(f"{args.architecture}.py"):
        print(sentence, file=sys.stderr)  # the project's is taken, and not the file of that name
    if any(args.data == info.name for info in keras_sets.infos()):  # Keras may have to fetch it
        with quiet():
            import keras  # noqa: F401
    dataset = data.load(args.data, size=args.size, workspace=workspace)
    spec = make_spec(card, dataset.name, dataset.spec, values, size=args.size, name=name)
    if data.is_own(args.data, workspace):
        print(dataset.note, file=sys.stderr)
    return spec


def in_megabytes(size):
    return f"{size / 10**6:,.1f} MB"


def print_json(value):
    json.dump(value, sys.stdout, indent=2)
    print()


@contextlib.contextmanager
def progress(delay=0):
    """A bar on stderr of what takes a while, with the time left: ``told(share, what)`` moves it, ``say(line)`` writes
    above it.  One that is ``delay``-ed, since there is seldom anything to wait for, is for terminals only."""
    from tqdm import tqdm

    with tqdm(total=1, leave=False, delay=delay, disable=None if delay else False, file=sys.stderr, dynamic_ncols=True,
              bar_format="{desc:<34}{percentage:3.0f}%|{bar}| {elapsed}, {remaining} left") as bar:
        def told(share, what):
            bar.set_description_str(what, refresh=False)
            bar.update(share - bar.n)

        bar.told, bar.say = told, lambda line: bar.write(line, file=sys.stderr)
        yield bar


@contextlib.contextmanager
def written_to(path):
    try:
        yield
    except OSError as error:
        raise BadInput(f"{path} could not be written: {error.strerror or error}.") from None


@contextlib.contextmanager
def quiet():
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
