"""Generative models: networks, the players that move them, and how to draw samples.

A model says *what* the game is; the engine plays it.  An architecture (a file in ``gan_core/zoo``) subclasses
:class:`GenerativeModel`, or :class:`gan_core.models.adversarial.AdversarialModel` for the usual two players.
"""

import bisect
import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np
from keras import ops

from gan_core.data import IMAGES
from gan_core.engine import Step
from gan_core.errors import BadInput
from gan_core.modalities.base import samples_spec
from gan_core.models.card import refusal


@dataclass(frozen=True)
class Player:
    """One player of the game.

    ``networks`` are the names of the networks it moves; ``loss`` maps a batch to ``(scalar, logs)``; ``updates``
    is how often it moves in a round, each time on a fresh slice of the batch.  ``key`` prefixes what is charted:
    ``d_loss``, ``d_gradient_norm``, ``d_learning_rate``.  ``side`` says whose learning rate it has, the
    "discriminator"'s or the "generator"'s.

    A player that ``makes`` something and says whom it is ``shown_to`` makes it once for two turns: the last one of
    that player, and then its own first.  ``makes`` maps a batch to ``(tensor, drawn)``: what is made, and a dict of
    what was drawn at random for it.  Both losses find them in their batch, the tensor as ``"made"``; the maker's
    gradient passes through it.
    """

    name: str
    key: str
    networks: tuple[str, ...]
    loss: Callable
    updates: int = 1
    side: str = "generator"
    makes: Callable | None = None
    shown_to: str = ""


