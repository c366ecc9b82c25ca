"""A silent track: one of the voices of music hardly sounds any more, where it does in the data."""

from gan_core.evaluation.alarms.base import GROWING, Rule, growth, slower


def check(rule, curves, run):
    sounds = curves.all("quietest_voice")
    if len(sounds) < 2 * rule.window or not (sounds[-rule.window:] < rule.threshold).all():
        return None
    if growth(sounds, rule.window) > GROWING:  # a young generator is silent, too, but less and less
        return None
    return (f"A voice sounds {float(sounds[-1]):.2f} times as often as in the data (under {rule.threshold:g} in "
            f"{rule.window} probes in a row): it is silent.",
            "Look at the sheet which voice it is. Where it has little to play in the data, too, leave it out of them; else "
            "try smaller steps or another seed.", slower(run, "generator_rate", "discriminator_rate"))


RULE = Rule(gravity=42, title="A silent track", threshold=0.1, window=3, check=check,
            source="a choice of ours: the quietest voice of chorales sounds in 99 % of all steps")
