"""CNN: convolutions that name what an image shows (LeCun 1998); it judges, and makes nothing."""

from dataclasses import dataclass

import numpy as np
from keras import ops

from gan_core.config.knobs import inherit, knob
from gan_core.data import ANSWERS, floats
from gan_core.models.augment import shifted
from gan_core.models.base import GenerativeModel, Player
from gan_core.models.inputs import Question
from gan_core.models.networks import naming
from gan_core.models.shared_knobs import OnePlayer, Training

AT_ONCE = 250  # images that are named at once


@dataclass(frozen=True, kw_only=True)
class Config(OnePlayer):
    """Channels, kernels and the optimizer as tutorials on MNIST have them; Adam's usual momentum."""

    filters: int = knob(32, low=4, high=128, log=True, tiny=4,
                        help="Channels of the first convolution; each further one has twice as many.")
    blocks: int = knob(3, low=1, high=5, tiny=1,
                       help="Convolutions, each with a pool after it that halves the sides of the image.")
    width: int = knob(128, low=4, high=1024, log=True, tiny=8, help="Units in the hidden layer before the classes.")
    batch_norm: bool = knob(True, label="Batch normalisation",
                            help="Each channel is brought to mean 0 and deviation 1 within a batch: it learns faster.")
    dropout: float = knob(0.3, low=0.0, high=0.8, tiny=0.1, group="Stability",
                          help="Share of the hidden units that are left out at random in training, so that it does not "
                               "learn images by heart.")
    shift: int = knob(1, low=0, high=8, tiny=1, group="Stability", label="Shift by up to (pixels)",
                      help="Images that are trained on are moved by up to so many pixels, each time otherwise. 0: never.")
    label_smoothing: float = knob(0.0, low=0.0, high=0.5, tiny=0.1, group="Objective", label="Label smoothing",
                                  help="This share of the target is spread over all classes, which curbs its confidence.")
    beta_1: float = inherit(OnePlayer, "beta_1", default=0.9)
    ema_decay: float = inherit(Training, "ema_decay", help="Images are named by a running average of the weights, which is "
                               "steadier than the weights themselves. 0 turns it off; 0.99 averages over about 100 steps, "
                               "0.999 over 1,000.")


class CNN(GenerativeModel):
    Config = Config
    title = "CNN classifier"
    paper = "LeCun 1998, Gradient-Based Learning Applied to Document Recognition"
    link = "https://doi.org/10.1109/5.726791"
    summary = ("Names what an image shows: it makes nothing. What generated images are worth shows in what it learns from "
               "them.")
    story = ("Each convolution looks for small patterns everywhere in the image, and a pool keeps the strongest answers of "
             "each neighbourhood; the next convolution looks for patterns of these. The last layer gives each class a "
             "number, of which the softmax makes probabilities. It learns from images whose class is known, and is tested "
             "on others.")
    formula = (r"\min_\theta \; \mathbb{E}_{(x, y) \sim p_{data}}\big[-\log p_\theta(y \mid x)\big], \quad "
               r"p_\theta(y \mid x) = \frac{\exp f_y(x)}{\sum_k \exp f_k(x)}")
    strengths = ("Nearly every digit of MNIST within minutes", "One loss, no opponent, a score that everyone understands")
    weaknesses = ("Needs a label for each image", "Learns few images by heart",
                  "Surer than it is right, unless it is curbed")
    gives = ANSWERS
    needs_labels = True
    fewest_classes = 2
    averaged = ("classifier",)
    wiring = (("image", "classifier"), ("data", "classifier"))
    presets = {"Quick look": {"steps": 500}, "Full": {"steps": 8000, "schedule": "cosine", "schedule_steps": 8000}}

    def networks(self):
        c = self.config
        return {"classifier": naming.classifier(self.data.shape, self.data.n_classes, c.filters, c.blocks, c.width,
                                                batch_norm=c.batch_norm, dropout=c.dropout)}

    def inputs(self):
        return (Question(self.data.shape),)

    def players(self):
        return (Player("classifier", "c", ("classifier",), self.cross_entropy),)

    def cross_entropy(self, batch):
        """In nats an image, and the share of the batch that is named rightly."""
        images, smoothing = batch["real"], self.config.label_smoothing
        if self.config.shift:
            images = shifted(images, (self.config.shift,) * 2, self.random)
        logits = self.classifier(images, training=True)
        true = ops.one_hot(batch["label"], self.data.n_classes, dtype="float32")
        target = (1.0 - smoothing) * true + smoothing / self.data.n_classes
        nats = -ops.mean(ops.sum(target * ops.log_softmax(logits), axis=1))
        right = ops.equal(ops.argmax(logits, axis=1), ops.cast(batch["label"], "int32"))
        return nats, {"batch_accuracy": ops.mean(ops.cast(right, "float32"))}

    def averaging(self):
        """Shorter in the beginning: what is left of the first statistics of batch normalisation, a variance of 1, would
        drown the features of a network that has few steps behind it."""
        played = ops.cast(self.rounds, "float32")
        return ops.minimum(self.config.ema_decay, (1.0 + played) / (10.0 + played))

    def sample(self, inputs, training=False):
        """Class probabilities, (N, K)."""
        return ops.softmax(self.sampler("classifier")(ops.convert_to_tensor(inputs["image"]), training=training))

    def answered(self, real):
        return np.concatenate([ops.convert_to_numpy(self.sample({"image": floats(real[first:first + AT_ONCE])}))
                               for first in range(0, len(real), AT_ONCE)])

    def score(self, samples, batch):
        """The logit of the class that is named, (N, 1): what the saliency of an image is the slope of."""
        return ops.max(self.sampler("classifier")(samples, training=False), axis=1, keepdims=True)

    def given(self, name, samples, batch):
        return [ops.convert_to_tensor(samples)]