class GenerativeModel(Step, keras.Model):
    """Base of every architecture.

    Class attributes describe it to people and to the form; see ``gan_core/zoo/gan.py`` for an example.

    Args:
        config: its ``Config``.
        data: :class:`gan_core.data.DataSpec`, what it is to learn.
        seed: of the noise drawn in training.
    """

    Config = None
    title = ""
    paper = ""  # "Author year, title"
    link = ""
    builds_on = ()  # names of the project's architectures whose ideas its paper takes further
    summary = ""  # what it is, in a sentence or two
    story = ""  # how it works, in three plain sentences
    formula = ""  # the objective as the paper writes it, in LaTeX
    strengths = ()  # short phrases
    weaknesses = ()  # short phrases: how it fails
    kinds = (IMAGES,)  # of data it can learn
    gives = ""  # the kind of its samples (gan_core.modalities), where that is not that of its data: it answers, not makes
    needs_labels = False
    fewest_classes = 0  # that labelled data must have
    size_multiple = 1  # image sides must be a multiple of this ...
    smallest, largest = 8, 128  # ... within these bounds, in pixels
    channels = ()  # that images may have, where not every number will do
    looks_through = ""  # the network of others (gan_core.pretrained.lite) by whose features it learns, and is not scored
    dense = ()  # kinds of data for which its networks have no convolutions: XLA pays on a CPU there
    averaged = ("generator",)  # networks that samples are drawn from
    passes = {}  # of those, how often one sample goes through each, where that is not once
    wiring = ()  # (from, to) pairs of what feeds what, where describe.wiring guesses wrong
    translations = {}  # ways from one picture to another, by name, in words; the first is the usual one
    chooses = False  # its samples are real ones that it has chosen: only what is :meth:`measured` says something of it
    not_a_graph = ""  # why samples cannot be drawn outside of the workbench, in a sentence
    # Title -> values of knobs and run settings, such as steps; of a kind of data that wants others, those in place of them.
    presets, presets_for = {}, {}
    defaults_for = {}  # data kind -> values of knobs and run settings that are better there than their defaults

    def __init__(self, config, data, seed=0):
        super().__init__(name=type(self).__module__.rpartition(".")[2])
        self.check(data)
        self.config, self.data = config, data
        self.random = keras.random.SeedGenerator(seed)
        # How many rounds have been played: schedules go by it, and a resumed run goes on with it.
        self.rounds = self.state("rounds", 0, dtype="int32")
        with _policy(config.precision):
            networks = self.networks()
        self.network_names = tuple(networks)
        if strangers := [name for name in self.averaged if name not in networks]:
            raise ValueError(f"samples are drawn from a network {strangers[0]!r} (`averaged`), and networks() gives only "
                             f"{', '.join(networks)}")
        for name, network in networks.items():
            setattr(self, name, network)
        self.averages = {}
        if config.ema_decay > 0:
            with _policy(config.precision):
                self.averages = {name: _twin(networks[name]) for name in self.averaged}
        self.built = True

    # What an architecture says of itself

    def networks(self):
        """``{name: keras.Model}``; each becomes an attribute of that name."""
        raise NotImplementedError

    def inputs(self):
        """The inputs a sample is made of, see :mod:`gan_core.models.inputs`."""
        raise NotImplementedError

    def players(self):
        """The players, in the order in which they move."""
        raise NotImplementedError

    def sample(self, inputs, training=False):
        """Samples for ``inputs`` (arrays by name), (N, *made.shape): images in [-1, 1], points, rows of a table."""
        raise NotImplementedError

    def choose(self, drawn, chosen):
        """Put into ``drawn`` inputs what a person chose of the data, texts by name, such as a category of a column.  Returns
        what else was chosen: values of the inputs themselves."""
        return chosen

    def sample_with_progress(self, inputs, progress):
        """:meth:`sample`; a model that takes its time tells ``progress`` the share that is done, 0 to 1."""
        samples = self.sample(inputs)
        progress(1.0)
        return samples

    def depth(self, inputs):
        """How near each pixel of :meth:`sample` is, (N, H, W, 1) from 1 in front to -1 at the back and where nothing is;
        None of a model that knows no depth."""

    def source_shape(self, to):
        """(h, w, C) of what is translated by the way ``to``, of :attr:`translations`."""
        raise NotImplementedError

    def translate(self, pictures, to, seed=0):
        """Pictures (N, *source_shape(to)) in [-1, 1], translated by a way of :attr:`translations`; what chance decides
        follows from the seed."""
        raise NotImplementedError

    def any_size(self, to):
        """``(network, surroundings)`` where pictures of any size are translated as they are: (N, h, w, C) in [-1, 1], of
        which a pixel depends on so many around it; None where a picture must become one of :meth:`source_shape`."""

    def views(self, inputs, real):
        """What else shows how it works: ``{title: [(what the row is, samples), ...]}``, a row for each.

        ``inputs`` are those of some samples, ``real`` are as many real samples: the levels of a pyramid, real
        images and their reconstructions, which are shown unless an architecture has more to show.
        """
        again = self.reconstruction(real)
        return {} if again is None else {"Reconstructions": [("real", real), ("reconstructed", again)]}

    def encoded(self, real):
        """The inputs, by name, from which samples like these real ones are made; None without an encoder."""

    def answered(self, real):
        """Class probabilities (N, K) of real samples, as a dataset or a batch has them; None for a model that does not
        answer."""

    def reconstruction(self, real):
        """Real samples as they come back from their latents, shape and range of ``real``; None without an encoder."""
        encoded = self.encoded(real)
        return None if encoded is None else self.sample(encoded)

    def measured(self, dataset):
        """Scores (:mod:`gan_core.evaluation.score_names`) of held-out samples for which the model itself has to be asked:
        ``{key: number}``, with counts that are worth keeping."""
        return {}

    def flops_beside(self):
        """Operations of a round for one sample that are in none of its networks: in one of others that looks on."""
        return 0

    def surprise(self, real, labels=None):
        """-log2 p, in bits, of each number of real samples given those before it, of the shape of ``real``, as a dataset has
        them; NaN where a number says nothing, as behind the end of a text.  ``labels`` (N,) are theirs, where the data have
        labels.  None where it does not say likelihoods so."""

    def inputs_lasting(self, seconds):
        """As :meth:`inputs`, of samples that last so long.  Raises BadInput where that cannot be."""
        raise BadInput(f"The samples of {self.title} have no length in seconds that could be chosen; leave the seconds out.",
                       {"seconds": "These samples have no length that could be chosen."})

    def prepare(self, dataset, seed):
        """Look up in the training data what the game goes by, before the first step of a run and never again: into
        variables of :meth:`looked_up`.  Returns a sentence for the log, or ""."""
        return ""

    def row_weights(self, dataset):
        """How often each row of the training data is drawn, (N,) up to a factor; None where all are drawn alike."""

    def stages(self):
        """The steps, in rising order, at which training changes by more than its weights: a network grows.

        Before each, :meth:`enter` is called and the step is compiled anew.
        """
        return ()

    def enter(self, stage):
        """Make ready for the stage of this number, 0 the first."""

    def at_work(self, name):
        """The part of a network, as samples have it, that is at work in this stage."""
        return self.sampler(name)

    def given(self, name, samples, batch):
        """What :meth:`at_work` is given when these samples are drawn or judged: a list of tensors.

        ``samples`` are real where they are ``batch["real"]`` too.  None: what the network is called with then.
        """

    @classmethod
    def check(cls, data):
        """Raises :class:`BadInput` when the architecture cannot learn such data."""
        if problem := refusal(cls.requirements(), data):
            raise BadInput(problem, {"data": problem})

    @classmethod
    def requirements(cls):
        """What it needs of data, as plain values; see :func:`refusal`."""
        return {"title": cls.title, "kinds": list(cls.kinds), "needs_labels": cls.needs_labels,
                "size_multiple": cls.size_multiple, "smallest": cls.smallest, "largest": cls.largest,
                "channels": list(cls.channels), "looks_through": cls.looks_through, "translations": dict(cls.translations),
                **({"gives": cls.gives} if cls.gives else {}),
                **({"fewest_classes": cls.fewest_classes} if cls.fewest_classes else {})}

    @property
    def made(self):
        """What its samples are, a :class:`gan_core.data.DataSpec`: like its data, unless it ``gives`` another kind."""
        return samples_spec(self.data, self.gives)

    @property
    def main_curve(self):
        """The curve that stands for a run in a list: the loss of whoever moves what samples come from."""
        players = self.players()
        maker = next((player for player in players if set(player.networks) & set(self.averaged)), players[0])
        return f"{maker.key}_loss"

    @property
    def losses(self):
        """``{curve: (what to call it, whose side its player is on)}`` of every player, in the order of their moves.  Who
        plays alone is no G: its loss is the loss."""
        players = self.players()
        return {f"{player.key}_loss": (f"{player.key.upper()} loss" if len(players) > 1 else "Loss", player.side)
                for player in players}

    # What the engine and training ask

    def compile(self, jit_compile=False, steps_per_execution=1):
        """Give each player its optimizer.  Each variable must belong to exactly one player."""
        self._optimizers = {player.name: self.config.optimizer_for(player) for player in self.players()}
        owner = self.owners()
        super().compile(optimizer=keras.optimizers.MultiOptimizer(lambda v: self._optimizers[owner[id(v)]]),
                        jit_compile=jit_compile, steps_per_execution=steps_per_execution)
        self.optimizer.build(self.trainable_variables)

    def owners(self):
        """``{id of a variable: name of its player}``.  Raises ValueError for a game that cannot be played: it names networks
        that there are not, or a variable has no player or two."""
        owner = {}
        for player in self.players():
            for variable in self.variables_of(player):
                if id(variable) in owner:
                    raise ValueError(f"{variable.path} belongs to both {owner[id(variable)]} and {player.name}")
                owner[id(variable)] = player.name
        for variable in self.trainable_variables:
            if id(variable) not in owner:
                raise ValueError(f"{variable.path} belongs to no player")
        return owner

    @property
    def draws(self):
        """How many real batches a round takes: the updates of the busiest player."""
        return max(player.updates for player in self.players())

    def slice_of(self, batch, update):
        """The part of a round's batch that update number ``update`` sees."""
        n = next(iter(batch.values())).shape[0] // self.draws
        return {name: values[update * n:(update + 1) * n] for name, values in batch.items()}

    def maker_for(self, player, update):
        """The player who makes what ``player`` is shown at this update, for both of them; None where there is none."""
        if update < player.updates - 1:
            return None
        return next((maker for maker in self.players() if maker.makes and maker.shown_to == player.name), None)

    def variables_of(self, player):
        if strangers := [name for name in player.networks if name not in self.network_names]:
            raise ValueError(f"the player {player.name!r} moves a network {strangers[0]!r}, and networks() gives only "
                             f"{', '.join(self.network_names)}")
        return [v for name in player.networks for v in getattr(self, name).trainable_variables]

    def optimizer_of(self, player):
        return self._optimizers[player.name]

    def bystanders_of(self, player):
        """State that must not move while ``player`` does: what merely calling the others' networks would move."""
        return [v for name in self.network_names if name not in player.networks
                for v in _moved_by_calls(getattr(self, name))]

    def logs_of(self, player, loss, details, gradient_norm, learning_rate):
        key = player.key
        return {f"{key}_loss": loss, f"{key}_gradient_norm": gradient_norm, f"{key}_learning_rate": learning_rate,
                **details}

    def state(self, name, value, dtype="float32"):
        """A number that training moves and a checkpoint keeps, though no player moves it."""
        return keras.Variable(value, dtype=dtype, trainable=False, name=f"{name}_state")

    def looked_up(self, name, values):
        """A variable for what :meth:`prepare` finds in the data: an array that a checkpoint keeps, and no player moves."""
        setattr(self, f"found_{name}", variable := self.state(name, values))  # an attribute, or Keras would not know it
        return variable

    def end_round(self):
        """What follows once every player has moved."""
        self.follow_averages()
        self.rounds.assign(self.rounds + 1)

    def averaging(self):
        """The decay of averages in this round, a number or a scalar tensor."""
        return self.config.ema_decay

    def follow_averages(self):
        """Move each averaged network towards its original (Karras 2018, section 4.2: EMA of the generator).

        All weights are averaged, moving statistics included; Keras's own ``use_ema`` skips those and overwrites
        the original when training ends.
        """
        decay = self.averaging()
        for name, average in self.averages.items():
            for mean, variable in zip(average.variables, getattr(self, name).variables):
                if not _is_random_state(variable):
                    mean.assign(mean + (1.0 - decay) * (ops.cast(variable, mean.dtype) - mean))

    def sampler(self, name):
        """The network that samples come from: the average where there is one."""
        return self.averages.get(name, getattr(self, name))

    def call(self, inputs, training=False):
        return self.sample(inputs, training=training)

    # Saving

    def load_weights(self, filepath, *args, to_go_on=False, **kwargs):
        """As Keras does.  Raises :class:`BadInput` when what was saved is not of these networks: a checkpoint stays what it
        was, while the architecture's file may have changed; and when training is ``to_go_on`` without the state of an
        optimizer, which Keras would begin anew in silence."""
        try:
            with warnings.catch_warnings(record=True) as told:  # of what does not fit, the sentence says enough
                warnings.simplefilter("always")
                super().load_weights(filepath, *args, **kwargs)
        except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
            raise BadInput(f"The checkpoint does not fit the architecture {self.name!r} as it is now; put its file back as "
                           "it was when the run was trained, or train a new run.") from error
        except (OSError, RuntimeError) as error:  # of damage within a file
            raise BadInput(f"The checkpoint {os.path.basename(str(filepath))} cannot be read: it is damaged; remove it, or "
                           "choose another.") from error
        if to_go_on and any("optimizer" in str(warning.message) for warning in told):
            raise BadInput(f"The checkpoint {os.path.basename(str(filepath))} lacks the state of its optimizers, so that "
                           "the run would go on as another; samples can be drawn from it, and a new run can be trained.")
        for warning in told:
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)

    def own_state(self):
        """``{name: variable}`` of what a checkpoint keeps beside the networks' weights."""
        # Keras leaves the state of random generators out of a saved model; a resumed run would differ.
        states = {f"random_{index}": v for index, v in enumerate(filter(_is_random_state, self.non_trainable_variables))}
        return states | {v.name: v for v in self.non_trainable_variables
                         if v.name.endswith("_state") and not _is_random_state(v)}

    def save_own_variables(self, store):
        for name, variable in self.own_state().items():
            store[name] = np.asarray(variable)

    def load_own_variables(self, store):
        for name, variable in self.own_state().items():
            variable.assign(store[name])
        self.enter(self.stage_of(int(self.rounds)))

    def stage_of(self, step):
        """The number of the stage that a step belongs to."""
        return bisect.bisect_right(self.stages(), step)

    def is_finite(self):
        """Whether every weight is a number."""
        return all(np.isfinite(np.asarray(v)).all() for v in self.trainable_variables)

    def parameters(self):
        """``{network: parameters that are trained}``; moving statistics are not counted."""
        return {name: _size(getattr(self, name)) for name in self.network_names}


def _is_random_state(variable):
    return variable.path.endswith("seed_generator_state")


def _moved_by_calls(network):
    """Moving statistics, and the kernels that spectral normalisation assigns whenever it is called in training."""
    kernels = [layer.kernel for layer in network._flatten_layers()
               if isinstance(layer, keras.layers.SpectralNormalization)]
    return [v for v in network.non_trainable_variables if not _is_random_state(v)] + kernels


def _size(network):
    return int(sum(np.prod(v.shape) for v in network.trainable_variables))


def _twin(network):
    """A copy of a network with equal weights, which no player moves."""
    twin = keras.models.clone_model(network)
    twin.set_weights(network.get_weights())
    twin.trainable = False
    return twin


class _policy:
    """Build networks under a Keras dtype policy, and put the former one back."""

    def __init__(self, name):
        self.name = name

    def __enter__(self):
        self.before = keras.config.dtype_policy()
        keras.config.set_dtype_policy(self.name if self.name != "auto" else "float32")

    def __exit__(self, *_):
        keras.config.set_dtype_policy(self.before)
