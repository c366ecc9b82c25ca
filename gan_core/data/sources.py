"""The images in the user's folder, zip or tar: listed, then read one at a time, trusting nothing that an archive says."""

import contextlib
import copy
import hashlib
import os
import re
import stat
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from gan_core.data import file_kinds, label_lists, layout, pixel_bounds, tars, texts
from gan_core.data.pixel_bounds import TooLarge
from gan_core.data.pixels import Unreadable
from gan_core.errors import BadInput

LITTER, UNREADABLE = "kept by systems for themselves", "that could not be opened"

_FILE_LIMIT = 200 * 10**6  # bytes of one file
_MOST_LINKS = 5_000  # to folders
_MOST_OTHERS = 300_000  # files that are no images, and four times as many as the images: another folder was meant
_OF_THE_SYSTEM = ("/proc", "/sys", "/dev")  # no files, but what the system tells: reading some of them never ends
_TOTAL_LIMIT = 4 * 10**9  # bytes of all that a zip unpacks to
# What words of a language are full of.
COMMON_RUSSIAN = "оеаинтсрвлкОЕАИНТСРВЛК"  # three of four letters
COMMON_KOREAN = (
    "이다가고는기리사지자하어나도로아시스대인의에한을정수일그서라부전보구우주해조상제여만오무비소식강물차화"
    "성방동경원선용학생명모개양연장트마새배말랑")
# Photographs hardly compress and flat drawings compress a hundredfold; deflate cannot exceed 1032.
_RATIO_LIMIT = 500
_RATIO_MATTERS_FROM = 10**6  # bytes; below it no ratio does harm


@dataclass(frozen=True)
class Entry:
    """One image file: its path below the source with "/" between, its bytes, and what changes when its content does."""

    name: str
    size: int
    stamp: int  # CRC in a zip, modification time in ns in a folder
    handle: object  # what the source reads it by
    packed: int  # bytes that it takes in the source


class _Source:
    """``entries``, sorted, of what seems to be an image; ``left_out``, ``{why: names}`` of all other files; ``lists``,
    ``{name: bytes}`` of files that may hold labels; ``folders``, the paths of all folders below, empty ones too; ``notes``,
    sentences on how its names were read."""

    def __init__(self, entries, folders, notes=(), is_wanted=file_kinds.is_image):
        self._is_wanted = is_wanted
        self.folders, self.notes = folders, tuple(notes)
        self.left_out, images, self.lists, lists, others = {}, [], {}, [], 0
        for entry in entries:
            if layout.is_litter(entry.name):
                self.leave_out(LITTER, entry.name)
            elif label_lists.is_list(entry.name) and entry.size <= label_lists.LARGEST:
                lists.append(entry)
            elif self._is_wanted(entry.name, first := self._first(entry)):
                images.append(entry)
            else:
                self.leave_out(file_kinds.why_not(entry.name, first), entry.name)
                others += 1
                if others > max(_MOST_OTHERS, 4 * len(images)):
                    self._refuse(f"of its first {others + len(images):,} files {others:,} are no images",
                                 "give the folder that the images are in")
        self.entries = sorted(images, key=lambda entry: (entry.name, entry.stamp))
        self._pixels_known = False
        lists.sort(key=lambda entry: (entry.name.count("/"), entry.name))
        for entry in lists[label_lists.MOST:]:
            self.leave_out(file_kinds.NO_IMAGE, entry.name)
        for entry in lists[:label_lists.MOST]:
            with contextlib.suppress(Unreadable):
                self.lists[entry.name] = self._content(entry)

    def leave_out(self, why, name):
        self.left_out.setdefault(why, []).append(name)

    def fingerprint(self) -> str:
        """12 hexadecimal digits that differ when any image is added, removed, renamed or changed."""
        digest = hashlib.sha256()
        for entry in self.entries:
            digest.update(f"{entry.name}\0{entry.size}\0{entry.stamp}\n".encode())
        digest.update(next((content for name, content in self.lists.items()
                            if PurePosixPath(name).name == label_lists.STYLEGAN), b""))
        return digest.hexdigest()[:12]

    def _first(self, entry):
        """The first bytes of a file that its name does not tell to be an image; none of what is empty or cannot be read."""
        if entry.size and not self._is_wanted(entry.name, b""):
            with contextlib.suppress(Exception):  # zipfile raises many kinds
                with self._open(entry) as stream:
                    return stream.read(file_kinds.SNIFFED)
        return b""

    def content(self, entry) -> bytes:
        """The bytes of a file that is no image.  Raises Unreadable when they cannot be had."""
        return self._content(entry)

    def read(self, entry) -> bytes:
        """One image's bytes.

        Raises:
            Unreadable: when they cannot be had, or hold more pixels than one picture may.
            BadInput: when all together hold more than are decoded of so few bytes.
        """
        data = self._content(entry)
        pixels = pixel_bounds.pixels_of(data)
        if not self._pixels_known and pixel_bounds.is_cheap(pixels, entry.packed):
            self._check_pixels()  # all of them, as soon as one is odd: the headers of honest sets need not be read twice
        if pixels > pixel_bounds.MOST:
            raise TooLarge(f"{entry.name} has {pixels / 10**6:,.0f} megapixels")
        return data

    def _check_pixels(self):
        self._pixels_known = True
        pixels, allowed = 0, pixel_bounds.allowed(sum(entry.packed for entry in self.entries))
        for entry in self.entries:
            with contextlib.suppress(Exception), self._open(entry) as stream:
                promised = pixel_bounds.pixels_in(stream)
                pixels += promised if promised <= pixel_bounds.MOST else 0  # which is not decoded
        if pixels > allowed:
            self._refuse(f"its pictures have {pixels / 10**6:,.0f} megapixels in all, and of so few bytes "
                         f"{allowed / 10**6:,.0f} are decoded at most", "make them smaller, or give fewer")


