"""What the tests share: the backend, chosen before Keras is imported, and miniature data, runs and models."""

import ctypes
import functools
import gc
import os
import sys
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Several processes with several threads each on few cores get in each other's way, and miniatures gain nothing by threads.
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["GAN_SCORE"] = "off"  # what a test has trained is not scored behind its back

import numpy as np
import pytest

import helpers_unchanged
from gan_core.data import ANSWERS, CAPTIONS, DOMAINS, IMAGES, MUSIC, PAIRS, POINTS, SOUND, TABLE, TEXT, DataSpec, Dataset
from gan_core.data import rolls
from gan_core.modalities.base import modality

CLASSES = ("a", "b", "c")
_libc_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc's


# Long files about the whole zoo, with no fixture that serves several families, and what their parts are called: those of
# one name share the games of a family.
BY_FAMILY = {"test_zoo": "zoo", "test_zoo_knobs": "knobs", "test_engine": "engine", "test_engine_kept": "engine"}
# What takes minutes though it is one piece, the longest first: begun late, it would be waited for with idle workers.  Beside
# the browser, which mostly waits, what computes; what waits for processes comes between.
LONG = ("browser", "test_jax", "test_evaluation", "test_kernels", "test_alarm_runs", "test_inspection", "test_cli_runs",
        "test_own_zoo", "test_resume", "test_training")


def pytest_addoption(parser):
    parser.addoption("--record", action="store_true",
                     help="tell anew what is kept with the tests, and keep it: curves of runs (test_alarm_runs.py), what "
                          "knobs change (test_zoo_knobs.py), of which code zoo-wide tests passed (helpers_unchanged.py)")
    parser.addoption("--passed", action="store_true", help="keep of which code zoo-wide tests passed, and nothing else")
    parser.addoption("--all", action="store_true",
                     help="run zoo-wide and settled tests whose code is as it was when they passed, too")


def pytest_configure(config):
    config.addinivalue_line("markers", "zoo_wide: of every family; left out while its code is as it was when it passed")
    config.addinivalue_line("markers", "settled: a file; left out while all that it reaches is as it was when it passed")
    if (config.getoption("--record") or config.getoption("--passed")) and not hasattr(config, "workerinput"):
        config.pluginmanager.register(helpers_unchanged.Keeping())
    config.pluginmanager.register(helpers_unchanged.Telling())
    config.pluginmanager.register(Memory)


@pytest.hookimpl(tryfirst=True)  # before xdist looks at the groups
def pytest_collection_modifyitems(config, items):
    """What goes to one worker when several share the tests: a file, or a family's part of one."""
    helpers_unchanged.leave_out(config, items)
    items.sort(key=lambda item: LONG.index(_place(item)) if _place(item) in LONG else len(LONG))
    for item in items:
        place = _place(item)
        if place in BY_FAMILY and isinstance(getattr(item, "callspec", None) and item.callspec.params.get("name"), str):
            place = f"{BY_FAMILY[place]}-{item.callspec.params['name']}"
        item.add_marker(pytest.mark.xdist_group(place))


def _place(item):
    return "browser" if item.path.parent.name == "browser" else item.path.stem


def pytest_runtest_setup(item):
    """What a page does in time must not depend on what else is tested: all else steps back behind the browser's tests."""
    if _place(item) != "browser" and "PYTEST_XDIST_WORKER" in os.environ and not os.nice(0):
        os.nice(5)


