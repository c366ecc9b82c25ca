"""Gradients with respect to inputs, the one thing that Keras does not offer on every backend."""

import keras
from keras import ops

if keras.backend.backend() == "jax":
    import jax

    def input_gradient(function, x):
        """d sum(function(x)) / dx, of the shape of ``x``; can itself be differentiated.

        Each sample's output must depend on that sample alone, or the sum mixes them: no batch normalisation.
        """
        def total(x):
            # JAX traces this function apart from the step around it, whose StatelessScope holds the variables'
            # values.  A nested scope forgets them unless it is told.
            with keras.StatelessScope() as scope:
                if scope.original_scope is not None:
                    scope.state_mapping.update(scope.original_scope.state_mapping)
                return ops.sum(function(x))

        return jax.grad(total)(ops.convert_to_tensor(x))

else:
    import tensorflow as tf

    def input_gradient(function, x):
        """d sum(function(x)) / dx, of the shape of ``x``; can itself be differentiated.

        Each sample's output must depend on that sample alone, or the sum mixes them: no batch normalisation.
        """
        x = ops.convert_to_tensor(x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = ops.sum(function(x))
        return tape.gradient(y, x)
