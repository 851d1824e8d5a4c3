"""Keras: `fit`, as its users call it; the backend is what KERAS_BACKEND says (jax where it says nothing).

    KERAS_BACKEND=tensorflow python peer_keras.py fit exp01:32 --threads 2
"""

import os

import measure

options = measure.arguments(["fit"])
os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np

layers = keras.layers


def dense_all(x, widths):
    for units in widths:
        x = layers.Dense(units, activation="relu")(x)
    return x


def mlp(image):
    x = image
    for units in measure.HIDDEN["exp01"]:
        x = layers.Dense(units, activation="relu")(x)
        x = layers.BatchNormalization()(x)
        x = layers.Dropout(measure.DROP)(x)
    out = layers.Dense(measure.CLASSES, activation="softmax", name="classifier")(x)
    return {"classifier": out}, {"classifier": "sparse_categorical_crossentropy"}, {"classifier": 1.0}


def heads(image):
    widths = measure.HIDDEN["exp06"]
    code = dense_all(image, widths)
    decoder = layers.Dense(784, activation="sigmoid", name="decoder")(dense_all(code, widths[-2::-1]))
    classifier = layers.Dense(measure.CLASSES, activation="softmax", name="classifier")(code)
    losses = {"decoder": "mse", "classifier": "sparse_categorical_crossentropy"}
    return {"decoder": decoder, "classifier": classifier}, losses, {"decoder": 1.0, "classifier": 1.0}


class Transposed(layers.Layer):
    """activation(x · kernelᵀ + bias) with another layer's kernel."""

    def __init__(self, tied, activation, **rest):
        super().__init__(**rest)
        self.tied, self.activation = tied, keras.activations.get(activation)

    def build(self, _shape):
        self.bias = self.add_weight(shape=(self.tied.kernel.shape[0],), initializer="zeros", name="bias")

    def call(self, x):
        return self.activation(keras.ops.matmul(x, keras.ops.transpose(self.tied.kernel)) + self.bias)


def tied(image):
    forth = [layers.Dense(units, activation="relu") for units in measure.HIDDEN["exp11"]]
    x = image
    for layer in forth:
        x = layer(x)
    for layer in forth[:0:-1]:
        x = Transposed(layer, "relu")(x)
    out = Transposed(forth[0], "sigmoid", name="decoder")(x)
    return {"decoder": out}, {"decoder": "binary_crossentropy"}, {"decoder": 1.0}


NETWORKS = {"exp01": mlp, "exp06": heads, "exp11": tied}


def train(_mode, cell, batch, images, labels):
    image = keras.Input((784,))
    outputs, losses, weights = NETWORKS[cell](image)
    model = keras.Model(image, outputs)
    wanted = measure.optimizer(cell)
    if wanted.name == "adam":
        optimizer = keras.optimizers.Adam(wanted.rate)
    else:
        optimizer = keras.optimizers.SGD(wanted.rate, momentum=wanted.momentum)
    model.compile(optimizer=optimizer, loss=losses, loss_weights=weights)
    x = images.astype(np.float32) / 255
    y = {head: x if head == "decoder" else labels for head in outputs}

    def epoch():
        history = model.fit(x, y, batch_size=batch, epochs=1, verbose=0)
        loss = history.history["loss"][0]
        assert np.isfinite(loss), "the loss is not finite"
        return loss

    def first():
        model.fit(x[:batch], {head: t[:batch] for head, t in y.items()}, batch_size=batch, epochs=1, verbose=0)

    parameters = sum(int(np.prod(w.shape)) for w in model.trainable_weights)
    return measure.Training(parameters, first, epoch)


if __name__ == "__main__":
    measure.run(f"keras-{keras.backend.backend()}", keras.__version__, train)
