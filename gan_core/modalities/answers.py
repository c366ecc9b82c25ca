"""Answers: how probable a model holds each class for what it was shown, (K,) of K classes; drawn below what it was shown."""

import csv
import io

import numpy as np

from gan_core.data import ANSWERS, DataSpec, array_files as files, csv_table
from gan_core.errors import BadInput
from gan_core.modalities import arrays, drawing
from gan_core.modalities.base import COORDINATES, HIGHER, RIGHT, Artifact, Headline, Loaded, Modality

TRUE, NAMED = "true class", "named"  # columns of a table, before those of the classes


class Answers(Modality):
    """Beside answers lie "image" (N, H, W, C), what each is about, and "label" (N,), the true class, where they are
    known."""

    name = ANSWERS
    icon = ":material/label:"
    words = ("answer", "answers")
    example, example_name = DataSpec(ANSWERS, (10,), tuple("0123456789")), "answers about MNIST"
    grid = (6, 4)
    shown = (24, 96)
    chosen_from = 1000
    company = 1
    suffixes = (".npz", ".csv")
    extractor = live_extractor = COORDINATES
    scores = frozenset({"accuracy", "balanced_accuracy", "log_loss", "ece"})
    headline = Headline("accuracy", "accuracy", HIGHER)
    abilities = frozenset({RIGHT})

    def of(self, data):
        return DataSpec(self.name, (data.n_classes,), data.classes)

    def draw(self, samples, spec, grid=None, beside=None):
        """The most wrong first, by how probable the true class was held; of a ``grid`` that is smaller, those alone."""
        beside, samples = beside or {}, np.asarray(samples)
        images, labels = beside.get("image"), beside.get("label")
        rows, columns = grid or drawing.grid_for(len(samples), self.grid[1])
        order = np.arange(len(samples)) if labels is None else np.argsort(
            np.nan_to_num(samples[np.arange(len(samples)), labels]), kind="stable")
        order = order[:rows * columns]
        captions = [self._caption(samples[place], spec, None if labels is None else labels[place]) for place in order]
        picture = drawing.captioned(None if images is None else images[order], captions, (rows, columns))
        wrong = "" if labels is None else f", {sum(len(lines) > 1 for lines in captions)} of them wrong, most wrong first"
        return Artifact(drawing.png(picture), "image/png", f"{len(order)} {self.words[len(order) != 1]}{wrong}")

    @staticmethod
    def _caption(answer, spec, label):
        """Lines of a caption, as :func:`drawing.captioned` takes them: a second one where the answer is wrong."""
        named = int(np.nan_to_num(answer).argmax())
        said = f"{np.nan_to_num(answer[named]):.0%}"
        if label is None or named == label:
            return [(_written(spec, named), said, drawing.GREY)]
        return [(_written(spec, named), said, drawing.ORANGE), (f"is {_written(spec, label)}", "", drawing.GREY)]

    def legend(self, spec):
        return ("Below each image what it is named and how sure of it the model is; in orange where that is wrong, with the "
                "true class below.")

    def look(self, dataset):
        return self.draw(dataset.x[:np.prod(self.grid)], dataset.spec)

    def portrait(self, samples, spec):
        return Artifact(drawing.png(drawing.captioned(None, [self._caption(samples[0], spec, None)], (1, 1))), "image/png",
                        "An answer")

    def axes(self, spec):
        return spec.classes

    def save(self, file, samples, spec, labels=None, beside=None, suffix=".npz"):
        labels = labels if labels is not None else (beside or {}).get("label")
        if suffix == ".npz":
            return arrays.write(file, samples, spec, labels, kind=self.name)
        written = io.StringIO()
        table = csv.writer(written, lineterminator="\n")
        table.writerow([TRUE, NAMED, *spec.classes])
        for place, answer in enumerate(samples):
            true = "" if labels is None else spec.classes[labels[place]]
            table.writerow([true, spec.classes[int(answer.argmax())], *(format(float(share), ".9g") for share in answer)])
        file.write(written.getvalue().encode())

    def load(self, path, spec):
        if str(path).lower().endswith(".csv"):
            return self._of_table(path, spec)
        content = files.read(path)
        samples = arrays.vectors(content, spec, path)
        return Loaded(samples, arrays.labels_in(content, len(samples), path))

    def _of_table(self, path, spec):
        wrong = BadInput(f"{path} is no table of answers about these classes: its columns must be {TRUE}, {NAMED}, "
                         f"{', '.join(spec.classes)}.")
        with open(path, "rb") as file:
            head, *rows = list(csv.reader(io.StringIO(csv_table.decoded(file.read(), path)))) or [[]]
        if tuple(head) != (TRUE, NAMED, *spec.classes):
            raise wrong
        try:
            samples = np.array([[float(share) for share in row[2:]] for row in rows], np.float32).reshape(-1, *spec.shape)
            labels = [spec.classes.index(row[0]) for row in rows] if all(row[0] for row in rows) else None
        except (ValueError, IndexError):
            raise wrong from None
        return Loaded(samples, None if labels is None else np.array(labels, np.int32))


def _written(spec, place):
    """The name of a class as a picture can have it, or its place among them."""
    return drawing.writable(spec.classes[place]) or f"#{place}"
