"""Places where artifacts lie, one file each: a class ``Store`` and the ``SCHEMES`` of its URLs, with what makes a store of
each where they differ.  Found by themselves."""

import functools
import sys

from gan_core.data import finding
from gan_core.errors import StoreError


def known():
    """``{scheme: what makes a store of a place}``, see :class:`gan_core.store.artifacts.ArtifactStore`."""
    return {scheme: make for makers in _found()[0].values() for scheme, make in makers.items()}


def broken():
    """``{file's name: sentence}`` of the files that cannot be used."""
    return _found()[1]


@functools.cache
def _found():
    return finding.modules(sys.modules[__name__], _makers)


def _makers(module):
    return module.SCHEMES if isinstance(module.SCHEMES, dict) else dict.fromkeys(module.SCHEMES, module.Store)


def open_artifact_store(url):
    """The :class:`gan_core.store.artifacts.ArtifactStore` at a URL, such as ``file:///home/me/workspace/runs``.

    Raises:
        StoreError: when there is none for such URLs.
    """
    scheme, separator, place = url.partition("://")
    if not separator or scheme not in known():
        sentence = (f"Artifacts cannot be kept at {url!r}; give a URL that starts with "
                    f"{', '.join(f'{known_scheme}://' for known_scheme in sorted(known()))}.")
        raise StoreError(" ".join([sentence, *broken().values()]))
    return known()[scheme](place)
