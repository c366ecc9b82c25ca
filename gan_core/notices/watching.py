"""Watches a run that this process works on for alarms, where somebody wants to be told of them."""

import contextlib
import threading

from gan_core.evaluation import alarms
from gan_core.notices import sending, settings
from gan_core.notices.notice import ALARM
from gan_core.store.curves import Series

EVERY = 30.0  # seconds between two looks
TOLD_OTHERWISE = {"not_a_number"}  # by the end of the run


@contextlib.contextmanager
def alarms_of(store, run):
    """While it lasts, notices go out for the alarms of a run, which are looked for now and then and at the end; nothing is
    done where nobody wants them."""
    if not _are_wanted():
        yield
        return
    over = threading.Event()
    series, told = Series(store, run.id), set()

    def watch():
        while not over.wait(EVERY):
            _look(store, run.id, series, told)

    watcher = threading.Thread(target=watch, name="alarms", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
        _look(store, run.id, series, told)


def _are_wanted():
    try:
        wanted = settings.wanted()
    except Exception:  # told in the log when the run ends
        return False
    return bool(wanted.channels) and ALARM in wanted.events


def _look(store, run_id, series, told):
    # Whatever is wrong with a rule or with the catalogue, training goes on.
    with contextlib.suppress(Exception):
        run = store.get(run_id)
        for alarm in alarms.raised(run.for_rules, series.refresh(), ()):
            if alarm.name not in told and alarm.name not in TOLD_OTHERWISE:
                told.add(alarm.name)
                sending.raised(store, run, alarm)
