"""The training step on JAX: the same stateful losses, made pure by ``keras.StatelessScope``."""

import jax
import keras
from jax import numpy as jnp
from keras import ops

jax.config.update("jax_enable_x64", False)  # $JAX_ENABLE_X64 would make some numbers others


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
        batch, logs, begun = data[0], {}, {}

        def scope(changes=()):
            values = now | dict(changes)
            return keras.StatelessScope([(v, values[id(v)]) for v in everything])

        def moves(player, inside):
            """State that moved with what was called: statistics and random state, those of other players excepted."""
            untouched = {id(v) for v in self.bystanders_of(player)}
            return {id(v): value for v in self.non_trainable_variables
                    if id(v) not in untouched and (value := inside.get_current_value(v)) is not None}

        def at(player, theta):
            """A scope in which the player's variables have the values ``theta``."""
            return scope((id(v), value) for v, value in zip(self.variables_of(player), theta))

        for player in self.players():
            variables, optimizer = self.variables_of(player), self.optimizer_of(player)
            for update in range(player.updates):
                mine, back = self.slice_of(batch, update), None
                if maker := self.maker_for(player, update):
                    def make(theta):
                        with at(maker, theta) as inside:
                            made, drawn = maker.makes(mine)
                        return made, (drawn, moves(maker, inside))

                    made, back_to_maker, (drawn, moved) = jax.vjp(make, [now[id(v)] for v in self.variables_of(maker)],
                                                                  has_aux=True)
                    now |= moved
                    mine = mine | drawn | {"made": made}
                    begun[maker.name] = back_to_maker, mine
                elif update == 0 and player.name in begun:
                    back, mine = begun[player.name]

                def objective(theta, made):
                    with at(player, theta) as inside:
                        loss, details = player.loss(mine if made is None else mine | {"made": made})
                    return loss, (details, moves(player, inside))

                theta = [now[id(v)] for v in variables]
                made = mine["made"] if back else None
                (loss, (details, moved)), (gradients, at_made) = jax.value_and_grad(
                    objective, argnums=(0, 1), has_aux=True)(theta, made)
                if back:
                    gradients = [g + more for g, more in zip(gradients, back(at_made)[0])]
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
        now |= {id(v): value for v in (*self.trainable_variables, *self.non_trainable_variables)
                if (value := inside.get_current_value(v)) is not None}
        logs = {name: ops.cast(value, "float32") for name, value in logs.items()}
        return logs, tuple([now[id(v)] for v in group] for group in groups)
