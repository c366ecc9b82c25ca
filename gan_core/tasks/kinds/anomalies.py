"""Odd ones out: how odd pictures are by what a run has learned is normal, and where."""

from dataclasses import dataclass

from gan_core.anomalies.methods import method, methods
from gan_core.config import knobs
from gan_core.config.knobs import knob
from gan_core.modalities.base import PICTURE, abilities_of
from gan_core.store import odd
from gan_core.tasks import base, sent
from gan_core.tasks.wanted import SEEDS

GROUP, MOST, BASELINES, SHOWN = "Anomalies", 200, ("knn", "pca"), 16


@dataclass(frozen=True, kw_only=True)
class Config(knobs.Config):
    method: str = knob("fanogan", choices=tuple(methods()), tiny="pca", group=GROUP,
                       help="fanogan and anogan look through the model, knn and pca at the normal pictures alone.")
    data: str = knob("", group=GROUP, help="A dataset, or a folder or a zip of pictures; nothing: what the run kept from "
                                           "training.")
    pictures: str = knob("", group=GROUP,
                         help='Or pictures: JSON, [["name", "a file of any usual format, in base64"], ...].')
    normal: str = knob("", group=GROUP, label="Normal classes",
                       help="Names, with commas between them; one with a comma stands in double quotes. All others are odd.")
    n: int = knob(500, low=1, high=20_000, tiny=6, group=GROUP, label="Pictures", help="So many of the data at most.")
    steps: int = knob(0, low=0, high=20_000, tiny=2, group=GROUP,
                      help="Of the search for each picture, or of the training of the encoder. 0: as many as usual.")
    quantile: float = knob(0.95, low=0.5, high=1.0, group=GROUP,
                           help="The share of normal pictures, kept from training, that are not to be called odd.")
    seed: int = knob(0, low=0, high=SEEDS, group=GROUP, help="Of what is left to chance.")
    each: bool = knob(False, group=GROUP, label="A picture of each", help="Files: of every picture where it is odd.")


class Anomalies(base.Task):
    """Values: the "key" under which :mod:`gan_core.store.odd` keeps what was found.  Files: "sheet.png", the oddest
    pictures, what they are like, and where they differ; and the same of every picture, if asked for, by its name."""

    title, Config, page = "Find odd ones", Config, "anomalies"
    patient = False  # someone waits for it

    def refuses(self, run, card=None):
        if PICTURE not in abilities_of(run.kind):
            return "Odd pictures are found by runs on images that draw images; choose such a run."
        return ""

    def check(self, store, run, config):
        sent.pictures(config.pictures, MOST, "looked at")

    def run(self, context, config, progress, should_stop):
        from gan_core.tasks import oddities

        found = oddities.found(context, config, sent.pictures(config.pictures, MOST, "looked at"), progress, should_stop)
        odd.RESULTS.put(context.store.artifacts(context.run.id), found.values, found.files["sheet.png"])
        return base.Result(found.words, {"key": found.values["key"]}, found.files)


def compared_with(name):
    """The methods beside which another is shown."""
    return [other for other in BASELINES if other != name] if method(name).needs_model else []
