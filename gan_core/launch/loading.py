"""Keras, imported without what TensorFlow says meanwhile: of GPUs that nobody has, of a log that is not set up yet."""

import contextlib
import os
import sys
import tempfile

from gan_core.config import backends


@contextlib.contextmanager
def loading_keras(backend=None):
    """Within it Keras is imported with a backend, the chosen one by default, once that is checked.  What is said on stderr
    meanwhile is kept, and shown only if loading fails."""
    backends.use(backend)
    # Another thread that speaks meanwhile is not heard: where it is loaded already there is nothing to hide.
    if "keras" in sys.modules:
        yield
        return
    try:
        said = tempfile.TemporaryFile()
    except OSError:  # no folder for temporary files: then it is heard
        yield
        return
    sys.stderr.flush()
    kept = os.dup(2)
    with said:
        os.dup2(said.fileno(), 2)
        try:
            yield
        except KeyboardInterrupt:  # that is no word of TensorFlow's
            raise
        except BaseException:
            os.dup2(kept, 2)
            said.seek(0)
            sys.stderr.write(said.read().decode(errors="replace"))
            raise
        finally:
            os.dup2(kept, 2)
            os.close(kept)
