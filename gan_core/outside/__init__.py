"""Runs that other programs make: a recorder for their scripts, and readers of what they have written.  No Keras.

::

    from gan_core.outside import Recorder

    with Recorder("my gan", knobs={"rate": 2e-4}) as run:
        run.log(step, g_loss=g_loss, d_loss=d_loss, samples=images)
"""

from gan_core.outside.recorder import Recorder

__all__ = ["Recorder"]
