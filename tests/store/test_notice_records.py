"""The records of notices: of many who notice the same one sends it, and no address is kept."""

import pytest

import helpers_stores
from gan_core.store import FINISHED
from helpers_runs import make_run
from helpers_stores import in_threads

store = helpers_stores.store  # a fixture


@pytest.fixture
def run(store):
    return make_run(store, status=FINISHED, attempt=1)


def test_of_many_who_claim_a_notice_one_sends_it(store, run):
    assert sum(in_threads(8, lambda i: store.notices.claim(run.id, 1, FINISHED, "slack"))) == 1
    assert store.notices.claim(run.id, 1, FINISHED, "mail"), "another channel is another notice"
    assert store.notices.claim(run.id, 2, FINISHED, "slack") and store.notices.claim(run.id, 1, "alarm:collapse", "slack")
    assert not store.notices.claim(run.id, 2, FINISHED, "slack")
    assert len(store.notices.list(run.id)) == 4 and store.notices.list("another") == []


def test_what_became_of_it_is_kept_until_the_run_is_deleted(store, run):
    for channel, message in (("slack", ""), ("mail", "The mail server refused it.")):
        store.notices.claim(run.id, 1, FINISHED, channel)
        store.notices.end(run.id, 1, FINISHED, channel, message)
    by_channel = {record.channel: record for record in store.notices.list(run.id)}
    assert by_channel["slack"].sent >= by_channel["slack"].created > 0 and by_channel["slack"].message == ""
    assert by_channel["mail"].sent == 0 and by_channel["mail"].message == "The mail server refused it."
    store.delete(run.id)
    assert store.notices.list(run.id) == []
