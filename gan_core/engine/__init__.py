"""One training step per backend; everything else is shared.

``Step`` is a mixin for :class:`gan_core.models.base.GenerativeModel`.  It plays one round of the game: every player, in
turn, makes its updates on fresh slices of the batch, then the averaged networks follow.
"""

import keras

BACKEND = keras.backend.backend()

if BACKEND == "tensorflow":
    from gan_core.engine.tensorflow import Step, configure, feed, sync
elif BACKEND == "jax":
    from gan_core.engine.jax import Step, configure, feed, sync
else:
    raise ImportError(f"Training needs KERAS_BACKEND=tensorflow or jax, not {BACKEND!r}; set it and start again.")

# Whoever imports Keras before us, in a notebook, has given it their own settings.
keras.config.set_floatx("float32")
keras.config.set_epsilon(1e-7)
keras.config.set_image_data_format("channels_last")

__all__ = ["BACKEND", "Step", "configure", "feed", "sync"]
