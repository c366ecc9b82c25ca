"""Every dataset by name: the catalogue, and loading from it."""

import functools
import os
from pathlib import Path

from gan_core.data import domains, finding, keeping, recipes, sets
from gan_core.data.base import IMAGES, Dataset, DatasetInfo
from gan_core.data.choices import LAYOUTS, NONE_MADE, Choices
from gan_core.data.pixels import check_size
from gan_core.data.texts import label
from gan_core.data.sets import keras_sets, made_domains, made_pairs
from gan_core.errors import BadInput


@functools.cache
def sources():
    """``(modules in the order of the catalogue, sentences on broken ones)``, see :class:`gan_core.data.base.Source`."""
    modules, broken = finding.modules(sets, _source)
    return tuple(sorted(modules.values(), key=lambda module: module.ORDER)), tuple(broken.values())


def _source(module):
    if not all(hasattr(module, name) for name in ("ORDER", "infos", "load")):
        raise ImportError("a source of data has ORDER, infos and load")
    return module


def catalogue(workspace: Path | None = None) -> list[DatasetInfo]:
    """The built-in datasets, then those imported into ``workspace``/datasets; without what recipes make of them."""
    return [info for source in sources()[0] for info in source.infos(workspace) if not info.made_of]


def described(name, workspace: Path | None = None) -> DatasetInfo | None:
    """What is known of a dataset, pairs and domains that are made of others among them; None where there is none."""
    return next((info for source in sources()[0] if (info := _found_in(source, name, workspace))), None)


def _found_in(source, name, workspace):
    if hasattr(source, "find"):
        return source.find(name, workspace)
    return next((info for info in source.infos(workspace) if info.name == name), None)


def own(workspace) -> list[DatasetInfo]:
    """The user's own datasets, imported or drawn."""
    return [info for source in sources()[0] if hasattr(source, "claims") for info in source.infos(workspace)]


def taken_for(name, workspace) -> tuple[tuple[str, str], ...]:
    """What each part of a file was taken for of which a dataset is kept, ``(name, kind)``: what a person may correct;
    nothing where there is nothing to correct."""
    known = (source.taken(name, workspace) for source in sources()[0] if hasattr(source, "taken"))
    return next(filter(None, known), ())


def is_own(name_or_path, workspace=None) -> bool:
    """Whether a name or a path stands for the user's own data, which may have been taken for something else."""
    of, _ = recipes.split(name_or_path)
    return not any(info.name == of for source in sources()[0] if not hasattr(source, "claims")
                   for info in source.infos(workspace))


