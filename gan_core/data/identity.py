"""What data are, wherever they lie and whatever they are called: a hash of decoded content and labels."""

import hashlib
from dataclasses import asdict, dataclass

import numpy as np


@dataclass(frozen=True)
class Identity:
    """``hash`` is 32 hexadecimal digits of the samples as they are trained on, in their order, and of their labels, by
    name; test samples count, too.  ``count`` and ``held_out`` are the numbers of training and test samples, ``shape`` is
    one sample's, ``classes`` the number of classes."""

    hash: str
    count: int
    held_out: int
    shape: tuple[int, ...]
    classes: int

    @classmethod
    def of(cls, x, y, classes, x_test=None, y_test=None, beside=None, columns=(), traits=()):
        """Of the arrays of a :class:`gan_core.data.Dataset`; ``beside`` are its further ones by name."""
        digest = hashlib.sha256(repr(tuple(map(str, classes))).encode())
        beside = beside or {}
        if beside or columns:
            digest.update(repr((sorted(beside), columns)).encode())
        if traits:
            digest.update(repr(traits).encode())
        for array in (x, y, x_test, y_test, *(beside[name] for name in sorted(beside))):
            if array is None:
                digest.update(b"none")
                continue
            array = np.ascontiguousarray(array)
            digest.update(f"{array.dtype.str} {array.shape}".encode())
            digest.update(array.data)
        return cls(digest.hexdigest()[:32], len(x), 0 if x_test is None else len(x_test), tuple(map(int, x.shape[1:])),
                   len(classes))

    def as_dict(self):
        return asdict(self) | {"shape": list(self.shape)}

    @classmethod
    def from_dict(cls, values):
        """The inverse of :meth:`as_dict`; None for what is none."""
        try:
            return cls(**values | {"shape": tuple(values["shape"])})
        except (TypeError, KeyError):
            return None


def difference(then, now):
    """What differs between two identities, in words that follow "the data ...": "" when they are equal."""
    if then.hash == now.hash:
        return ""
    parts = []
    if then.shape != now.shape:
        parts.append(f"samples were {_by(then.shape)} and are {_by(now.shape)}")
    if then.count != now.count:
        parts.append(f"there were {then.count:,} of them and are {now.count:,}")
    if then.held_out != now.held_out:
        parts.append(f"{then.held_out:,} were kept for tests and {now.held_out:,} are")
    if then.classes != now.classes:
        parts.append(f"there were {then.classes} classes and are {now.classes}")
    return "; ".join(parts) or "as many samples of the same size, but other content, labels or order"


def _by(shape):
    return " x ".join(map(str, shape))
