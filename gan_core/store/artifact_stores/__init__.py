"""Places where artifacts lie, one file each: a class ``Store`` and the ``SCHEMES`` of its URLs.  Found by themselves."""

import functools
import importlib
import pkgutil

from gan_core.errors import StoreError


@functools.cache
def known():
    """``{scheme: class}``, see :class:`gan_core.store.artifacts.ArtifactStore`."""
    modules = [importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
    return {scheme: module.Store for module in modules for scheme in module.SCHEMES}


def open_artifact_store(url):
    """The :class:`gan_core.store.artifacts.ArtifactStore` at a URL, such as ``file:///home/me/workspace/runs``.

    Raises:
        StoreError: when there is none for such URLs.
    """
    scheme, separator, place = url.partition("://")
    if not separator or scheme not in known():
        raise StoreError(f"Artifacts cannot be kept at {url!r}; give a URL that starts with "
                         f"{', '.join(f'{known_scheme}://' for known_scheme in sorted(known()))}.")
    return known()[scheme](place)
