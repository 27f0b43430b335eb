"""pytorch.py PROGRAM: exported safetensors in PyTorch, as docs/export.md says, against isobit predict.

Says that it is skipped where torch or safetensors is not there.
"""

import contextlib
import csv
import io
import os
import subprocess
import sys
import tempfile

try:
    import safetensors.torch
    import torch
except ImportError as error:
    print(f"SKIPPED PyTorch: {error}")
    sys.exit(0)

ROWS = 1000
TOLERANCE = 1e-6
EXPERIMENT = """
data: {source: images, scale: %s}
model:
  - flatten
  - dense: {units: 32, activation: relu}
  - dropout: {rate: 0.2}
  - dense: {units: 16, activation: tanh, use_bias: false}
  - dense: {units: 10}
compile: {optimizer: adam, loss: {sparse_categorical_crossentropy: {from_logits: true}}}
fit: {epochs: 1, batch_size: 64}
"""
ACTIVATIONS = {
    "linear": torch.nn.Identity,
    "relu": torch.nn.ReLU,
    "sigmoid": torch.nn.Sigmoid,
    "tanh": torch.nn.Tanh,
    "softmax": lambda: torch.nn.Softmax(1),
}


class Network(torch.nn.Module):
    """Takes the tensors of the file up by their names, all of them."""

    def __init__(self, path):
        super().__init__()
        tensors = safetensors.torch.load_file(path)
        with safetensors.safe_open(path, "pt") as file:
            metadata = file.metadata()
        self.scale = float(metadata["scale"])
        self.layers = torch.nn.ModuleList()
        self.activations = []
        for i, name in enumerate(metadata["activations"].split(",")):
            units, inputs = tensors[f"layers.{i}.weight"].shape
            self.layers.append(torch.nn.Linear(inputs, units, bias=f"layers.{i}.bias" in tensors))
            self.activations.append(ACTIVATIONS[name]())
        self.scaling = torch.nn.Module()
        if "scaling.offset" in tensors:
            self.scaling.register_buffer("offset", torch.empty_like(tensors["scaling.offset"]))
            self.scaling.register_buffer("divisor", torch.empty_like(tensors["scaling.divisor"]))
        self.load_state_dict(tensors)

    def forward(self, x):
        x = x.flatten(1) / self.scale
        if hasattr(self.scaling, "offset"):
            x = (x - self.scaling.offset) / self.scaling.divisor
        for layer, activation in zip(self.layers, self.activations):
            x = activation(layer(x))
        return x


def isobit(*arguments):
    done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"FAILED: isobit {' '.join(arguments)}: status {done.returncode}: {done.stderr}")
    return done.stdout


def write_images(directory, rows):
    """Noise, as IDX files."""
    os.mkdir(directory)
    torch.manual_seed(5)
    images = torch.randint(0, 256, (rows, 28, 28), dtype=torch.uint8)
    header = bytes([0, 0, 8, 3]) + b"".join(n.to_bytes(4, "big") for n in images.shape)
    with open(f"{directory}/train-images-idx3-ubyte", "wb") as file:
        file.write(header + images.numpy().tobytes())
    with open(f"{directory}/train-labels-idx1-ubyte", "wb") as file:
        file.write(bytes([0, 0, 8, 1]) + rows.to_bytes(4, "big") + bytes(i % 10 for i in range(rows)))
    return images


def check(scale, images):
    with open("net.yaml", "w") as file:
        file.write(EXPERIMENT % scale)
    isobit("train", "net.yaml", "-q", "--run", scale)
    isobit("export", scale, "--to", f"{scale}.safetensors")
    lines = list(csv.reader(io.StringIO(isobit("predict", scale, "--data", "images"))))[1:]
    expected = torch.tensor([[float(cell) for cell in line[2:]] for line in lines], dtype=torch.float64)
    with torch.no_grad():
        found = Network(f"{scale}.safetensors")(images.float())
    difference = (expected - found.double()).abs().max().item()
    if found.shape != expected.shape or not difference <= TOLERANCE:
        sys.exit(f"FAILED: {scale}.safetensors: differs by {difference} from isobit predict")
    print(f"{scale}.safetensors in PyTorch {torch.__version__}: largest difference {difference:.1e}")


PROGRAM = os.path.abspath(sys.argv[1])
with tempfile.TemporaryDirectory() as place, contextlib.chdir(place):
    pictures = write_images("images", ROWS)
    for kind in ["255", "standardize", "minmax"]:
        check(kind, pictures)
