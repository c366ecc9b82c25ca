"""TensorBoard's event files, whoever wrote them: TensorFlow, Keras, PyTorch, tensorboardX; read without TensorFlow.

An event file is a row of records: a length of 8 bytes, its checksum, an Event as protocol buffers have it, its checksum.
"""

import functools
import math
import struct
from array import array

import numpy as np

from gan_core.errors import BadInput
from gan_core.outside.readers.base import MOST_CURVES, MOST_POINTS, Curve, Read, thinned

MARK = "tfevents"
HEAD, TAIL = 12, 4  # bytes around an event
LARGEST = 512 * 10**6  # bytes of an event
CHECKED = 4096  # bytes of an event up to which its checksum is computed, which takes Python long
HELD = 10 * MOST_POINTS  # of a curve, while a file is read
FEW_CURVES = 4 * MOST_CURVES  # that are read; of those the first are kept
SCALARS, IMAGES = "scalars", "images"  # of TensorBoard's plugins, by which TensorFlow 2 says what a tensor is
# Numbers of types of tensors, and how they are called here.
TYPES = {1: "<f4", 2: "<f8", 3: "<i4", 4: "<u1", 9: "<i8", 19: "<f2"}
KEPT_IN = {"<f4": "float_val", "<f8": "double_val", "<i4": "int_val", "<i8": "int64_val"}
PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"


class TensorBoard:
    title, whole = "TensorBoard's event files", True

    def takes(self, path):
        return MARK in path.name

    def together(self, paths):
        """Those of a folder: one is begun each time that a run goes on."""
        folders = {}
        for path in sorted(paths):
            folders.setdefault(path.parent, []).append(path)
        return list(folders.values())

    def read(self, paths, steps=""):
        if steps:
            raise BadInput("Event files have steps of their own; leave --steps out.")
        found = _Found()
        for path in sorted(paths, key=lambda path: path.name):  # which begins with when it was begun
            try:
                _read(path, found)
            except OSError as error:
                found.notes.append(f"{path.name} cannot be read ({error.strerror or error}).")
        if not found.scalars and not found.pictures:
            names = ", ".join(path.name[:60] for path in paths[:3])
            raise BadInput(" ".join(["There is no scalar and no picture in", f"{names}.", *found.notes]))
        curves, notes = thinned({name: _curve(points) for name, points in found.scalars.items()})
        return Read(curves, found.pictures, [*found.said(), *notes])


class _Found:
    """What has been read so far."""

    def __init__(self):
        self.scalars, self.pictures, self.notes = {}, {}, []
        self.plugins = {}  # by tag: said with its first value alone
        self.spoiled = self.others = self.unlike = self.early = 0

    def point(self, tag, step, value, when):
        if step < 0:
            self.early += 1
            return
        if tag not in self.scalars:
            if len(self.scalars) >= FEW_CURVES:
                self.others += 1
                return
            self.scalars[tag] = _Points()
        self.scalars[tag].add(step, value, when if math.isfinite(when) else 0.0)

    def forget_from(self, step):
        """A run that goes on from a step makes those after it anew."""
        for points in self.scalars.values():
            points.forget_from(step)
        for by_step in self.pictures.values():
            for later in [at for at in by_step if at >= step]:
                del by_step[later]

    def said(self):
        counted = ((self.spoiled, "{} could not be read and {} left out.", "event"),
                   (self.others, "{} of further curves or of no number {} left out.", "value"),
                   (self.unlike, "{} that {} neither PNG nor JPEG were left out.", "picture"),
                   (self.early, "{} before step 0 {} left out.", "value"))
        return self.notes + [words.format(f"{count:,} {noun}{'s' * (count != 1)}", "was" if count == 1 else "were")
                             for count, words, noun in counted if count]


class _Points:
    """Steps, values and times of one curve, of which every second goes when there are too many, and the newest stays."""

    def __init__(self):
        self.columns, self._every, self._seen, self._newest = (array("q"), array("d"), array("d")), 1, 0, ()

    def add(self, *point):
        if self._seen % self._every == 0:
            for column, item in zip(self.columns, point):
                column.append(item)
            if len(self.columns[0]) > HELD:
                self.columns, self._every = tuple(column[::2] for column in self.columns), 2 * self._every
        self._seen, self._newest = self._seen + 1, point

    def forget_from(self, step):
        before = np.array(self.columns[0]) < step
        if not before.all():
            self.columns = tuple(array(column.typecode, np.array(column)[before].tolist()) for column in self.columns)
        if self._newest and self._newest[0] >= step:
            self._newest = ()

    def whole(self):
        """The columns, (N,) each."""
        return [np.append(np.array(column), item) for column, item in zip(self.columns, self._newest)] if self._newest else \
            [np.array(column) for column in self.columns]


