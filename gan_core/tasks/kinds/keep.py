"""Keep samples: draw many and keep them as a dataset, which can be trained on."""

from dataclasses import dataclass

from gan_core.config.knobs import inherit, knob
from gan_core.data import imported, to_uint8
from gan_core.modalities.base import KEEP, Modality, abilities_of, modalities
from gan_core.tasks import base
from gan_core.tasks.wanted import Samples, check_chosen


@dataclass(frozen=True, kw_only=True)
class Config(Samples):
    name: str = knob("", tiny="kept", group="Dataset", help="What the dataset is to be called.")
    n: int = inherit(Samples, "n", default=2000, low=2, tiny=8)


class Keep(base.Task):
    title, Config, page = "Keep samples as a dataset", Config, "train"
    patient = False  # someone waits for it, for seconds

    def refuses(self, run, card=None):
        if KEEP in abilities_of(run.kind):
            return ""
        kind = modalities().get(run.kind, Modality)
        plural = getattr(kind, "words", ("", "these samples"))[1].capitalize()
        return (f"{plural} cannot be kept as a dataset; write them to a file instead, with `sample {run.id} --out "
                f"{run.kind or 'samples'}{kind.suffixes[0]}` or on Draw.")

    def check(self, store, run, config):
        check_chosen(run, config, store.workspace)
        imported.check_name(config.name, store.workspace)
        imported.check_room(config.n, run.shape, store.workspace)

    def run(self, context, config, progress, should_stop):
        from gan_core import engine
        from gan_core.tasks import sampling

        engine.configure()  # before Keras takes all memory of a GPU on which a run may be training
        run = context.run
        samples, labels = sampling.draw(context.store, run, config.n, step=context.step, **config.how(),
                                        should_stop=should_stop,
                                        progress=lambda share: progress(0.98 * share, "drawing samples"))
        kept = imported.keep(config.name, to_uint8(samples), labels, run.classes, context.store.workspace,
                             f"Drawn by {run.name} ({run.id}) at step {context.step:,}.")
        return base.Result(f"kept as {kept.name}", {"n": config.n}, made={"dataset": kept.name})
