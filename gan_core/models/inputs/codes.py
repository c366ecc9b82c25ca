"""Codes: numbers that come to mean something."""

from dataclasses import dataclass

from gan_core.models.inputs.base import Choice
from gan_core.models.inputs.uniform import Uniform


@dataclass(frozen=True)
class Codes(Uniform):
    """Independent numbers from -1 to 1, each of which comes to mean something by itself: (N, *shape)."""

    def choices(self):
        return tuple(Choice(f"continuous{number + 1}", self.name, self.low, 1.0, column=number,
                            help="A number to which the model has given a meaning by itself.")
                     for number in range(self.extent()))
