"""A process that computes for the dashboard: the server itself never loads Keras or holds a dataset.

The functions here run in that process; :class:`Compute` is what the server keeps of it.
"""

import concurrent.futures
import json
import os
import pickle
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from gan_core.data import DataSpec
from gan_core.errors import BadInput
from gan_core.modalities import drawing
from gan_core.modalities.base import HEAT, Artifact, modality
from gan_core.models import own_zoo

WIDEST, WALKED = 20, 10  # samples in a row of a sheet, at most and of a walk
REAL = 2000  # real points behind drawn ones


@dataclass(frozen=True)
class Look:
    """What a look at a dataset found: its name in the catalogue, its shape, and some of its samples."""

    name: str
    spec: DataSpec
    count: int
    note: str
    sheet: Artifact


def look(data, size, workspace):
    """Load a dataset, or import a folder or zip, and show some of it.  Raises what :func:`gan_core.data.load` does."""
    from gan_core import data as library

    dataset = library.load(data, size=size, workspace=workspace)
    return Look(dataset.name, dataset.spec, len(dataset), dataset.note, modality(dataset.kind).look(dataset))


def measure(architecture, knobs, data_spec):
    """Parameters of each network and operations of one round: ``{"parameters": {...}, "round_flops": n}``."""
    from gan_core.models import flops, registry

    cls = registry.architecture(architecture)
    model = cls(cls.Config(**knobs), data_spec)
    return {"parameters": model.parameters(), "round_flops": flops.round_flops(model)}


@dataclass(frozen=True)
class Checkpoint:
    """A run's checkpoint to look into: its spec in JSON, the workspace, the run's id, name and version of the weights."""

    spec: str
    workspace: str
    run: str
    name: str
    version: str


@dataclass(frozen=True)
class Subject:
    """The sample to look at: its place on the run's sheets, or in the training data if it is ``real``; and the class to
    draw, None for the sheet's."""

    place: int
    real: bool = False
    label: int | None = None


def networks(checkpoint):
    """The networks of a run, layer by layer: :func:`gan_core.tasks.inspection.networks`."""
    from gan_core.tasks import inspection

    return inspection.networks(_model(checkpoint))


def training_samples(checkpoint):
    """How many samples the run has learned from."""
    return len(_dataset(checkpoint))


def feature_maps(checkpoint, subject, network, layer):
    """What a layer makes of a sample: ``(PNG, figures)``, see :func:`gan_core.tasks.inspection.picture`."""
    from gan_core.tasks import inspection

    model = _model(checkpoint)
    picture, figures = inspection.picture(
        inspection.activation(model, network, layer, *_subject(checkpoint, model, subject)))
    return drawing.png(picture), figures


def saliency(checkpoint, subject):
    """The sample and what the discriminator looks at: ``{"sample": Artifact}``, and where there is a discriminator "logit",
    "slopes" (the largest |d logit / d pixel|, or one for each coordinate, which "along" names) and for images "heat", a
    PNG."""
    from gan_core.tasks import inspection

    model = _model(checkpoint)
    samples, batch = _subject(checkpoint, model, subject)
    kind, found = modality(model.data.kind), inspection.saliency(model, samples, batch)
    images = HEAT in kind.abilities
    answer = {"sample": kind.portrait(samples, model.data), "label": int(batch["label"][0]) if "label" in batch else None,
              "along": kind.axes(model.data)}
    if found is None:
        return answer
    logit, slopes = found
    answer |= {"logit": logit, "slopes": [float(each) for each in slopes] if answer["along"] else [float(slopes.max())]}
    return answer | ({"heat": drawing.png(drawing.heat(samples[0], slopes.max(axis=-1)))} if images else {})


