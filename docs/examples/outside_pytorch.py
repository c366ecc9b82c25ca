"""A small GAN in PyTorch, on the digits of scikit-learn, that is watched in the workbench."""

import argparse
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2]))  # where gan_core is, if it is not installed

import torch  # noqa: E402
from sklearn.datasets import load_digits  # noqa: E402
from torch import nn  # noqa: E402

from gan_core.outside import Recorder  # noqa: E402

LATENT = 32

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--steps", type=int, default=2000)
parser.add_argument("--rate", type=float, default=5e-4)
parser.add_argument("--workspace", default=None)
args = parser.parse_args()

torch.manual_seed(1)
digits = torch.tensor(load_digits().images[:, None] / 8 - 1, dtype=torch.float32)  # (N, 1, 8, 8), in [-1, 1]
generator = nn.Sequential(nn.Linear(LATENT, 128), nn.ReLU(), nn.Linear(128, 64), nn.Tanh(), nn.Unflatten(1, (1, 8, 8)))
discriminator = nn.Sequential(nn.Flatten(), nn.Linear(64, 128), nn.LeakyReLU(0.2), nn.Linear(128, 1))
d_optimizer, g_optimizer = (torch.optim.Adam(network.parameters(), lr=args.rate, betas=(0.5, 0.999))
                            for network in (discriminator, generator))
cross_entropy = nn.BCEWithLogitsLoss()
shown = torch.randn(64, LATENT)

with Recorder("Plain PyTorch", knobs={"rate": args.rate, "seed": 1}, data="digits", steps=args.steps, channels="first",
              workspace=args.workspace) as run:
    for step in range(1, args.steps + 1):
        real = digits[torch.randint(len(digits), (64,))]
        on_real, on_fake = discriminator(real), discriminator(generator(torch.randn(64, LATENT)).detach())
        d_loss = cross_entropy(on_real, torch.ones_like(on_real)) + cross_entropy(on_fake, torch.zeros_like(on_fake))
        d_optimizer.zero_grad()
        d_loss.backward()
        d_optimizer.step()

        judged = discriminator(generator(torch.randn(64, LATENT)))
        g_loss = cross_entropy(judged, torch.ones_like(judged))
        g_optimizer.zero_grad()
        g_loss.backward()
        g_optimizer.step()

        if step % 10 == 0 or step == args.steps:
            draw = step % 100 == 0 or step in (10, args.steps)
            run.log(step, d_loss=d_loss, g_loss=g_loss, d_accuracy_real=(on_real > 0).float().mean(),
                    d_accuracy_fake=(on_fake < 0).float().mean(), samples=generator(shown) if draw else None)
        if run.stopped:
            break
