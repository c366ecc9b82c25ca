"""Points in the plane: (2,), drawn as a cloud over real ones."""

from gan_core.data import POINTS, DataSpec, array_files as files
from gan_core.modalities import arrays, drawing
from gan_core.modalities.base import COORDINATES, NUMBERS, PLAYED, Artifact, Loaded, Modality

LOOKED_AT = 2000  # points of a dataset


class Points(Modality):
    name = POINTS
    icon = ":material/scatter_plot:"
    words = ("point", "points")
    example, example_name = DataSpec(POINTS, (2,)), "points"
    grid = (20, 25)  # a cloud wants more points than a sheet has images
    shown = (500, 2000)
    overlays = True
    company = 256  # one point alone tells nothing of where it lies
    extractor = live_extractor = COORDINATES
    scores = frozenset({"kernel", "frechet", "precision", "recall", "density", "coverage", "vendi", "modes_captured",
                        "high_quality", "reverse_kl", "authenticity", "copy_test"})
    abilities = frozenset({NUMBERS, PLAYED})

    def draw(self, samples, spec, grid=None, beside=None):
        real = (beside or {}).get("real")
        over = ", in orange, over real points in grey" if real is not None else ""
        return Artifact(drawing.png(drawing.scatter(samples, real)), "image/png", f"{len(samples)} points{over}")

    def beside(self, dataset, n, held_out=False):
        return {"real": (dataset.x_test if held_out and dataset.x_test is not None else dataset.x)[:n]}

    def legend(self, spec):
        return "Orange: generated points. Grey: real ones."

    def look(self, dataset):
        return self.draw(dataset.x[:LOOKED_AT], dataset.spec)

    def portrait(self, samples, spec):
        return Artifact(drawing.png(drawing.scatter(samples[:1], samples, side=280)), "image/png",
                        "A point, in orange, among others")

    def axes(self, spec):
        return ("x", "y")

    def save(self, file, samples, spec, labels=None, beside=None, suffix=".npz"):
        arrays.write(file, samples, spec, labels)

    def load(self, path, spec):
        content = files.read(path)
        samples = arrays.vectors(content, spec, path)
        return Loaded(samples, arrays.labels_in(content, len(samples), path))