def load(name_or_path, *, size: int | None = None, workspace: Path | None = None, held_out: float = 0.0,
         choices: Choices = NONE_MADE) -> Dataset:
    """A dataset by its name in the catalogue, or by its path: a folder, a zip or an .npz file of images, a folder or a
    zip of pairs of images, a .csv or a .txt file, or music or sound: a .mid or .wav file, a folder or a zip of them.  Of
    ``NAME+RECIPE`` pairs are made (:mod:`gan_core.data.recipes`), and of ``NAME+A,B`` two domains
    (:mod:`gan_core.data.domains`).  A name that a person gave may lack its hash where only one is called so.

    ``size`` is the side in pixels to which images are resized: None means native, and 32 for a folder or a zip.
    What lies at a path is decoded once and kept in ``workspace``/datasets, where the resulting ``Dataset.name`` finds
    it again even after the source is gone; with no workspace nothing is kept. ``held_out`` is the share of the user's own
    samples that become a test set; built-in datasets have their own. ``choices`` are for what is imported from a path.

    Raises BadInput for an unknown name, an unsuitable size, or a file that cannot be used, and StoreError when the
    workspace cannot be written.
    """
    if size is not None:
        size = check_size(size)
    modules, broken = sources()
    for source in modules:
        if _found_in(source, name_or_path, workspace):
            _refuse_choices(name_or_path, choices, workspace)
            dataset = source.load(name_or_path, size, workspace)
            return dataset.keeping_apart(held_out) if is_own(name_or_path, workspace) else dataset
    path = os.path.expanduser(name_or_path)
    if os.path.exists(path):
        source = claimed_by(path, choices)
        if unfit := choices.not_for(source):
            raise BadInput(f"These choices mean nothing for {label(path)} ({unfit}); leave them out.")
        return source.load_path(path, size, workspace, choices).keeping_apart(held_out)
    if looks_like_a_path(name_or_path):
        sentence = (f"There is no file or folder {str(name_or_path)!r}; give the path of a folder or a zip of images or of "
                    "music, of a .csv, .txt, .mid or .wav file, or the name of a dataset (see `datasets`).")
        raise BadInput(sentence, {"dataset": sentence})
    of, by = recipes.split(name_or_path)
    if called := _called(of, workspace):
        return load(recipes.joined(called, by), size=size, workspace=workspace, held_out=held_out, choices=choices)
    if by and (info := described(of, workspace)):
        if names := domains.two(by):
            made_domains.name_of(info, names)  # says which domains there are
        else:
            made_pairs.refuse(info)  # of images a recipe would have made some
    known = ", ".join(info.name for info in catalogue(workspace))
    sentence = (f"There is no dataset {str(name_or_path)!r}; choose one of {known}, or give a folder or a zip of images, or "
                "a .csv or a .txt file, or music as .mid, or sound as .wav.")
    raise BadInput(" ".join([sentence, *broken]), {"dataset": sentence})


def claimed_by(path, choices=NONE_MADE):
    """The source of what lies at a path, which exists."""
    claiming = [source for source in sources()[0] if hasattr(source, "claims")]
    if not os.path.isdir(path) and not os.path.isfile(path):
        return claiming[0]  # a pipe, of which nobody may read: who takes everything refuses it
    return next(source for source in reversed(claiming) if source.claims(path, choices))


def kind_at(path):
    """The kind of samples that what lies at a path will be, as far as its source says so: images unless it does."""
    return getattr(claimed_by(path), "KIND", IMAGES)


def _refuse_choices(name, choices, workspace):
    if not choices.made:
        return
    if is_own(name, workspace):
        raise BadInput(f"{name} was imported already; import its folder or file again with these choices ({choices.made}).")
    info = described(name, workspace)
    made = [recipe for recipe in recipes.recipes() if choices.pairs in LAYOUTS and info.kind == IMAGES
            and not recipes.recipes()[recipe].refusal(info.shape)]
    instead = f"choose one of the recipes that make pairs of it ({', '.join(made)})" if made else "leave them out"
    raise BadInput(f"{name} is built in, and these choices ({choices.made}) are for files of your own; {instead}.")


def looks_like_a_path(text) -> bool:
    """Whether what is neither a dataset nor there was meant as a path: no name has a suffix or a folder in it."""
    return bool(os.path.dirname(text) or os.path.splitext(text)[1] or str(text).startswith("~"))


def _called(title, workspace):
    """The name in the catalogue of what a person imported or kept as ``title``, which has no hash; "" of none.

    Raises BadInput where several are called so.
    """
    slug = keeping.slug(str(title), default="")
    names = [info.name for source in sources()[0] if hasattr(source, "claims") for info in source.infos(workspace)
             if slug and info.name.rpartition("-")[0] == slug]
    if len(names) > 1:
        sentence = f"Several datasets are called {str(title)!r}; choose one of {', '.join(names)}."
        raise BadInput(sentence, {"dataset": sentence})
    return names[0] if names else ""


def default_dataset() -> str:
    """MNIST when it is here already, else the digits, which always are: the first run must not wait for a download."""
    mnist = next(info for info in keras_sets.infos() if info.name == "mnist")
    return mnist.name if mnist.available else "digits"
