"""Curves that alarms are tested on.

Those of real runs are kept in ``fixtures/``, for training them takes ten minutes.  They are kept with a fingerprint of
the code that they come from: where that has changed, the tests train.  So do all with ``--record``, which keeps what comes
out::

    make test ARGS="-n 2 --dist loadgroup tests/evaluation/test_alarm_runs.py --record"
"""

import dataclasses
import gzip
import json
import sys
from pathlib import Path

import numpy as np

from gan_core.store.run import Rows, Run

TESTS = Path(__file__).parents[1]
FOLDER = TESTS / "fixtures" / "alarm-curves"
sys.path.append(str(TESTS.parent / "benchmarks"))

import kept  # noqa: E402

FIELDS = ("id", "name", "architecture", "data", "status", "message", "steps", "step", "spec", "created")
WATCHING = ("gan_core.training.live_scores", "gan_core.training.recorder")  # where the numbers come from that no step gives


# Curves of real runs

def _path(title):
    return FOLDER / f"{title}.json.gz"


def _fingerprint(command):
    """Of a run's code and of what it was asked to do."""
    return {"code": kept.code_of(command[0], *WATCHING), "command": json.loads(json.dumps(command))}


def save(title, command, run, rows):
    """Keep a run with its rows."""
    FOLDER.mkdir(exist_ok=True)
    told = {"of": _fingerprint(command), "run": {name: getattr(run, name) for name in FIELDS},
            "rows": [[int(step), key, float(f"{value:.7g}"), round(time - run.created, 3)]
                     for step, key, value, time in zip(rows.step, rows.key, rows.value, rows.time)]}
    _path(title).write_bytes(gzip.compress(json.dumps(told).encode(), mtime=0))


def load(title, command):
    """``(run, store)`` of a run that was kept, the store to give to ``Series``; None if other code made it."""
    if not _path(title).exists():
        return None
    told = json.loads(gzip.decompress(_path(title).read_bytes()))
    if told["of"] != _fingerprint(command):
        return None
    return Run(**told["run"]), Recorded(Rows.of(tuple(row) for row in told["rows"]))


@dataclasses.dataclass(frozen=True)
class Recorded:
    """As much of a store as curves are read from."""

    kept: Rows

    def rows(self, run_id, *, keys=None, after=-1):
        new = self.kept.step > after
        return Rows(*(getattr(self.kept, field.name)[new] for field in dataclasses.fields(Rows)))


# Curves that nobody trained

STEPS = np.arange(1, 1501)
PROBES = np.arange(50, 1501, 50)
SHEETS = np.arange(100, 1501, 100)


def healthy():
    """Curves of a game in balance, by key: ``(steps, values)``."""
    rng, n = np.random.default_rng(0), len(STEPS)
    wave = rng.normal(0, 0.05, (4, n))
    return {"d_loss": (STEPS, 1.2 + wave[0]), "g_loss": (STEPS, 0.9 + wave[1]),
            "d_accuracy_real": (STEPS, 0.7 + wave[2]), "d_accuracy_fake": (STEPS, 0.75 + wave[3]),
            "d_gradient_norm": (STEPS, np.exp(rng.normal(0, 0.5, n))),
            "g_gradient_norm": (STEPS, 0.3 * np.exp(rng.normal(0, 0.5, n))),
            "kernel": (PROBES, 0.3 * np.exp(-PROBES / 400)), "spread": (PROBES, np.full(len(PROBES), 0.9)),
            "duplicates": (PROBES, np.full(len(PROBES), 0.01)), "class_entropy": (PROBES, np.full(len(PROBES), 0.97)),
            "copied": (SHEETS, np.full(len(SHEETS), 0.02)),
            "sheet_spread": (SHEETS, np.full(len(SHEETS), 0.9)), "data_deviation": (SHEETS, np.full(len(SHEETS), 0.5)),
            "label_match": (PROBES, np.full(len(PROBES), 0.7)), "label_match_real": (PROBES, np.full(len(PROBES), 0.9)),
            "log_loss": (PROBES, np.full(len(PROBES), 0.1)), "log_loss_learned": (PROBES, np.full(len(PROBES), 0.08)),
            "named_entropy": (PROBES, np.full(len(PROBES), 0.99)),
            "turn_change": (SHEETS, np.full(len(SHEETS), 0.6)),
            "label_chance": (PROBES, np.full(len(PROBES), 0.1)), "rarest_share": (PROBES, np.full(len(PROBES), 0.8)),
            "sure_of_real": (PROBES, np.full(len(PROBES), 0.4)), "held_out_gap": (PROBES, np.full(len(PROBES), 0.05))}


