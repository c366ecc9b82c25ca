"""The verb that opens the dashboard."""

import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from helpers_runs import PROJECT, cli, environment, is_a_sentence


@pytest.fixture
def taken():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


def free_port():
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return tried.getsockname()[1]


@pytest.mark.parametrize("arguments, says", [
    (["--port", "70000"], "from 1 to 65535"), (["--port", "0"], "from 1 to 65535"), (["--port", "x"], "not a whole number")])
def test_a_port_that_cannot_be_is_told(tmp_path, arguments, says):
    answer = cli("serve", "--headless", *arguments, workspace=tmp_path / "w")
    assert answer.code == 2 and says in answer.err and is_a_sentence(answer.err.strip())


def test_a_port_and_a_workspace_that_cannot_be_had_are_told(tmp_path, taken):
    answer = cli("serve", "--headless", "--port", str(taken), workspace=tmp_path / "w")
    assert answer.code == 2 and "cannot be had" in answer.err and not (tmp_path / "w").exists()
    (tmp_path / "file").write_text("")
    answer = cli("serve", "--headless", "--port", str(free_port()), workspace=tmp_path / "file" / "w")
    assert answer.code == 2 and "cannot be made" in answer.err


def test_it_serves_the_workspace_that_is_named_from_any_folder(tmp_path):
    port = free_port()
    server = subprocess.Popen([sys.executable, "-m", "gan_core", "serve", "--visitors", "--headless", "--port", str(port),
                               "--workspace", "here"], cwd=tmp_path, env=environment(PYTHONPATH=str(PROJECT)),
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        for _ in range(300):
            try:
                answer = urllib.request.urlopen(f"http://localhost:{port}/_stcore/health", timeout=5).read()
                break
            except OSError:
                assert server.poll() is None, server.stdout.read()
                time.sleep(0.1)
        assert answer == b"ok" and (tmp_path / "here" / "catalogue.sqlite").is_file()
        with open(f"/proc/{server.pid}/environ", "rb") as kept:  # it became the server, with what visitors need
            assert b"GAN_VISITORS=1" in kept.read()
    finally:
        server.terminate()
        assert server.wait(30) is not None
