"""How many runs that die are told by an alarm, how soon after it can be seen, and how many alarms healthy runs raise.

    python benchmarks/alarms.py [--curves FOLDER] [--seeds 0 1] [--only WORD] [--kept] [--write]

Trains the runs of alarm_runs.py, one at a time, and keeps their curves in the folder: what lies there from this code is not
trained again, so that rules can be tried on the same curves.  Then each run is played back: at every step at which hindsight
looked at its samples, the rules see its curves up to there.  ``--write`` makes docs/alarms.md, of what was told before, too:
one family after the other may be trained anew.
"""

import argparse
import dataclasses
import sys
from pathlib import Path

import numpy as np
from verbs import ROOT

sys.path.insert(0, str(ROOT))

import alarm_curves  # noqa: E402
import kept  # noqa: E402
from alarm_runs import DYING, HEALTHY  # noqa: E402

PAGE, RESULTS = ROOT / "docs" / "alarms.md", ROOT / "docs" / "alarms.json"
FAR = 0.5  # of the distance of the mean sample: nothing worth the name is drawn
WORSE, MORE = 2.0, 0.1  # times its own best distance, and at least so much more: it has fallen
COVERED = 0.4  # of the regions of the data: under that most of it is missing
LOST = 0.5  # samples of another class than was asked for
LASTING, FEWEST = 0.8, 3  # of all later looks, and how many these must be
SOON = 2.0  # times the steps at which it could first be seen
GOAL = 0.9  # of the runs that die
CASES = {"dying": DYING, "healthy": HEALTHY}
TUNED = 0  # the seed of the runs that thresholds were chosen on; what others say was counted when they stood

NEARLY = 1.1  # times the best: as good as ever
STILL, BETTER = "plateau", 1.05  # the alarm that is right of a run that is well where nothing so much better came
WORDS = f"""Made by `python benchmarks/alarms.py --write`: small runs that are set up to die, each in a way of its own,
and one healthy run of every family, on digits, on MNIST and on points. Each is trained once, with twenty probes, as
many as a run of some minutes has; then it is played back, and the alarms see its curves up to each step at which
hindsight looked.

**That a run dies is seen by a yardstick that shares nothing with the alarms**: a thousand samples from other noise,
beside test samples (a hundred of WaveNet, which is slow to draw). It is the sliced Wasserstein distance of their
principal components, as a share of what the mean sample has (of text it looks at which character follows which, of
sound at how loud each pitch is); the share of fifty regions of the data that get a quarter of what is due to them; and
the share of samples that are of another class than was asked for. A look is ill with a distance over {FAR:g} or over
{WORSE:g} times the best so far (and {MORE:g} more), with under {COVERED:.0%} of the regions or under {1 / WORSE:.0%} of
the most so far, or with over {LOST:.0%} of another class. A run dies if, from some look on, {LASTING:.0%} of all are ill,
those of the last third too. It can be *seen* from that look on, but not while the run still gets better, nor before
healthy runs on the same data, of the same family if there is one, have left the state that all begin in. A run that
diverged is seen at its last step.

*In time* is up to {SOON:g} times that step; an alarm that comes before counts, too. The goal is {GOAL:.0%} in time, and
no false alarm at any step of a healthy run. *Plateau* says of a run that is well that it gets no better any more:
false where the yardstick saw it get better by a twentieth later, in distance or in what it covers, and right otherwise.
Thresholds were chosen on the runs of seed {TUNED}, in two rounds: those of the
first half told all that die in the second half in time, and raised an alarm for a while in five of its ten healthy
runs, which learned slowly; then all of seed {TUNED} was looked at. When they stood, seed 1 was looked at: all 23 that
die were told, 21 in time, and of the 12 healthy ones that were there two raised *better before*, by falls to 1.6 and
1.8 times their best. Since then that alarm waits for a fall to twice the best: of the runs of seed 1 the table says
what it does now, and those numbers say that much. Some healthy settings (cgan, acgan, biggan, stylegan) and two parts
of the yardstick (the fewest regions, and that ill runs are no reference) were changed after the runs of seed 0 had been
looked at: in that, too, seed 0 says less than seed 1. Others (ctgan, fastgan, cyclegan, wgan_gp, wavenet, and stylegan
once more) were changed after both seeds had been looked at, for at first they did not learn or fell in between. Training
them all took 77 minutes on a machine that did much else."""


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


@dataclasses.dataclass(frozen=True)
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
    right: tuple = ()  # which of them hindsight bears out, though the run is well: no progress any more, and none came

    def as_dict(self):
        return {"began": self.began, "told": self.told, "at_end": list(self.at_end), "seconds": round(self.seconds),
                "right": list(self.right)}

    @property
    def false(self):
        """Whether it is well, and an alarm said something else that hindsight does not bear out."""
        return self.began is None and bool(self.told.keys() - set(self.right))

    @property
    def first(self):
        """``(step, name)`` of the first alarm; None where there was none."""
        return min(((step, name) for name, step in self.told.items()), default=None)

    @property
    def tuned(self):
        return self.seed == TUNED

    @property
    def soon(self):
        return self.first is not None and self.first[0] <= SOON * self.began


