"""What a person may choose when samples are imported; what is left to itself is told by the set, and said in its note."""

import dataclasses
from dataclasses import dataclass

from gan_core.data import dates
from gan_core.data.columns import CATEGORY, DATE, INTEGER, NUMBER
from gan_core.data.texts import names, shown
from gan_core.errors import BadInput

AUTO = "auto"
WHITE, BLACK, GREY, ALPHA = "white", "black", "grey", "alpha"
CROP, PAD, TILES = "crop", "pad", "tiles"
SET, DEPTH = "set", "depth"
FIRST, LAST = "first", "last"
LEFT_RIGHT, RIGHT_LEFT, FOLDERS = "left-right", "right-left", "folders"
SIDES = (LEFT_RIGHT, RIGHT_LEFT)
LAYOUTS = (*SIDES, FOLDERS)  # of pairs that lie in files
NONE = "none"
KEEP, ROWS = "keep", "rows"
OUT = "out"
OF_COLUMNS = (NUMBER, INTEGER, CATEGORY, DATE, OUT)
OPTIONS = {"ground": (AUTO, WHITE, BLACK, GREY, ALPHA), "fit": (CROP, PAD, TILES), "scale": (AUTO, SET, DEPTH),
           "channels": (AUTO, LAST, FIRST), "pairs": (AUTO, *LAYOUTS, NONE),
           "palette": (AUTO, NONE, "2", "4", "8", "12", "16", "24", "32"), "bars": (AUTO, "1", "2", "4", "8"),
           "missing": (AUTO, KEEP, ROWS)}
# Those that some sources alone take, which name them in their ``TAKES``, and no others then.
OF_SOME = ("bars", "columns", "missing")


@dataclass(frozen=True)
class Choices:
    """What :data:`OPTIONS` has of each; :class:`gan_core.config.import_knobs.ImportKnobs` tells people what it means.

    Attributes:
        ground: what transparent parts stand on, or "alpha": they are learned, as a fourth channel.
        fit: how what is not square becomes square.
        scale: what is black and what white of pictures of more than 8 bits: the darkest and the lightest of the set, or the
            ends of their type.
        channels: on which side of height and width those of arrays stand.
        rename: other names of classes, "old=new, old=new"; classes of one name become one.
        pairs: where source and target of a pair are: side by side in one picture, the source "left" or "right", or in two
            folders of equal names; "none": each is an image for itself.
        palette: how many colours the label maps have that are the sources of pairs; "none" where they are none.
        bars: how many bars of music a phrase has.
        columns: what columns of a table are, "name=kind, name=kind": of :data:`OF_COLUMNS`, where "out" leaves one out, or
            the way in which a date is written, such as "%d/%m/%Y".
        missing: whether missing values of a table are kept as such, or the "rows" left out that have some.
    """

    ground: str = AUTO
    fit: str = CROP
    scale: str = AUTO
    channels: str = AUTO
    rename: str = ""
    pairs: str = AUTO
    palette: str = AUTO
    bars: str = AUTO
    columns: str = ""
    missing: str = AUTO

    def __post_init__(self):
        wrong = {name: f"{name} must be one of {', '.join(options)}, not {getattr(self, name)!r}."
                 for name, options in OPTIONS.items() if getattr(self, name) not in options}
        if wrong:
            raise BadInput(" ".join(wrong.values()), wrong)
        _pairs(self.rename, "rename", "OLD=NEW")
        self.kinds()

    @property
    def made(self) -> str:
        """The choices that a person made, "" of none: data of other choices are other data."""
        return ", ".join(f"{name}={getattr(self, name)}" for name in self._made)

    @property
    def _made(self):
        return [field.name for field in dataclasses.fields(self) if getattr(self, field.name) != field.default]

    def not_for(self, source) -> str:
        """Those that a person made and that mean nothing to a source of data, "" of none."""
        taken = getattr(source, "TAKES", [name for name in OPTIONS.keys() | {"rename"} if name not in OF_SOME])
        return ", ".join(f"{name}={getattr(self, name)}" for name in self._made if name not in taken)

    def kinds(self, header=None):
        """``{column: kind}`` of what was said of columns of a table, a kind of :data:`OF_COLUMNS` or the way of its dates.

        Raises:
            BadInput: for what is no kind, and for a column that is not in the ``header``.
        """
        known, found = {shown(name): name for name in header or ()}, {}
        for parts in _pairs(self.columns, "columns", "NAME=KIND"):
            name, kind = shown("=".join(parts[:-1])), parts[-1].strip()
            if kind not in OF_COLUMNS and ("%" not in kind or dates.refusal(kind)):
                why = f" ({dates.refusal(kind)})" if "%" in kind else ""
                _refuse(f"A column is {', '.join(OF_COLUMNS[:-1])}, or a date as %d/%m/%Y, or {OUT}, not {kind!r}{why}.",
                        "columns")
            if header is not None and name not in known:
                some = ", ".join(list(known)[:12]) + (", ..." if len(known) > 12 else "")
                _refuse(f"There is no column {name!r}; the columns are {some}.", "columns")
            found[known.get(name, name)] = kind
        return found

    @property
    def sentences(self) -> list[str]:
        """What the note of a dataset says of them beside what was done: other names of classes."""
        return [f"Classes were renamed: {shown(self.rename)}."] if self.rename else []

    def renamed(self, classes) -> tuple[tuple[str, ...], tuple[int, ...]]:
        """``(new names, the new number of each old class)``; BadInput where one is renamed that there is not."""
        new = {}
        for texts in _pairs(self.rename, "rename", "OLD=NEW"):
            cuts = [(shown("=".join(texts[:at])), shown("=".join(texts[at:]))) for at in range(1, len(texts))]
            cut = next(((old, name) for old, name in cuts if old in classes), None)
            if cut is None:
                there = f"the classes are {', '.join(classes)}" if classes else "there are no classes"
                _refuse(f"There is no class {cuts[0][0]!r} to rename; {there}.")
            new[cut[0]] = cut[1]
        named = [new.get(name, name) for name in classes]
        names = tuple(dict.fromkeys(named))
        return names, tuple(names.index(name) for name in named)


def _pairs(text, choice, form):
    """The parts between "=" of each of the comma-separated pairs; a name with a comma stands in double quotes."""
    pairs = [pair.split("=") for pair in names(text)]
    for parts in pairs:
        if len(parts) < 2 or not shown(parts[0]) or not shown(parts[-1]):
            _refuse(f"{choice} takes {form}, and more of them after commas, not {'='.join(parts)!r}.", choice)
    return pairs


def _refuse(sentence, choice="rename"):
    raise BadInput(sentence, {choice: sentence})


NONE_MADE = Choices()