def neighbours(checkpoint, subject):
    """The training images nearest to a sample: ``{"sheet": PNG, "places", "labels", "distances", "spacing"}``, see
    :func:`gan_core.tasks.inspection.nearest`; "labels" is None where the data have none."""
    from gan_core.data import to_float
    from gan_core.tasks import inspection

    model, dataset = _model(checkpoint), _dataset(checkpoint)
    samples, _ = _subject(checkpoint, model, subject)
    places, distances, spacing = inspection.nearest(samples[0], dataset,
                                                    subject.place % len(dataset) if subject.real else None)
    labels = None if dataset.y is None else [int(each) for each in dataset.y[places]]
    return {"sheet": drawing.png(drawing.sheet(to_float(dataset.x[places]), (-(-len(places) // 3), min(3, len(places))))),
            "places": [int(each) for each in places], "labels": labels,
            "distances": [float(each) for each in distances], "spacing": spacing}


def sample_inputs(checkpoint):
    """What a sample of a run is made of: the inputs of its model, see :mod:`gan_core.models.inputs`."""
    return _model(checkpoint).inputs()


def draw(checkpoint, n, seed, label, chosen, to=None):
    """Samples of a run, as :func:`gan_core.tasks.sampling.draw_from` draws them: ``(Artifact, {suffix: bytes of a file})``.

    A class, or a code, that comes in turn has a column of its own.
    """
    import io

    from gan_core.models import inputs
    from gan_core.tasks import sampling

    model = _model(checkpoint)
    samples, labels = sampling.draw_from(model, n, seed=seed, label=label, chosen=chosen, to=to)
    columns = inputs.in_turn(label, model.inputs(), chosen) or (None if to is None else WALKED)
    kind, files = modality(model.data.kind), {}
    for suffix in kind.suffixes:
        file = io.BytesIO()
        kind.save(file, samples, model.data, labels, suffix=suffix)
        files[suffix] = file.getvalue()
    grid = drawing.grid_for(n, columns) if columns and columns <= WIDEST else None
    beside = kind.beside(_dataset(checkpoint), REAL, held_out=True) if kind.overlays else None
    return kind.draw(samples, model.data, grid, beside), files


def judging_pool(workspace, run_id):
    """Draw the images that people judge of a run's last checkpoint, once, and keep them, see
    :func:`gan_core.store.judgements.pool`.

    Raises:
        BadInput: when there is no checkpoint, or the data cannot be had or are not what the run has learned.
        StoreError: when the images cannot be kept.
    """
    from gan_core import data as library
    from gan_core.evaluation import human
    from gan_core.launch import same_data
    from gan_core.store import judgements, open_store
    from gan_core.tasks import sampling

    store = open_store(workspace)
    try:
        run = store.get(run_id)
        held, (step, name) = store.artifacts(run.id), sampling.checkpoint(store, run)
        weights = held.entry(name).version
        if judgements.pool(held):  # another visitor was first
            return
        dataset = library.load(run.spec["data"], size=run.spec["size"], workspace=store.workspace)
        if list(dataset.spec.shape) != list(run.spec["shape"]):
            raise BadInput(f"The data {run.data} have changed since the run {run.id} was trained; train it anew.")
        same_data.check(run, dataset)
        samples, _ = sampling.draw(store, run, human.POOL, step=step)
        judgements.keep_pool(held, judgements.Pool(step, library.to_uint8(samples), human.some_real(dataset)), weights)
    finally:
        store.close()


def _model(checkpoint):
    from gan_core.tasks import inspection

    return inspection.load(checkpoint.spec, checkpoint.workspace, checkpoint.run, checkpoint.name, checkpoint.version)


def _subject(checkpoint, model, subject):
    from gan_core.tasks import inspection

    return inspection.subject(model, subject.place, label=subject.label,
                              real=_dataset(checkpoint) if subject.real else None)


def _dataset(checkpoint):
    from gan_core.tasks import inspection

    spec = json.loads(checkpoint.spec)
    return inspection.dataset(spec["data"], spec["size"], Path(checkpoint.workspace), spec["settings"].get("held_out", 0.0))


class Compute:
    """One background process; it starts with the first question and ends with :meth:`close` or with its parent.

    Not a multiprocessing pool: its children import the main module of their parent, which under Streamlit is the
    page itself.
    """

    def __init__(self):
        self._queue = concurrent.futures.ThreadPoolExecutor(1, thread_name_prefix="compute")
        self._process = None

    def ask(self, function, *arguments):
        """A future of ``function(*arguments)``, a function of this module; it raises what the function raised, or
        ``concurrent.futures.BrokenExecutor`` when the process ended."""
        return self._queue.submit(self._ask, function.__name__, arguments)

    def close(self):
        self._queue.shutdown(wait=False, cancel_futures=True)
        if self._process is not None:
            self._process.stdin.close()
            self._process = None

    def _ask(self, name, arguments):
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen([sys.executable, "-m", "gan_core.tasks.server"], stdin=subprocess.PIPE,
                                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                             cwd=Path(__file__).parents[2], env=os.environ | own_zoo.environment())
        try:
            pickle.dump((name, arguments), self._process.stdin)
            self._process.stdin.flush()
            result, error = pickle.load(self._process.stdout)
        except (EOFError, OSError, pickle.UnpicklingError) as trouble:
            self._process.kill()
            self._process = None
            raise concurrent.futures.BrokenExecutor("The computing process ended.") from trouble
        if error is not None:
            raise error
        return result


def _serve():
    """The body of the process: answer questions from stdin on stdout until stdin closes."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"  # the GPU belongs to training
    if os.environ.get("KERAS_BACKEND") not in ("tensorflow", "jax"):
        os.environ["KERAS_BACKEND"] = "tensorflow"
    os.nice(5)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not get between the answers
    functions = {each.__name__: each for each in (look, measure, networks, training_samples, feature_maps, saliency,
                                                   neighbours, sample_inputs, draw, judging_pool)}
    while True:
        try:
            name, arguments = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        try:
            answer = (functions[name](*arguments), None)
        except Exception as error:
            # Of a library's error its words alone travel: unpickling it would load the library into the server.
            ours = type(error).__module__.startswith(("builtins", "gan_core"))
            answer = (None, error if ours else RuntimeError(f"{type(error).__name__}: {error}"))
        pickle.dump(answer, answers)
        answers.flush()


if __name__ == "__main__":
    # Under its own name, or the answers would be instances of __main__.Look, which nobody else knows.
    from gan_core.tasks.server import _serve as serve

    serve()
