"""What the tests of the pages share: a store full of runs that nobody trained."""

import contextlib
import json
import math
import time

import numpy as np

from gan_core.config.spec import make_spec
from gan_core.data import DOMAINS, FLAT, IMAGES, PAIRS, described as find_data
from gan_core.launch import queue
from gan_core.modalities import drawing
from gan_core.models import cards
from gan_core.store import ACTIVE, LOST, QUEUED, RUNNING, STATUSES, artifacts
from gan_core.store.recorder import StoreRecorder
from gan_core.store.run import new_run

GRID = (4, 8)
SCORE = {"extractor": "classifier-digits:ab12", "n_real": 1000, "n_fake": 1000, "step": 1000, "live": False,
         "kernel_subset_size": 500, "kernel": 0.02, "kernel_std": 0.001, "kernel_floor": 0.0001, "recall": 0.5,
         "recall_floor": 0.9}
BEGAN = 1_750_000_000.0  # seconds since the epoch: when the oldest of these runs was launched


def zoo():
    """``{name: Card}``, as a server knows it."""
    return cards.cards()


def add_run(store, zoo, name="A run", *, architecture="gan", data="digits", steps=1000, step=None, status="finished",
            rows=60, sheets_at=(0, 100, 1000), values=None, **fields):
    """A run in the store with curves, samples, facts and a log, as if it had been trained.

    Its process, where the status asks for one, is this one.
    """
    card, info = zoo[architecture], find_data(data)
    size = 32 if info.kind in (IMAGES, PAIRS, DOMAINS) else None
    spec = make_spec(card, data, info.spec(size),
                     {"steps": steps} | (values or {}), size=size, name=name, backend="tensorflow")
    step = steps if step is None else step
    critic = "critic" in card.summary.lower()
    age = len(store.list())
    facts = {"parameters": {"generator": 123_456, "discriminator": 65_432}, "device": "cpu", "round_flops": 10**9,
             "images_per_second": 640.0, "probe": f"random:{size}", "noise": {"seed": 0, "latent": 100},
             "line": [round(2 - i / 30, 3) for i in range(40)]} if step else {}
    fields = {"created": BEGAN + 3600 * age, "started": BEGAN + 3600 * age, "seconds": step / 20, "facts": facts,
              "attempt": 1, "step": step} | fields
    if status in (*ACTIVE, QUEUED):
        fields |= {"handle": queue.ownership(), "foreground": status == QUEUED, "heartbeat": time.time()}
    else:
        fields |= {"ended": fields["created"] + fields["seconds"]}
    run = store.create(new_run(json.loads(json.dumps(spec.as_dict())), spec.name, status=status, **fields))
    if step:
        add_curves(store, run, step, rows, critic)
        for each in sheets_at:
            if each <= step:
                add_sheet(store, run, each)
        store.artifacts(run.id).put(artifacts.LOG, f"12:00:00  {card.title} on {data}\n12:00:09  {status}\n".encode())
    return store.get(run.id)


def add_curves(store, run, step, rows, critic=False):
    """``rows`` rows up to ``step``, a tenth of a second of training apart."""
    steps = np.unique(np.linspace(1, step, min(rows, step)).astype(int)).tolist()
    verdicts = ("critic_estimate", "gradient_penalty") if critic else ("d_accuracy_real", "d_accuracy_fake")
    keys = ("d_loss", "g_loss", *verdicts, "d_gradient_norm", "g_gradient_norm", "d_learning_rate",
            "g_learning_rate", "images_per_second")
    wave = [0.6 + 0.2 * math.sin(i / 7) for i in range(len(steps))]
    scale = {"images_per_second": 1000, "d_learning_rate": 2e-4, "g_learning_rate": 2e-4}
    store.add_rows(run.id, [(at, key, (wave[i] + 0.01 * k) * scale.get(key, 1), run.started + i / 10)
                            for i, at in enumerate(steps) for k, key in enumerate(keys)])


def add_sheet(store, run, step):
    """A sheet that gets less noisy with the steps."""
    held = store.artifacts(run.id)
    rng = np.random.default_rng(step)
    if run.spec["kind"] in FLAT:
        angle = rng.uniform(0, 2 * np.pi, 200)
        picture = drawing.scatter(np.stack([np.cos(angle), np.sin(angle)], -1) + rng.normal(0, 30 / (step + 60), (200, 2)))
    else:
        shape = run.spec["shape"]
        ramp = np.broadcast_to(np.linspace(-1, 1, shape[1])[:, None], shape)
        noise = rng.uniform(-1, 1, (GRID[0] * GRID[1], *shape))
        picture = drawing.sheet((ramp * step + noise * 300) / (step + 300), GRID)
        held.put(artifacts.GRID, json.dumps({"rows": GRID[0], "columns": GRID[1]}).encode())
    held.put(artifacts.sheet_name(step), drawing.png(picture))


@contextlib.contextmanager
def recording(store, run):
    """A recorder of a run that has ended, as if it were at work yet."""
    store.move(run.id, RUNNING, only_from=(run.status,))
    yield StoreRecorder(store, run)
    store.move(run.id, run.status, only_from=(RUNNING,))


def scored(store, run, **values):
    """Keep a score with a run, as the task ``score`` does; ``values`` replace those of ``SCORE``."""
    store.artifacts(run.id).put(f"scores/{values.get('step', 1000):09d}-a.json", json.dumps(SCORE | values).encode())
    return run


def one_of_each_status(store, zoo):
    """``{status: Run}``, of every status there is, with the message that such a run has."""
    said = {"diverged": "d_loss was not a number any more at step 300.", "failed": "The disk is full.",
            LOST: "The process ended without a word: it was killed."}
    return {status: add_run(store, zoo, f"The {status} one", status=status, message=said.get(status, ""),
                            step={QUEUED: 0, "finished": 1000}.get(status, 300)) for status in STATUSES}
