"""Keras: a functional model of Keras's own layers and operations, which any Keras 3 loads, on any backend, without this
project."""

import os
import tempfile

import numpy as np

from gan_core.sharing.formats.base import Format, drawn_in_code


class Keras(Format):
    name, title, suffix, library = "keras", "Keras: a model of its own layers, for any Keras 3", ".keras", "keras"
    order = 20

    def written(self, model, told):
        from gan_core.models.sampling.functional import functional

        made = functional(model)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, f"model{self.suffix}")
            made.save(path)
            with open(path, "rb") as file:
                return file.read()

    def read(self, content):
        from gan_core.models.sampling.functional import load

        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, f"model{self.suffix}")
            with open(path, "wb") as file:
                file.write(content)
            made = load(path)
        known = {there.name for there in made.inputs}
        return lambda given: np.asarray(made({name: values for name, values in given.items() if name in known}))

    def how(self, file, model):
        return "\n".join(["import keras", "import numpy as np", "", *drawn_in_code(model),
                          f"model = keras.saving.load_model({file!r}, compile=False)",
                          "known = {there.name for there in model.inputs}",
                          "samples = np.asarray(model({name: given[name] for name in known}))"])
