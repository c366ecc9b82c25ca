"""Odd pictures among a dataset, a folder or some that were sent, by a run of what is normal (needs Keras)."""

import os
import time
from typing import NamedTuple

import numpy as np

from gan_core import data, engine
from gan_core.anomalies import base as anomalies, telling
from gan_core.anomalies.methods import method
from gan_core.data import array_files, layout, texts, to_float, to_uint8
from gan_core.data.csv_table import is_table
from gan_core.data.library import looks_like_a_path
from gan_core.data.pixels import Unreadable
from gan_core.data.sources import open_source
from gan_core.errors import BadInput
from gan_core.evaluation.scoring import Phases
from gan_core.exploring import pictures as alike
from gan_core.modalities import drawing
from gan_core.store import odd
from gan_core.tasks.kinds.anomalies import SHOWN, compared_with
from gan_core.tasks.sent import Usable

MOST_NORMAL = 500  # of those that were kept from training: by them the threshold is set
FEWEST_NORMAL = 20
LARGEST = 64 * 2**20  # bytes of a single picture
ZIPS = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".tbz2", ".txz")


class Looked(NamedTuple):
    """Pictures to look at: uint8 (N, H, W, C), what each is called (a file's name, or its place), and its class or None."""

    images: np.ndarray
    names: list
    classes: list
    where: str
    skipped: int = 0
    refused: tuple = ()  # sentences about others that were sent


def found(context, config, sent, progress, should_stop):
    """The result of the task ``anomalies``, as :class:`Found`.

    Args:
        config: its ``Config``; ``sent`` are its pictures, ``[(name, bytes)]``.
        progress, should_stop: as for :meth:`gan_core.tasks.base.Task.run`.
    """
    engine.configure()
    chosen = method(config.method)
    dataset = context.dataset()
    looked = _looked(context, config, sent, dataset)
    wanted, is_odd = _wanted(config, looked, dataset.spec)
    normal, apart, words = _normal(dataset, wanted)
    model = context.model(exact=True) if chosen.needs_model else None
    subject = anomalies.Subject(normal, model, context.data_of_inputs() if model is not None else None,
                                context.store.workspace, context.run.name)
    others = [] if is_odd is None else compared_with(config.method)
    phases = Phases(progress, {"learning what is normal": 30 if chosen.needs_model else 2, "looking at normal pictures": 10,
                               "looking at the pictures": 20} | {name: 4 for name in others})
    look = chosen.learned(subject, config.steps or chosen.steps, config.seed, phases.part("learning what is normal"),
                          should_stop)
    usual = anomalies.judged(look, apart, phases.part("looking at normal pictures"), should_stop)
    judged = anomalies.judged(look, looked.images, phases.part("looking at the pictures"), should_stop)
    scores_by = {config.method: judged.scores}
    for name in others:
        by = method(name).learned(subject, 0, config.seed, None, should_stop)
        told = phases.part(name, f"the same by {name}")
        scores_by[name] = anomalies.judged(by, looked.images, told, should_stop).scores
    areas = {} if is_odd is None else {name: telling.told(scores, is_odd) for name, scores in scores_by.items()}
    limit = telling.threshold(usual.scores, config.quantile)
    scores, order = _scores(looked, judged, limit), np.argsort(-judged.scores, kind="stable")[:SHOWN]
    values = {"key": odd.key_of(config.method, looked.where), "run": context.run.id, "step": context.step,
              "method": config.method, "title": chosen.title, "data": looked.where, "found": time.time(),
              "quantile": config.quantile, "threshold": limit, "scores": scores,
              "normal_scores": [float(score) for score in usual.scores], "shown": [int(place) for place in order],
              "left_out": _left_out(looked),
              "protocol": _protocol(chosen, len(normal), len(apart), words, wanted, is_odd, looked, config)}
    if told := {name: {"title": method(name).title} | area._asdict() for name, area in areas.items() if area is not None}:
        values["methods"] = told
    count = sum(one["odd"] for one in scores)
    said = f"{count:,} of {len(scores):,} pictures {'is' if count == 1 else 'are'} odd"
    return Found(said, values, _files(looked, judged, order, config.each))


class Found(NamedTuple):
    """``words`` for people, ``values`` as :mod:`gan_core.store.odd` keeps them, and ``files``."""

    words: str
    values: dict
    files: dict