class _Folder(_Source):
    def __init__(self, path, is_wanted):
        self._label = texts.label(path)
        unreadable, folders = [], set()
        super().__init__(self._walk(Path(path), unreadable, folders), folders, is_wanted=is_wanted)
        for name in unreadable:
            self.leave_out(UNREADABLE, name)
        if any(_is_foreign(entry.handle) for entry in self.entries):
            self.notes = ("Some names are not in UTF-8 and were read as those of Western Europe (rename gives classes their "
                          "own).",)

    @staticmethod
    def _walk(top, unreadable, folders):
        """Its files and those that links lead to; of a link that leads back to where it lies, nothing.  The paths of its
        folders are put into ``folders`` meanwhile."""
        def refuse(error):
            if Path(error.filename) == top:
                raise BadInput(f"The folder {error.filename} cannot be read: {error.strerror}.") from error
            unreadable.append(_shown(Path(error.filename), top) + "/")

        followed, strange = 0, _devices_of_the_system()
        if _device(top) in strange:
            raise BadInput(f"The folder {texts.label(top)} holds what the system tells, and no images; give the folder that "
                           "they are in.")
        for folder, below, files in os.walk(top, onerror=refuse, followlinks=True):
            if system := {name for name in below if _device(os.path.join(folder, name)) in strange}:
                below[:] = [name for name in below if name not in system]
                unreadable += [_shown(Path(folder, name), top) + "/" for name in sorted(system)]
            if links := {name for name in below if os.path.islink(os.path.join(folder, name))}:
                on_the_way = [Path(folder), *(above for above in Path(folder).parents if above.is_relative_to(top))]
                above = [os.path.realpath(path) + os.sep for path in on_the_way]
                back = {name for name in links if any(
                    path.startswith(os.path.realpath(os.path.join(folder, name)) + os.sep) for path in above)}
                below[:] = [name for name in below if name not in back]
                followed += len(links - back)
                if followed > _MOST_LINKS:  # folders that link to each other twice hold a thousand paths after ten steps
                    raise BadInput(f"The folder {top.name} is refused because more than {_MOST_LINKS:,} links to folders "
                                   "lie in it and where they lead; give a folder with the images themselves.")
            folders.update(_shown(Path(folder, name), top) for name in below)
            for name in files:
                file = Path(folder, name)
                # A file that vanishes meanwhile or a dangling link is as good as not there.
                with contextlib.suppress(OSError):
                    info = file.stat()
                    if stat.S_ISREG(info.st_mode):
                        yield Entry(_shown(file, top), info.st_size, info.st_mtime_ns, file, info.st_size)

    def _refuse(self, reason, advice):
        raise BadInput(f"The folder {self._label} is refused because {reason}; {advice}.")

    def _open(self, entry):
        return open(entry.handle, "rb")

    def _content(self, entry):
        try:
            if entry.size > _FILE_LIMIT:
                raise Unreadable(f"{entry.name} is larger than {_megabytes(_FILE_LIMIT)}")
            return entry.handle.read_bytes()
        except OSError as error:
            raise Unreadable(str(error)) from error


def _devices_of_the_system():
    """The devices of file systems that hold no files, and are no part of the one that all others lie in."""
    return {_device(path) for path in _OF_THE_SYSTEM} - {None, _device("/")}


