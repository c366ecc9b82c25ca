"""Which sample is looked at, as knobs: what the tasks that look inside networks have in common."""

from dataclasses import dataclass

from gan_core.config.knobs import Config, knob


@dataclass(frozen=True, kw_only=True)
class Subject(Config):
    """A sample: its place on the run's sheets, or in the training data if it is ``real``; and the class to draw."""

    place: int = knob(0, low=0, high=10**9, group="Sample",
                      help="Counted from 0 along the rows of the sheets of samples, or in the training data.")
    real: bool = knob(False, group="Sample", help="From the training data.")
    label: int = knob(-1, low=-1, high=10**6, group="Sample", label="Class", help="Number of the class. -1: the sheet's.")

    def of(self, context):
        """The sample in its company, see :func:`gan_core.tasks.inspection.subject`."""
        from gan_core.tasks import inspection

        return inspection.subject(context.model(), self.place, label=None if self.label < 0 else self.label,
                                  real=context.dataset() if self.real else None, data=context.data_of_inputs())