def _wanted(config, looked, spec):
    """``(names of the normal classes, which of the pictures are of another one)``; None where their classes do not say."""
    wanted = texts.names(config.normal)
    known = sorted({name for name in looked.classes if name is not None}, key=layout.natural)
    if strangers := [name for name in wanted if name not in {*known, *spec.classes}]:
        raise BadInput(f"There is no class {strangers[0]!r} to be normal; there are "
                       f"{', '.join(map(texts.quoted, known or spec.classes)) or 'none'}.")
    labelled = bool(wanted) and all(name is not None for name in looked.classes)
    return wanted, np.array([name not in wanted for name in looked.classes]) if labelled else None


def _scores(looked, judged, limit):
    """What is told of each picture, as JSON has it."""
    scores = []
    for name, label, score in zip(looked.names, looked.classes, judged.scores):
        called = {"index": name} if isinstance(name, int) else {"file": name}
        labelled = {} if label is None else {"class": label}
        scores.append(called | {"score": float(score), "odd": bool(score > limit)} | labelled)
    return scores


def _files(looked, judged, order, each):
    """The sheet of the oddest pictures, and one of each picture where that is asked for: ``{name: PNG}``."""
    heats = anomalies.heat(looked.images, judged.like)
    files = {"sheet.png": _sheet(looked.images[order], judged.like[order], heats[order])}
    if each:
        most = float(heats.max())
        for name, image, like, heat in zip(looked.names, looked.images, judged.like, heats):
            files[_file_of(name, files)] = _sheet(image[None], like[None], heat[None], most)
    return files


def _file_of(name, others):
    """The name of the file of a picture that is called ``name``; none of the ``others``'."""
    stem = f"{name:06d}" if isinstance(name, int) else os.path.splitext(name)[0].replace("/", "_").replace("\\", "_")
    file, number = f"{stem}.png", 1
    while file in others:
        number += 1
        file = f"{stem} {number}.png"
    return file


def _looked(context, config, sent, dataset):
    """The pictures that are asked for, at most ``config.n`` of data, evenly from all of them."""
    spec = dataset.spec
    if sent:
        usable = Usable(sent, lambda content, name: to_uint8(alike.like(spec, content, name)))
        names, images = zip(*usable)
        return Looked(np.stack(images), list(names), [None] * len(names), "pictures that were sent",
                      refused=tuple(usable.refused))
    path = os.path.expanduser(config.data)
    if os.path.isdir(path) or os.path.isfile(path) and path.lower().endswith(ZIPS):
        return _of_files(path, config.n, spec)
    if config.data and looks_like_a_path(config.data) and not os.path.exists(path):
        raise BadInput(f"There is no file or folder {config.data!r}; give a dataset, or a folder or a zip of pictures.")
    if os.path.isfile(path) and is_table(path):
        raise BadInput(f"{texts.label(path)} is a table and no set of images; give one.")
    others = dataset
    if config.data and config.data != context.run.data:
        info = data.described(config.data, context.store.workspace)
        if info is not None and info.kind != spec.kind:
            raise BadInput(f"{config.data} is no set of images; give one.")
        if info is None and os.path.isfile(path) and not array_files.is_array_file(path):
            return _of_picture(path, spec)
        others = data.load(config.data, size=spec.shape[0], workspace=context.store.workspace)
        if others.kind != spec.kind:
            raise BadInput(f"{config.data} is no set of images; give one.")
    x, y = (others.x, others.y) if others.x_test is None else (others.x_test, others.y_test)
    rows = np.arange(len(x)) if len(x) <= config.n else np.linspace(0, len(x) - 1, config.n).astype(int)
    classes = [None] * len(rows) if y is None else [others.classes[number] for number in y[rows]]
    what = "what was kept from training" if others.x_test is not None else "training pictures"
    return Looked(_of_channels(x[rows], spec.shape[-1]), [int(row) for row in rows], classes,
                  f"{others.name}, {what}" if others is not dataset else what)


def _of_picture(path, spec):
    """The picture in a file; BadInput where it holds none."""
    name = texts.label(path)
    if os.path.getsize(path) > LARGEST:
        raise BadInput(f"{name} is no set of images, and too large for a picture; give a folder or a zip of pictures.")
    with open(path, "rb") as file:
        content = file.read()
    return Looked(to_uint8(alike.like(spec, content, name))[None], [os.path.basename(path)], [None], name)


