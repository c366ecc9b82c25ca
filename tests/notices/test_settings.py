"""Settings of notices: what cannot be used is told, and no secret is in what is told."""

import json

import pytest

from gan_core.errors import BadInput
from gan_core.notices import sending, settings, watching
from gan_core.notices.notice import USUAL
from gan_core.store import FINISHED
from helpers_notices import SECRET
from helpers_runs import cli, is_a_sentence, log_of, make_run

FILES = settings.files  # where they really are


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


def test_a_person_without_a_home_has_no_file_of_secrets(monkeypatch):
    monkeypatch.setattr(settings, "files", FILES)
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr("pwd.getpwuid", lambda uid: {}[uid])
    assert settings.wanted().events == USUAL


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
