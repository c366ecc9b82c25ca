"""The discriminator wins: it is nearly always right, so the generator learns nothing from it."""

from gan_core.evaluation.alarms.base import Rule, slower

EACH = 50  # steps; in the median of these, for a discriminator that has won is startled by a batch now and then


def check(rule, curves, run):
    keys = ("d_accuracy_real", "d_accuracy_fake")
    medians = [curves.medians(key, rule.window, EACH) for key in keys]
    real, fake = (curves.recent(key, rule.window) for key in keys)
    if not all(map(len, medians)) or not min(part.min() for part in medians) > rule.threshold \
            or min(real.mean(), fake.mean()) < rule.second:  # of a small batch all are soon right in the median
        return None
    return (f"Over the last {rule.window} steps the discriminator was right about {real.mean():.1%} of real and "
            f"{fake.mean():.1%} of generated samples (both over {rule.threshold:.0%} in the median of every {EACH}): the "
            "generator learns little from a judge that it cannot fool.",
            "Give the discriminator a lower learning rate, or noise on what it sees.", slower(run, "discriminator_rate"))


RULE = Rule(gravity=20, title="The discriminator wins", threshold=0.98, window=500, second=0.96, check=check,
            source="Goodfellow 2014, section 3: log(1 - D(G(z))) saturates")
