"""How a run that another program made is described: its spec, and what its curves are called."""

import hashlib
import re

from gan_core.config.spec import SPEC_VERSION
from gan_core.store import records
from gan_core.store.run import ELSEWHERE

LONGEST = 80  # characters of a curve's name
MOST_KNOBS = 200
SIDES = {"d": ("d", "dis", "disc", "discriminator", "critic"), "g": ("g", "gen", "generator")}
FILLING = {"train", "training", "losses"}  # words of a name that change nothing
# What remains of a name without its side and what fills it -> our key for it.  Only what it plainly means is here.
KEYS = {("loss",): "{}_loss", ("err",): "{}_loss", ("error",): "{}_loss",
        ("lr",): "{}_learning_rate", ("learning", "rate"): "{}_learning_rate",
        ("grad", "norm"): "{}_gradient_norm", ("gradient", "norm"): "{}_gradient_norm",
        ("accuracy", "real"): "{}_accuracy_real", ("acc", "real"): "{}_accuracy_real",
        ("accuracy", "fake"): "{}_accuracy_fake", ("acc", "fake"): "{}_accuracy_fake"}
D_ALONE = ("{}_accuracy_real", "{}_accuracy_fake")
WHOLE = {("gradient", "penalty"): "gradient_penalty", ("gp",): "gradient_penalty"}


def spec_of(name, *, data="", steps=0, knobs=None):
    """The spec of a run that was made elsewhere, as it is kept.  A ``seed`` among the knobs is the run's."""
    knobs = {str(knob)[:LONGEST]: value for knob, value in list((knobs or {}).items())[:MOST_KNOBS]}
    knobs = {knob: _plain(value) for knob, value in knobs.items()}
    seed = knobs.pop("seed", 0)
    seed = seed if records.is_whole(seed) and seed >= 0 else 0
    return {"architecture": ELSEWHERE, "data": data, "shape": [], "kind": "", "classes": [],
            "settings": {"steps": int(steps), "seed": seed}, "knobs": knobs, "name": name, "version": SPEC_VERSION}


def _plain(value):
    """A knob's value as one that can be kept: of NumPy's numbers Python's, of what is none its text."""
    if hasattr(value, "item") and not getattr(value, "shape", None):
        value = value.item()
    return value if records.is_plain(value) else str(value)[:200].encode(errors="replace").decode()


def clean_name(text, otherwise="A run made elsewhere"):
    """A name of a run or of data: one line of at most 80 characters that can be kept."""
    line = " ".join(str(text).encode(errors="replace").decode().split())
    return "".join(sign for sign in line if sign.isprintable())[:80].strip() or otherwise


def key_of(name):
    """The name of a curve as it is kept: its own, in one line; one that is too long ends in a hash, so that no two meet."""
    key = clean_line(name)
    return key if len(key) <= LONGEST else f"{key[:LONGEST - 9]}~{hashlib.sha256(key.encode()).hexdigest()[:8]}"


def clean_line(text):
    line = " ".join(str(text).encode(errors="replace").decode().split())
    return "".join(sign for sign in line if sign.isprintable()) or "value"


def ours(name):
    """Our key for what a curve of this name plainly means; "" where it does not."""
    said = [word for word in words(name) if word not in FILLING]
    if key := WHOLE.get(tuple(said)):
        return key
    sides = [side for side, names in SIDES.items() for word in said if word in names]
    rest = tuple(sorted(word for word in said if not any(word in names for names in SIDES.values())))
    key = next((key for what, key in KEYS.items() if tuple(sorted(what)) == rest), None)
    if len(sides) != 1 or key is None or key in D_ALONE and sides != ["d"]:
        return ""
    return key.format(*sides)


def words(name):
    """``"losses/lossG"`` -> ``["losses", "loss", "g"]``."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", str(name))
    return [word.lower() for word in re.findall(r"[A-Za-z]+", parted)]


def called(names, own=()):
    """``{name: key}`` for the curves of one run, no key twice: ours for what plainly means it, for the first that does, else
    their own, as for those that are among ``own``."""
    as_they_are = {name for name in names if key_of(name) == name}
    keys = {}
    for name in names:
        key = "" if name in own else ours(name)
        if not key or key in keys.values() or key != name and key in names:
            key = name if name in as_they_are else free(key_of(name), as_they_are.union(keys.values()))
        keys[name] = key
    return keys


def free(key, taken):
    """The key, or one like it that is not ``taken``: columns may have one name, and names differ by signs alone that none is
    kept with."""
    number, other = 1, key
    while other in taken:
        number += 1
        other = f"{key[:LONGEST - 6]} ({number})"
    return other
