"""The training step on TensorFlow, compiled to a graph by ``keras.Model.fit``."""

import tensorflow as tf
from keras import ops
from tensorflow.python import pywrap_tfe
from tensorflow.python.eager import backprop


def _summed(gradients):
    """The sum of what a tensor's gradient gets from each of its uses, term by term.

    TensorFlow's own sum of three terms and more begins with whichever of them is needed by nobody else by then, to save
    memory: the order, and with it the last bits, would depend on which thread was faster, and a resumed run would differ.
    """
    if len(gradients) < 3 or not all(tf.is_tensor(term) and not isinstance(term, tf.IndexedSlices) for term in gradients):
        return backprop._aggregate_grads(gradients)
    total = gradients[0]
    for term in gradients[1:]:
        total = tf.add(total, term)
    return total


pywrap_tfe.TFE_Py_RegisterVSpace(backprop._default_vspace._replace(aggregate_fn=_summed))


def configure(deterministic=False):
    """Prepare the devices; call it before the first operation.  Returns "gpu" or "cpu".

    GPU memory grows as needed, so that a second run or a notebook can share the card.
    """
    gpus = tf.config.list_physical_devices("GPU")
    for gpu in gpus:
        try:
            tf.config.experimental.set_memory_growth(gpu, True)
        except RuntimeError:  # the device is in use already, in a notebook or a test session
            break
    if deterministic:
        tf.config.experimental.enable_op_determinism()
        # This pass puts the terms of a sum into the order of their names, which count up with all that the process
        # has built before: a resumed run would add in another order and differ in the last bits.
        tf.config.optimizer.set_experimental_options({"arithmetic_optimization": False})
    return "gpu" if gpus else "cpu"


def feed(batches, signature):
    """What ``fit`` takes: the NumPy batches as a dataset of static shapes, prepared ahead of the step.

    Args:
        batches: iterator of dicts of arrays.
        signature: one such dict; every batch has its shapes and dtypes.
    """
    spec = {name: tf.TensorSpec(value.shape, value.dtype) for name, value in signature.items()}
    dataset = tf.data.Dataset.from_generator(lambda: batches, output_signature=spec)
    options = tf.data.Options()
    # There is nothing to tune, and the iterator's end waits for the tuner's thread, which sleeps ever longer between its
    # looks: runs that were over were seen to wait for it.
    options.autotune.enabled = False
    return dataset.map(lambda batch: (batch,)).prefetch(2).with_options(options)


def sync(model):
    """Make the model's variables hold the state of training; on TensorFlow they always do."""


class Step:
    def train_step(self, data):
        """One round of the game on ``data = (batch,)``.  Returns the logs, scalars by name."""
        batch, logs, begun = data[0], {}, {}
        replicas = self.distribute_strategy.num_replicas_in_sync
        for player in self.players():
            variables, optimizer = self.variables_of(player), self.optimizer_of(player)
            for update in range(player.updates):
                tape, mine = _tape(variables), self.slice_of(batch, update)
                if maker := self.maker_for(player, update):
                    recorded = _tape(self.variables_of(maker))
                    with recorded:
                        made, drawn = maker.makes(mine)
                    mine = mine | drawn | {"made": made}
                    begun[maker.name] = recorded, mine
                elif update == 0 and player.name in begun:
                    tape, mine = begun[player.name]
                bystanders = self.bystanders_of(player)
                before = [tf.identity(v.value) for v in bystanders]
                with tape:
                    loss, details = player.loss(mine)
                    scaled = loss / replicas
                # A network that grows has parts that do nothing yet: their gradient is 0.
                gradients = tape.gradient(scaled, [v.value for v in variables],
                                          unconnected_gradients=tf.UnconnectedGradients.ZERO)
                optimizer.apply(gradients, variables)
                for variable, value in zip(bystanders, before):
                    variable.assign(value)
            logs |= self.logs_of(player, loss, details, tf.linalg.global_norm(gradients), optimizer.learning_rate)
        self.end_round()
        return {name: ops.cast(value, "float32") for name, value in logs.items()}


def _tape(variables):
    """A tape that watches a player's own variables only: no time goes into the others' gradients."""
    tape = tf.GradientTape(watch_accessed_variables=False)
    with tape:
        tape.watch([v.value for v in variables])
    return tape
