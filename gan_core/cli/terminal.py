"""What the verbs share: streams, bars, JSON, and arguments that several of them take."""

import argparse
import contextlib
import json
import os
import re
import secrets
import sys

from gan_core.config.import_knobs import ImportKnobs
from gan_core.data import texts
from gan_core.data.choices import LAYOUTS, NONE
from gan_core.data.csv_table import is_table
from gan_core.data.sets.text_files import is_text
from gan_core.errors import BadInput, UserError
from gan_core.launch.loading import loading_keras
from gan_core.store import records
from gan_core.whole_files import try_to_write


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


def add_import_choices(parser):
    parser.add_argument("--import", action="append", default=[], metavar="CHOICE=VALUE", dest="import_choices",
                        help="how files are read: " + ", ".join(knob.name for knob in ImportKnobs.knobs())
                             + "; see `datasets --choices`")


def add_pairs(parser):
    from gan_core.data.recipes import recipes

    made = "; ".join(f"{name}: {recipe.title}" for name, recipe in recipes().items())
    parser.add_argument("--pairs", metavar="RECIPE",
                        help=f"learn from pairs of images: {', '.join(LAYOUTS)} as they lie there, or made of any images "
                             f"({made})")


def add_domains(parser):
    parser.add_argument("--domains", metavar="A,B",
                        help="learn two domains, the first of which becomes the second: two classes of a labelled set "
                             "(folders, such as trainA and trainB, are A,B; #3,#8 are classes by their places; a name with "
                             "a comma stands in double quotes), or source,target of pairs")


def import_choices(args):
    """The :class:`gan_core.data.Choices` of the arguments; of what is a list there may be several."""
    given = [pairs([text], "--import", "CHOICE") for text in args.import_choices]
    listed = {name: ",".join(one[name] for one in given if name in one) for name in ("rename", "columns")}
    chosen = {name: value for one in given for name, value in one.items()}
    lying = {"pairs": args.pairs} if getattr(args, "pairs", None) in LAYOUTS else {}
    if getattr(args, "domains",
               None) and not lying and "pairs" not in chosen and os.path.exists(os.path.expanduser(args.data)):
        lying = {"pairs": NONE}  # folders of equal names are domains then
    return ImportKnobs.parse(chosen | {name: value for name, value in listed.items() if value} | lying).choices


def tell(sentences):
    """Say on stderr what is worth knowing beside a result."""
    for sentence in sentences:
        print(one_line(sentence), file=sys.stderr)


def spec_of(args, workspace, values, name=""):
    """The checked spec that the arguments of ``train`` and ``bench`` ask for."""
    from gan_core import data
    from gan_core.config.spec import make_spec
    from gan_core.data import DOMAINS, IMAGES, PAIRS, domains, recipes
    from gan_core.data.sets import keras_sets, made_domains
    from gan_core.models import cards, own_zoo

    card = cards.card(args.architecture, workspace / "cache")
    if sentence := own_zoo.files()[1].get(f"{args.architecture}.py"):
        print(sentence, file=sys.stderr)  # the project's is taken, and not the file of that name
    if any(args.data == info.name for info in keras_sets.infos()):  # Keras may have to fetch it
        with loading_keras():
            import keras  # noqa: F401
    if args.pairs is not None and args.pairs not in LAYOUTS:
        recipes.check(args.pairs)
    _refuse_table(args)
    dataset = data.load(args.data, size=args.size, workspace=workspace, choices=import_choices(args))
    if args.pairs is not None and args.pairs not in LAYOUTS:
        dataset = data.load(recipes.joined(dataset.name, args.pairs), size=args.size, workspace=workspace)
    if args.domains or DOMAINS in card.data and dataset.kind in (IMAGES, PAIRS):
        named = made_domains.name_of(data.described(dataset.name, workspace), args.domains and domains.asked(args.domains))
        dataset = data.load(named, size=args.size, workspace=workspace)
    spec = make_spec(card, dataset.name, dataset.spec, values, size=args.size, name=name)
    if data.is_own(args.data, workspace):
        print(dataset.note, file=sys.stderr)
    return spec


def _refuse_table(args):
    """BadInput where pairs or two domains are asked for of a table or a text, before it is imported."""
    path = os.path.expanduser(args.data)
    if (args.pairs or args.domains) and os.path.isfile(path) and (is_table(path) or is_text(path)):
        what, flag = ("Pairs", "--pairs") if args.pairs else ("Two domains", "--domains")
        kind = "table" if is_table(path) else "text"
        raise BadInput(f"{what} are made of images, and {texts.label(path)} is a {kind}; choose other data, or leave {flag} "
                       "out.")


