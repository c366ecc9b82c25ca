"""What may be chosen when files of one's own are imported, each declared once: for the form and the command line."""

from dataclasses import dataclass

from gan_core.config.knobs import Config, knob
from gan_core.data import IMAGES, MUSIC, PAIRS, TABLE, Choices
from gan_core.data.choices import OPTIONS

GROUP = "Import"
PICTURES = (IMAGES, PAIRS)
_DEFAULT = Choices()


@dataclass(frozen=True, kw_only=True)
class ImportKnobs(Config):
    ground: str = knob(
        _DEFAULT.ground, choices=OPTIONS["ground"], group=GROUP, only=PICTURES, label="Transparent parts",
        help="What transparent parts stand on. alpha: they stay transparent, and how much is learned as a fourth channel. "
             "auto: white, or black or grey where white hides more; arrays of four channels keep their alpha.")
    fit: str = knob(
        _DEFAULT.fit, choices=OPTIONS["fit"], group=GROUP, only=PICTURES, label="Pictures that are not square",
        help="crop: their middle. pad: all of them, with the ground beside it. tiles: squares along the long side, each a "
             "sample of its own.")
    scale: str = knob(
        _DEFAULT.scale, choices=OPTIONS["scale"], group=GROUP, only=PICTURES, label="Pictures of more than 8 bits",
        help="One scale for the whole set. set: from its darkest to its lightest pixel. depth: all that their type "
             "can hold. auto: from 0 to the lightest where less than half of the range is used, as of 12 bits in 16; else "
             "depth.")
    channels: str = knob(
        _DEFAULT.channels, choices=OPTIONS["channels"], group=GROUP, only=PICTURES, label="Channels of arrays",
        help="last: arrays are (count, height, width, channels). first: (count, channels, height, width). auto: last, "
             "and what looks otherwise is asked about.")
    rename: str = knob(
        _DEFAULT.rename, group=GROUP, only=PICTURES, label="Rename classes",
        help="old=new, and more of them after commas; classes of one name become one.")

    pairs: str = knob(
        _DEFAULT.pairs, choices=OPTIONS["pairs"], group=GROUP, only=PICTURES, label="Pairs",
        help="left-right: each picture is two, side by side, the source on the left. right-left: the source on the right. "
             "folders: two folders, source and target or A and B, with files of equal names. none: each is an image for "
             "itself. auto: pairs where there are two such folders.")
    palette: str = knob(
        _DEFAULT.palette, choices=OPTIONS["palette"], group=GROUP, only=PICTURES, label="Colours of label maps",
        help="Sources of pairs that are maps of labels have a colour for each label: so many. What JPEG has blurred becomes "
             "one of them again. auto: label maps are told by their few colours. none: sources are pictures.")
    bars: str = knob(
        _DEFAULT.bars, choices=OPTIONS["bars"], group=GROUP, label="Bars of a phrase", only=(MUSIC,),
        help="Music is cut to phrases of so many bars, one after the other; what is left at the end is not learned. "
             "auto: 4.")
    columns: str = knob(
        _DEFAULT.columns, group=GROUP, only=(TABLE,), label="What columns are",
        help="name=kind, and more of them after commas: number, integer, category, date, the way in which a date is written "
             "such as %d/%m/%Y, or out, which leaves it out. Those that are not named are guessed.")
    missing: str = knob(
        _DEFAULT.missing, choices=OPTIONS["missing"], group=GROUP, only=(TABLE,), label="Missing values",
        help="keep: they are learned, and drawn as often as they are missing. rows: rows that lack a value are left out. "
             "auto: they are kept where more than a few rows would be lost.")

    @property
    def choices(self) -> Choices:
        return Choices(**{knob.name: getattr(self, knob.name) for knob in ImportKnobs.knobs()})
