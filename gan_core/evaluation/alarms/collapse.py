"""Mode collapse: samples are far more alike than real ones."""

import numpy as np

from gan_core.evaluation.alarms.base import GROWING, Rule, growth, more_variety

VARIED, PATIENCE = 0.7, 2  # spread of a run that has been varied; what never was is given so many times the window
SHEET = 0.25  # of the differences of real samples, on the sheets: those of one blob have none
SHEETS = 3
NEARER = 0.7  # times the distance of a window of probes before: what comes nearer like this is learning, however alike


def check(rule, curves, run):
    """Any of three signs: two in each of the last probes, one on the sheets, which come more often.  None while samples
    still come much nearer to real ones: MuseGAN goes from noise through near silence to music."""
    if growth(curves.all("kernel"), rule.window) < NEARER:
        return None
    spread = curves.all("spread")
    varied = len(spread) > 1 and np.minimum(spread[1:], spread[:-1]).max() > VARIED
    window = rule.window * (1 if varied else PATIENCE)
    signs = (("spread", rule.threshold, "under",
              "generated samples differ {:.2f} times as much from each other as real ones"),
             ("duplicates", rule.second, "over", "{:.2f} of the samples have a near twin"))
    for key, threshold, side, words in signs:
        values = curves.all(key)[-window:]
        if len(values) < window or len(curves.all(key)) < window + rule.window:
            continue
        # Samples of a young generator are alike, too, but less and less.
        wider, twins = (growth(curves.all(name), min(window, len(spread) // 2)) for name in ("spread", "duplicates"))
        if wider > GROWING or twins < 1 / GROWING:
            continue
        if (values < threshold).all() if side == "under" else (values > threshold).all():
            figure = words.format(float(values[-1]))
            return (f"{figure[0].upper()}{figure[1:]} ({side} {threshold:g} in {window} probes in a row).",
                    *more_variety(run))
    sheets = curves.later("sheet_spread")
    if len(sheets) < 2 * SHEETS or growth(sheets, SHEETS) > GROWING or not (sheets[-SHEETS:] < SHEET).all():
        return None
    return (f"Samples of the sheet differ {float(np.median(sheets[-SHEETS:])):.2f} times as much as real ones (under "
            f"{SHEET:g} on {SHEETS} sheets in a row).", *more_variety(run))


RULE = Rule(gravity=40, title="Mode collapse", threshold=0.5, window=3, second=0.2, check=check,
            source="a choice of ours, after the sign that Salimans 2016 (section 3.2) looks at")
