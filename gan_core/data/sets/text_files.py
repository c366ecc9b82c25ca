"""The user's own texts: a .txt file in any script, read once and kept in the workspace under a name and a hash of its
content.

A text is cut into passages of whole paragraphs where they are short enough (:func:`gan_core.data.characters.passages`);
tunes in ABC notation are paragraphs, too.  Kept files are ``datasets/<name>-<hash>.text.npz``: x, the codes, and meta, a
JSON text.
"""

import hashlib
import os
from pathlib import Path

from gan_core.data import characters, code_pages, keeping, texts
from gan_core.data.base import APART_FROM, TEXT, Dataset
from gan_core.data.choices import NONE_MADE
from gan_core.data.kept import Kept
from gan_core.errors import BadInput
from gan_core.sound.abc_notation import parsed

ORDER = 130
KIND = TEXT
SUFFIXES = (".txt", ".text", ".md", ".abc")
LARGEST = 50 * 10**6  # bytes of a file: what is read in some seconds, and more than is learned in days
FEWEST = 500  # characters
LENGTHS, OF_TUNES = (64, 128, 256), 512  # characters of a passage; of a collection of tunes, which are no tunes when cut
ENOUGH = 400  # passages, for which shorter ones are taken
TUNES = 0.5  # of the paragraphs, from which on a text is a collection of tunes
LOOKED_AT = 200  # paragraphs of it


def _dataset(name, arrays, meta):
    return Dataset(name, TEXT, arrays["x"], None, note=meta["note"], traits=_traits(meta["characters"]))


def _facts(meta):
    return {"shape": (int(meta["length"]),), "traits": _traits(str(meta["characters"]))}


def _traits(vocabulary):
    return (("characters", vocabulary),)


KEPT = Kept(KIND, "text", "its text", _dataset, _facts, {"shape": (1,), "traits": _traits("?")},
            meta=("length", "characters"))
infos, load = KEPT.infos, KEPT.load


def claims(path, choices=NONE_MADE) -> bool:
    return os.path.isfile(path) and is_text(path)


def is_text(path) -> bool:
    """Whether a file is taken for a text, by its name."""
    return str(path).lower().endswith(SUFFIXES)


def load_path(path, size, workspace, choices=NONE_MADE) -> Dataset:
    """The passages of a file as codes; its vocabulary is of the whole text: it belongs to the data."""
    label = texts.label(path)
    if size is not None:
        sentence = f"{label} is a text and has no size in pixels; leave the size out."
        raise BadInput(sentence, {"size": sentence})
    if choices.made:
        raise BadInput(f"{label} is a text, of which nothing can be chosen ({choices.made}); leave that out.")
    try:
        if os.path.getsize(path) > LARGEST:
            raise BadInput(f"{label} has {os.path.getsize(path) / 10**6:,.0f} MB and a text may have "
                           f"{LARGEST / 10**6:,.0f}; take a part of it.")
        data = Path(path).read_bytes()
    except OSError as error:
        raise BadInput(f"{label} cannot be read: {error.strerror}.") from error
    text, said = code_pages.read(data, label)
    x, vocabulary, note = _passages(text, label, said)
    mark = hashlib.sha256(x.tobytes() + vocabulary.encode()).hexdigest()[:12]
    name = keeping.name_of(path, mark, KEPT.names(workspace), default="text")
    dataset = Dataset(name, TEXT, x, None, note=note, traits=_traits(vocabulary))
    if workspace is not None:
        if (kept := KEPT.again(name, workspace)) is not None:
            return kept
        KEPT.write(name, workspace, {"count": len(x), "length": x.shape[1], "characters": vocabulary, "note": note}, x=x)
    return dataset


def _passages(text, label, said):
    """``(codes (N, T), vocabulary, note)``; BadInput for a text of which nothing can be learned."""
    parts = characters.paragraphs(text)
    count = sum(map(len, parts))
    if count < FEWEST:
        raise BadInput(f"{label} has {keeping.number(count, 'character')}, and from fewer than {FEWEST:,} nothing can be "
                       "learned; give a longer text: thousands of characters are better.")
    if len(set(text) - set(" \n\t")) < 2:
        raise BadInput(f"{label} has one character alone, {parts[0][0]!r}, over and over, so that there is nothing to "
                       "learn; give another text.")
    tunes = sum(parsed(part) is not None for part in parts[:LOOKED_AT]) >= TUNES * min(len(parts), LOOKED_AT)
    made = None
    for length in sorted((*LENGTHS, *([OF_TUNES] if tunes else ())), reverse=True):
        made = _whole(parts, length) if tunes else characters.passages(parts, length)
        if len(made) >= ENOUGH or length == LENGTHS[0]:
            break
    vocabulary, unknown = characters.vocabulary("\n\n".join(parts))
    sentences = [f"Imported from {label}: {count:,} characters, {len(set(text)):,} different ones, in "
                 f"{keeping.number(len(made), 'passage')} of up to {length}.", said]
    if tunes:
        sentences.append("They are tunes in ABC notation, each a passage of its own unless it is longer.")
    if unknown:
        sentences.append(f"The {len(vocabulary) - 1:,} most frequent are learned; the others, {unknown:.1%} of the text, "
                         "are one character for unknown.")
    if len(made) < APART_FROM:
        sentences.append(f"It is short: nothing is kept from training, so that no bits a character are measured; "
                         f"{APART_FROM} passages would do.")
    return characters.encoded(made, vocabulary, length), vocabulary, " ".join(filter(None, sentences))


def _whole(parts, length):
    """Passages of one paragraph each, but for what is too long."""
    return [passage for part in parts for passage in characters.passages([part], length)]
