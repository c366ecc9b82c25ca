"""Two domains, images of each of which are shuffled by themselves: two classes of a labelled set, ``mnist+3,8``, or both
sides of pairs, ``mine+source,target``.  Here are their names; :mod:`gan_core.data.sets.made_domains` makes them."""

import re

from gan_core.data.texts import names as listed, quoted
from gan_core.errors import BadInput

SOURCE, TARGET = SIDES = "source", "target"  # of pairs
FOLDERS = "A", "B"  # what the same two may be called
FEWEST = 10  # images of a domain
_BY_NUMBER = "#"
_SPECIAL = frozenset('",+#')
_TRAINED_ON = re.compile(r"train[ _-]?([ab])", re.IGNORECASE)  # trainA, which beside testA is read as A


def two(text):
    """``(from, to)`` of "a,b"; None of what names no two domains."""
    first, comma, second = (part.strip() for part in str(text).partition(","))
    return (first, second) if comma and first and second and "," not in second else None


def asked(text):
    """The same of what a person gave; BadInput where it names no two domains, or one twice."""
    names = tuple(listed(str(text)))
    if len(set(names)) != 2 or len(names) != 2:
        sentence = (f"Two domains are named as A,B, the first is made into the second, and a name with a comma stands in "
                    f"double quotes; {str(text)!r} does not name two.")
        raise BadInput(sentence, {"domains": sentence})
    return names


def called(names, classes):
    """"a,b" of two classes of a labelled set, by number where a name could be taken for something else."""
    return ",".join(name if not _SPECIAL & set(name) and name == name.strip() else f"{_BY_NUMBER}{place}"
                    for place, name in ((place, classes[place]) for place in which(names, classes)))


def which(names, classes):
    """The numbers of two ``names`` among ``classes``; None where one is none of them."""
    found = [number(name, classes) for name in names]
    return None if None in found or found[0] == found[1] else tuple(found)


def number(name, classes):
    """The number of a class among ``classes``, by its name, as "#3", or as the domain A or B of a folder trainA or trainB;
    None of none."""
    if name in classes:
        return classes.index(name)
    if name in FOLDERS:
        folders = [place for place, folder in enumerate(classes)
                   if (match := _TRAINED_ON.fullmatch(folder)) and match[1].upper() == name]
        return folders[0] if len(folders) == 1 else None
    digits = name.removeprefix(_BY_NUMBER)
    return int(digits) if digits != name and digits.isdecimal() and int(digits) < len(classes) else None


def of_sides(names):
    """Which of the sides of pairs two names mean: 0 and 1 for source and target; None where they mean none."""
    for sides in (SIDES, FOLDERS):
        if set(names) == set(sides):
            return tuple(sides.index(name) for name in names)
    return None


def refusal(classes, *, paired=False, labelled=True):
    """What to say of names that a dataset does not have, a sentence."""
    if paired:
        return f"The two domains of pairs are {SOURCE},{TARGET}, or the other way round."
    if not labelled:
        return ("Two domains are two classes, and these images have none: give two folders of images, A and B, or a set "
                "with labels.")
    return (f"Two domains are two of the classes {', '.join(map(quoted, classes))}; name them as A,B (`--domains`), one "
            "with a comma in double quotes, or by their places as #0,#1.")
