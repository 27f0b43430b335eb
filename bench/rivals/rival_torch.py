"""PyTorch with fused Adam: eager, and with forward and backward pass by torch.compile."""

import torch
from torch import nn

import common


def build_model(network: common.Network) -> nn.Sequential:
    layers: list[nn.Module] = []
    width = common.INPUTS
    for layer in network.hidden:
        layers += [nn.Linear(width, layer.units), nn.ReLU()]
        if layer.rate > 0:
            layers.append(nn.Dropout(layer.rate))
        width = layer.units
    return nn.Sequential(*layers, nn.Linear(width, common.CLASSES))


class Torch:
    version = f"PyTorch {torch.__version__}"
    plain = "eager"

    def __init__(self, network: common.Network, threads: int) -> None:
        self.network = network
        torch.set_num_threads(threads)

    def mode(self, batch: int, compiled: bool) -> common.Mode:
        steps = self.network.steps_a_call(batch)
        x, y = (torch.from_numpy(part) for part in common.make_batches(batch, steps))
        batches = list(zip(x, y.long()))
        model = build_model(self.network)
        optimizer = torch.optim.Adam(model.parameters(), fused=True)

        def loss_of(inputs: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
            return nn.functional.cross_entropy(model(inputs), labels)

        loss = torch.compile(loss_of, dynamic=False) if compiled else loss_of

        def call() -> int:
            for inputs, labels in batches:
                optimizer.zero_grad(set_to_none=True)
                loss(inputs, labels).backward()
                optimizer.step()
            return steps

        return lambda seconds: common.time_calls(call, seconds)

    def modes(self, batch: int) -> dict[str, common.Mode]:
        torch._dynamo.reset()
        return {"eager": self.mode(batch, False), "compile": self.mode(batch, True)}

    def flushes(self) -> dict[str, bool]:
        return common.flushes(lambda a, b: torch.mul(*map(torch.from_numpy, (a, b))).numpy())


common.serve(Torch)
