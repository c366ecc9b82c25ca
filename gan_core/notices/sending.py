"""Sends notices: each once, by whoever claims it first, in a thread, with a limit of time, and again where it fails."""

import contextlib
import threading
import time

from gan_core.errors import BadInput, UserError
from gan_core.notices import channels, notice as notices, settings
from gan_core.notices.channels.base import NotSent
from gan_core.store.artifacts import LOG

TIMEOUT = 10.0  # seconds that a server may say nothing
LONGEST = 60.0  # seconds for all tries: a server may answer a byte at a time
PAUSES = (2.0, 8.0)  # seconds before it is tried again


def ended(store, run):
    """Tell that a run has ended, if anybody wants to know; of a run of a sweep nobody does, for there are many."""
    _begin(store, run, lambda link: notices.of_end(run, link))


def raised(store, run, alarm):
    """Tell of an alarm, likewise."""
    _begin(store, run, lambda link: notices.of_alarm(run, alarm, link))


def _begin(store, run, notice_of):
    # Neither a run nor who looks at it must fail for a notice, whatever stands in somebody's settings.
    with contextlib.suppress(Exception):
        if (wanted := _wanted(store, run)) and run.id not in store.sweeps.run_ids():
            tell(store, notice_of(wanted.link), wanted)


def _wanted(store, run):
    """The :class:`gan_core.notices.settings.Wanted`, None where there is nowhere to send to.  What is wrong with it is told
    in the run's log."""
    try:
        wanted = settings.wanted()
    except BadInput as error:
        _log(store, run.id, str(error))
        return None
    return wanted if wanted.channels else None


def tell(store, notice, wanted):
    """Begin to send a notice by every channel by which nobody has sent it yet.  Returns the threads at it.

    They are no daemons: a process that ends waits for them, and they for no more than their limits.
    """
    threads = []
    for name in wanted.channels if notice.event in wanted.events else ():
        with contextlib.suppress(UserError):  # who cannot claim it cannot know that it is the first
            if store.notices.claim(notice.run, notice.attempt, notice.key, name):
                thread = threading.Thread(target=_deliver, name=f"notice by {name}",
                                          args=(store, notice, wanted, name, _begun(name, notice, wanted)))
                thread.start()
                threads.append(thread)
    return threads


def _deliver(store, notice, wanted, name, ended):
    try:
        ended()
        message, said = "", f"Told by {channels.channels()[name].title} ({wanted.channels[name]}): {notice.title}."
    except Exception as error:
        message = str(error) if isinstance(error, NotSent) else (
            f"The {channels.channels()[name].title} failed in a way that nobody foresaw ({type(error).__name__}).")
        said = f"Not told: {message}"
    _log(store, notice.run, said)
    with contextlib.suppress(UserError):  # the run was deleted, the disk is full
        store.notices.end(notice.run, notice.attempt, notice.key, name, message)


def sent(name, notice, wanted, pauses=None):
    """Send a notice by one channel, again after each of the ``pauses`` (seconds) where that may help.

    Raises:
        NotSent: with a sentence that holds no secret, after the last try, or when :data:`LONGEST` is over.
    """
    _begun(name, notice, wanted, pauses)()


def _begun(name, notice, wanted, pauses=None):
    """Begin with it in a thread for which no process waits; returns what waits for its end, and raises what it raised.

    Who waits has a thread that is there already: a process that ends can begin none (from Python 3.12 on).
    """
    raised = []

    def send():
        try:
            _tried(name, notice, wanted, [*(PAUSES if pauses is None else pauses)])
            raised.append(None)
        except BaseException as error:
            raised.append(error)

    def ended():
        thread.join(LONGEST)
        if not raised:
            raise NotSent(f"The {channels.channels()[name].title} ({wanted.channels[name]}) was not done within "
                          f"{LONGEST:g} seconds; nobody knows whether the notice arrived.", for_good=True)
        if raised[0]:
            raise raised[0]

    thread = threading.Thread(target=send, name=f"tries by {name}", daemon=True)
    thread.start()
    return ended


def _tried(name, notice, wanted, pauses):
    while True:
        try:
            return channels.channels()[name].send(wanted.values, notice, TIMEOUT)
        except NotSent as error:
            if error.for_good or not pauses:
                raise
            time.sleep(pauses.pop(0))


def _log(store, run_id, sentence):
    with contextlib.suppress(UserError):
        store.artifacts(run_id).append(LOG, f"{time.strftime('%H:%M:%S')}  {sentence}\n".encode(errors="replace"))
