"""Notices: each goes once by each channel, whatever its server does; no secret is in what is kept, logged or shown."""

import threading
import time

import pytest

from gan_core.evaluation.alarms import Alarm
from gan_core.launch import queue
from gan_core.notices import sending, watching
from gan_core.notices.notice import USUAL, of_alarm, of_end
from gan_core.store import DIVERGED, FAILED, FINISHED, LOST, RUNNING, STOPPED
from gan_core.store.run import new_run
from helpers_notices import SECRET, told
from helpers_runs import is_a_sentence, log_of, make_run, python, until


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


def test_a_notice_is_short_and_of_one_line():
    run = new_run({"architecture": "gan", "data": "d", "settings": {"steps": 0}}, "A\nname " * 99, status=FAILED,
                  message="why " * 999)
    notice = of_end(run)
    assert "\n" not in notice.title and len(notice.title) <= 200 and len(notice.text) < 1100
    assert of_alarm(run, Alarm("plateau", "Plateau", "Why.", "What.", {})).key == "alarm:plateau"
