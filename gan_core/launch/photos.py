"""What suits photographs of one's own: an architecture and its settings, from how many there are and what they are like.

Steps are what was seen on the sheets of one run, the facades of docs/photos.md (300 photographs, 64 pixels, seed 0): blurs
at 400, buildings at 600, and nearer ones still at its end, at 3,106.  When it stops getting better has not been measured.
"""

from dataclasses import dataclass

from gan_core.pretrained import lite

FEW, ENOUGH = 20, 200  # photographs: fewer are learned by heart whatever one does; from here on the rest is measured
MANY = 2000            # from here on a generator of full size has enough to learn from
# Pixels to which smaller pictures are enlarged for the network that looks at them.  Facades of 64 pixels, 10 minutes on two
# cores, seed 0: 3,106 steps to a kernel distance by lite1 of .348; with 128 it was 2,346 steps to .378.
SEEN_SIDE = 96
SEEN_CHANNELS = (1, 3)  # that the network takes
OF_A_CLASS = 30        # photographs of the rarest class, or classes are not told apart
SIDES = (32, 64, 128)  # pixels: twice the side takes about four times the time
SEEN_AT = 64           # pixels
RECOGNISABLE, IMPROVING = 600, 3000  # steps of 16: something to recognise; still getting better
PATIENCE = 12          # looks without anything better, after which a run ends
LONGEST = 20_000       # steps


@dataclass(frozen=True)
class Plan:
    """``values`` are knobs and run settings for the ``architecture``; ``reasons`` say why, in sentences; ``recognisable``
    and ``improving`` are steps, at which there should be something to recognise, and samples were still getting better;
    ``seen`` is a sentence on what these steps rest on."""

    architecture: str
    values: dict
    reasons: tuple[str, ...]
    recognisable: int
    improving: int
    seen: str


def side_for(side):
    """The side in pixels to begin with, of photographs whose own is ``side``: larger ones take minutes more."""
    return SIDES[0] if side < 48 else SIDES[1]


def plan(count, counts, mirror, side, *, different=None, channels=3):
    """The :class:`Plan` for ``count`` photographs.

    Args:
        side: in pixels, that they are learned at.
        counts: of each class; empty without labels.
        mirror: whether they are as good in a mirror.
        different: how many of them are no copies of others; None: all.
        channels: of a picture: 1 of grey ones, 4 of those with alpha.
    """
    copies, count = count - (different or count), different or count
    pictures = f"{count:,} {'different ' if copies else ''}picture{' is' if count == 1 else 's are'}"
    # A rate that shows something soon, and goes down to one at which small sets do not collapse.
    reasons, values = [], {"augment": "diffaugment", "batch_size": 16, "ema_decay": 0.99, "mirror": mirror,
                           "generator_rate": 5e-4, "discriminator_rate": 5e-4, "schedule": "exponential",
                           "schedule_steps": 8000}
    if channels not in SEEN_CHANNELS:
        architecture = "fastgan"
        reasons.append("FastGAN, made for few images. Projected GAN would show something sooner, but the network it looks "
                       f"through takes grey and RGB pictures, and these have {channels} channels.")
    elif why := lite.missing("lite0"):
        architecture = "fastgan"
        reasons.append(f"FastGAN, made for few images. Projected GAN would show something sooner. {why}")
    else:
        architecture = "projected"
        reasons.append("Projected GAN: a network that knows a thousand kinds of things looks at the pictures for it, so "
                       "that shapes come in minutes.")
        if side < SEEN_SIDE:
            values["seen_side"] = SEEN_SIDE
    if count < FEW:
        reasons.append(f"{pictures} too few to make others of: it will draw these again. Some hundreds are a beginning.")
    elif count < ENOUGH:
        reasons.append(f"{pictures} few: expect variations of them. How near samples are to real ones is "
                       f"measured from {ENOUGH} pictures on; watch what stands beside the samples.")
    if count < MANY:
        values |= {"convolutions": 1, "filters": 16}
        reasons.append("The smaller generator, for it has few pictures to learn from, and less to learn them by heart with.")
    reasons.append("Mirrored pictures count, too: left and right look alike in them." if mirror else
                   "No mirrored pictures: in a mirror they would be other things." if count >= FEW else
                   "No mirrored pictures: there are too few to tell whether they would be other things in a mirror.")
    if counts and min(counts) < OF_A_CLASS:
        values["class_conditional"] = False
        reasons.append(f"The classes are not told apart, for the smallest has {min(counts):,} pictures; from {OF_A_CLASS} "
                       "on one can be asked for.")
    elif counts:
        reasons.append(f"It is told the {len(counts)} classes, and one can be asked for.")
    if count < ENOUGH:
        reasons.append("Stop it when samples become the pictures themselves.")
    elif channels != 3:
        reasons.append("Look at the sheets, and stop it yourself: what measures pictures without colour, or with alpha, "
                       "ranks photographs poorly here.")
    elif why := lite.missing("lite1"):
        reasons.append(f"Look at the sheets, and stop it yourself: what measures here ranks photographs poorly. {why}")
    else:
        values["stop_patience"] = PATIENCE
        reasons.append(f"It ends by itself when {PATIENCE} measurements in a row have brought nothing nearer to your "
                       "pictures, by a network that it does not learn from; the checkpoint that was nearest is kept beside "
                       "the last.")
    unlike = [words for words, is_so in (("with so few pictures", count < ENOUGH), ("at another size", side != SEEN_AT),
                                         ("with FastGAN", architecture != "projected")) if is_so]
    seen = ("Seen so in one run of Projected GAN, on 300 photographs of buildings at 64 pixels; pictures of many kinds take "
            "longer, and when it stops getting better has not been measured.")
    if unlike:
        seen += f" Nothing was measured {' or '.join(unlike)}."
    return Plan(architecture, values | {"steps": LONGEST}, tuple(reasons), RECOGNISABLE, IMPROVING, seen)
