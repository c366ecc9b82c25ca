"""Look: load a dataset, or import a folder, a zip or a table, and show some of it."""

from dataclasses import dataclass

from gan_core.config import knobs
from gan_core.config.import_knobs import ImportKnobs
from gan_core.config.knobs import knob
from gan_core.tasks import base

ROWS = 10  # samples that are told in words
HEARD = 4  # that are played, as far as they can be heard


@dataclass(frozen=True, kw_only=True)
class Subject(knobs.Config):
    data: str = knob("", tiny="ring", group="Data", help="A dataset, a folder of images or a zip of them.")
    size: int = knob(0, low=0, high=1024, group="Data", label="Image size", help="Side in pixels. 0: the data's own.")


@dataclass(frozen=True, kw_only=True)
class Config(ImportKnobs, Subject):
    """What is looked at comes first, then how it is read."""


class Look(base.Task):
    """Values: "name" in the catalogue, "spec" (:class:`gan_core.data.DataSpec`), "count", "note", "rows" (the first
    samples in words, ``{column: texts}``, where they can be told so), "heard" (what is heard, in words), "columns" (what
    those of a file were taken for, ``(name, kind)``, where that can be corrected).  Files: the sheet, and what is heard of
    the first samples, where they can be."""

    title, Config, interactive, about_run, page = "Look at data", Config, True, False, "train"
    seconds = 300  # many images may have to be decoded

    def run(self, context, config, progress, should_stop):
        from gan_core import data
        from gan_core.modalities.base import modality

        dataset = data.load(config.data, size=config.size or None, workspace=context.store.workspace,
                            choices=config.choices)
        kind = modality(dataset.kind)
        sheet, rows = kind.look(dataset), kind.in_words(dataset.x[:ROWS], dataset.spec)
        files = {f"sheet{sheet.suffix}": sheet.data}
        if (heard := kind.heard(data.floats(dataset.x[:HEARD]), dataset.spec)) is not None:
            files[f"heard{heard.suffix}"] = heard.data
        return base.Result(f"{len(dataset):,} samples",
                           {"name": dataset.name, "spec": dataset.spec, "count": len(dataset), "note": dataset.note,
                            "rows": rows, "heard": heard.alt if heard else "",
                            "columns": data.taken_for(dataset.name, context.store.workspace)}, files)
