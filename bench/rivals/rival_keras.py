"""Keras 3 on TensorFlow: `fit` on batches that lie ready, many steps an execution; and on arrays."""

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
        self.before = 0  # steps of earlier epochs
        self.done = 0
        self.step_seconds = 0.0

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        self.before = self.done

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        now = time.perf_counter()
        self.done = self.before + batch + 1
        if self.first is None:
            self.first = (now, self.done)
            return
        passed = now - self.first[0]
        if passed >= self.seconds:
            self.step_seconds = passed / (self.done - self.first[1])
            self.model.stop_training = True


class Keras:
    version = f"Keras {keras.__version__}, TensorFlow {tf.__version__}"
    plain = "fit, arrays"

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

    def arrays(self, batch: int) -> common.Mode:
        """As tutorials have it: arrays, a batch size and a metric, whatever else is default."""
        model = build_model(self.network)
        model.compile(
            optimizer="adam",
            loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            metrics=["accuracy"],
        )
        x, y = common.make_batches(common.ROWS, 1)

        def train(seconds: float) -> float:
            clock = Clock(seconds)
            model.fit(x[0], y[0], batch_size=batch, epochs=10**7, verbose=0, callbacks=[clock])
            return clock.step_seconds

        return train

    def modes(self, batch: int) -> dict[str, common.Mode]:
        keras.backend.clear_session()
        return {
            "fit": self.mode(batch, False),
            "fit, XLA": self.mode(batch, True),
            self.plain: self.arrays(batch),
        }

    def flushes(self) -> dict[str, bool]:
        return common.flushes(lambda a, b: (tf.constant(a) * tf.constant(b)).numpy())


common.serve(Keras)
