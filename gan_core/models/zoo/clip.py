"""CLIP: images and their captions in one space, by contrast (Radford 2021)."""

from dataclasses import dataclass

import numpy as np
from keras import ops

from gan_core.config.knobs import inherit, knob
from gan_core.data import CAPTIONS, floats
from gan_core.models.base import GenerativeModel, Player
from gan_core.models.inputs import Caption
from gan_core.models.networks import contrast
from gan_core.models.shared_knobs import Filters, OnePlayer

GALLERY = 100  # held-out images among which a caption finds the one it fits best
MEASURED = 1000  # held-out captions


@dataclass(frozen=True, kw_only=True)
class Config(Filters, OnePlayer):
    batch_size: int = inherit(OnePlayer, "batch_size", default=128,
                              help="Images and captions per update: each is told from all others of the batch.")
    beta_1: float = inherit(OnePlayer, "beta_1", default=0.9)
    filters: int = inherit(Filters, "filters", default=32, only=None,
                           help="Channels of the first convolution; the third has four times as many.")
    width: int = knob(64, low=4, high=512, tiny=8, help="Numbers of the vectors that images and captions become.")
    embedding: int = knob(32, low=2, high=256, tiny=4, label="Word embedding", help="Numbers that stand for a word.")
    hidden: int = knob(64, low=4, high=512, tiny=8, help="Units of the GRU that reads a caption.")
    changed: bool = knob(True, label="Random squares", group="Stability",
                         help="Each image is seen as a random square of it, with some noise and light: as pictures are "
                              "later that are looked for by words.")
    spoiled: bool = knob(True, label="Spoiled pictures", group="Objective",
                         help="Captions must also tell their image from as many that are mixed of two, square by square: "
                              "who has seen whole ones alone finds words in what is none.")


