"""A tar archive as the zip that it could have been, so that both are read by one road, with its limits and checks."""

import contextlib
import gzip
import shutil
import stat
import tarfile
import tempfile
import zipfile
import zlib

from gan_core.errors import BadInput

MOST_MEMBERS = 1_000_000
_MOST_NOTES = 100  # of what it says of all its files, which is kept
_LARGEST_NOTE = 65_536  # bytes of what a tar says beside its files, such as long names: all of it is read at once
_CHUNK = 2**20
_FILES = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE)
_GZIP = b"\x1f\x8b"


class _Member(tarfile.TarInfo):
    @classmethod
    def frombuf(cls, buf, encoding, errors):
        member = super().frombuf(buf, encoding, errors)
        if member.type not in _FILES and member.size > _LARGEST_NOTE:
            raise BadInput("it says more beside its files than is read")
        return member


@contextlib.contextmanager
def as_zip(path, limit):
    """An open file with the zip, within a ``with``; None for what is no tar, or one that is packed by other means than gzip,
    which cannot be unpacked within a bound on memory.

    Args:
        limit: bytes that it may unpack to.

    Raises:
        BadInput: when it must be refused, or is damaged, with the reason to follow "because".
    """
    with open(path, "rb") as file, contextlib.ExitStack() as stack:
        packed = file.read(2) == _GZIP
        file.seek(0)
        stream = stack.enter_context(gzip.GzipFile(fileobj=file)) if packed else file
        try:
            archive = stack.enter_context(tarfile.open(fileobj=stream, mode="r|", tarinfo=_Member))
        except tarfile.TarError:
            yield None
            return
        except (OSError, EOFError, zlib.error) as error:
            raise BadInput(f"it is damaged ({error})") from error
        unpacked = stack.enter_context(tempfile.TemporaryFile())
        try:
            with zipfile.ZipFile(unpacked, "w") as target:
                _copy(archive, target, limit)
            for _ in range(limit // _CHUNK):  # to its end, where gzip says whether it is what was packed
                if not stream.read(_CHUNK):
                    break
        except BadInput:
            raise
        except OSError as error:
            raise BadInput(f"it could not be unpacked ({error.strerror or error})") from error
        except Exception as error:  # tarfile, gzip and zlib raise many kinds on damaged archives
            raise BadInput(f"it is damaged ({error})") from error
        yield unpacked


def _copy(archive, target, limit):
    size = 0
    for count, member in enumerate(archive, 1):
        archive.members = []  # which it would keep
        size += member.size  # of a sparse one, too, which has any size without being there
        if len(archive.pax_headers) > _MOST_NOTES:
            raise BadInput("it says more beside its files than is read")
        if size > limit or archive.offset > 2 * limit or count > MOST_MEMBERS:
            raise BadInput(f"it unpacks to more than {limit / 10**6:,.0f} MB or {MOST_MEMBERS:,} files")
        info = zipfile.ZipInfo(member.name + "/" * member.isdir())
        if member.islnk():  # another name of a file that came before
            _copy_again(target, member, limit - size)
            size += target.getinfo(member.name).file_size
        elif member.issym():
            info.external_attr = stat.S_IFLNK << 16  # refused like that of a zip
            target.writestr(info, b"")
        elif member.isdir():
            target.writestr(info, b"")
        elif member.isfile():
            with target.open(info, "w", force_zip64=member.size > zipfile.ZIP64_LIMIT // 2) as copy:
                shutil.copyfileobj(archive.extractfile(member), copy)


def _copy_again(target, member, limit):
    """Write a file that is in the zip already under a second name."""
    try:
        first = target.getinfo(member.linkname)
    except KeyError:
        raise BadInput(f"its member {member.name!r} is a link to what is not in it") from None
    if first.file_size > limit:
        raise BadInput("it unpacks to more than is read")
    with target.open(first) as stream:  # before the other is opened: one at a time
        content = stream.read()
    target.writestr(zipfile.ZipInfo(member.name), content)
