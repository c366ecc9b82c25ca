"""Which requests are answered: by a name of ours, from a page of ours; and the headers of every answer."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import pytest
from starlette.responses import PlainTextResponse
from streamlit import config

from helpers_runs import is_a_sentence
from pages.components import door

OURS = ["localhost", "127.0.0.1", "::1"]


@pytest.fixture
def options(monkeypatch):
    """``options(name=value)`` of the server's; at first those of the project."""
    values = {"allowedHosts": OURS, "corsAllowedOrigins": [], "enableCORS": True}
    monkeypatch.setattr(door.st, "get_option", lambda name: values[name.removeprefix("server.")])
    return values.update


async def everything(scope, receive, send):
    """An app that says hello to whoever is let in."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
    else:
        await PlainTextResponse("hello")(scope, receive, send)


class Answer(NamedTuple):
    status: int
    headers: dict
    text: str


def ask(path="/", method="GET", headers=(), kind="http"):
    """What the door answers; ``headers`` as pairs or a dict, with the usual name unless they have one."""
    headers = list(dict(headers).items() if isinstance(headers, dict) else headers)
    if "Host" not in dict(headers):
        headers.append(("Host", "localhost:8501"))
    scope = {"type": kind, "path": path, "headers": [(name.lower().encode(), value.encode()) for name, value in headers]}
    sent = []

    async def send(message):
        sent.append(message)

    answering = door.Door(everything)(scope | ({"method": method} if kind == "http" else {}), None, send)
    with ThreadPoolExecutor(1) as other:  # where a browser is tested, this thread has a loop of its own
        other.submit(asyncio.run, answering).result()
    if sent[0]["type"] == "websocket.accept":
        return Answer(101, {}, "hello")
    told = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Answer(sent[0]["status"], told, sent[1]["body"].decode())


def heard(**headers):
    """Whether the websocket talks to whoever sends these headers."""
    answer = ask("/_stcore/stream", headers=headers, kind="websocket")
    assert answer.status in (101, 403)
    return answer.status == 101


@pytest.mark.parametrize("host", [
    "localhost", "localhost:8501", "127.0.0.1:8501", "[::1]:8501", "LOCALHOST:80", "localhost."])
def test_names_of_this_machine_are_answered(options, host):
    assert ask("/train", headers={"Host": host}).text == "hello" and heard(Host=host)


@pytest.mark.parametrize("host", [
    "evil.example", "evil.example:8501", "localhost.evil.example", "evillocalhost", "localhost@evil.example",
    "127.0.0.1.nip.io", "127.0.0.2", "0.0.0.0:8501", "2130706433", "localhost:8501:80", "localhost:x", "localhost/",
    "localhost?", "[::1", "[::2]", "", " ", "localhost evil", "user:pw@localhost", "localhost#", "*"])
@pytest.mark.parametrize("path", ["/", "/media/abc.png", "/_stcore/health", "/_stcore/upload_file/a/b", "/static/x.js"])
def test_another_name_is_answered_nowhere(options, host, path):
    for method in ("GET", "PUT"):
        answer = ask(path, method, {"Host": host})
        assert answer.status == 403 and is_a_sentence(answer.text) and "allowedHosts" in answer.text
    assert path != "/" or not heard(Host=host)


def test_two_names_are_none(options):
    assert ask(headers=[("Host", "localhost"), ("Host", "evil.example")]).status == 403


@pytest.mark.parametrize("origin", [
    "http://evil.example", "http://localhost:3000", "http://localhost", "https://localhost.evil.example:8501", "null", "",
    "file://", "http://127.0.0.1:8501", "http://localhost:8501@evil.example", "chrome-extension://localhost"])
def test_a_page_of_another_address_changes_nothing(options, origin):
    assert not heard(Origin=origin)
    for method in ("PUT", "DELETE"):
        assert ask("/_stcore/upload_file/a/b", method, {"Origin": origin}).status == 403
    assert ask(headers={"Origin": origin}).status == 200, "looking is left to the browser's own rule"


def test_our_own_page_and_what_is_no_browser_are_let_in(options):
    assert heard(Origin="http://localhost:8501") and heard()
    assert ask("/_stcore/upload_file/a/b", "PUT", {"Origin": "http://localhost:8501"}).status == 200


def test_behind_a_proxy(options):
    options(allowedHosts=["gan.example.org", "*.lab.example.org"])
    own = {"Host": "gan.example.org", "Origin": "https://gan.example.org"}
    assert heard(**own) and ask(headers=own).status == 200
    assert heard(Host="a.lab.example.org") and not heard(Host="lab.example.org.evil.example")
    assert not heard(Host="localhost:8501"), "what is named replaces the names of before"
    elsewhere = {"Host": "gan.example.org", "Origin": "https://portal.example.org"}
    assert not heard(**elsewhere)
    options(corsAllowedOrigins=["https://portal.example.org"])
    assert heard(**elsewhere) and not heard(Host="gan.example.org", Origin="https://other.example.org")


def test_every_answer_says_that_nothing_comes_from_elsewhere_and_that_nobody_frames_it(options):
    for answer in (ask(), ask(headers={"Host": "evil.example"})):
        policy = answer.headers["content-security-policy"]
        assert "frame-ancestors 'self'" in policy and "img-src 'self' data: blob:" in policy and "http" not in policy
        assert answer.headers["x-frame-options"] == "SAMEORIGIN" and answer.headers["x-content-type-options"] == "nosniff"


def test_the_project_has_the_door_and_the_names():
    import streamlit_app

    assert door.Door in [middleware.cls for middleware in streamlit_app.app._user_middleware]
    config.get_config_options(force_reparse=True)
    assert config.get_option("server.allowedHosts") == OURS and config.get_option("server.address") == "localhost"
    assert config.get_option("server.enableCORS") and config.get_option("server.enableXsrfProtection")
    assert config.get_option("client.showErrorDetails") == "none" and config.get_option("client.allowedOrigins") == []
