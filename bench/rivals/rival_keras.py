"""Keras 3 on TensorFlow: `fit` on batches that lie ready, many steps an execution."""

import time

import keras
import tensorflow as tf

import common
from tensorflow_model import build_model, limit_threads


class Clock(keras.callbacks.Callback):
    """Times whole executions, from the end of the first on; ends training when time is up."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds
        self.first: tuple[float, int] | None = None
        self.step_seconds = 0.0

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        now = time.perf_counter()
        if self.first is None:
            self.first = (now, batch)
            return
        passed = now - self.first[0]
        if passed >= self.seconds:
            self.step_seconds = passed / (batch - self.first[1])
            self.model.stop_training = True


class Keras:
    version = f"Keras {keras.__version__}, TensorFlow {tf.__version__}"

    def __init__(self, network: common.Network, threads: int) -> None:
        self.network = network
        limit_threads(threads)

    def mode(self, batch: int, jit: bool) -> common.Mode:
        steps = self.network.steps_a_call(batch)
        model = build_model(self.network)
        model.compile(
            optimizer=keras.optimizers.Adam(),
            loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            jit_compile=jit,
            steps_per_execution=min(steps, 32),
        )
        data = tf.data.Dataset.from_tensor_slices(common.make_batches(batch, steps))
        data = data.repeat().prefetch(tf.data.AUTOTUNE)

        def train(seconds: float) -> float:
            clock = Clock(seconds)
            model.fit(data, steps_per_epoch=10**7, epochs=1, verbose=0, callbacks=[clock])
            return clock.step_seconds

        return train

    def modes(self, batch: int) -> dict[str, common.Mode]:
        keras.backend.clear_session()
        return {"fit": self.mode(batch, False), "fit, XLA": self.mode(batch, True)}

    def flushes(self) -> dict[str, bool]:
        return common.flushes(lambda a, b: (tf.constant(a) * tf.constant(b)).numpy())


common.serve(Keras)
