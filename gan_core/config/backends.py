"""Which library computes: the choice of ``$KERAS_BACKEND``, checked before anything heavy is loaded."""

import contextlib
import importlib.util
import os

from gan_core.errors import BadInput

BACKENDS = ("tensorflow", "jax")
VARIABLE = "KERAS_BACKEND"
# Bytes of addresses that a process needs to load it and train a small network; with fewer it dies without a word.
ADDRESSES = {"tensorflow": 3.5 * 2**30, "jax": 2 * 2**30}
INSTALL = {"tensorflow": 'pip install "tensorflow>=2.21,<2.22"', "jax": 'pip install "jax>=0.10"'}


def chosen():
    """The backend that a new run is made for; it may be one that cannot train, see :func:`refusal`."""
    return os.environ.get(VARIABLE) or BACKENDS[0]


def refusal(backend):
    """Why nothing can be computed with a backend, a sentence; "" when it can."""
    if backend not in BACKENDS:
        return (f"The workbench computes with {' or '.join(BACKENDS)}, and not with {str(backend)[:40]!r}; set {VARIABLE} "
                f"to one of them, or leave it unset for {BACKENDS[0]}.")
    if importlib.util.find_spec(backend) is None:
        return f"The backend {backend} is not installed; install it (`{INSTALL[backend]}`) or set {VARIABLE} to another."
    if _addresses() < ADDRESSES[backend]:
        return (f"This process may use {_addresses() / 2**30:.2g} GiB of addresses (`ulimit -v`), and {backend} needs "
                f"{ADDRESSES[backend] / 2**30:g} GiB at least; raise the limit.")
    return ""


def _addresses():
    """Bytes of addresses that this process may have."""
    with contextlib.suppress(ImportError):  # Windows
        import resource

        limit = resource.getrlimit(resource.RLIMIT_AS)[0]
        return limit if limit != resource.RLIM_INFINITY else float("inf")
    return float("inf")


def use(backend=None):
    """Compute with a backend in this process, the chosen one by default; call it before Keras is imported.

    Raises:
        BadInput: when it cannot.
    """
    backend = backend or chosen()
    if problem := refusal(backend):
        raise BadInput(problem, {"backend": problem})
    os.environ[VARIABLE] = backend