def _curve(points):
    """Of each step the last value, by step."""
    step, value, when = points.whole()
    order = np.argsort(step, kind="stable")
    step, value, when = step[order], value[order], when[order]
    last = np.append(step[1:] != step[:-1], True) if len(step) else np.zeros(0, bool)
    return Curve(step[last].astype("int64"), value[last].astype("float64"), when[last].astype("float64"))


def _read(path, found):
    """Read one file as far as it can be."""
    event_of, crc = _protocol()
    size, at, records = path.stat().st_size, 0, 0
    with path.open("rb") as file:
        while at < size:
            head = file.read(HEAD)
            length = struct.unpack("<Q", head[:8])[0] if len(head) == HEAD else 0
            if len(head) < HEAD or struct.unpack("<I", head[8:])[0] == crc(head[:8]) and at + HEAD + length + TAIL > size:
                found.notes.append(f"{path.name} ends in the midst of an event, as that of a program that was killed "
                                   f"or still writes; all {records:,} before it are here.")
                return
            if struct.unpack("<I", head[8:])[0] != crc(head[:8]):
                found.notes.append(f"{path.name} is no event file from its byte {at:,} on, or is damaged there; what is "
                                   f"before it was read, {records:,} event{'s' * (records != 1)}.")
                return
            if length > LARGEST:
                file.seek(length + TAIL, 1)
                found.spoiled += 1
            else:
                data, tail = file.read(length), file.read(TAIL)
                if length <= CHECKED and struct.unpack("<I", tail)[0] != crc(data):
                    found.spoiled += 1
                else:
                    _take(event_of, data, path, at + HEAD, found)
                    records += 1
            at += HEAD + length + TAIL
    if not size:
        found.notes.append(f"{path.name} is empty.")


@functools.cache
def _protocol():
    """``(bytes -> Event, bytes -> checksum)``; imported here, as few starts need it."""
    from tensorboardX.proto.event_pb2 import Event
    from tensorboardX.record_writer import masked_crc32c

    return Event.FromString, masked_crc32c


def _take(event_of, data, path, offset, found):
    try:
        event = event_of(data)
    except Exception:  # of google.protobuf, whose class has had several names
        found.spoiled += 1
        return
    if event.session_log.status == 1 and event.step > 0:  # START
        found.forget_from(event.step)
    for place, value in enumerate(event.summary.value):
        tag = value.tag
        if value.metadata.plugin_data.plugin_name:
            found.plugins[tag] = value.metadata.plugin_data.plugin_name
        which = value.WhichOneof("value")
        if which == "simple_value":
            found.point(tag, event.step, value.simple_value, event.wall_time)
        elif which == "image":
            _picture(value.image.encoded_image_string, tag, event.step, path, (offset, len(data), place), found)
        elif which == "tensor":
            _tensor(value.tensor, found.plugins.get(tag, ""), tag, event, path, (offset, len(data), place), found)
    # All else, graphs, histograms, texts, is neither a curve nor a sheet.


def _tensor(tensor, plugin, tag, event, path, where, found):
    if plugin == IMAGES and len(tensor.string_val) > 2:  # width, height, then pictures
        _picture(tensor.string_val[2], tag, event.step, path, where, found)
    elif plugin in (SCALARS, "") and (number := _number(tensor)) is not None:
        found.point(tag, event.step, number, event.wall_time)
    elif plugin == SCALARS:
        found.others += 1


def _number(tensor):
    """The number of a tensor of one; None where it is another."""
    kind = TYPES.get(tensor.dtype)
    if kind is None or math.prod(side.size for side in tensor.tensor_shape.dim) != 1:
        return None
    if tensor.tensor_content:
        return float(np.frombuffer(tensor.tensor_content, kind)[0]) if len(
            tensor.tensor_content) == np.dtype(kind).itemsize else None
    values = getattr(tensor, KEPT_IN.get(kind, ""), ())
    return float(values[0]) if len(values) else None


def _picture(content, tag, step, path, where, found):
    """Remember where it lies: pictures are read when it is known which are kept."""
    if step < 0 or not bytes(content[:8]).startswith((PNG, JPEG)):
        found.unlike += 1
        return
    found.pictures.setdefault(tag, {})[step] = functools.partial(_pictures, path, *where)


def _pictures(path, offset, length, place):
    """The pictures of one value of one event: a list of bytes."""
    event_of, _ = _protocol()
    with path.open("rb") as file:
        file.seek(offset)
        value = event_of(file.read(length)).summary.value[place]
    return [value.image.encoded_image_string] if value.WhichOneof("value") == "image" else list(value.tensor.string_val[2:])


READER = TensorBoard()
