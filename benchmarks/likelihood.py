"""Nats on held-out images, and how sharp samples are: ``python -m benchmarks.likelihood`` from the root.

Trains VAE, PixelCNN and VAE/GAN, one after the other, and prints for each its training time, on the clock and of the
processors (which others on the machine do not lengthen as much), and

* nats: the ELBO of the VAE, a lower bound of log p, and PixelCNN's log p, of the same held-out images made binary by
  the same seed;
* sharpness: the mean over 1,000 samples of the variance of their Laplacian, beside that of real images.  PixelCNN's
  samples are binary, so its figure cannot be compared.

``--page`` writes them to docs/likelihood.md.

Exits with 1 when the VAE stays at or below -105 nats, PixelCNN does not exceed it, or VAE/GAN's samples are no
sharper than the VAE's.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from gan_core import data, engine
from gan_core.config.spec import make_spec
from gan_core.modalities.drawing import sheet
from gan_core.models import describe, inputs
from gan_core.training import loop
from gan_core.training.recorder import Silence

PAGE = Path(__file__).parents[1] / "docs" / "likelihood.md"
BOUND = -105.0  # nats
STEPS = {"vae": 6000, "pixelcnn": 3600, "vaegan": 600}
SAMPLED = 1000


def sharpness(images):
    """Mean variance of the discrete Laplacian of images (N, H, W, C) in [-1, 1]: blur has little of it."""
    x = np.asarray(images, np.float64)
    middle = x[:, 1:-1, 1:-1]
    laplacian = x[:, :-2, 1:-1] + x[:, 2:, 1:-1] + x[:, 1:-1, :-2] + x[:, 1:-1, 2:] - 4.0 * middle
    return float(laplacian.reshape(len(x), -1).var(axis=1).mean())


def measure(name, dataset, steps, sheets=None):
    """Train one family at its defaults: ``{"seconds", "nats", "sharpness", ...}``; writes a sheet into ``sheets``."""
    spec = make_spec(describe.card(name), dataset.name, dataset.spec,
                     {"steps": steps, "sample_every": 1_000_000})
    device = engine.configure()
    model = loop.build(spec, device)
    before = time.process_time()
    outcome = loop.fit(model, spec, dataset, Silence(), device=device)
    processors = time.process_time() - before
    held_out = data.to_float(dataset.x_test)
    likelihood = getattr(model, "elbo", None) or getattr(model, "log_likelihood", None)
    drawn = inputs.draw(model.inputs(), SAMPLED, seed=1)
    started = time.monotonic()
    samples = np.asarray(model.sample(drawn))
    if sheets:
        sheet(samples[:64], (8, 8)).save(sheets / f"{name}.png")
        few = {key: values[:8] for key, values in drawn.items()}
        for title, rows in model.views(few, held_out[:8]).items():
            sheet(np.concatenate([row for _, row in rows]), (len(rows), 8)).save(sheets / f"{name}-{title.lower()}.png")
    return {"status": outcome.status, "steps": outcome.step, "seconds": round(outcome.seconds, 1),
            "processor_seconds": round(processors, 1),
            "parameters": sum(model.parameters().values()), "nats": likelihood and round(likelihood(held_out), 2),
            "sampling_seconds": round(time.monotonic() - started, 2), "sharpness": round(sharpness(samples), 4)}


def page(found, command):
    """What was found as Markdown."""
    lines = ["# Likelihood and sharpness", "",
             f"Made by `{command}` on {len(os.sched_getaffinity(0))} CPU core(s), each architecture at its defaults. Nats "
             "are of held-out MNIST digits made binary by one seed: a lower bound for the VAE, log p for PixelCNN; more is "
             "better. Sharpness is the mean variance of the Laplacian of 1,000 samples; PixelCNN's are binary, so "
             "its own cannot be compared.", "",
             "| | steps | minutes of processor | nats | sharpness |", "|---|---|---|---|---|"]
    for name, each in found.items():
        told = (f"{each['steps']:,}", f"{each['processor_seconds'] / 60:.1f}") if "steps" in each else ("", "")
        nats = f"{each['nats']:.1f}" if each.get("nats") else ""
        sharp = "" if name == "pixelcnn" else f"{each['sharpness']:.3f}"
        lines.append(f"| {name} | {' | '.join(told)} | {nats} | {sharp} |")
    return "\n".join([*lines, ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", default=list(STEPS), metavar="NAME", help=", ".join(STEPS))
    parser.add_argument("--data", default="mnist")
    parser.add_argument("--steps", type=int, help="of each; default: " + ", ".join(f"{n} {STEPS[n]}" for n in STEPS))
    parser.add_argument("--sheets", type=Path, metavar="DIR", help="also write sheets of samples there")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--page", action="store_true")
    args = parser.parse_args()
    dataset = data.load(args.data)
    if args.sheets:
        args.sheets.mkdir(parents=True, exist_ok=True)
    found = {"real": {"sharpness": round(sharpness(data.to_float(dataset.x_test[:SAMPLED])), 4)}}
    print("real", found["real"], flush=True)
    for name in args.names:
        found[name] = measure(name, dataset, args.steps or STEPS[name], args.sheets)
        print(name, found[name], flush=True)
    if args.json:
        args.json.write_text(json.dumps(found, indent=2) + "\n")
    if args.page:
        PAGE.write_text(page(found, " ".join(["python -m benchmarks.likelihood", *args.names, "--page"])))
    nats = {name: each.get("nats") for name, each in found.items()}
    wrong = [nats.get("vae") is not None and nats["vae"] <= BOUND,
             None not in (nats.get("vae"), nats.get("pixelcnn")) and nats["pixelcnn"] <= nats["vae"],
             {"vae", "vaegan"} <= set(found) and found["vaegan"]["sharpness"] <= found["vae"]["sharpness"]]
    return int(any(wrong))


if __name__ == "__main__":
    sys.exit(main())