def _device(path):
    """The number of the file system that a path is in; None where there is none."""
    try:
        return os.stat(path).st_dev
    except OSError:
        return None


def _shown(file, top):
    """A name that is not UTF-8 must neither break the hash nor a class's name on the screen, nor become another's."""
    name = os.fsencode(file.relative_to(top).as_posix())
    try:
        return name.decode()
    except UnicodeDecodeError:
        return name.decode("latin-1")


def _is_foreign(file):
    try:
        os.fsencode(file).decode()
    except UnicodeDecodeError:
        return True
    return False


class _Zip(_Source):
    def __init__(self, archive, label, is_wanted, what="zip"):
        self._archive, self._label, self._what = archive, label, what
        names, read_as = _names(archive.infolist())
        self._check(archive.infolist(), names)
        paths = {info.filename: PurePosixPath(names[info.filename]) for info in archive.infolist()}
        folders = {parent.as_posix() for path in paths.values() for parent in path.parents}
        folders |= {paths[info.filename].as_posix() for info in archive.infolist() if info.is_dir()}
        super().__init__((Entry(paths[info.filename].as_posix(), info.file_size, info.CRC, info, info.compress_size)
                          for info in archive.infolist() if not info.is_dir()), folders,
                         [f"It does not say how its names are written; they were read as {read_as} (rename gives classes "
                          "their own)."] if read_as else (), is_wanted)
        for entry in self.entries:
            # zipfile decompresses the other methods without a bound on memory.
            if entry.handle.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                self._refuse(f"{entry.name} is compressed by an unusual method", "pack it again with plain zip")

    def _check(self, infos, names):
        """Refuse a zip that tries to leave its folder, is encrypted, or unpacks to absurd sizes."""
        for info in infos:
            name = names[info.filename]
            if name.startswith("/") or ".." in name.split("/") or re.match("[A-Za-z]:", name):
                self._refuse(f"its member {name!r} points outside the {self._what}")
            if stat.S_ISLNK(info.external_attr >> 16):
                self._refuse(f"its member {name!r} is a symbolic link", "pack the files themselves")
            if info.flag_bits & 0x1:
                self._refuse("it is encrypted", "pack it again without a password")
            if info.file_size > _FILE_LIMIT:
                self._refuse(f"its member {name!r} unpacks to more than {_megabytes(_FILE_LIMIT)}")
            if info.file_size > max(_RATIO_MATTERS_FROM, _RATIO_LIMIT * info.compress_size):
                self._refuse(f"its member {name!r} unpacks to more than {_RATIO_LIMIT} times its packed size")
        if sum(info.file_size for info in infos) > _TOTAL_LIMIT:
            self._refuse(f"it unpacks to more than {_megabytes(_TOTAL_LIMIT)}", "use a folder instead")

    def _refuse(self, reason, advice="make it anew from the images themselves"):
        raise BadInput(f"The {self._what} {self._label} is refused because {reason}; {advice}.")

    def _open(self, entry):
        if entry.handle.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Unreadable("it is compressed by an unusual method")
        return self._archive.open(entry.handle)

    def _content(self, entry):
        # zipfile cuts the stream at the declared size without a word.  Ask for one byte more, and check the CRC here.
        info = copy.copy(entry.handle)
        info.file_size, info.CRC = entry.size + 1, None
        try:
            with self._archive.open(info) as stream:
                data = stream.read(entry.size + 1)
        except Exception as error:  # zipfile and zlib raise eight kinds on damaged members
            raise Unreadable(str(error)) from error
        if len(data) > entry.size:
            self._refuse(f"its member {entry.name!r} unpacks to more than the {entry.size} bytes that it declares")
        if len(data) < entry.size or zlib.crc32(data) != entry.stamp:
            raise Unreadable(f"{entry.name} is damaged in the {self._what}")
        return data


@contextlib.contextmanager
def open_source(path, is_wanted=file_kinds.is_image):
    """The images at ``path``, a folder, a zip or a tar, within a ``with``; BadInput when it is none or must be refused.

    ``is_wanted(name, first bytes)`` says of a file whether it is one of what is looked for, where that are no images.
    """
    if os.path.isdir(path):
        yield _Folder(path, is_wanted)
        return
    label = texts.label(path)
    if not os.path.isfile(path):
        raise BadInput(f"{label} is neither a folder nor a zip file.")
    if file_kinds.is_spreadsheet(label):
        raise BadInput(f"{label} is {file_kinds.instead(label, b'')}.")
    try:
        archive = zipfile.ZipFile(path)
    except PermissionError as error:
        raise BadInput(f"{label} cannot be read: {error.strerror}.") from error
    except Exception as error:  # a damaged directory makes zipfile fail in many ways
        with _tar(path, label, is_wanted) as source:
            if source is None:
                with open(path, "rb") as file:
                    raise BadInput(f"{label} is {file_kinds.instead(label, file.read(file_kinds.SNIFFED))}.") from error
            yield source
        return
    with archive:
        yield _Zip(archive, label, is_wanted)


