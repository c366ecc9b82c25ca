"""Gradients that Keras does not offer on every backend: with respect to inputs, and to weights that may stand elsewhere."""

import contextlib

import keras
from keras import ops


@contextlib.contextmanager
def standing_in(variables, values):
    """Within it, ``variables`` have these values, tensors through which gradients pass; the variables stay as they are.

    What moves when networks are called within it (moving statistics, random state) is forgotten at its end.
    """
    with keras.StatelessScope(list(zip(variables, values))) as scope:
        if scope.original_scope is not None:  # JAX: a nested scope does not know what the outer one holds
            scope.state_mapping = scope.original_scope.state_mapping | scope.state_mapping
        yield


if keras.backend.backend() == "jax":
    import jax

    def input_gradient(function, x):
        """d sum(function(x)) / dx, of the shape of ``x``; can itself be differentiated.

        Each sample's output must depend on that sample alone, or the sum mixes them: no batch normalisation.
        """
        def total(x):
            # JAX traces this function apart from the step around it, whose StatelessScope holds the variables'
            # values.
            with standing_in((), ()):
                return ops.sum(function(x))

        return jax.grad(total)(ops.convert_to_tensor(x))

    def valued_gradient(function, x):
        """``(function(x), d sum(function(x)) / dx)``, neither of which is differentiated any further."""
        def total(x):
            with standing_in((), ()):
                values = function(x)
            return ops.sum(values), values

        gradient, values = jax.grad(total, has_aux=True)(ops.stop_gradient(ops.convert_to_tensor(x)))
        return ops.stop_gradient(values), ops.stop_gradient(gradient)

    def gradients(function, values):
        """d sum(function(values)) / d each of ``values``, a list of tensors."""
        def total(values):
            with standing_in((), ()):
                return ops.sum(function(values))

        return jax.grad(total)([ops.convert_to_tensor(value) for value in values])

    def compiled(function):
        """The same function of arrays, or lists of them, made faster; it must depend on nothing else that changes."""
        return jax.jit(function)

    def gradients_at(loss, variables, values):
        """d loss() / d ``variables`` where these have ``values``, a list of tensors; can itself be differentiated,
        with respect to ``values`` and to all that ``loss`` makes use of.  ``loss`` returns a scalar."""
        def there(values):
            with standing_in(variables, values):
                return loss()

        return jax.grad(there)([ops.convert_to_tensor(value) for value in values])

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

    def valued_gradient(function, x):
        """``(function(x), d sum(function(x)) / dx)``, neither of which is differentiated any further."""
        x = tf.stop_gradient(ops.convert_to_tensor(x))
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(x)
            values = function(x)
            y = ops.sum(values)
        return tf.stop_gradient(values), tf.stop_gradient(tape.gradient(y, x))

    def gradients(function, values):
        """d sum(function(values)) / d each of ``values``, a list of tensors."""
        values = [tf.convert_to_tensor(value) for value in values]
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(values)
            y = ops.sum(function(values))
        return tape.gradient(y, values, unconnected_gradients=tf.UnconnectedGradients.ZERO)

    def compiled(function):
        """The same function of arrays, or lists of them, made faster; it must depend on nothing else that changes."""
        return tf.function(function, reduce_retracing=True)

    def gradients_at(loss, variables, values):
        """d loss() / d ``variables`` where these have ``values``, a list of tensors; can itself be differentiated,
        with respect to ``values`` and to all that ``loss`` makes use of.  ``loss`` returns a scalar."""
        values = [tf.identity(value) for value in values]
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(values)
            with standing_in(variables, values):
                y = loss()
        return tape.gradient(y, values, unconnected_gradients=tf.UnconnectedGradients.ZERO)
