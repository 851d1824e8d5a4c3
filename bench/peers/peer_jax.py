"""JAX: one jitted step called for each batch, and `lax.scan` over the whole epoch; data stays bytes.

    python peer_jax.py --cells exp01:128 --threads 2
"""

import os

import measure

options = measure.arguments(["step", "scan"])
# Off by default and up to a third faster where the processor has 512-bit vectors.
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_prefer_vector_width=512")
os.environ["JAX_PLATFORMS"] = "cpu"

import jax
import jax.numpy as jnp
import numpy as np


def dense(key, inputs, units):
    limit = (6.0 / (inputs + units)) ** 0.5
    kernel = jax.random.uniform(key, (inputs, units), jnp.float32, -limit, limit)
    return {"kernel": kernel, "bias": jnp.zeros(units)}


def apply(layer, x):
    return x @ layer["kernel"] + layer["bias"]


def cross_entropy(logits, labels):
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(logits), labels[:, None], axis=1))


def binary_cross_entropy(logits, x):
    return jnp.mean(jax.nn.softplus(logits) - x * logits)


def mlp_start(key):
    widths = (784, *measure.HIDDEN["exp01"])
    keys = jax.random.split(key, 5)
    trained = [
        dense(k, a, b) | {"gamma": jnp.ones(b), "beta": jnp.zeros(b)} for k, a, b in zip(keys, widths, widths[1:])
    ]
    moving = [{"mean": jnp.zeros(b), "variance": jnp.ones(b)} for b in widths[1:]]
    return [*trained, dense(keys[4], widths[-1], measure.CLASSES)], moving


def mlp_loss(layers, moving, x, labels, key):
    after = []
    for layer, old in zip(layers[:-1], moving):
        x = jax.nn.relu(apply(layer, x))
        mean, variance = jnp.mean(x, 0), jnp.var(x, 0)
        x = (x - mean) * (jax.lax.rsqrt(variance + 1e-3) * layer["gamma"]) + layer["beta"]
        after.append({
            "mean": 0.99 * old["mean"] + 0.01 * mean,
            "variance": 0.99 * old["variance"] + 0.01 * variance,
        })
        key, use = jax.random.split(key)
        keep = jax.random.bernoulli(use, 1 - measure.DROP, x.shape)
        x = jnp.where(keep, x / (1 - measure.DROP), 0)
    return cross_entropy(apply(layers[-1], x), labels), after


def heads_start(key):
    widths = (784, *measure.HIDDEN["exp06"])
    keys = jax.random.split(key, 9)
    back = widths[::-1]
    return {
        "encoder": [dense(k, a, b) for k, a, b in zip(keys, widths, widths[1:])],
        "decoder": [dense(k, a, b) for k, a, b in zip(keys[4:], back, back[1:])],
        "classifier": dense(keys[8], widths[-1], measure.CLASSES),
    }, []


def heads_loss(layers, moving, x, labels, _key):
    h = x
    for layer in layers["encoder"]:
        h = jax.nn.relu(apply(layer, h))
    logits = apply(layers["classifier"], h)
    for layer in layers["decoder"][:-1]:
        h = jax.nn.relu(apply(layer, h))
    image = jax.nn.sigmoid(apply(layers["decoder"][-1], h))
    return jnp.mean((image - x) ** 2) + 0.5 * cross_entropy(logits, labels), moving


def tied_start(key):
    widths = (784, *measure.HIDDEN["exp11"])
    keys = jax.random.split(key, 4)
    forth = [dense(k, a, b) for k, a, b in zip(keys, widths, widths[1:])]
    return {"forth": forth, "back": [jnp.zeros(a) for a in widths[:-1]]}, []


def tied_loss(layers, moving, x, _labels, _key):
    h = x
    for layer in layers["forth"]:
        h = jax.nn.relu(apply(layer, h))
    for at in (3, 2, 1):
        h = jax.nn.relu(h @ layers["forth"][at]["kernel"].T + layers["back"][at])
    logits = h @ layers["forth"][0]["kernel"].T + layers["back"][0]
    return binary_cross_entropy(logits, x), moving


NETWORKS = {"exp01": (mlp_start, mlp_loss), "exp06": (heads_start, heads_loss), "exp11": (tied_start, tied_loss)}


def make_step(loss):
    def step(carry, images, labels):
        layers, moving, m, v, t, key = carry
        key, use = jax.random.split(key)
        x = images.astype(jnp.float32) / 255
        (value, moving), g = jax.value_and_grad(loss, has_aux=True)(layers, moving, x, labels, use)
        t = t + 1
        rate = measure.RATE * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        m = jax.tree.map(lambda m, g: m + (g - m) * 0.1, m, g)
        v = jax.tree.map(lambda v, g: v + (g * g - v) * 0.001, v, g)
        layers = jax.tree.map(lambda w, m, v: w - rate * m / (jnp.sqrt(v) + 1e-7), layers, m, v)
        return (layers, moving, m, v, t, key), value

    return step


def prepare(mode, cell, batch, images, labels):
    start, loss = NETWORKS[cell]
    layers, moving = start(jax.random.key(1))
    zeros = jax.tree.map(jnp.zeros_like, layers)
    state = [(layers, moving, zeros, jax.tree.map(jnp.zeros_like, layers), jnp.float32(0), jax.random.key(2))]
    images, labels = jnp.asarray(images), jnp.asarray(labels)
    random = np.random.default_rng(3)
    step = make_step(loss)
    full = measure.SAMPLES // batch

    def one(carry, rows, images, labels):
        return step(carry, images[rows], labels[rows])

    def whole(carry, order, images, labels):
        rows = order[: full * batch].reshape(full, batch)
        carry, values = jax.lax.scan(lambda c, r: one(c, r, images, labels), carry, rows)
        if full * batch < measure.SAMPLES:
            carry, _ = one(carry, order[full * batch :], images, labels)
        return carry, values

    one_jit, whole_jit = jax.jit(one, donate_argnums=0), jax.jit(whole, donate_argnums=0)

    def epoch():
        order = random.permutation(measure.SAMPLES).astype(np.int32)
        if mode == "scan":
            state[0], value = whole_jit(state[0], order, images, labels)
        else:
            for first in range(0, measure.SAMPLES, batch):
                state[0], value = one_jit(state[0], order[first : first + batch], images, labels)
        jax.block_until_ready((state[0], value))
        assert np.isfinite(np.asarray(value)).all(), "the loss is not finite"

    return epoch


if __name__ == "__main__":
    measure.run("jax", jax.__version__, options, prepare)