@contextlib.contextmanager
def _tar(path, label, is_wanted):
    """The images of a tar, within a ``with``; None when it is none."""
    limit = min(_TOTAL_LIMIT, max(_RATIO_MATTERS_FROM, _RATIO_LIMIT * os.path.getsize(path)))
    with contextlib.ExitStack() as stack:
        try:
            unpacked = stack.enter_context(tars.as_zip(path, limit))
        except BadInput as refused:
            raise BadInput(f"The archive {label} is refused because {refused}; unpack it and give the folder.") from refused
        yield None if unpacked is None else _Zip(stack.enter_context(zipfile.ZipFile(unpacked)), label, is_wanted,
                                                   "archive")


def _names(infos):
    """``({info's filename: path as it was meant}, how they were read)``: zips of other systems do not say in which code page
    their names are, and zipfile takes the oldest.  All of a zip are in one, the first in which they are what people write.
    "" where nothing was to be guessed."""
    names = {info.filename: info.filename.encode("cp437") for info in infos
             if not info.flag_bits & 0x800 and not info.filename.isascii()}
    read_as = "old Western European ones" if names else ""
    for code_page, title, is_written in (
            ("utf-8", "", lambda text: True), ("cp866", "Russian ones", _is_russian),
            ("cp1251", "Russian ones", _is_russian), ("cp932", "Japanese ones", _is_japanese),
            ("cp949", "Korean ones", _is_korean), ("gb18030", "Chinese ones", _is_chinese)):
        with contextlib.suppress(UnicodeError):
            decoded = {name: raw.decode(code_page) for name, raw in names.items()}
            if is_written("/".join(decoded.values())):
                names, read_as = decoded, title if names else ""
                break
    else:
        names = {}
    return {info.filename: names.get(info.filename, info.filename).replace("\\", "/") for info in infos}, read_as


def _is_russian(text):
    """Whether a text may be Russian: in cp866 the umlauts of other names are letters of it amidst Latin ones."""
    letters = "А-Яа-яЁё"
    if re.search(rf"[^\0-\x7f{letters}]|[A-Za-z][{letters}]|[{letters}][A-Za-z]|[а-яё][А-ЯЁ]", text):
        return False
    # What is in another code page than this has the rare letters of the language: those that words are full of decide.
    written = re.findall(rf"[{letters}]", text)
    return bool(re.search(rf"[{letters}]{{2}}", text)) and 3 * sum(c in COMMON_RUSSIAN for c in written) >= len(written)


def _is_japanese(text):
    """Whether a text may be Japanese: of kana and characters alone.  What is Chinese gives the narrow kana of old screens in
    cp932, and umlauts before Latin letters what looks like characters whose second byte is such a letter."""
    if re.search(r"[A-Za-z][^\0-\x7f][A-Za-z]", text):
        return False
    other = [c for c in text if not c.isascii()]
    return all("\u3040" <= c <= "\u30ff" or "\u4e00" <= c <= "\u9fff" or c in "々〇" for c in other) and any(
        c <= "\u30ff" or c.encode("cp932")[1] >= 0x80 for c in other)


def _is_korean(text):
    """Whether a text may be Korean: what is Chinese gives syllables in cp949, too, but few that words are full of."""
    other = [c for c in text if not c.isascii()]
    return all("\uac00" <= c <= "\ud7a3" for c in other) and 4 * sum(c in COMMON_KOREAN for c in other) >= len(other)


def _is_chinese(text):
    """Whether a text may be Chinese: in gb18030 an umlaut and the letter behind it are a character, and a rare one, amidst
    Latin letters."""
    if re.search(r"[A-Za-z][^\0-\x7f][A-Za-z]", text):
        return False
    beside = re.findall(r"(?<=[A-Za-z])[^\0-\x7f]|[^\0-\x7f](?=[A-Za-z])", text)
    return all(c.isascii() or "\u2e80" <= c <= "\uffef" for c in text) and all(
        b"\xb0\xa1" <= c.encode("gb18030") <= b"\xd7\xf9" and c.encode("gb18030")[1] > 0xa0 for c in beside)


def _megabytes(size):
    return f"{size / 10**6:,.0f} MB"
