"""What the tests of runs that cannot be worked with share: every way in which that can be, and what is said of each."""

import json

SAID = {
    "of a newer version": "of version 99",
    "with a setting that is gone": "There is no setting 'colour'; choose from steps, ",
    "with a knob that is gone": "There is no knob 'colour'; choose from ",
    "of an architecture that is gone": "There is no architecture 'hopfield'; choose from ",
    "with a part that is none": "There is no part of a run 'mood'; choose from architecture, ",
    "damaged in part": "damaged (settings)",
    "damaged": "damaged (architecture, data, kind, shape, classes, settings, knobs)",
}


def spoilt(spec, how):
    """The spec of a run as it would be kept if it were so: a dict, or whatever else is left of it."""
    spec = json.loads(json.dumps(spec))
    change = {"of a newer version": {"version": 99},
              "with a setting that is gone": {"settings": spec["settings"] | {"colour": 1}},
              "with a knob that is gone": {"knobs": spec["knobs"] | {"colour": 1}},
              "of an architecture that is gone": {"architecture": "hopfield"},
              "with a part that is none": {"mood": "bright"},
              "damaged in part": {"settings": "many"},
              "damaged": None}[how]
    return [] if change is None else spec | change


def spoil(store, run, how):
    """Make a run in the store so."""
    spec = spoilt(run.spec, how)
    gone = {"architecture": spec["architecture"]} if isinstance(spec, dict) else {}
    store.update(run.id, spec=spec, **gone)
    return store.get(run.id)
