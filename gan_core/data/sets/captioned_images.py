"""The user's own images with captions: a folder or a zip of them with a table ``captions.csv`` (file, caption), or
``metadata.csv`` or ``.jsonl`` (file_name, text) as Hugging Face's image folders have it; kept in the workspace as single
images are.

Kept files are ``datasets/<name>-<hash>-<size>.captions.npz``: x, caption, and meta, a JSON text with the words.
"""

import contextlib
import csv
import dataclasses
import hashlib
import json
import os
import re
from pathlib import PurePosixPath

from gan_core.data import code_pages, keeping, label_lists, texts, words
from gan_core.data.base import CAPTIONS, Dataset
from gan_core.data.choices import AUTO, NONE_MADE
from gan_core.data.kept import DEFAULT_SIZE, KeptImages
from gan_core.data.pictures import Pictures, doubts
from gan_core.data.pixels import Unreadable, check_total, decoding
from gan_core.data.sources import open_source
from gan_core.errors import BadInput

ORDER = 130
TABLES = ("captions.csv", "captions.tsv")
MAY_BE = ("metadata.csv", "metadata.tsv", "metadata.jsonl")  # where they have captions, and no classes
FILES = ("file", "filename", "image", "imagename", "imagefile", "img", "path", "filepath", "imagepath", "name", "id")
CAPTION = ("caption", "text", "description", "comment", "prompt", "title", "label")
SAID = ("caption", "text", "description", "prompt")  # those that no class is called
NAMED = 3  # files that a sentence names before it only counts


def _dataset(name, arrays, meta):
    return Dataset(name, CAPTIONS, arrays["x"], None, skipped=meta["skipped"], note=meta["note"],
                   more={"caption": arrays["caption"]}, traits=(("words", tuple(meta["words"])),))


def _facts(meta):
    return _told(meta["shape"], meta["width"], meta["words"])


def _told(shape, width, vocabulary):
    return {"shape": tuple(shape), "beside": (("caption", (width,)),), "traits": (("words", tuple(vocabulary)),)}


KEPT = KeptImages(CAPTIONS, "captions", "its folder or zip", _dataset, _facts, _told((DEFAULT_SIZE, DEFAULT_SIZE, 3), 1, ()),
                  meta=("shape", "skipped", "words", "width"), arrays=("x", "caption"))
infos, load = KEPT.infos, KEPT.load


def claims(path, choices=NONE_MADE) -> bool:
    """Whether a table of captions lies with the images, and nothing else is asked for."""
    if choices.pairs != AUTO or os.path.isfile(path) and path.lower().endswith((".csv", ".tsv")):
        return False
    with contextlib.suppress(BadInput), open_source(path) as source:  # what cannot be opened is refused by who reads images
        return _table(source) is not None
    return False


def load_path(path, size, workspace, choices=NONE_MADE) -> Dataset:
    """The images as squares of ``size`` (default 32) pixels with their captions, from the workspace if they are kept there.

    Raises:
        BadInput: where the table cannot be read, or fewer than two images have a caption.
    """
    path, size = os.path.abspath(path), size or DEFAULT_SIZE
    label = texts.label(path)
    if choices.rename:
        choices.renamed(())
    with open_source(path) as source:
        table = _table(source)
        rows, said = _rows(source.lists[table], table)
        # What is said of how the table was read says of a set that was kept before whether it was read so.
        known = f"{source.fingerprint()} {choices.made}".encode() + source.lists[table] + "".join(said).encode()
        mark = hashlib.sha256(known).hexdigest()[:12]
        name = keeping.name_of(path, mark, KEPT.names(workspace))
        if (kept := KEPT.again(name, workspace, size)) is not None:
            return kept
        dataset = dataclasses.replace(_decoded(source, table, rows, said, size, label, choices), name=name)
    if workspace is not None:
        captions = dataset.more["caption"]
        meta = {"shape": dataset.x.shape[1:], "count": len(dataset), "skipped": dataset.skipped, "note": dataset.note,
                "words": dict(dataset.traits)["words"], "width": captions.shape[1]}
        KEPT.write(name, workspace, meta, size, x=dataset.x, caption=captions)
    return dataset


