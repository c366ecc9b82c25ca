"""The training step on JAX: the same stateful losses, made pure by ``keras.StatelessScope``."""

import jax
import keras
from jax import numpy as jnp
from keras import ops


def configure(deterministic=False):
    """Prepare the devices.  Returns "gpu" or "cpu".  JAX on a CPU is deterministic as it is."""
    platform = jax.default_backend()
    return "gpu" if platform in ("gpu", "cuda", "rocm", "tpu") else "cpu"


def feed(batches, signature):
    """What ``fit`` takes: a generator of ``(batch,)`` tuples of NumPy arrays."""
    return ((batch,) for batch in batches)


def sync(model):
    """Make the model's variables hold the state of training, which ``fit`` keeps apart from them."""
    model.jax_state_sync()


class Step:
    def train_step(self, state, data):
        """One round of the game on ``data = (batch,)``.  Returns ``(logs, new state)``."""
        groups = (self.trainable_variables, self.non_trainable_variables,
                  self.optimizer.variables, self.metrics_variables)
        everything = [v for group in groups for v in group]
        now = {id(v): value for group, values in zip(groups, state) for v, value in zip(group, values)}
        batch, logs = data[0], {}

        def scope(changes=()):
            values = now | dict(changes)
            return keras.StatelessScope([(v, values[id(v)]) for v in everything])

        for player in self.players():
            variables, optimizer = self.variables_of(player), self.optimizer_of(player)
            untouched = {id(v) for v in self.bystanders_of(player)}
            for update in range(player.updates):
                mine = self.slice_of(batch, update)

                def objective(theta):
                    with scope((id(v), value) for v, value in zip(variables, theta)) as inside:
                        loss, details = player.loss(mine)
                    # Moving statistics and random state move with the loss, those of other players excepted.
                    moved = {id(v): inside.get_current_value(v) for v in self.non_trainable_variables
                             if id(v) not in untouched and inside.get_current_value(v) is not None}
                    return loss, (details, moved)

                theta = [now[id(v)] for v in variables]
                (loss, (details, moved)), gradients = jax.value_and_grad(objective, has_aux=True)(theta)
                slots = [now[id(v)] for v in optimizer.variables]
                theta, slots = optimizer.stateless_apply(slots, gradients, theta)
                now |= moved
                now |= {id(v): value for v, value in zip(variables, theta)}
                now |= {id(v): value for v, value in zip(optimizer.variables, slots)}
            norm = jnp.sqrt(sum(jnp.sum(jnp.square(g)) for g in gradients))
            with scope():
                rate = ops.convert_to_tensor(optimizer.learning_rate)
            logs |= self.logs_of(player, loss, details, norm, rate)
        with scope() as inside:
            self.end_round()
        now |= {id(v): value for v in self.non_trainable_variables
                if (value := inside.get_current_value(v)) is not None}
        logs = {name: ops.cast(value, "float32") for name, value in logs.items()}
        return logs, tuple([now[id(v)] for v in group] for group in groups)
