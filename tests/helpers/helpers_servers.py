"""What the tests of places on other machines share: a PostgreSQL and an S3 server of this machine's own.

Where a package or the server is absent these tests are skipped; with GAN_REQUIRE_SERVERS=1 in the environment they fail.
"""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import threading
from pathlib import Path

import pytest

USER, PASSWORD = "gan", "se%cret/1"
BUCKET = "gan-tests"


def without(reason):
    (pytest.fail if os.environ.get("GAN_REQUIRE_SERVERS") == "1" else pytest.skip)(reason)


def free_port():
    with contextlib.closing(socket.socket()) as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


class Postgres:
    """A server of a folder of its own, with a user who has a password and a database."""

    def __init__(self, programs):
        self._programs, self.port = Path(programs), free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="gan-postgresql-"))
        self._user = pwd.getpwnam("postgres") if os.getuid() == 0 else None  # it does not serve the administrator
        (self.folder / "password").write_text(PASSWORD)
        if self._user:
            for path in (self.folder, self.folder / "password"):
                os.chown(path, self._user.pw_uid, self._user.pw_gid)
        self._run("initdb", "--pgdata", self.folder / "data", "--username", USER, "--pwfile", self.folder / "password",
                  "--auth", "scram-sha-256", "--locale", "C.UTF-8", "--no-sync")
        self.start()
        self.run_sql("postgres", "CREATE DATABASE gan")

    def url(self, user=USER, password=PASSWORD, database="gan"):
        from urllib.parse import quote

        return f"postgresql+psycopg://{user}:{quote(password, safe='')}@127.0.0.1:{self.port}/{database}"

    def run_sql(self, database, *statements):
        import psycopg

        with psycopg.connect(self.url(database=database).replace("+psycopg", ""), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def start(self):
        self._run("pg_ctl", "start", "--wait", "--silent", "--pgdata", self.folder / "data", "--log", self.folder / "log",
                  "--options", f"-p {self.port} -h 127.0.0.1 -k {self.folder} -F -c shared_buffers=16MB")

    def stop(self, mode="immediate"):
        self._run("pg_ctl", "stop", "--wait", "--silent", "--pgdata", self.folder / "data", "--mode", mode)

    def remove(self):
        with contextlib.suppress(subprocess.CalledProcessError):  # it was stopped
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program, *arguments):
        become = {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []} if self._user else {}
        subprocess.run([self._programs / program, *map(str, arguments)], check=True, cwd=self.folder, timeout=60,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **become)


@pytest.fixture(scope="session")
def postgres():
    try:
        import psycopg  # noqa: F401
    except ImportError:
        without("psycopg is not installed")
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or [*map(Path, filter(None, [shutil.which("initdb")]))]
    if not found:
        without("PostgreSQL is not installed: apt install postgresql")
    server = Postgres(found[-1].parent)
    yield server
    server.remove()


class S3:
    """moto's server, with one bucket; it can be stopped and started again with all that it holds."""

    def __init__(self):
        self.port = free_port()
        self.url, self.prefixes = f"http://127.0.0.1:{self.port}", 0
        self.start()

    def start(self):
        from moto.server import DomainDispatcherApplication, create_backend_app
        from werkzeug.serving import make_server

        self._server = make_server("127.0.0.1", self.port, DomainDispatcherApplication(create_backend_app), threaded=True)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def place(self):
        """The address of an empty one."""
        self.prefixes += 1
        return f"s3://{BUCKET}/p{self.prefixes}"


@pytest.fixture(scope="session")
def s3():
    try:
        import s3fs
        from moto.server import DomainDispatcherApplication  # noqa: F401
    except ImportError as error:
        without(f"{error.name} is not installed")
    with pytest.MonkeyPatch.context() as patch:
        server = S3()
        for name, value in {"AWS_ENDPOINT_URL": server.url, "AWS_ACCESS_KEY_ID": "gan", "AWS_SECRET_ACCESS_KEY": "secret",
                            "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true"}.items():
            patch.setenv(name, value)
        s3fs.S3FileSystem(skip_instance_cache=True).mkdir(BUCKET)
        yield server
        server.stop()