def _table(source):
    """The name of the table of captions that lies highest; None where there is none."""
    called = {name: PurePosixPath(name).name.lower() for name in source.lists}
    found = [name for name in called if called[name] in TABLES] or [
        name for name in called if called[name] in MAY_BE and _has_captions(source.lists[name], name)]
    return min(found, key=lambda name: (name.count("/"), name), default=None)


def _has_captions(content, name):
    """Whether a table that may be of other things has files and captions, and no classes."""
    text, *_ = code_pages.decoded(content)
    try:
        _, first = next(_parted(text or "", name, texts.table(text or "")))
    except (ValueError, StopIteration):
        return False
    heads = set(map(_squeezed, first))
    return bool(heads & set(FILES) and heads & set(SAID)) and not heads & set(label_lists.LABELS)


def _squeezed(head):
    return re.sub(r"[\W_]", "", head.lower())


def _parted(text, name, table):
    """``(line, values)`` of each row of a text, the names of the columns first; ``ValueError(line, why)`` at one that cannot
    be read.  ``table``: (delimiter, lines) of it."""
    if not name.lower().endswith(".jsonl"):
        delimiter, lines = table
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        try:
            yield from ((reader.line_num, row) for row in reader if any(value.strip() for value in row))
        except csv.Error as error:
            raise ValueError(f"{reader.line_num:,}", str(error)) from None
        return
    heads = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            told = {str(key): "" if value is None else str(value) for key, value in json.loads(line).items()}
        except (ValueError, AttributeError, RecursionError):
            raise ValueError(f"{number:,}", "it is no object of JSON") from None
        if not heads:
            heads = list(told)
            yield number, heads
        yield number, [told.get(head, "") for head in heads]


def _rows(content, name):
    """``([(file, caption)], sentences)`` of a table.  BadInput where it cannot be read."""
    shown = texts.shown(PurePosixPath(name).name)
    text, page, guessed = code_pages.decoded(content)
    if text is None:
        raise BadInput(f"{shown} is no text, or in letters that cannot be told; save it as CSV in UTF-8.")
    said = [f"{shown} was read as {page}; if letters look wrong, save it in UTF-8."] if guessed else []
    table = delimiter, _ = texts.table(text)
    try:
        rows = list(_parted(text, name, table))
    except ValueError as error:
        line, why = error.args
        so = ('{"file_name": "0.png", "text": "its caption"}' if shown.lower().endswith(".jsonl") else "file,caption, a "
              "caption with quotes or line breaks in double quotes, and quotes within it twice")
        raise BadInput(f"Line {line} of {shown} cannot be read ({texts.brief(why)}); write {so}.") from None
    first = rows[0][1] if rows else []
    heads = list(map(_squeezed, first))
    file, caption = (next((heads.index(word) for word in known if word in heads), None) for known in (FILES, CAPTION))
    if file is None or caption is None or file == caption:
        raise BadInput(f"{shown} needs the columns file and caption in its first line"
                       + (f", and has {', '.join(map(texts.brief, first[:NAMED]))}" if rows else ", and is empty")
                       + "; write them there.")
    read, odd, joined, open_end = [], [], 0, caption == len(heads) - 1
    for line, row in rows[1:]:
        if len(row) > len(heads) and not open_end or len(row) <= max(file, caption):
            odd.append(line)
            continue
        joined += len(row) > len(heads)
        read.append((row[file].strip().replace("\\", "/").removeprefix("./"),
                     delimiter.join(row[caption:]) if open_end else row[caption]))
    if joined:
        said.append(f"In {keeping.number(joined, 'line')} of {shown} the caption holds {delimiter!r} without quotes, and "
                    "was taken whole.")
    if odd:
        few = ", ".join(f"{line:,}" for line in odd[:NAMED]) + (", ..." if len(odd) > NAMED else "")
        said.append(f"Not used: {keeping.number(len(odd), 'line')} of {shown} with another number of values than its first "
                    f"({few}).")
    return read, said


