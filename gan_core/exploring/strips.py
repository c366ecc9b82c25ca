"""Directions to look at: one sample moved along each, from one end to the other; and what that changes."""

import numpy as np

from gan_core.exploring import space as spaces

PLACES = np.linspace(-3, 3, 7)  # deviations of the space, as far as noise usually goes
LOOKED_AT = (-3, -2, -1, -0.5, -0.25, 0, 0.25, 0.5, 1, 2, 3)  # places at which is told what a direction changes
BASES = 64      # samples that tell what a direction changes
KEPT = 0.8      # share of samples that must keep their class within the range of a direction
STYLES = 200    # that tell how wide a space of styles is


def deviations(model, space, vectors, data=None):
    """(n,) how far points usually lie from the middle along each direction: what one step of a slider is."""
    if space.is_latent:
        return np.ones(len(vectors), np.float32)
    point = spaces.drawn(model, STYLES, seed=0, data=data)
    return (spaces.places(model, space, point) @ vectors.T).std(0).astype(np.float32)


def strip(model, space, point, vector, places=PLACES):
    """(len(places), ...) samples: a point of one sample moved along a vector as long as one step."""
    many = {name: np.repeat(values[:1], len(places), axis=0) for name, values in point.items()}
    return spaces.samples(model, space.moved(many, np.asarray(places)[:, None] * vector[None]))


def effects(model, space, vector, extractor=None, seed=0, data=None):
    """What a direction changes and what it leaves alone: ``{place: {name: number}}``, plain values.

    ``light`` is how much brighter, ``contrast`` how much more varied samples become, in shares of the whole range; ``moved``
    how far a sample is from where it was, in the mean.  With a classifier (an ``extractor`` that gives probabilities)
    ``kept`` is the share of samples that it still takes for the same class.
    """
    point = spaces.drawn(model, BASES, seed, data=data)
    before = spaces.samples(model, point)
    told = {}
    classes = None if extractor is None else extractor.probabilities(before).argmax(1)
    for place in LOOKED_AT:
        after = before if place == 0 else spaces.samples(model, space.moved(point, place * vector))
        flat, was = (samples.reshape(len(samples), -1) for samples in (after, before))
        said = {"light": float((flat.mean() - was.mean()) / 2), "contrast": float((flat.std(1) - was.std(1)).mean() / 2),
                "moved": float(np.abs(flat - was).mean() / 2)}
        if classes is not None:
            said["kept"] = float((extractor.probabilities(after).argmax(1) == classes).mean())
        told[f"{place:g}"] = said
    return told


def reach(told):
    """How far a slider may go, in steps, so that most samples keep their class; the whole way where no classifier looked."""
    places = [place for place in LOOKED_AT if place > 0]
    whole = (place for place in places[::-1] if all(
        told[f"{sign * near:g}"].get("kept", 1.0) >= KEPT for near in places if near <= place for sign in (-1, 1)))
    return next(whole, places[0])
