"""The images in the user's folder or zip: listed, then read one at a time, trusting nothing that a zip says."""

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

from gan_core.data.pixels import Unreadable
from gan_core.errors import BadInput

_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff")

_FILE_LIMIT = 200 * 10**6  # bytes of one file
_TOTAL_LIMIT = 4 * 10**9  # bytes of all that a zip unpacks to
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


class _Source:
    """``entries``, sorted, of the images by their suffix; ``read`` gives one file's bytes or raises Unreadable."""

    def __init__(self, entries):
        self.entries = sorted(entries, key=lambda entry: (entry.name, entry.stamp))

    def fingerprint(self) -> str:
        """12 hexadecimal digits that differ when any image is added, removed, renamed or changed."""
        digest = hashlib.sha256()
        for entry in self.entries:
            digest.update(f"{entry.name}\0{entry.size}\0{entry.stamp}\n".encode())
        return digest.hexdigest()[:12]


class _Folder(_Source):
    def __init__(self, path):
        super().__init__(self._walk(Path(path)))

    @staticmethod
    def _walk(top):
        def refuse(error):
            raise BadInput(f"The folder {error.filename} cannot be read: {error.strerror}.") from error

        for folder, below, files in os.walk(top, onerror=refuse):
            below[:] = [name for name in below if not _hidden(name)]
            for name in files:
                file = Path(folder, name)
                # A file that vanishes meanwhile or a dangling link is as good as not there.
                with contextlib.suppress(OSError):
                    info = file.stat()
                    if _is_image(name) and stat.S_ISREG(info.st_mode):
                        # A name that is not UTF-8 must neither break the hash nor a class's name on the screen.
                        shown = os.fsencode(file.relative_to(top).as_posix()).decode(errors="replace")
                        yield Entry(shown, info.st_size, info.st_mtime_ns, file)

    def read(self, entry) -> bytes:
        try:
            if entry.size > _FILE_LIMIT:
                raise Unreadable(f"{entry.name} is larger than {_megabytes(_FILE_LIMIT)}")
            return entry.handle.read_bytes()
        except OSError as error:
            raise Unreadable(str(error)) from error


class _Zip(_Source):
    def __init__(self, archive, label):
        self._archive, self._label = archive, label
        self._check(archive.infolist())
        super().__init__(
            Entry(name, info.file_size, info.CRC, info)
            for info in archive.infolist()
            if not info.is_dir()
            and _is_image(name := PurePosixPath(_slashes(info)).as_posix())
            and not any(map(_hidden, name.split("/")))
        )
        for entry in self.entries:
            # zipfile decompresses the other methods without a bound on memory.
            if entry.handle.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                self._refuse(f"{entry.name} is compressed by an unusual method", "pack it again with plain zip")

    def _check(self, infos):
        """Refuse a zip that tries to leave its folder, is encrypted, or unpacks to absurd sizes."""
        for info in infos:
            name = _slashes(info)
            if name.startswith("/") or ".." in name.split("/") or re.match("[A-Za-z]:", name):
                self._refuse(f"its member {name!r} points outside the zip")
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
        raise BadInput(f"The zip {self._label} is refused because {reason}; {advice}.")

    def read(self, entry) -> bytes:
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
            raise Unreadable(f"{entry.name} is damaged in the zip")
        return data


@contextlib.contextmanager
def open_source(path):
    """The images at ``path``, a folder or a zip, within a ``with``; BadInput when it is neither or must be refused."""
    if os.path.isdir(path):
        yield _Folder(path)
        return
    label = os.path.basename(path)
    if not os.path.isfile(path):
        raise BadInput(f"{label} is neither a folder nor a zip file.")
    try:
        archive = zipfile.ZipFile(path)
    except PermissionError as error:
        raise BadInput(f"{label} cannot be read: {error.strerror}.") from error
    except Exception as error:  # a damaged directory makes zipfile fail in many ways
        raise BadInput(f"{label} is not a zip file, or a damaged one; give a folder or a zip of images.") from error
    with archive:
        yield _Zip(archive, label)


def classes_of(names) -> tuple[tuple[str, ...], list[int] | None]:
    """Class names and each file's label, from the first folder below the deepest one common to all the names.

    Without labels, ((), None), unless every file lies in such a folder; there are two or more of them then.
    """
    folders = [PurePosixPath(name).parts[:-1] for name in names]
    depth = len(os.path.commonprefix(folders))
    if any(len(folder) == depth for folder in folders):
        return (), None
    classes = sorted({folder[depth] for folder in folders})
    label = {name: number for number, name in enumerate(classes)}
    return tuple(classes), [label[folder[depth]] for folder in folders]


def _is_image(name):
    return not _hidden(name) and name.lower().endswith(_SUFFIXES)


def _hidden(part):
    return part.startswith(".") or part == "__MACOSX"


def _slashes(info):
    return info.filename.replace("\\", "/")


def _megabytes(size):
    return f"{size / 10**6:,.0f} MB"