# What could move the cursor, colour the rest or hide a part of it: control characters, and those that turn the direction.
_CONTROLS = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ufeff]")


def plain(text):
    """Text that a terminal shows and does not obey: control characters as Python writes them, line ends and tabs kept."""
    return _CONTROLS.sub(lambda found: ascii(found[0])[1:-1], text) if _CONTROLS.search(text) else text


def one_line(text):
    """The same for a sentence or a name: line ends are written out, too."""
    return plain(str(text)).replace("\n", "\\n")


class NotPrinted(UserError):
    """What was to be printed went nowhere."""

    exit_code = 1


class _Out:
    """A stream to which names of strangers can be written; ``bare`` is the one below."""

    def __init__(self, bare):
        self.bare = bare

    def write(self, text):
        try:
            return self.bare.write(plain(text))
        except (OSError, ValueError) as error:
            self._failed(error)

    def flush(self):
        try:
            self.bare.flush()
        except (OSError, ValueError) as error:
            self._failed(error)

    def _failed(self, error):
        if not isinstance(error, OSError) or isinstance(error, BrokenPipeError):
            raise error
        raise NotPrinted(f"What was to be printed could not be written ({error.strerror or error}); everything else is "
                         "done.") from None

    def __getattr__(self, name):
        return getattr(self.bare, name)


class _Err(_Out):
    """One that never fails: that nobody can read the words of a run must not end it."""

    def _failed(self, error):
        pass  # a full disk, a terminal that is gone, a closed file


class Bare(_Err):
    """For bars, which move the cursor."""

    def write(self, text):
        try:
            return self.bare.write(text)
        except (OSError, ValueError) as error:
            self._failed(error)


def bars():
    """Where progress bars are drawn."""
    return Bare(getattr(sys.stderr, "bare", sys.stderr))


@contextlib.contextmanager
def streams():
    """While it lasts, what is printed is fit for any terminal: one of few letters, a full disk, none at all."""
    for number in range(3):  # a database must not be opened under the number of a closed stdout
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    before = sys.stdout, sys.stderr
    out, err = (stream or open(os.devnull, "w") for stream in before)
    for stream in (out, err):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    sys.stdout, sys.stderr = _Out(out), _Err(err)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def leave_stdout():
    """Nobody reads it any more; what is left in it must not be complained about when the process ends."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def print_json(value):
    """What is no number (a loss that diverged, a score that was damaged) is null: JSON has no NaN, and its readers none."""
    print(json.dumps(records.finite(value), indent=2, allow_nan=False))


@contextlib.contextmanager
def progress(delay=0):
    """A bar on stderr of what takes a while, with the time left: ``told(share, what)`` moves it, ``say(line)`` writes
    above it.  One that is ``delay``-ed, since there is seldom anything to wait for, is for terminals only."""
    from tqdm import tqdm

    with tqdm(total=1, leave=False, delay=delay, disable=None if delay else False, file=bars(), dynamic_ncols=True,
              bar_format="{desc:<34}{percentage:3.0f}%|{bar}| {elapsed}, {remaining} left") as bar:
        def told(share, what):
            bar.set_description_str(what, refresh=False)
            bar.update(share - bar.n)

        bar.told, bar.say = told, lambda line: bar.write(one_line(line), file=bars())
        yield bar


def check_file(path, sources=()):
    """BadInput where a file cannot be written to ``path``, or would replace one of the ``sources`` that it is made of: to be
    asked before the work, which would be in vain."""
    for source in sources:
        with contextlib.suppress(OSError):  # it is not there yet, or who reads the source tells
            if os.path.samefile(path, source):
                raise BadInput(f"{path} is what is to be read, and would be replaced; give another name or folder.")
    with written_to(path):
        try_to_write(path)


def check_folder(path, names=(), sources=()):
    """The same of files in a folder, which need not be there yet; of ``names`` where they are known."""
    if path.exists() and not path.is_dir():
        raise BadInput(f"{path} is no folder; give one for the files.")
    with written_to(path):
        try_to_write(path / f".partial-{secrets.token_hex(4)}")
    for name in names:
        check_file(path / name, sources)


@contextlib.contextmanager
def written_to(path):
    try:
        yield
    except OSError as error:
        raise BadInput(f"{path} could not be written: {error.strerror or error}.") from None
