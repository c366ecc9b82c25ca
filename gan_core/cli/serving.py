"""The verb that opens the dashboard: serve."""

import errno
import importlib.util
import os
import socket
import sys
from pathlib import Path

from gan_core import visitors
from gan_core.cli.terminal import whole
from gan_core.errors import BadInput
from gan_core.store import open_store, workspace_path

APP = Path(__file__).parents[2] / "streamlit_app.py"
PORT, HIGHEST = 8501, 65_535  # Streamlit's own; what a port may be
ADDRESS = "STREAMLIT_SERVER_ADDRESS"


def add_to(verb):
    parser = verb("serve", serve, "Open the dashboard in a browser.")
    parser.add_argument("--visitors", action="store_true",
                        help="whoever opens it looks, draws, explores, compares and judges, and changes nothing")
    parser.add_argument("--port", type=whole, default=PORT, metavar="N", help=f"default: {PORT}")
    parser.add_argument("--headless", action="store_true", help="open no browser here")


def serve(args):
    """Become Streamlit's server, so that signals reach it."""
    if not 1 <= args.port <= HIGHEST:
        raise BadInput(f"--port is a number from 1 to {HIGHEST}, not {args.port}.")
    if not APP.is_file() or importlib.util.find_spec("streamlit") is None:
        raise BadInput("The dashboard is not installed with this package; start it in a checkout of the project, after "
                       "`pip install -r requirements.txt`.")
    _must_be_free(os.environ.get(ADDRESS) or "localhost", args.port)
    workspace = workspace_path(args.workspace)
    open_store(workspace).close()  # what is wrong with it is said here
    environment = os.environ | {"GAN_WORKSPACE": str(workspace)} | ({visitors.VARIABLE: "1"} if args.visitors else {})
    for name in ("GAN_ZOO", "GAN_DATA"):  # the server works in another folder
        if environment.get(name):
            environment[name] = os.path.abspath(os.path.expanduser(environment[name]))
    closed = args.visitors or visitors.are_here()
    options = [f"--server.port={args.port}", *(["--server.headless=true"] if args.headless or closed else []),
               *(["--server.maxUploadSize=1"] if closed else [])]
    os.chdir(APP.parent)  # where its configuration is
    sys.stdout.flush()
    os.execve(sys.executable, [sys.executable, "-m", "streamlit", "run", str(APP), *options], environment)


def _must_be_free(address, port):
    """BadInput where somebody listens at a port already, or it cannot be had."""
    try:
        for kind, *_, where in socket.getaddrinfo(address, port, type=socket.SOCK_STREAM):
            _bind(kind, where)
    except (OSError, UnicodeError) as error:  # the latter of a name that is none
        why = getattr(error, "strerror", "") or "no such address"
        raise BadInput(f"Port {port} of {address[:100]} cannot be had ({why}); choose another with --port, or end what "
                       "listens there.") from None


def _bind(kind, where):
    try:
        with socket.socket(kind, socket.SOCK_STREAM) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: one that just ended blocks nothing
            tried.bind(where)
    except OSError as error:
        if kind != socket.AF_INET6 or error.errno not in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):  # machines without
            raise