def _matched(entries, rows, folder):
    """``({entry's name: caption}, files of rows that no image has, how many rows were beyond the first of an image)``: by
    paths below the table's folder, or by names without folders or endings where no two have the same."""
    def shorter(names, part):
        counted = {}
        for name in names:
            counted.setdefault(getattr(PurePosixPath(name), part), []).append(name)
        return {short: found[0] for short, found in counted.items() if len(found) == 1}

    paths = {PurePosixPath(entry.name).relative_to(folder).as_posix() if PurePosixPath(entry.name).is_relative_to(folder)
             else entry.name: entry.name for entry in entries}
    by_name, by_stem = ({short: paths[path] for short, path in shorter(paths, part).items()} for part in ("name", "stem"))
    found, lost, more = {}, [], 0
    for file, caption in rows:
        path = PurePosixPath(file)
        entry = paths.get(file) or by_name.get(path.name) or by_stem.get(path.name) or by_stem.get(path.stem)
        if entry is None:
            lost.append(file)
        elif entry in found:
            more += 1
        else:
            found[entry] = caption
    return found, lost, more


def _decoded(source, table, rows, of_table, size, label, choices):
    told, lost, more = _matched(source.entries, rows, PurePosixPath(table).parent)
    silent = [entry.name for entry in source.entries if entry.name not in told]
    empty = [name for name, caption in told.items() if not words.split(caption)]
    used = [entry for entry in source.entries if entry.name in told and words.split(told[entry.name])]
    said = [f"Imported from {label}.", *of_table, *_named(silent, "picture", "no caption"),
            *_named(empty, "picture", "a caption without a word"), *_named(lost, "caption", "no picture")]
    if more:
        said.append(f"Of pictures with several captions the first is used; {keeping.number(more, 'caption')} more "
                    f"{'is' if more == 1 else 'are'} left out.")
    if len(used) < 2:
        raise BadInput(f"{label} has {keeping.number(len(used), 'picture')} with a caption, and a dataset needs at least "
                       "two. " + " ".join([*said[1:], f"{PurePosixPath(table).name} names each file and its caption."]))
    pictures, captions, damaged = Pictures(size, choices, len(used)), [], []
    with decoding():
        for entry in used:
            try:
                picture = pictures.decoded(source.read(entry))
            except Unreadable:
                damaged.append(entry.name)
                continue
            captions += [told[entry.name]] * pictures.add(picture)
    said += _named(damaged, "picture", "no pixels that could be decoded")
    if len(captions) < 2:
        raise BadInput(f"{label} has fewer than two usable pictures with a caption. {' '.join(said[1:])}")
    x, of_pictures = pictures.together()
    check_total(len(x), size, x.shape[-1])
    vocabulary = words.vocabulary(captions)
    long = sum(len(words.split(caption)) > words.LONGEST for caption in captions)
    if long:
        said.append(f"Of {keeping.number(long, 'caption')} the first {words.LONGEST} words are used.")
    if len(vocabulary) == words.MOST:
        said.append(f"The {words.MOST:,} most frequent words are used.")
    return Dataset("", CAPTIONS, x, None, skipped=len(source.entries) - len(used) + len(damaged),
                   note=" ".join([*said, *of_pictures, *doubts(x)]), more={"caption": words.tokens(captions, vocabulary)},
                   traits=(("words", vocabulary),))


def _named(names, noun, lacks):
    """A sentence on what was left out, with its number and a few names."""
    if not names:
        return []
    few = ", ".join(map(texts.shown, names[:NAMED])) + (", ..." if len(names) > NAMED else "")
    return [f"Not used: {keeping.number(len(names), noun)} with {lacks} ({few})."]
