"""JAX: one jitted step called for each batch, and `lax.scan` over the whole epoch; data stays bytes.

    python peer_jax.py scan exp01:128 --threads 2
    python peer_jax.py call exp01:1 --threads 2 --task eval

Buffers are donated, batches are gathered by index within the compiled code.
"""

import os

import measure

options = measure.arguments(["step", "scan"], ["call", "scan"])
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
    return jnp.mean((image - x) ** 2) + cross_entropy(logits, labels), moving


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


def pixels(images):
    return images.astype(jnp.float32) / 255


def adam(state, layers, gradients, rate):
    m, v, t = state
    t = t + 1
    rate = rate * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
    m = jax.tree.map(lambda m, g: m + (g - m) * 0.1, m, gradients)
    v = jax.tree.map(lambda v, g: v + (g * g - v) * 0.001, v, gradients)
    layers = jax.tree.map(lambda w, m, v: w - rate * m / (jnp.sqrt(v) + 1e-7), layers, m, v)
    return (m, v, t), layers


def sgd(state, layers, gradients, rate, momentum):
    velocity = jax.tree.map(lambda u, g: momentum * u - rate * g, state, gradients)
    return velocity, jax.tree.map(jnp.add, layers, velocity)


def make_step(loss, optimizer):
    def step(carry, images, labels):
        layers, moving, state, key = carry
        key, use = jax.random.split(key)
        (value, moving), g = jax.value_and_grad(loss, has_aux=True)(layers, moving, pixels(images), labels, use)
        if optimizer.name == "adam":
            state, layers = adam(state, layers, g, optimizer.rate)
        else:
            state, layers = sgd(state, layers, g, optimizer.rate, optimizer.momentum)
        return (layers, moving, state, key), value

    return step


def begin(layers, optimizer):
    def zeros():
        return jax.tree.map(jnp.zeros_like, layers)

    return (zeros(), zeros(), jnp.float32(0)) if optimizer.name == "adam" else zeros()


def train(mode, cell, batch, images, labels):
    start, loss = NETWORKS[cell]
    layers, moving = jax.jit(start)(jax.random.key(1))
    optimizer = measure.optimizer(cell)
    carry = [(layers, moving, begin(layers, optimizer), jax.random.key(2))]
    images, labels = jnp.asarray(images), jnp.asarray(labels)
    random = np.random.default_rng(3)
    step = make_step(loss, optimizer)
    full = measure.SAMPLES // batch

    def one(carry, rows, images, labels):
        return step(carry, images[rows], labels[rows])

    def whole(carry, order, images, labels):
        rows = order[: full * batch].reshape(full, batch)
        carry, values = jax.lax.scan(lambda c, r: one(c, r, images, labels), carry, rows)
        if full * batch < measure.SAMPLES:
            carry, last = one(carry, order[full * batch :], images, labels)
            values = jnp.append(values, last)
        return carry, values

    one_jit, whole_jit = jax.jit(one, donate_argnums=0), jax.jit(whole, donate_argnums=0)

    def epoch():
        order = random.permutation(measure.SAMPLES).astype(np.int32)
        if mode == "scan":
            carry[0], values = whole_jit(carry[0], order, images, labels)
        else:
            values = []
            for first in range(0, measure.SAMPLES, batch):
                carry[0], value = one_jit(carry[0], order[first : first + batch], images, labels)
                values.append(value)
        jax.block_until_ready((carry[0], values))
        mean = float(np.mean(np.asarray(values)))
        assert np.isfinite(mean), "the loss is not finite"
        return mean

    def first():
        if mode == "scan":
            return epoch()
        carry[0], value = one_jit(carry[0], np.arange(batch, dtype=np.int32), images, labels)
        jax.block_until_ready((carry[0], value))

    parameters = sum(leaf.size for leaf in jax.tree.leaves(layers))
    return measure.Training(parameters, first, epoch)


def mlp_forward(layers, moving, x):
    for layer, old in zip(layers[:-1], moving):
        x = jax.nn.relu(apply(layer, x))
        x = (x - old["mean"]) * (jax.lax.rsqrt(old["variance"] + 1e-3) * layer["gamma"]) + layer["beta"]
    return jax.nn.softmax(apply(layers[-1], x))


def heads_forward(layers, moving, x):
    for layer in layers["encoder"]:
        x = jax.nn.relu(apply(layer, x))
    classes = jax.nn.softmax(apply(layers["classifier"], x))
    for layer in layers["decoder"][:-1]:
        x = jax.nn.relu(apply(layer, x))
    return jax.nn.sigmoid(apply(layers["decoder"][-1], x)), classes


def tied_forward(layers, moving, x):
    for layer in layers["forth"]:
        x = jax.nn.relu(apply(layer, x))
    for at in (3, 2, 1):
        x = jax.nn.relu(x @ layers["forth"][at]["kernel"].T + layers["back"][at])
    return jax.nn.sigmoid(x @ layers["forth"][0]["kernel"].T + layers["back"][0])


FORWARD = {"exp01": mlp_forward, "exp06": heads_forward, "exp11": tied_forward}


def forward(mode, cell, batch, images):
    layers, moving = jax.jit(NETWORKS[cell][0])(jax.random.key(1))
    images = jnp.asarray(images)
    network = FORWARD[cell]
    full = measure.SAMPLES // batch

    def one(layers, moving, images):
        return network(layers, moving, pixels(images))

    def whole(layers, moving, images):
        rows = images[: full * batch].reshape(full, batch, 784)
        outputs = jax.lax.map(lambda r: one(layers, moving, r), rows)
        rest = images[full * batch :]
        return outputs, one(layers, moving, rest) if len(rest) else None

    one_jit, whole_jit = jax.jit(one), jax.jit(whole)
    # Samples come one batch at a time, as to a service.
    batches = [images[first : first + batch] for first in range(0, measure.SAMPLES, batch)]

    def epoch():
        if mode == "scan":
            jax.block_until_ready(whole_jit(layers, moving, images))
            return
        for rows in batches:
            jax.block_until_ready(one_jit(layers, moving, rows))

    return epoch


if __name__ == "__main__":
    measure.run("jax", jax.__version__, train, forward)
