"""Files that appear at once or not at all: written under a temporary name and moved, so that nobody reads half of one."""

import os
from pathlib import Path


def write_whole(path, data):
    """Write bytes to ``path`` at once or not at all."""
    with replacing(path) as partial:
        partial.write_bytes(data)


class replacing:
    """``with replacing(path) as partial``: write to ``partial``; it becomes ``path`` if all goes well."""

    def __init__(self, path):
        self.path = Path(path)
        # The suffix stays: some writers (Keras) insist on theirs.
        self.partial = self.path.with_name(f".partial-{os.getpid()}-{self.path.name}")

    def __enter__(self):
        self.path.parent.mkdir(parents=True, exist_ok=True)
        return self.partial

    def __exit__(self, error, *_):
        try:
            if error is None:
                os.replace(self.partial, self.path)
        finally:
            self.partial.unlink(missing_ok=True)  # unless it has become ``path``
