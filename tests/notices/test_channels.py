"""Each channel by itself: what it sends, to whom, and what it says where that fails."""

import base64
import contextlib
import shutil
import socketserver
import ssl
import subprocess
import threading
import time

import pytest

from gan_core.notices import channels, sending, settings
from gan_core.notices.channels import mail
from gan_core.notices.channels.base import NotSent
from gan_core.notices.notice import a_test, of_end
from gan_core.store import FAILED
from gan_core.store.run import new_run
from helpers_notices import SECRET, Mailed, serving
from helpers_runs import is_a_sentence


HOSTILE = ["@channel", "@everyone", "@here hi", "<!channel>", "[x](http://evil.example)", "![x](https://evil.example/p.png)",
           "[x]: http://evil.example", "http://evil.example", "HTTPS://evil.example", "mailto:a@evil.example",
           "www.evil.example", "data:text/html,x", "[x][y]", "ftp://evil.example", "a@all"]


@pytest.mark.parametrize("name", HOSTILE)
def test_what_a_run_is_called_calls_nobody_and_links_nowhere(heard, name):
    values = {"slack": heard.address("/slack")}
    run = new_run({"architecture": "gan", "data": "d", "settings": {"steps": 10}}, name, status=FAILED,
                  message=f"No: {name}")
    channels.channels()["slack"].send(values, of_end(run, "http://localhost:8501"), 1.0)
    title, text, link = heard.posted[0][1]["text"].splitlines()
    assert link == f"http://localhost:8501/monitor?run={run.id}", "ours is one"
    for line in (title, text):
        assert not any(taken in line.lower() for taken in ("<!", "://", "](", "][", "]:", "@c", "@e", "@h", "@a", "www.",
                                                           "mailto:a", "data:t")), line
        seen = line.replace("\N{WORD JOINER}", "").replace("&lt;", "<").replace("&gt;", ">")
        assert name in seen, "and can be read"


class _Drop(socketserver.StreamRequestHandler):
    """A server that answers a byte at a time, and never ends."""

    def handle(self):
        with contextlib.suppress(OSError):
            self.wfile.write(b"HTTP/1.1 ")
            while not self.server.over.wait(0.05):
                self.wfile.write(b"2")


def test_a_server_that_answers_for_ever_holds_nobody_up(monkeypatch):
    monkeypatch.setattr(sending, "LONGEST", 0.6)
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Drop)
    server.daemon_threads, server.over = True, threading.Event()
    with serving(server):
        monkeypatch.setenv("GAN_NOTICES_WEBHOOK", f"http://127.0.0.1:{server.server_address[1]}/{SECRET}")
        began = time.monotonic()
        with pytest.raises(NotSent, match="was not done within 0.6 seconds") as caught:
            sending.sent("webhook", a_test(), settings.wanted())
        server.over.set()
    assert time.monotonic() - began < 5 and is_a_sentence(str(caught.value)) and SECRET not in str(caught.value)


def test_user_and_password_in_an_address_are_said_as_the_web_says_them(monkeypatch):
    asked = []

    class Opener:
        def open(self, request, timeout):
            asked.append(request)
            return self

        def close(self):
            pass

    monkeypatch.setattr("urllib.request.build_opener", lambda *_: Opener())
    values = {"webhook": f"https://ann:{SECRET}%40@host.example.org:8443/hook"}
    channel = channels.channels()["webhook"]
    assert channel.place(values) == "host.example.org:8443"
    channel.send(values, a_test(), 1.0)
    [request] = asked
    assert request.full_url == "https://host.example.org:8443/hook"
    assert base64.b64decode(request.get_header("Authorization").removeprefix("Basic ")).decode() == f"ann:{SECRET}@"


def test_that_some_cannot_be_reached_is_told(mailed):
    values = {"smtp": mailed.address(), "mail_to": "ann@example.org, nobody@example.org"}
    with pytest.raises(NotSent, match="no mail for 1 of the 2 addresses; the others were") as caught:
        channels.channels()["mail"].send(values, a_test(), 1.0)
    assert is_a_sentence(str(caught.value)) and caught.value.for_good and len(mailed.messages) == 1


def test_a_mail_server_that_knows_no_passwords_says_so(mailed):
    mailed.plain = True
    values = {"smtp": mailed.address(f"ann:{SECRET}@"), "mail_to": "ann@example.org"}
    with pytest.raises(NotSent, match="leave them out") as caught:
        channels.channels()["mail"].send(values, a_test(), 1.0)
    assert is_a_sentence(str(caught.value)) and not mailed.messages


def test_nothing_is_sent_to_a_mail_server_elsewhere_without_tls(mailed, monkeypatch):
    monkeypatch.setattr(mail, "HERE", ())
    values = {"smtp": mailed.address(f"ann:{SECRET}@"), "mail_to": "ann@example.org"}
    with pytest.raises(NotSent, match="offers no TLS") as caught:
        channels.channels()["mail"].send(values, a_test(), 1.0)
    assert is_a_sentence(str(caught.value)) and not any(line.startswith(("AUTH", "MAIL")) for line in mailed.said)


def test_mail_goes_by_tls_to_a_server_that_proves_who_it_is(tmp_path, monkeypatch):
    if not shutil.which("openssl"):
        pytest.skip("there is no openssl to make a certificate with")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate,
                    "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"], check=True,
                   capture_output=True)
    secured = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    secured.load_cert_chain(certificate, key)
    server = Mailed()
    server.socket = secured.wrap_socket(server.socket, server_side=True)
    with serving(server):
        values = {"smtp": f"smtps://ann:{SECRET}@localhost:{server.server_address[1]}", "mail_to": "ann@example.org"}
        with pytest.raises(NotSent, match="certificate") as caught:
            channels.channels()["mail"].send(values, a_test(), 2.0)
        assert is_a_sentence(str(caught.value)) and server.said == []
        trusting = ssl.create_default_context(cafile=certificate)
        monkeypatch.setattr(ssl, "create_default_context", lambda: trusting)
        channels.channels()["mail"].send(values, a_test(), 2.0)
    assert len(server.messages) == 1 and any(line.startswith("AUTH") for line in server.said)


@pytest.mark.parametrize("name", ["webhook", "slack", "mail"])
def test_every_channel_says_what_it_is(name):
    channel = channels.channels()[name]
    assert channel.title and channel.keys and channel.place({}) == "" and not channels.broken()
