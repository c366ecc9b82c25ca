"""Notices: each goes once by each channel, whatever its server does; no secret is in what is kept, logged or shown."""

import base64
import contextlib
import http.server
import json
import os
import shutil
import socketserver
import ssl
import subprocess
import threading
import time

import pytest

import helpers_stores
from gan_core.errors import BadInput
from gan_core.evaluation.alarms import Alarm
from gan_core.launch import queue
from gan_core.notices import channels, sending, settings, watching
from gan_core.notices.channels import mail
from gan_core.notices.channels.base import NotSent
from gan_core.notices.notice import USUAL, a_test, of_alarm, of_end
from gan_core.store import DIVERGED, FAILED, FINISHED, LOST, RUNNING, STOPPED
from gan_core.store.run import new_run
from helpers_runs import cli, is_a_sentence, log_of, make_run, python, until

disk = helpers_stores.disk  # a fixture
SECRET = "hunter2-secret"
FILES = settings.files  # where they really are


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch, tmp_path):
    """Nothing of who runs the tests; pauses are short, and no proxy stands between."""
    for name in [name for name in os.environ if name.startswith(settings.PREFIX)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(settings, "files", lambda: [tmp_path / "secrets.toml"])
    monkeypatch.setattr(sending, "PAUSES", (0.02, 0.02))
    monkeypatch.setattr(sending, "TIMEOUT", 1.0)


class Heard(http.server.ThreadingHTTPServer):
    """An HTTP server that keeps what is posted, and answers with the codes in ``answers``, then with 200."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Post)
        self.posted, self.answers, self.pause = [], [], 0.0

    def address(self, path=f"/{SECRET}"):
        return f"http://127.0.0.1:{self.server_address[1]}{path}"


class _Post(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posted.append((self.path, json.loads(body)))
        time.sleep(self.server.pause)
        code = self.server.answers.pop(0) if self.server.answers else 200
        with contextlib.suppress(OSError):
            self.send_response(code)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

    do_GET = do_POST

    def log_message(self, *_):
        pass


class Mailed(socketserver.ThreadingTCPServer):
    """A small SMTP server without TLS: who says what, and the messages."""

    daemon_threads = allow_reuse_address = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Mail)
        self.said, self.messages, self.refuses, self.plain = [], [], "", False

    def address(self, user=""):
        return f"smtp://{user}127.0.0.1:{self.server_address[1]}"


class _Mail(socketserver.StreamRequestHandler):
    def handle(self):
        self._say("220 here")
        while line := self.rfile.readline().decode().strip():
            verb = line.partition(" ")[0].upper()
            self.server.said.append(line)
            if verb == self.server.refuses:
                self._say(f"535 {SECRET} is wrong")
            elif verb == "EHLO":
                self._say(*(["250 here"] if self.server.plain else ["250-here", "250 AUTH PLAIN"]))
            elif verb == "RCPT" and "nobody@" in line.lower():
                self._say("550 unknown")
            elif verb == "AUTH":
                self._say("235 welcome")
            elif verb == "DATA":
                self._say("354 go on")
                text = []
                while (part := self.rfile.readline().decode().rstrip("\r\n")) != ".":
                    text.append(part)
                self.server.messages.append("\n".join(text))
                self._say("250 taken")
            elif verb == "QUIT":
                return self._say("221 goodbye")
            else:
                self._say("250 well")

    def _say(self, *lines):
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


@contextlib.contextmanager
def serving(server):
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def heard():
    with serving(Heard()) as server:
        yield server


@pytest.fixture
def mailed():
    with serving(Mailed()) as server:
        yield server


def told():
    """Wait for the threads that send."""
    until(lambda: not any(thread.name.startswith("notice by") for thread in threading.enumerate()), "notices to be sent")


def test_the_end_of_a_run_is_told_once_by_every_channel(disk, heard, mailed, monkeypatch):
    monkeypatch.setenv("GAN_NOTICES_WEBHOOK", heard.address("/hook"))
    monkeypatch.setenv("GAN_NOTICES_SLACK", heard.address("/slack"))
    monkeypatch.setenv("GAN_NOTICES_SMTP", mailed.address(f"ann:{SECRET}@"))
    monkeypatch.setenv("GAN_NOTICES_MAIL_TO", "ann@example.org, bob@example.org")
    monkeypatch.setenv("GAN_NOTICES_LINK", "http://localhost:8501/")
    run = make_run(disk, name="Digits <3 & more", status=FINISHED, step=100, attempt=1)
    threads = [threading.Thread(target=sending.ended, args=(disk, run)) for _ in range(4)]  # several notice the same
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told()
    posted = dict(heard.posted)
    assert len(heard.posted) == 2 and len(mailed.messages) == 1
    hook = posted["/hook"]
    assert (hook["event"], hook["run"], hook["step"], hook["link"]) == (
        "finished", run.id, 100, f"http://localhost:8501/monitor?run={run.id}")
    assert posted["/slack"] == {"text": f"Digits &lt;3 &amp; more has finished\nStep 100 of 100.\n{hook['link']}"}
    assert "Subject: Digits <3 & more has finished" in mailed.messages[0] and hook["link"] in mailed.messages[0]
    assert "RCPT TO:<BOB@EXAMPLE.ORG>" in [line.upper() for line in mailed.said]
    records = disk.notices.list(run.id)
    assert {record.channel for record in records if record.sent and not record.message} == {"webhook", "slack", "mail"}
    kept = log_of(disk, run.id) + str(records) + (disk.workspace / "catalogue.sqlite").read_bytes().decode("latin-1")
    assert not any(secret in kept for secret in (SECRET, "/slack", "ann@", "bob@"))
    assert "Told by Slack webhook (127.0.0.1" in kept and "for 2 addresses" in kept


@pytest.mark.parametrize("answers, tries, arrives", [([500, 503], 3, True), ([500] * 3, 3, False), ([404], 1, False),
                                                     ([302], 1, False), ([429], 2, True)])
def test_a_server_that_fails_is_asked_again_where_it_may_help(disk, heard, monkeypatch, answers, tries, arrives):
    heard.answers[:] = answers
    monkeypatch.setenv("GAN_NOTICES_WEBHOOK", heard.address())
    run = make_run(disk, status=FAILED, attempt=1, message="The disk is full.")
    sending.ended(disk, run)
    told()
    assert [path for path, _ in heard.posted] == [f"/{SECRET}"] * tries, "what is sent goes to no other address"
    [record] = disk.notices.list(run.id)
    assert bool(record.sent) == arrives
    if not arrives:
        assert is_a_sentence(record.message) and "127.0.0.1" in record.message and str(answers[0]) in record.message
        assert f"Not told: {record.message}" in log_of(disk, run.id) and SECRET not in log_of(disk, run.id)


def test_a_server_that_does_not_answer_holds_nobody_up(disk, heard, monkeypatch):
    heard.pause = 2.0
    monkeypatch.setattr(sending, "TIMEOUT", 0.1)
    monkeypatch.setenv("GAN_NOTICES_SLACK", heard.address())
    run = make_run(disk, status=FINISHED, attempt=1)
    began = time.monotonic()
    sending.ended(disk, run)
    assert time.monotonic() - began < 1.0
    told()
    assert "did not answer within" in disk.notices.list(run.id)[0].message


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


def test_a_process_that_ends_waits_for_what_it_has_begun_to_tell(disk, heard):
    heard.answers[:] = [500]
    run = make_run(disk, status=FINISHED, attempt=1)
    code = ("import os, sys\nfrom gan_core.notices import sending\nfrom gan_core.store import DiskStore\n"
            "os.environ.pop('GAN_NOTICES', None)\nos.environ['GAN_NOTICES_WEBHOOK'] = sys.argv[2]\n"
            "sending.PAUSES = (0.5,)\nstore = DiskStore(sys.argv[1])\nsending.ended(store, store.get(sys.argv[3]))\n")
    answer = python(code, disk.workspace, heard.address(), run.id)
    assert answer.returncode == 0 and not answer.stderr.strip(), answer.stderr
    [record] = disk.notices.list(run.id)
    assert len(heard.posted) == 2 and record.sent and not record.message


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


def test_a_mail_server_that_refuses_is_told_of_without_its_words(disk, mailed, monkeypatch):
    mailed.refuses = "AUTH"
    monkeypatch.setenv("GAN_NOTICES_SMTP", mailed.address(f"ann:{SECRET}@"))
    monkeypatch.setenv("GAN_NOTICES_MAIL_TO", "ann@example.org")
    run = make_run(disk, status=FINISHED, attempt=1)
    sending.ended(disk, run)
    told()
    [record] = disk.notices.list(run.id)
    assert "refused the user or the password (535)" in record.message and SECRET not in record.message
    assert is_a_sentence(record.message) and not mailed.messages


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


@pytest.mark.parametrize("values, says", [
    ({"webhook": f"ftp://host/{SECRET}"}, "webhook"), ({"slack": f"{SECRET}"}, "slack"),
    ({"webhook": f"http://[{SECRET}"}, "webhook"),
    ({"smtp": f"mail://ann:{SECRET}@host"}, "smtp"), ({"smtp": f"smtps://ann:{SECRET}@host"}, "mail_to"),
    ({"smtp": f"smtp://ann:{SECRET}@host:port", "mail_to": "a@b"}, "smtp"),
    ({"smtp": "smtps://host", "mail_to": f"a@b\nBcc: {SECRET}@c"}, "mail_to"), ({"link": f"javascript:{SECRET}"}, "link"),
    ({"events": "finished,never"}, "never"), ({"hook": f"https://host/{SECRET}"}, "hook")])
def test_settings_that_cannot_be_used_are_told_without_secrets(disk, monkeypatch, values, says):
    for name, value in values.items():
        monkeypatch.setenv(f"GAN_NOTICES_{name.upper()}", value)
    with pytest.raises(BadInput) as caught:
        settings.wanted()
    assert says in str(caught.value) and SECRET not in str(caught.value) and is_a_sentence(str(caught.value))
    run = make_run(disk, status=FINISHED, attempt=1)
    sending.ended(disk, run)  # a run does not fail for it
    assert str(caught.value) in log_of(disk, run.id)
    with watching.alarms_of(disk, run):
        pass


def test_a_file_of_secrets_is_read_and_the_environment_goes_before(tmp_path, monkeypatch):
    assert settings.wanted().channels == {}
    path = tmp_path / "secrets.toml"
    path.write_text(f'[notices]\nslack = "https://hooks.example.org/{SECRET}"\nevents = ["failed"]\n[auth]\nx = 1\n')
    wanted = settings.wanted()
    assert wanted.channels == {"slack": "hooks.example.org"} and wanted.events == ("failed",) and SECRET not in repr(wanted)
    monkeypatch.setenv("GAN_NOTICES_SLACK", "https://other.example.org/x")
    assert settings.wanted().channels == {"slack": "other.example.org"}
    monkeypatch.setenv("GAN_NOTICES", "off")
    assert settings.wanted().channels == {}
    monkeypatch.delenv("GAN_NOTICES")
    for text in (f"[notices\n{SECRET}", f'notices = "{SECRET}"'):
        path.write_text(text)
        with pytest.raises(BadInput) as caught:
            settings.wanted()
        assert is_a_sentence(str(caught.value)) and SECRET not in str(caught.value)


@pytest.mark.parametrize("line, says", [
    ("events = 5", "events"), ("events = true", "events"), ("mail_to = 5", "mail_to"), ("mail_to = [['a@b']]", "mail_to"),
    ("slack = 5", "slack"), ("link = 1979-05-27", "link"), ("webhook = {a = 1}", "webhook")])
def test_settings_of_another_type_are_told_and_no_run_fails_for_them(disk, tmp_path, line, says):
    (tmp_path / "secrets.toml").write_text(f"[notices]\n{line}\n")
    with pytest.raises(BadInput, match=f"The setting {says} of notices must be") as caught:
        settings.wanted()
    assert is_a_sentence(str(caught.value))
    run = make_run(disk, status=FINISHED, attempt=1)
    sending.ended(disk, run)
    with watching.alarms_of(disk, run):
        pass
    assert str(caught.value) in log_of(disk, run.id)


def test_a_fault_of_ours_in_settings_ends_no_run(disk, monkeypatch):
    monkeypatch.setattr(settings, "files", lambda: 1 / 0)
    run = make_run(disk, status=FINISHED, attempt=1)
    sending.ended(disk, run)
    with watching.alarms_of(disk, run):
        pass


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


def test_a_person_without_a_home_has_no_file_of_secrets(monkeypatch):
    monkeypatch.setattr(settings, "files", FILES)
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr("pwd.getpwuid", lambda uid: {}[uid])
    assert settings.wanted().events == USUAL


def test_who_did_not_ask_for_an_event_is_not_told(disk, heard, monkeypatch):
    monkeypatch.setenv("GAN_NOTICES_WEBHOOK", heard.address())
    for status in (STOPPED, DIVERGED):
        sending.ended(disk, make_run(disk, status=status, attempt=1))
    told()
    assert [posted["event"] for _, posted in heard.posted] == [DIVERGED] and STOPPED not in USUAL


def test_a_run_that_is_found_lost_is_told_of(disk, heard, monkeypatch):
    monkeypatch.setenv("GAN_NOTICES_WEBHOOK", heard.address())
    run = make_run(disk, status=RUNNING, attempt=1, handle=queue.ownership() | {"born": 0.0, "pid": 2**22 + 1})
    assert queue.reap(disk) == 1 and queue.reap(disk) == 0
    told()
    assert [(posted["event"], posted["run"]) for _, posted in heard.posted] == [(LOST, run.id)]
    assert "Resume it" in heard.posted[0][1]["text"]


def test_alarms_are_told_once_while_a_run_is_at_work(disk, heard, monkeypatch):
    monkeypatch.setenv("GAN_NOTICES_SLACK", heard.address())
    monkeypatch.setattr(watching, "EVERY", 0.05)
    run = make_run(disk, status=RUNNING, attempt=1, step=600)
    with watching.alarms_of(disk, run):
        disk.add_rows(run.id, [(step, key, 0.999, float(step)) for step in range(1, 601)
                               for key in ("d_accuracy_real", "d_accuracy_fake")])
        until(lambda: heard.posted, "the alarm")
        time.sleep(0.2)
    told()
    [(_, posted)] = heard.posted
    assert "The discriminator wins" in posted["text"] and "What to try" in posted["text"]
    assert [record.event for record in disk.notices.list(run.id)] == ["alarm:discriminator_wins"]


def test_nothing_is_watched_where_nobody_wants_to_know(disk):
    run = make_run(disk, status=RUNNING, attempt=1)
    with watching.alarms_of(disk, run):
        assert not any(thread.name == "alarms" for thread in threading.enumerate())


def test_runs_of_a_sweep_are_not_told_of(disk, heard, monkeypatch):
    monkeypatch.setenv("GAN_NOTICES_WEBHOOK", heard.address())
    run = make_run(disk, status=FINISHED, attempt=1)
    monkeypatch.setattr(type(disk.sweeps), "run_ids", lambda self: {run.id})
    sending.ended(disk, run)
    assert not heard.posted and disk.notices.list(run.id) == []


def test_the_verb_says_what_is_set_and_tries_it(heard, monkeypatch):
    assert "GAN_NOTICES_SLACK" in cli("notices").out
    monkeypatch.setenv("GAN_NOTICES", "off")
    assert cli("notices").out == "GAN_NOTICES=off is set, so that nobody is told of anything.\n"
    monkeypatch.delenv("GAN_NOTICES")
    monkeypatch.setenv("GAN_NOTICES_SLACK", heard.address())
    answer = cli("notices")
    assert answer.code == 0 and "127.0.0.1" in answer.out and SECRET not in answer.out + answer.err and not heard.posted
    answer = cli("notices", "--test")
    assert answer.code == 0 and "a test was sent" in answer.out and "A test" in heard.posted[0][1]["text"]
    heard.answers[:] = [404]
    answer = cli("notices", "--test", "--json")
    found = json.loads(answer.out)["channels"]["slack"]
    assert answer.code == 1 and found["arrived"] is False and "404" in found["why"] and SECRET not in answer.out


@pytest.mark.parametrize("name", ["webhook", "slack", "mail"])
def test_every_channel_says_what_it_is(name):
    channel = channels.channels()[name]
    assert channel.title and channel.keys and channel.place({}) == "" and not channels.broken()


def test_a_notice_is_short_and_of_one_line():
    run = new_run({"architecture": "gan", "data": "d", "settings": {"steps": 0}}, "A\nname " * 99, status=FAILED,
                  message="why " * 999)
    notice = of_end(run)
    assert "\n" not in notice.title and len(notice.title) <= 200 and len(notice.text) < 1100
    assert of_alarm(run, Alarm("plateau", "Plateau", "Why.", "What.", {})).key == "alarm:plateau"
