"""How many runs that die are told by an alarm, how soon after it can be seen, and how many alarms healthy runs raise.

    python benchmarks/alarms.py [--curves FOLDER] [--seeds 0 1] [--only WORD] [--write]

Trains the runs of alarm_runs.py, one at a time, and keeps their curves in the folder: what lies there from this code is not
trained again, so that rules can be tried on the same curves.  Then each run is played back: at every step at which hindsight
looked at its samples, the rules see its curves up to there.  ``--write`` makes docs/alarms.md.
"""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from verbs import ROOT

sys.path.insert(0, str(ROOT))

import alarm_curves  # noqa: E402
from alarm_runs import DYING, HEALTHY  # noqa: E402

PAGE = ROOT / "docs" / "alarms.md"
TUNED = 0  # the seed whose runs the thresholds were chosen on
FAR = 0.5  # of the distance of the mean sample: nothing worth the name is drawn
WORSE, MORE = 2.0, 0.1  # times its own best distance, and at least so much more: it has fallen
LOST = 0.5  # samples of another class than was asked for
LASTING = 0.8  # of all later looks
SOON = 2.0  # times the steps at which it could first be seen
CASES = {"dying": DYING, "healthy": HEALTHY}


class Curves:
    """A run's curves up to a step, as :class:`gan_core.store.curves.Series` gives them."""

    def __init__(self, rows, last):
        self._curves = {}
        for step, key, value in rows:
            if step <= last:
                self._curves.setdefault(key, ([], []))
                self._curves[key][0].append(step)
                self._curves[key][1].append(value)

    def curve(self, key):
        step, value = self._curves.get(key, ([], []))
        return np.asarray(step), np.asarray(value, float), np.zeros(len(step))


@dataclass(frozen=True)
class Story:
    """What became of a run: when it can be seen that it dies (None: never), and which alarms were raised when, by name."""

    group: str
    name: str
    seed: int
    case: object
    began: int | None
    told: dict
    at_end: tuple
    seconds: float

    @property
    def first(self):
        """``(step, name)`` of the first alarm; None where there was none."""
        return min(((step, name) for name, step in self.told.items()), default=None)

    @property
    def soon(self):
        return self.first is not None and self.first[0] <= SOON * self.began


def ill(looks):
    """Whether each look shows a run that is worth nothing, or far from its best: (N,) bool."""
    far = np.array([look.get("distance", np.inf) for look in looks])
    padded = np.concatenate([far[:1], far, far[-1:]])
    far = np.median([padded[:-2], padded[1:-1], padded[2:]], axis=0)  # one look alone is chance
    best = np.minimum.accumulate(far)
    lost = np.array([look.get("label_error", 0.0) > LOST for look in looks])
    return (far > FAR) | (far > np.maximum(WORSE * best, best + MORE)) | lost


def lasting(bad):
    """The first index from which on most are bad, the last third too; None where there is none."""
    for first in range(len(bad)):
        rest = bad[first:]
        if rest[0] and rest.mean() >= LASTING and rest[-(len(rest) + 2) // 3:].mean() >= LASTING:
            return first
    return None


def well_after(looks):
    """The step at which a healthy run had left the state that every run begins in."""
    good = np.flatnonzero(~ill(looks))
    return looks[int(good[0])]["step"] if len(good) else looks[-1]["step"]


def began(found, healthy):
    """The step at which hindsight sees that a run dies: it is ill, stays so, and healthy runs on the same data, of the same
    family if there is one, are well by then.  None when it does not die."""
    place, family = (found["case"]["data"], found["case"]["size"]), found["case"]["family"]
    same = [other for other in healthy if (other["case"]["data"], other["case"]["size"]) == place]
    same = [other for other in same if other["case"]["family"] == family] or same
    grace = max((well_after(other["looks"]) for other in same), default=0)
    first = lasting(ill(found["looks"]))
    if first is None:
        return found["step"] if found["status"] == "diverged" else None
    return max(found["looks"][first]["step"], grace)


def played(group, name, found, healthy, knobs):
    """The :class:`Story` of a run that was kept."""
    import dataclasses

    from gan_core.evaluation import alarms
    from gan_core.store.run import RUNNING, new_run

    run = new_run(found["spec"], name, status=RUNNING)
    ended = dataclasses.replace(run, status=found["status"], message=found["message"])
    told = {}
    for step in sorted({look["step"] for look in found["looks"]} | {found["step"]}):
        last = step == found["step"]
        said = [alarm.name for alarm in alarms.raised(ended if last else run, Curves(found["rows"], step), knobs)]
        told = dict.fromkeys(said, step) | told
    return Story(group, name, found["seed"], CASES[group][name], began(found, healthy), told, tuple(said), found["seconds"])


def stories(folder, seeds, only=""):
    """Every run of these seeds, trained where it is not kept."""
    from gan_core.models import cards

    known, result = cards.cards(folder / "cache"), []
    for seed in seeds:
        found = {(group, name): alarm_curves.record(f"{group} {name}", case, seed, folder)
                 for group in ("healthy", "dying") for name, case in CASES[group].items()
                 if only in f"{group} {name}" or group == "healthy"}
        healthy = [each for (group, _), each in found.items() if group == "healthy"]
        for (group, name), each in found.items():
            if only in f"{group} {name}":
                story = played(group, name, each, healthy, known[each["case"]["family"]].knobs)
                print(line(story), flush=True)
                result.append(story)
    return result


def line(story):
    told = ", ".join(f"{name} {step}" for name, step in sorted(story.told.items(), key=lambda item: item[1])) or "-"
    return (f"{story.seed} {story.group:8} {story.name:32} began {story.began}  told {told}  "
            f"at the end {', '.join(story.at_end)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--curves", type=Path, default=ROOT / "workspace-alarms")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    args.curves.mkdir(parents=True, exist_ok=True)
    stories(args.curves, args.seeds, args.only)
