"""One notice: what happened to which run, in words and as plain values."""

import time
from dataclasses import dataclass

from gan_core.store import DIVERGED, FAILED, FINISHED, LOST, STOPPED

ALARM = "alarm"
EVENTS = (FINISHED, STOPPED, DIVERGED, FAILED, LOST, ALARM)
USUAL = (FINISHED, DIVERGED, FAILED, LOST, ALARM)  # who stops a run knows that it has stopped
SAID = {FINISHED: "has finished", STOPPED: "was stopped", DIVERGED: "has diverged", FAILED: "has failed", LOST: "is lost"}
LONGEST = 1000  # characters of what a run says of itself


@dataclass(frozen=True)
class Notice:
    """What people are told.

    ``event`` is one of :data:`EVENTS`, ``alarm`` the name of the alarm where it is one; ``title`` is a line, ``text`` some
    sentences, ``link`` the address of the run's Monitor, "" where nobody said where the dashboard is.  ``time`` is in
    seconds since the epoch.
    """

    event: str
    run: str
    name: str
    attempt: int
    status: str
    step: int
    steps: int
    title: str
    text: str
    alarm: str = ""
    link: str = ""
    time: float = 0.0

    @property
    def key(self):
        """What is told but once of an attempt."""
        return f"{self.event}:{self.alarm}" if self.alarm else self.event


def of_end(run, link=""):
    """The notice that a run has ended."""
    return _notice(run, run.status, f"{run.name} {SAID.get(run.status, 'has ended')}", run.message, link)


def of_alarm(run, alarm, link=""):
    """The notice of a :class:`gan_core.evaluation.alarms.Alarm`."""
    return _notice(run, ALARM, f"{run.name}: {alarm.title}", f"{alarm.why} What to try: {alarm.advice}", link, alarm.name)


def _notice(run, event, title, text, link, alarm=""):
    done = f"Step {run.step:,} of {run.steps:,}." if run.steps else f"Step {run.step:,}."
    return Notice(event, run.id, run.name, run.attempt, run.status, run.step, run.steps, " ".join(title.split())[:200],
                  f"{done} {' '.join(text.split())[:LONGEST]}".rstrip(), alarm,
                  f"{link.rstrip('/')}/monitor?run={run.id}" if link else "", time.time())


def a_test(link=""):
    """A notice of nothing, to see whether notices arrive."""
    return Notice("test", "", "", 0, "", 0, 0, "A test of the GAN workbench",
                  "If you can read this, its notices arrive here.", link=link, time=time.time())