def _of_files(path, n, spec):
    """The pictures in a folder or a zip, by the names of their files."""
    names, images, classes, skipped = [], [], [], 0
    with open_source(path) as source:
        entries = {entry.name: entry for entry in source.entries}
        meant = layout.of(list(entries))
        files = [*meant.train, *meant.test]
        rows = range(len(files)) if len(files) <= n else np.linspace(0, len(files) - 1, n).astype(int)
        for row in rows:
            try:
                content = source.read(entries[files[row]])
            except Unreadable:
                skipped += 1
                continue
            try:
                images.append(to_uint8(alike.like(spec, content)))
            except BadInput:
                skipped += 1
                continue
            names.append(files[row])
            classes.append(meant.classes[meant.label[files[row]]] if files[row] in meant.label else None)
    if not images:
        raise BadInput(f"{os.path.basename(path)} holds no picture that can be read; give JPEG, PNG or WebP files.")
    return Looked(np.stack(images), names, classes, os.path.basename(os.path.normpath(path)), skipped)


def _normal(dataset, wanted):
    """``(normal pictures that were learned from, normal ones that were not, where the latter are from)``."""
    def those(x, y):
        if not wanted or y is None or not set(wanted) & set(dataset.classes):
            return x
        return x[np.isin(y, [dataset.classes.index(name) for name in wanted if name in dataset.classes])]

    learned = those(dataset.x, dataset.y)
    apart = learned[:0] if dataset.x_test is None else those(dataset.x_test, dataset.y_test)
    words = "kept from training"
    if len(apart) < FEWEST_NORMAL:
        half = len(learned) // 2
        learned, apart = learned[:half], learned[half:]
        words = "that the run was trained on (it kept too few from training)"
    if not len(learned) or not len(apart):
        raise BadInput("The run has no normal pictures of these classes; name others with --normal.")
    return learned, apart[:MOST_NORMAL], words


def _of_channels(images, channels):
    """uint8 images with as many channels as a model knows."""
    if images.shape[-1] == channels:
        return images
    if channels == 1:
        luma = np.float32([0.299, 0.587, 0.114])
        grey = images[..., :3].astype(np.float32) @ luma if images.shape[-1] >= 3 else images[..., 0]
        return np.rint(grey).astype(np.uint8)[..., None]
    images = np.repeat(images[..., :1], 3, axis=-1) if images.shape[-1] < 3 else images[..., :3]
    return images if channels == 3 else np.concatenate([images, np.full_like(images[..., :1], 255)], axis=-1)


def coloured(heats, most):
    """Heat (N, H, W) from 0 to ``most`` as images (N, H, W, 3) in [-1, 1]: black, red, yellow, white."""
    share = np.clip(heats / max(most, 1e-9), 0, 1)[..., None] * 3
    return np.clip(np.concatenate([share, share - 1, share - 2], axis=-1), 0, 1).astype(np.float32) * 2 - 1


def _sheet(images, like, heats, most=None):
    """Rows of pictures, of what they are like, and of where they differ, from nothing to ``most``."""
    rows = [to_float(images), like, coloured(heats, float(heats.max()) if most is None else most)]
    rows = [row[..., :3] if row.shape[-1] >= 3 else np.repeat(row[..., :1], 3, axis=-1) for row in rows]
    halves = [slice(0, 8), slice(8, 16)] if len(images) > 8 else [slice(0, len(images))]
    columns, parts = min(8, len(images)), []
    for half in halves:
        for row in rows:
            part = row[half]
            parts.append(np.concatenate([part, np.full((columns - len(part), *part.shape[1:]), -1, np.float32)]))
    return drawing.png(drawing.sheet(np.concatenate(parts), (len(parts), columns)))


def _protocol(chosen, learned, apart, words, wanted, is_odd, looked, config):
    """How it was done, in sentences."""
    of = f" of {', '.join(wanted)}" if wanted else ""
    said = [f"{chosen.title}: {chosen.words}",
            f"What is normal is learned from {learned:,} pictures{of}; the threshold is "
            f"what {100 * config.quantile:g} % of {apart:,} normal pictures {words} do not exceed.",
            "Each picture is judged by itself: its score does not depend on the others."]
    if is_odd is not None:
        said.append(f"Of the pictures looked at {int((~is_odd).sum()):,} are normal and {int(is_odd.sum()):,} are of other "
                    "classes; intervals are from 1,000 bootstrap samples of as many of each.")
    return said + _left_out(looked)


def _left_out(looked):
    """What was given and not looked at, in sentences."""
    some = [f"{looked.skipped:,} files could not be read and are left out."] if looked.skipped else []
    return [*looked.refused, *some]

