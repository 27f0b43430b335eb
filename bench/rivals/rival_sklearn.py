"""scikit-learn's MLPClassifier by partial_fit. It has no dropout: the network goes without."""

import numpy as np
import sklearn
from sklearn.neural_network import MLPClassifier
from threadpoolctl import threadpool_limits

import common


class Sklearn:
    version = f"scikit-learn {sklearn.__version__}, without dropout"
    plain = "partial_fit"

    def __init__(self, network: common.Network, threads: int) -> None:
        self.network = network
        self.limits = threadpool_limits(threads)

    def modes(self, batch: int) -> dict[str, common.Mode]:
        steps = self.network.steps_a_call(batch)
        x, y = common.make_batches(batch, steps)
        x, y = x.reshape(-1, common.INPUTS), y.reshape(-1)
        classifier = MLPClassifier(
            hidden_layer_sizes=[layer.units for layer in self.network.hidden],
            batch_size=batch,
            alpha=0.0,
            shuffle=False,
        )
        classes = np.arange(common.CLASSES)

        def call() -> int:
            classifier.partial_fit(x, y, classes=classes)
            return steps

        return {"partial_fit": lambda seconds: common.time_calls(call, seconds)}

    def flushes(self) -> dict[str, bool]:
        return common.flushes(np.multiply)


common.serve(Sklearn)
