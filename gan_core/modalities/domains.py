"""Two domains of images, of one size: samples are of the second, sources of the first, and none belongs to another."""

from gan_core.data import DOMAINS, DataSpec, floats
from gan_core.errors import BadInput
from gan_core.modalities.base import RANDOM, Headline
from gan_core.modalities.images import some_rows
from gan_core.modalities.pairs import COLUMNS, Pairs


class Domains(Pairs):
    name = DOMAINS
    icon = ":material/swap_horiz:"
    words, counted = ("image of another domain", "two domains of images"), "images"
    example, example_name = DataSpec(DOMAINS, (32, 32, 3), beside=(("source", (32, 32, 3)),)), "two domains of images"
    extractor = live_extractor = RANDOM
    scores = frozenset({"kernel", "frechet", "precision", "recall", "density", "coverage", "vendi", "authenticity",
                        "copy_test",
                        "l1", "psnr", "ssim", "perceptual"})
    headline = Headline("kernel", "kernel distance to the second domain")

    def refusal(self, requirements, spec):
        if dict(spec.beside).get("source") != tuple(spec.shape):
            return f"{requirements['title']} needs images of one size in both domains; import them together."
        return super().refusal(requirements, spec)

    def batch(self, dataset, rows):
        if "source" not in dataset.more:
            raise BadInput(f"The dataset {dataset.name} has one domain alone; give two.")
        return super().batch(dataset, rows)

    def beside(self, dataset, n, held_out=False):
        return {}  # what is made of a source is no image of the other domain

    def legend(self, spec):
        return "Rows in turn: pictures of the first domain, what was made of them for the second."

    def facts(self, dataset):
        return {"domains": list(dataset.domain_names)} if dataset.domain_names else {}

    def look(self, dataset):
        rows, of_source = (some_rows(len(images))[:2 * COLUMNS] for images in (dataset.x, dataset.more["source"]))
        rows, of_source = (places[:min(len(rows), len(of_source))] for places in (rows, of_source))
        return self.draw(floats(dataset.x[rows]), dataset.spec, beside={"source": floats(dataset.more["source"][of_source])})
