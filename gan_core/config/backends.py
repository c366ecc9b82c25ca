"""Which library computes: the choice of ``$KERAS_BACKEND``, checked before anything heavy is loaded."""

import contextlib
import functools
import importlib.util
import os
import subprocess
import sys

from gan_core.errors import BadInput

BACKENDS = ("tensorflow", "jax")
VARIABLE = "KERAS_BACKEND"
# Bytes of addresses that a process needs to load it and train a small network; with fewer it dies without a word.
ADDRESSES = {"tensorflow": 3.5 * 2**30, "jax": 2 * 2**30}
# Variables whose unknown flags end a process without an exception, and what it takes to see whether these do.
FLAGS = {"tensorflow": ("TF_XLA_FLAGS", "XLA_FLAGS"), "jax": ("XLA_FLAGS",)}
STARTING = {"tensorflow": "import tensorflow as tf; tf.function(lambda: tf.constant(1.0) * 2, jit_compile=True)()",
            "jax": "import jax; jax.numpy.zeros(1)"}
PATIENCE = 120  # seconds
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
    flags = tuple((name, os.environ[name]) for name in FLAGS[backend] if os.environ.get(name, "").strip())
    if flags and (why := _stumbles(backend, flags)):
        return (f"{backend} does not start with {' and '.join(f'{name}={value[:80]}' for name, value in flags)} ({why}); "
                "unset what is not meant for it.")
    return ""


@functools.cache
def _stumbles(backend, flags):
    """What a process said last that could not start with these flags; "" when it could."""
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"} | dict(flags)
    try:
        done = subprocess.run([sys.executable, "-c", STARTING[backend]], env=environment, capture_output=True, text=True,
                              errors="replace", timeout=PATIENCE)
    except (OSError, subprocess.TimeoutExpired):
        return ""  # then it may fail with a message of its own
    lines = [line.strip() for line in done.stderr.splitlines() if "flag" in line.lower()]
    return "" if done.returncode == 0 else (lines or ["it says nothing"])[0][-160:].rstrip(". ")


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