def ill(looks):
    """Whether each look shows a run that is worth nothing, or far from its best: (N,) bool."""
    far = smooth([look.get("distance", np.inf) for look in looks])
    best = np.minimum.accumulate(far)
    covered = smooth([look.get("covered", 0.0) for look in looks])
    lost = np.array([look.get("label_error", 0.0) > LOST for look in looks])
    return ((far > FAR) | (far > np.maximum(WORSE * best, best + MORE)) | lost
            | (covered < np.maximum(COVERED, np.maximum.accumulate(covered) / WORSE)))


def smooth(values):
    """The median of each and its neighbours: one look alone is chance."""
    padded = np.concatenate([values[:1], values, values[-1:]])
    return np.median([padded[:-2], padded[1:-1], padded[2:]], axis=0)


def lasting(bad):
    """The first index from which on most are bad, the last third too; None where there is none."""
    for first in range(len(bad)):
        rest = bad[first:]
        if len(rest) >= FEWEST and rest[0] and rest.mean() >= LASTING and rest[-(len(rest) + 2) // 3:].mean() >= LASTING:
            return first
    return None


def well_after(looks):
    """The step at which a healthy run had left the state that every run begins in."""
    good = np.flatnonzero(~ill(looks))
    return looks[int(good[0])]["step"] if len(good) else looks[-1]["step"]


def as_good_as_ever(looks):
    """The index of the first look that was nearly as good as the best: before, the run got better."""
    far = smooth([look.get("distance", np.inf) for look in looks])
    covered = smooth([look.get("covered", 0.0) for look in looks])
    return max(int(np.argmax(far <= NEARLY * far.min())), int(np.argmax(covered >= covered.max() / NEARLY)))


def better_later(looks, step):
    """Whether a look after a step was better, by a twentieth, than the best up to it: in distance, or in what it covers."""
    far = smooth([look.get("distance", np.inf) for look in looks])
    covered = smooth([look.get("covered", 0.0) for look in looks])
    late = np.array([look["step"] > step for look in looks])
    return bool(late.any()) and bool(far[late].min() < far[~late].min() / BETTER
                                     or covered[late].max() > covered[~late].max() * BETTER)


def began(found, healthy):
    """The step at which hindsight sees that a run dies: it is ill and stays so, gets no better any more, and healthy runs on
    the same data, of the same family if there is one, are well by then.  None when it does not die."""
    looks, data, family = found["looks"], found["case"]["data"], found["case"]["family"]
    same = [other for other in healthy if other["case"]["data"] == data and lasting(ill(other["looks"])) is None]
    same = [other for other in same if other["case"]["family"] == family] or same
    grace = max((well_after(other["looks"]) for other in same), default=0)
    first = lasting(ill(looks))
    if first is None:
        return found["step"] if found["status"] == "diverged" else None
    return max(looks[max(first, as_good_as_ever(looks))]["step"], grace)


def played(group, name, found, healthy, knobs):
    """The :class:`Story` of a run that was kept."""
    from gan_core.evaluation import alarms
    from gan_core.store.run import RUNNING, new_run

    run = new_run(found["spec"], name, status=RUNNING)
    ended = dataclasses.replace(run, status=found["status"], message=found["message"])
    told = {}
    for step in sorted({look["step"] for look in found["looks"]} | {found["step"]}):
        last = step == found["step"]
        said = [alarm.name for alarm in alarms.raised(ended if last else run, Curves(found["rows"], step), knobs)]
        told = dict.fromkeys(said, step) | told
    right = tuple(STILL for step in (told.get(STILL),) if step is not None and not better_later(found["looks"], step))
    return Story(group, name, found["seed"], CASES[group][name], began(found, healthy), told, tuple(said), found["seconds"],
                 right)


def stories(folder, seeds, only="", train=True):
    """Every run of these seeds, trained where it is not kept, or only those that are kept."""
    from gan_core.models import cards

    known, found, result = cards.cards(folder / "cache"), {}, []
    for seed in seeds:
        for group in ("healthy", "dying"):  # what is healthy says when something can be seen
            for name, case in CASES[group].items():
                title = f"{group} {name}"
                if only in title or group == "healthy":
                    found[group, name, seed] = alarm_curves.record(title, case, seed, folder, train and only in title)
    found = {title: each for title, each in found.items() if each}
    healthy = [each for (group, *_), each in found.items() if group == "healthy"]
    for (group, name, _), each in found.items():
        if only in f"{group} {name}":
            result.append(played(group, name, each, healthy, known[each["case"]["family"]].knobs))
            print(line(result[-1]), flush=True)
    return result


def all_told(new):
    """Stories with those that were told before of the same runs as they are set up now: :data:`RESULTS`, ``{"group / name /
    seed": what became of it}``, which keeps what is ``new``."""
    known = kept.add(RESULTS, {}, lambda before: dict(sorted(
        (before | {f"{story.group} / {story.name} / {story.seed}": story.as_dict() for story in new}).items())))
    for title, told in known.items():
        group, name, seed = title.split(" / ")
        if name in CASES[group]:
            yield Story(group, name, int(seed), CASES[group][name], told["began"], told["told"], tuple(told["at_end"]),
                        told["seconds"], tuple(told.get("right", ())))


def line(story):
    told = ", ".join(f"{name} {step}" for name, step in sorted(story.told.items(), key=lambda item: item[1])) or "-"
    return (f"{story.seed} {story.group:8} {story.name:32} began {story.began}  told {told}  "
            f"at the end {', '.join(story.at_end)}")


def counts(told):
    """Of stories: ``{what: number}``, for the first table."""
    dying = [story for story in told if story.group == "dying" and story.began is not None]
    healthy = [story for story in told if story.group == "healthy" and story.began is None]
    return {"that die": len(dying), "told": sum(story.first is not None for story in dying),
            "told in time": sum(story.soon for story in dying),
            "told at the end": sum(bool(story.at_end) for story in dying),
            "healthy": len(healthy), "with a false alarm": sum(story.false for story in healthy)}


def page(told):
    """The text of docs/alarms.md."""
    halves = {"thresholds were chosen on these": [story for story in told if story.tuned],
              "looked at when they stood": [story for story in told if not story.tuned]}
    heads = list(counts([]))
    lines = ["# How many dying runs are told", "", WORDS, "",
             "| runs | " + " | ".join(heads) + " |", "|---" * (len(heads) + 1) + "|"]
    lines += [f"| {title} | " + " | ".join(str(number) for number in counts(half).values()) + " |"
              for title, half in halves.items()]
    lines += ["", "## Runs that die", "",
              "| what is wrong | architecture | data | seed | seen from step | first alarm | at step | times | at the end |",
              "|---|---|---|---|---|---|---|---|---|"]
    dying = sorted((story for story in told if story.group == "dying"), key=lambda story: (story.seed, story.name))
    lines += [_dying(story) for story in dying if story.began is not None]
    lines += ["", "Set up to die, and alive by the yardstick in the end, so that they count for nothing:", "",
              "| what is wrong | architecture | data | seed | alarms |", "|---|---|---|---|---|"]
    lines += [f"| {story.name} | `{story.case.family}` | {story.case.place} | {story.seed} | {_alarms(story)} |"
              for story in dying if story.began is None]
    well = sorted((story for story in told if story.group == "healthy"), key=lambda story: (story.seed, story.name))
    lines += ["", "## Healthy runs", "", "| architecture | data | seed | steps | alarms |", "|---|---|---|---|---|"]
    lines += [f"| {story.name} | {story.case.place} | {story.seed} | {story.case.steps:,} | {_alarms(story)} |"
              for story in well if story.began is None]
    if ill_ones := [story for story in well if story.began is not None]:
        lines += ["", "Meant to be healthy, and ill by the yardstick, so that an alarm is not false:", "",
                  "| architecture | data | seed | seen from step | alarms |", "|---|---|---|---|---|"]
        lines += [f"| {story.name} | {story.case.place} | {story.seed} | {story.began:,} | {_alarms(story)} |"
                  for story in ill_ones]
    there = {(story.group, story.name, story.seed) for story in told}
    missing = [f"{group} {name}, seed {seed}" for seed in sorted({story.seed for story in told})
               for group, cases in CASES.items() for name in cases if (group, name, seed) not in there]
    lines += ["", f"Not trained when this page was made: {'; '.join(missing)}."] if missing else []
    return "\n".join([*lines, ""])


def _dying(story):
    step, name = story.first or (None, "none")
    times = f"{step / max(story.began, 1):.1f}" if step is not None else "-"
    return (f"| {story.name} | `{story.case.family}` | {story.case.place} | {story.seed} | {story.began:,} | {name} | "
            f"{'-' if step is None else format(step, ',')} | {times} | {', '.join(story.at_end) or 'none'} |")


def _alarms(story):
    said = [f"{name} ({step:,}{'; nothing better came' if name in story.right else ''})"
            for name, step in sorted(story.told.items(), key=lambda item: item[1])]
    return ", ".join(said) or "none"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--curves", type=Path, default=ROOT / "workspace-alarms", metavar="FOLDER")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    parser.add_argument("--only", default="", metavar="WORD", help="runs whose name has it, such as `healthy dcgan`")
    parser.add_argument("--kept", action="store_true", help="train nothing: look at what the folder has")
    parser.add_argument("--write", action="store_true",
                        help="put them into docs/alarms.json, and make docs/alarms.md of all that are there")
    args = parser.parse_args()
    args.curves.mkdir(parents=True, exist_ok=True)
    told = stories(args.curves, args.seeds, args.only, not args.kept)
    told = list(all_told(told)) if args.write else told
    for tuned in (True, False):
        print("tuned on:" if tuned else "others:", counts([story for story in told if story.tuned == tuned]))
    print(f"{sum(story.seconds for story in told) / 60:.0f} minutes of training")
    if args.write:
        kept.write_whole(PAGE, page(told))
    counted = counts([story for story in told if not story.tuned])
    return int(counted["told in time"] < GOAL * counted["that die"] or counted["with a false alarm"] > 0)


if __name__ == "__main__":
    sys.exit(main())