def pytest_collection_finish():
    """The million objects of TensorFlow and Streamlit stay: looking through them for garbage takes a quarter of a second.
    And it is looked for less often: models are made of so many objects that it took a twentieth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


class Memory:
    """A worker gives back what tests leave behind whenever that has grown by :attr:`MUCH`.

    Models hold themselves in circles, and what looks for circles comes seldom: three workers grew to 22 GB, and the
    libraries that every new process reads were pushed out of the machine's memory.
    """

    MUCH = 0.7e9  # bytes
    _held = 0

    @classmethod
    def pytest_runtest_teardown(cls, item, nextitem):
        held = cls._bytes()
        if held > cls._held + cls.MUCH:
            gc.collect()
            if _libc_trim:
                _libc_trim(0)
            cls._held = cls._bytes()

    @staticmethod
    def _bytes():
        try:
            return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        except OSError:  # another system than Linux
            return 0


@pytest.fixture(autouse=True)
def _same_chance():
    """Weights that a test draws without a seed are the same in every order, on every machine, and so are sums.

    TensorFlow's optimizer of graphs puts terms into the order of their names, which count up with all that the process has
    built before; and it takes an eighth of the time until a miniature's first step.  Processes of their own have it.
    """
    if "keras" in sys.modules:  # what is light stays light
        sys.modules["keras"].utils.set_random_seed(0)
    if "tensorflow" in sys.modules:
        sys.modules["tensorflow"].config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
        _without_stacks()


@functools.cache
def _without_stacks():
    """TensorFlow keeps of every operation that is traced where it was made, for ever: under a test, five frames of six are
    pytest's.  It is five sixths of what a miniature leaves behind (54 MB), and a tenth of the time until its first step.
    """
    from tensorflow.python.framework import ops

    made = ops._create_c_op
    ops._create_c_op = lambda *args, **options: made(*args, **options | {"extract_traceback": False})


def _noise(kind=IMAGES, *, size=8, channels=1, classes=CLASSES, n=64, seed=0):
    """A dataset of noise: images of ``size`` pixels, or of another kind when ``kind`` says so."""
    rng, columns, more, traits = np.random.default_rng(seed), (), {}, ()
    if kind == POINTS:
        x = rng.standard_normal((n, 2)).astype(np.float32)
    elif kind == ANSWERS:
        x = rng.dirichlet(np.ones(len(classes)), n).astype(np.float32)
    elif kind == TABLE:
        columns = modality(TABLE).example.columns
        x = modality(TABLE).rounded(rng.standard_normal((n, *modality(TABLE).example.shape)), modality(TABLE).example)
    elif kind == MUSIC:
        # Two bars of four sixteenths, each of which has one of twelve pitches in each of two voices.
        traits = rolls.Layout(("high", "low"), 60, 4, 0.1, True).traits
        x = rolls.as_samples(np.arange(12)[:, None] == rng.integers(0, 13, (n, 8, 1, 2)))
    elif kind == CAPTIONS:
        spec = modality(CAPTIONS).example
        x, traits = rng.integers(0, 256, (n, size, size, channels), dtype=np.uint8), spec.traits
        more = {"caption": rng.integers(0, 1 + len(spec.trait("words")), (n, *dict(spec.beside)["caption"]), dtype=np.int32)}
        classes = ()
    elif kind == SOUND:  # louder and quieter, to 16 bits
        traits = (("rate", 8000),)
        x = rng.uniform(-1, 1, (n, 8 * size, 1)) * rng.uniform(0.1, 0.9, (n, 1, 1))
        x = (np.rint(x * 32768) / 32768).astype(np.float32)
    elif kind == TEXT:
        traits = (("characters", "etaoin \n"),)
        codes = rng.integers(1, 9, (n, 12)) * (rng.random((n, 12)) < 0.95)
        x = modality(TEXT).rounded(codes, DataSpec(TEXT, (12,), traits=traits)).astype(np.uint16)
    else:
        beside = n if kind == PAIRS else n - 7  # of a domain there are as many as there are
        more = {"source": rng.integers(0, 256, (beside, size, size, channels), dtype=np.uint8)} \
            if kind in (PAIRS, DOMAINS) else {}
        x = rng.integers(0, 256, (n, size, size, channels), dtype=np.uint8)
    classes = () if kind in (DOMAINS, TEXT) else classes
    y = rng.integers(0, len(classes), n, dtype=np.int32) if classes else None
    return Dataset(f"noise-{kind}", kind, x, y, tuple(classes), columns=columns, more=more,
                   streams={"source": 1} if kind == DOMAINS else {}, traits=traits)


def _noise_for(name, kind, **options):
    """Noise that an architecture can learn: its smallest images, or points."""
    from gan_core.models.registry import architecture

    model = architecture(name)
    size = -(-max(8, model.smallest) // model.size_multiple) * model.size_multiple
    return _noise(kind, **{"size": size} | options)


def _tiny_spec(name, dataset, **values):
    """The spec of a miniature run of an architecture; ``values`` are knobs and settings.

    XLA is off and every call is one step, unless told otherwise: compiling would take longer than the run.  Precision
    is single, whatever the processor is good at.
    """
    from gan_core.config.spec import RunSettings, RunSpec
    from gan_core.models.registry import architecture

    config, settings = architecture(name).Config, {k.name for k in RunSettings.knobs()}
    knobs = {k: v for k, v in values.items() if k not in settings}
    knobs = config.tiny().as_dict() | {"xla": "off", "precision": "float32"} | knobs
    settings = RunSettings.tiny().as_dict() | {k: v for k, v in values.items() if k in settings}
    data = dataset.spec
    return RunSpec(architecture=name, data=dataset.name, shape=data.shape, kind=data.kind, classes=data.classes,
                   settings=RunSettings.parse(settings), knobs=config.parse(knobs).as_dict(),
                   backend=os.environ["KERAS_BACKEND"], columns=data.columns, beside=data.beside, traits=data.traits,
                   gives=architecture(name).gives)


def _tiny_model(name, dataset, seed=0, **values):
    """A miniature model as a run builds it, freshly initialised from ``seed``."""
    from gan_core.training import loop

    return loop.build(_tiny_spec(name, dataset, seed=seed, **values))


@pytest.fixture(scope="session")
def noise():
    return _noise


@pytest.fixture(scope="session")
def noise_for():
    return _noise_for


@pytest.fixture(scope="session")
def tiny_spec():
    return _tiny_spec


@pytest.fixture(scope="session")
def tiny_model():
    return _tiny_model


@pytest.fixture
def game(noise_for, tiny_model):
    """A miniature model of an architecture and a batch for it."""
    from keras import ops

    from gan_core.data import batches

    def build(name, kind=IMAGES, **knobs):
        dataset = noise_for(name, kind)
        model = tiny_model(name, dataset, **knobs)
        batch = batches(dataset, model.config.batch_size, seed=0, draws=model.draws).batch_at(0)
        return model, {name: ops.convert_to_tensor(values) for name, values in batch.items()}
    return build