class CLIP(GenerativeModel):
    Config = Config
    title = "CLIP-lite"
    paper = "Radford 2021, Learning Transferable Visual Models From Natural Language Supervision"
    link = "https://arxiv.org/abs/2103.00020"
    builds_on = ("cnn",)
    summary = ("Says how well words fit a picture: it finds pictures by captions, and pictures of words are looked for by "
               "its verdict. "
               "Lite: convolutions and a GRU, learned on your captions alone.")
    story = ("One network makes a vector of an image, another one of a caption, and how sure they are to be is learned, "
             "too. Of all images and captions in a batch those that belong together are to point the same way, and all "
             "others not, where each image of a caption that comes several times is right. It makes no pictures: what it "
             "shows are held-out captions and, of some held-out images, the one it ranks first.")
    formula = (r"\min \; -\frac{1}{2N} \sum_i \left( \sum_j p_{ij} \log \frac{e^{t \, a_i \cdot b_j}}{\sum_k "
               r"e^{t \, a_i \cdot b_k}} + \sum_j p_{ij} "
               r"\log \frac{e^{t \, b_i \cdot a_j}}{\sum_k e^{t \, b_i \cdot a_k}} \right), \quad "
               r"p_{ij} \propto [c_i = c_j]")
    strengths = ("Minutes on a processor", "Finds what was never seen together, of parts that were",
                 "Judges pictures of a VQGAN by words")
    weaknesses = ("Knows no word but those of its captions", "Makes no pictures by itself",
                  "Two wordings of one thing are told apart in training")
    kinds = (CAPTIONS,)
    size_multiple = 8
    channels = (1, 3)
    chooses = True
    averaged, passes = ("image_encoder", "text_encoder"), {"image_encoder": GALLERY}
    wiring = (("data", "image_encoder"), ("caption", "text_encoder"), ("text_encoder", "scale"))
    not_a_graph = "It makes no pictures of its own, but ranks those that there are."
    presets = {"Quick look": {"steps": 600}, "Full": {"steps": 5000, "schedule": "cosine", "schedule_steps": 5000}}

    def networks(self):
        c, spec = self.config, self.data
        length, = dict(spec.beside)["caption"]
        self.gallery = self.looked_up("gallery", np.zeros((GALLERY, *spec.shape)))
        return {"image_encoder": contrast.image_encoder(spec.shape, c.filters, c.width),
                "text_encoder": contrast.text_encoder(length, len(spec.trait("words")), c.embedding, c.hidden, c.width),
                "scale": contrast.scale(c.width)}

    @classmethod
    def requirements(cls):
        return super().requirements() | {"judges_words": True}

    def inputs(self):
        return (Caption(dict(self.data.beside)["caption"]),)

    def prepare(self, dataset, seed):
        images = dataset.x if dataset.x_test is None else dataset.x_test
        rows = np.random.default_rng(seed).permutation(len(images))
        self.gallery.assign(floats(images[np.resize(rows, GALLERY)]))
        return ""

    def given(self, name, samples, batch):
        if name == "scale":
            return [self.sampler("image_encoder")(ops.convert_to_tensor(samples))]
        return super().given(name, samples, batch)

    def players(self):
        return (Player("encoders", "g", self.network_names, self.contrastive_loss),)

    def contrastive_loss(self, batch):
        """``(scalar, logs)``: cross-entropy of who belongs to whom, both ways (figure 3 of the paper), with every image of a
        caption as right as the others."""
        captions = ops.cast(batch["caption"], "int32")
        seen = self.image_encoder(self._seen_so(batch["real"]), training=True)
        read = self.text_encoder(captions, training=True)
        logits = ops.matmul(read, ops.transpose(self.scale(seen, training=True)))
        if self.config.spoiled:
            mixed = self.image_encoder(self._seen_so(contrast.spoiled(ops.cast(batch["real"], "float32"), self.random)),
                                       training=True)
            fooled = ops.matmul(read, ops.transpose(self.scale(mixed, training=True)))
        same = ops.cast(ops.all(captions[:, None] == captions[None], axis=-1), "float32")
        right = same / ops.sum(same, axis=1, keepdims=True)
        among = ops.concatenate([logits, fooled], axis=1) if self.config.spoiled else logits
        count = logits.shape[1]
        ways = [-ops.mean(ops.sum(right * ops.log_softmax(way, axis=1)[:, :count], axis=1))
                for way in (among, ops.transpose(logits))]
        first = ops.one_hot(ops.argmax(logits, axis=1), logits.shape[1], dtype="float32")
        return sum(ways) / 2.0, {"found_in_batch": ops.mean(ops.sum(first * same, axis=1)),
                                 "temperature": 1.0 / ops.exp(ops.convert_to_tensor(self.scale.layers[-1].log_scale))}

    def _seen_so(self, images):
        return contrast.cutouts(images, self.random) if self.config.changed else images

    # What is made of it

    def seen(self, images):
        """Vectors (N, width) of length 1 of images (N, H, W, C) in [-1, 1]."""
        return self.sampler("image_encoder")(images, training=False)

    def read(self, captions):
        """Vectors (N, width) of length 1 of captions, (N, length) of whole numbers."""
        return self.sampler("text_encoder")(ops.cast(captions, "int32"), training=False)

    def sample(self, inputs, training=False):
        """Of the gallery the image that fits each caption best."""
        gallery = ops.convert_to_tensor(self.gallery)
        words = len(self.data.trait("words"))
        captions = ops.clip(ops.cast(ops.convert_to_tensor(inputs["caption"]), "int32"), 0, words)
        likeness = ops.matmul(self.read(captions), ops.transpose(self.seen(gallery)))
        return ops.take(gallery, ops.argmax(likeness, axis=1), axis=0)

    def measured(self, dataset):
        """"retrieval" among held-out images, with the number of captions."""
        x, more = (dataset.x, dataset.more) if dataset.x_test is None else (dataset.x_test, dataset.more_test)
        captions = more["caption"][:MEASURED]

        def likeness(rows):
            return ops.matmul(self.read(floats(captions[rows])), ops.transpose(self.seen(floats(x[rows]))))

        return contrast.retrieval(likeness, captions)
