"""The discriminator wins: it is nearly always right, so the generator learns nothing from it."""

from gan_core.evaluation.alarms.base import Rule, slower

EACH = 50  # steps over which accuracies are averaged: a batch of 32 knows only steps of 3 %
ODD = 0.1  # of these, the worst, are not counted: a discriminator that has won is startled now and then


def check(rule, curves, run):
    real, fake = (curves.means(key, rule.window, EACH, ODD) for key in ("d_accuracy_real", "d_accuracy_fake"))
    if not len(real) or not len(fake) or not min(real.min(), fake.min()) > rule.threshold:
        return None
    return (f"Over the last {rule.window} steps the discriminator was right about {real.mean():.1%} of real and "
            f"{fake.mean():.1%} of generated samples (both over {rule.threshold:.0%}, in every {EACH} of them, odd batches aside): the "
            "generator learns little from a judge that it cannot fool.",
            "Give the discriminator a lower learning rate, or noise on what it sees.", slower(run, "discriminator_rate"))


RULE = Rule(gravity=20, title="The discriminator wins", threshold=0.98, window=500, check=check,
            source="Goodfellow 2014, section 3: log(1 - D(G(z))) saturates")
