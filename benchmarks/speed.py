"""DCGAN's images per second, side by side: this project, PyTorch eager, and a train_on_batch loop in Keras.

    python benchmarks/speed.py --data mnist [--batch-size 128] [--steps 30] [--rounds 3] [--json FILE]

The same networks, losses, optimizers and batches in all three; each is warmed up, then they take turns, and the
median of the rounds counts, because a shared machine's speed swings by a third from minute to minute.  PyTorch is an
optional install (``pip install torch``).  Each contender is a process of its own that is paused while others run.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def ours(data, batch, steps, precision="auto"):
    """The engine as ``train`` uses it, with nothing recorded."""
    from gan_core import engine
    from gan_core.config.spec import make_spec
    from gan_core.data import batches
    from gan_core.launch import benchmark
    from gan_core.models import describe
    from gan_core.training import loop

    spec = make_spec(describe.cards()["dcgan"], data.name, data.spec, {"batch_size": batch, "precision": precision})
    model = loop.build(spec, engine.configure())
    feed = batches(data, batch, seed=0)

    return lambda: benchmark.seconds_a_step(model, feed, steps) * steps


def ours_in_single_precision(data, batch, steps):
    """The same in the precision in which the others compute by themselves."""
    return ours(data, batch, steps, "float32")


def keras_loop(data, batch, steps, jit="auto"):
    """The usual way to write a GAN in Keras: train D on real and fake, then G through a frozen D, batch by batch.

    ``jit`` is Keras's ``jit_compile``, whose default turns XLA on.
    """
    import keras
    import numpy as np

    from gan_core.data import batches
    from gan_core.models.networks import dcgan

    shape, latent = data.spec.shape, 100
    generator = dcgan.generator(latent, shape, 64)
    discriminator = dcgan.discriminator(shape, 64, norm=True, dropout=0.3)
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    discriminator.compile(keras.optimizers.Adam(2e-4, beta_1=0.5), loss, jit_compile=jit)
    z = keras.Input((latent,))
    stacked = keras.Model(z, discriminator(generator(z)))
    stacked.compile(keras.optimizers.Adam(2e-4, beta_1=0.5), loss, jit_compile=jit)
    ones, zeros = np.ones((batch, 1), "float32"), np.zeros((batch, 1), "float32")
    feed, rng = iter(batches(data, batch, seed=0)), np.random.default_rng(0)

    def run():
        for _ in range(steps):
            noise = rng.standard_normal((batch, latent), dtype="float32")
            fake = generator.predict(noise, verbose=0)
            discriminator.trainable = True
            discriminator.train_on_batch(next(feed)["real"], ones)
            discriminator.train_on_batch(fake, zeros)
            discriminator.trainable = False
            stacked.train_on_batch(rng.standard_normal((batch, latent), dtype="float32"), ones)

    return run


def torch_eager(data, batch, steps, autocast=False):
    """The same game as the PyTorch tutorials write it; ``autocast`` to bfloat16, as its manual says."""
    import torch
    from torch import nn

    from gan_core.data import batches

    torch.set_num_threads(os.cpu_count())
    torch.manual_seed(0)
    channels, base, f = data.spec.shape[-1], 7, 64
    assert data.spec.shape[0] == 28, "this comparison is written for 28 x 28 images"

    class Same(nn.Module):
        """Keras's "same" transposed convolution of a 4x4 kernel: stride 2 pads 1, stride 1 cuts one row and column."""

        def __init__(self, i, o, stride, bias):
            super().__init__()
            self.stride = stride
            self.conv = nn.ConvTranspose2d(i, o, 4, stride, padding=1, bias=bias)

        def forward(self, x):
            x = self.conv(x)
            return x if self.stride == 2 else x[:, :, :-1, :-1]

    generator = nn.Sequential(
        nn.Linear(100, base * base * 4 * f, bias=False), nn.Unflatten(1, (4 * f, base, base)),
        nn.BatchNorm2d(4 * f), nn.ReLU(), Same(4 * f, 2 * f, 1, False), nn.BatchNorm2d(2 * f), nn.ReLU(),
        Same(2 * f, f, 2, False), nn.BatchNorm2d(f), nn.ReLU(), Same(f, channels, 2, True), nn.Tanh())
    discriminator = nn.Sequential(
        nn.Conv2d(channels, f, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(f, 2 * f, 4, 2, 1), nn.BatchNorm2d(2 * f),
        nn.LeakyReLU(0.2), nn.Flatten(), nn.Dropout(0.3), nn.Linear(2 * f * base * base, 1))
    g_opt = torch.optim.Adam(generator.parameters(), 2e-4, betas=(0.5, 0.999))
    d_opt = torch.optim.Adam(discriminator.parameters(), 2e-4, betas=(0.5, 0.999))
    softplus = nn.functional.softplus
    feed = iter(batches(data, batch, seed=0))

    def run():
        for _ in range(steps):
            real = torch.from_numpy(next(feed)["real"]).permute(0, 3, 1, 2).contiguous()
            with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
                fake = generator(torch.randn(batch, 100)).detach()
                on_real, on_fake = discriminator(real).float(), discriminator(fake).float()
            d_loss = (softplus(-on_real) + softplus(on_fake)).mean()
            d_opt.zero_grad()
            d_loss.backward()
            d_opt.step()
            with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
                on_fake = discriminator(generator(torch.randn(batch, 100))).float()
            g_loss = softplus(-on_fake).mean()
            g_opt.zero_grad()
            g_loss.backward()
            g_opt.step()

    return run


def torch_autocast(data, batch, steps):
    """The same with what PyTorch offers for this kind of processor, which a user has to ask for."""
    return torch_eager(data, batch, steps, autocast=True)


def keras_loop_without_xla(data, batch, steps):
    """The same with XLA off, which on a CPU is faster for convolutions: knowing that is half of the speed."""
    return keras_loop(data, batch, steps, jit=False)


CONTENDERS = {"ours": ours, "ours, float32": ours_in_single_precision, "torch": torch_eager,
              "torch, autocast": torch_autocast, "keras": keras_loop, "keras without XLA": keras_loop_without_xla}


def contend(name, args):
    """The body of a contender's process: run a round for every line on stdin, answer with its seconds."""
    from gan_core import data as library

    run = CONTENDERS[name](library.load(args.data), args.batch_size, args.steps)
    run()  # compiles, allocates, warms up
    print("ready", flush=True)
    for _ in sys.stdin:
        began = time.perf_counter()
        measured = run()
        print(measured or time.perf_counter() - began, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="mnist")
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--contender", choices=CONTENDERS, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.contender:
        return contend(args.contender, args)

    processes = {}
    for name in CONTENDERS:
        process = subprocess.Popen([sys.executable, __file__, *sys.argv[1:], "--contender", name], text=True,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if process.stdout.readline().strip() == "ready":
            processes[name] = process
        else:
            print(f"{name} is left out: {(process.stderr.read().strip().splitlines() or ['no word'])[-1]}")
    seconds = {name: [] for name in processes}
    for _ in range(args.rounds):
        for name, process in processes.items():
            process.stdin.write("go\n")
            process.stdin.flush()
            seconds[name].append(float(process.stdout.readline()) / args.steps)
    for process in processes.values():
        process.stdin.close()
        process.wait()
    found = {name: {"step_ms": round(1000 * statistics.median(each), 1),
                    "images_per_second": round(args.batch_size / statistics.median(each), 1)}
             for name, each in seconds.items()}
    for name in found:
        found[name]["ours_is_times"] = round(statistics.median(seconds[name]) / statistics.median(seconds["ours"]), 2)
        print(f"{name:<18}{found[name]['step_ms']:>8} ms a step {found[name]['images_per_second']:>9} images/s   "
              f"ours is {found[name]['ours_is_times']} times as fast")
    if args.json:
        args.json.write_text(json.dumps({"data": args.data, "batch_size": args.batch_size, "contenders": found}, indent=2))


if __name__ == "__main__":
    main()
