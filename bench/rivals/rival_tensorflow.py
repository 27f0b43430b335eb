"""TensorFlow: a loop of training steps in one tf.function, over data that lies in a tensor."""

import keras
import tensorflow as tf

import common
from tensorflow_model import build_model, limit_threads


class TensorFlow:
    version = f"TensorFlow {tf.__version__}"
    plain = "loop"

    def __init__(self, network: common.Network, threads: int) -> None:
        self.network = network
        limit_threads(threads)

    def mode(self, batch: int, jit: bool) -> common.Mode:
        steps = self.network.steps_a_call(batch)
        model = build_model(self.network)
        optimizer = keras.optimizers.Adam()
        optimizer.build(model.trainable_variables)
        inputs, labels = (tf.constant(part) for part in common.make_batches(batch, steps))

        @tf.function(jit_compile=jit)
        def train_steps(x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
            loss = tf.constant(0.0)
            for i in tf.range(steps):
                with tf.GradientTape() as tape:
                    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
                        y[i], model(x[i], training=True)
                    )
                    loss = tf.reduce_mean(losses)
                gradients = tape.gradient(loss, model.trainable_variables)
                optimizer.apply(gradients, model.trainable_variables)
            return loss

        def call() -> int:
            train_steps(inputs, labels).numpy()
            return steps

        return lambda seconds: common.time_calls(call, seconds)

    def modes(self, batch: int) -> dict[str, common.Mode]:
        keras.backend.clear_session()
        return {"loop": self.mode(batch, False), "loop, XLA": self.mode(batch, True)}

    def flushes(self) -> dict[str, bool]:
        return common.flushes(lambda a, b: (tf.constant(a) * tf.constant(b)).numpy())


common.serve(TensorFlow)
