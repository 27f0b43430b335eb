"""JAX: one compiled step, and a compiled scan over many steps."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import common

Tree = Any  # of arrays

RATE, BETA_1, BETA_2, EPSILON = 1e-3, 0.9, 0.999, 1e-7


def first_state(network: common.Network) -> Tree:
    """Weights, the two moments of Adam, the step and the key of the dropouts."""
    generator = np.random.default_rng(1)
    weights = []
    widths = network.widths()
    for inputs, units in zip(widths, widths[1:]):
        limit = (6 / (inputs + units)) ** 0.5
        kernel = generator.uniform(-limit, limit, (inputs, units)).astype(np.float32)
        weights.append((jnp.asarray(kernel), jnp.zeros(units)))
    zeros = jax.tree.map(jnp.zeros_like, weights)
    again = jax.tree.map(jnp.zeros_like, weights)
    return weights, zeros, again, jnp.zeros((), jnp.int32), jax.random.key(1)


class Jax:
    version = f"JAX {jax.__version__}"
    plain = "step"

    def __init__(self, network: common.Network, threads: int) -> None:
        self.network = network
        # Much quicker on CPUs than the default generator.
        jax.config.update("jax_default_prng_impl", "unsafe_rbg")

    def loss(self, weights: Tree, x: jax.Array, y: jax.Array, key: jax.Array) -> jax.Array:
        for (kernel, bias), layer in zip(weights, self.network.hidden):
            x = jax.nn.relu(x @ kernel + bias)
            if layer.rate > 0:
                key, own = jax.random.split(key)
                kept = jax.random.bernoulli(own, 1 - layer.rate, x.shape)
                x = jnp.where(kept, x / (1 - layer.rate), 0.0)
        kernel, bias = weights[-1]
        scores = jax.nn.log_softmax(x @ kernel + bias)
        return -jnp.take_along_axis(scores, y[:, None], axis=1).mean()

    def step(self, state: Tree, x: jax.Array, y: jax.Array) -> Tree:
        weights, m, v, t, key = state
        key, own = jax.random.split(key)
        gradient = jax.grad(self.loss)(weights, x, y, own)
        t = t + 1
        alpha = RATE * jnp.sqrt(1 - BETA_2**t) / (1 - BETA_1**t)
        m = jax.tree.map(lambda m, g: m + (g - m) * (1 - BETA_1), m, gradient)
        v = jax.tree.map(lambda v, g: v + (g * g - v) * (1 - BETA_2), v, gradient)
        weights = jax.tree.map(
            lambda w, m, v: w - alpha * m / (jnp.sqrt(v) + EPSILON), weights, m, v
        )
        return weights, m, v, t, key

    def modes(self, batch: int) -> dict[str, common.Mode]:
        steps = self.network.steps_a_call(batch)
        x, y = (jnp.asarray(part) for part in common.make_batches(batch, steps))
        batches = list(zip(x, y))
        one = jax.jit(self.step, donate_argnums=0)

        def scan(state: Tree, x: jax.Array, y: jax.Array) -> Tree:
            return jax.lax.scan(lambda s, b: (self.step(s, *b), None), state, (x, y))[0]

        many = jax.jit(scan, donate_argnums=0)
        states = {"step": first_state(self.network), "scan": first_state(self.network)}

        def call_step() -> int:
            state = states["step"]
            for inputs, labels in batches:
                state = one(state, inputs, labels)
            states["step"] = jax.block_until_ready(state)
            return steps

        def call_scan() -> int:
            states["scan"] = jax.block_until_ready(many(states["scan"], x, y))
            return steps

        return {
            "step": lambda seconds: common.time_calls(call_step, seconds),
            "scan": lambda seconds: common.time_calls(call_scan, seconds),
        }

    def flushes(self) -> dict[str, bool]:
        return common.flushes(lambda a, b: np.asarray(jax.jit(jnp.multiply)(a, b)))


common.serve(Jax)