def late(key, value, where=700):
    """The healthy curve with another value after a step."""
    steps, values = healthy()[key]
    return {key: (steps, np.where(steps > where, value, values))}


SLOWLY = {"kernel": (PROBES, 0.3 * np.exp(-PROBES / 4000))}  # comes nearer to the data, but hardly

# What breaks each rule, the change that its button makes, and the architecture that shows it.
BROKEN = {
    "discriminator_wins": (late("d_accuracy_real", 0.995) | late("d_accuracy_fake", 0.99), {"discriminator_rate": 5e-5}),
    "vanishing": (late("g_gradient_norm", 1e-4), {"label_smoothing": 0.1}),
    "exploding": (late("d_gradient_norm", 5000.0), None),
    "collapse": (late("spread", 0.3) | SLOWLY, {"packing": 2}),
    "missing_classes": (late("class_entropy", 0.8) | SLOWLY, {"packing": 2}),
    "category_lost": (late("rarest_share", 0.02), {"packing": 2}),
    "better_before": ({"kernel": (PROBES, np.where(PROBES > 700, 0.4, 0.3 * np.exp(-PROBES / 400))),
                       "kernel_floor_std": (PROBES, np.full(len(PROBES), 0.001))},
                      {"generator_rate": 5e-5, "discriminator_rate": 5e-5}),
    "nothing_learned": ({"kernel": (np.append(0, PROBES), np.linspace(0.3, 0.28, len(PROBES) + 1))},
                        {"generator_rate": 5e-5, "discriminator_rate": 5e-5}),
    "constant_data": ({"data_deviation": (SHEETS, np.zeros(len(SHEETS)))}, {}),
    "empty_labels": ({"label_match_real": (PROBES, np.full(len(PROBES), 0.11)),
                      "label_match": (PROBES, np.full(len(PROBES), 0.1))}, {}),
    "class_ignored": (late("label_match", 0.15) | {"kernel": (PROBES, 0.3 * np.exp(-PROBES / 8000))}, None),
    "overfitting": (late("sure_of_real", 0.9) | late("held_out_gap", 0.5), {"augment": "ada"}),
    "held_out_loss": (late("log_loss", 0.2) | late("log_loss_learned", 0.01), None),
    "one_class": (late("named_entropy", 0.1), {}),
    "billboard": ({"turn_change": (SHEETS, np.full(len(SHEETS), 0.03))}, {}),
    "by_heart": (late("copied", 0.9), {"augment": "diffaugment"}),
    "silent_track": ({"quietest_voice": (PROBES, np.where(PROBES > 700, 0.01, 0.9))},
                     {"generator_rate": 5e-5, "discriminator_rate": 5e-5}),
    "dead_codes": ({"code_perplexity": (STEPS, np.where(STEPS > 700, 1.5, 60.0))}, None),
    "silent": ({"loudness": (PROBES, np.where(PROBES > 700, 0.001, 0.1)),
                "loudness_real": (PROBES, np.full(len(PROBES), 0.1))},
               {"generator_rate": 5e-5, "discriminator_rate": 5e-5}),
    "noise_bursts": ({"noise": (PROBES, np.full(len(PROBES), 0.6)), "noise_real": (PROBES, np.full(len(PROBES), 0.1))},
                     {"generator_rate": 5e-5, "discriminator_rate": 5e-5}),
    "repeats_itself": ({"repetition": (PROBES, np.where(PROBES > 700, 0.8, 0.3)),
                        "repetition_real": (PROBES, np.full(len(PROBES), 0.25))}, {}),
    "text_by_heart": ({"bits_per_character": (PROBES, 2.0 + 2.0 * np.exp(-PROBES / 100) + PROBES / 5000),
                       "bits_seen": (PROBES, 1.0 + 3.0 * np.exp(-PROBES / 100))}, {}),
    "plateau": ({"kernel": (PROBES, np.maximum(0.3 * np.exp(-PROBES / 100), 0.05)),
                 "kernel_floor_std": (PROBES, np.full(len(PROBES), 0.01))},
                {"schedule": "cosine", "schedule_steps": 1500}),
}
