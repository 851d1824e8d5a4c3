"""ONNX Runtime: forward only, which is what people use it for; the network as an ONNX graph from bytes to outputs.

    python peer_onnx.py call exp01:1 --threads 2 --task eval

All graph optimizations are on. Values are made up: their time is that of trained ones.
"""

import measure

options = measure.arguments([], ["call"])

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper


class Graph:
    """Nodes and their constants, in order."""

    def __init__(self):
        self.nodes, self.constants, self.random = [], [], np.random.default_rng(1)

    def constant(self, name, value):
        self.constants.append(numpy_helper.from_array(np.asarray(value, np.float32), name))
        return name

    def add(self, kind, inputs, **attributes):
        output = f"{kind.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def kernel(self, name, inputs, units):
        limit = (6.0 / (inputs + units)) ** 0.5
        return self.constant(name, self.random.uniform(-limit, limit, (inputs, units)))

    def dense(self, x, inputs, units, name, then="Relu"):
        kernel = self.kernel(f"{name}.kernel", inputs, units)
        x = self.add("Gemm", [x, kernel, self.constant(f"{name}.bias", np.zeros(units))])
        return self.add(then, [x])

    def norm(self, x, units, name):
        parts = {"gamma": np.ones, "beta": np.zeros, "mean": np.zeros, "variance": np.ones}
        parts = [self.constant(f"{name}.{part}", make(units)) for part, make in parts.items()]
        return self.add("BatchNormalization", [x, *parts], epsilon=1e-3)


def mlp(g, x):
    widths = (784, *measure.HIDDEN["exp01"])
    for i, (a, b) in enumerate(zip(widths, widths[1:])):
        x = g.norm(g.dense(x, a, b, f"dense{i}"), b, f"norm{i}")
    return [g.dense(x, widths[-1], measure.CLASSES, "classifier", "Softmax")]


def heads(g, x):
    widths = (784, *measure.HIDDEN["exp06"])
    for i, (a, b) in enumerate(zip(widths, widths[1:])):
        x = g.dense(x, a, b, f"encoder{i}")
    classes = g.dense(x, widths[-1], measure.CLASSES, "classifier", "Softmax")
    back = widths[::-1]
    for i, (a, b) in enumerate(zip(back, back[1:])):
        x = g.dense(x, a, b, f"decoder{i}", "Sigmoid" if b == 784 else "Relu")
    return [x, classes]


def tied(g, x):
    widths = (784, *measure.HIDDEN["exp11"])
    for i, (a, b) in enumerate(zip(widths, widths[1:])):
        x = g.dense(x, a, b, f"forth{i}")
    for i in (3, 2, 1, 0):
        bias = g.constant(f"back{i}.bias", np.zeros(widths[i]))
        x = g.add("Gemm", [x, f"forth{i}.kernel", bias], transB=1)
        x = g.add("Relu" if i else "Sigmoid", [x])
    return [x]


NETWORKS = {"exp01": mlp, "exp06": heads, "exp11": tied}


def forward(_mode, cell, batch, images):
    g = Graph()
    x = g.add("Cast", ["image"], to=TensorProto.FLOAT)
    x = g.add("Mul", [x, g.constant("scale", 1 / 255)])
    outputs = NETWORKS[cell](g, x)
    image = helper.make_tensor_value_info("image", TensorProto.UINT8, ["rows", 784])
    outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs]
    graph = helper.make_graph(g.nodes, cell, [image], outputs, g.constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = options.threads
    settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), settings, ["CPUExecutionProvider"])
    batches = [images[first : first + batch] for first in range(0, measure.SAMPLES, batch)]

    def epoch():
        for rows in batches:
            session.run(None, {"image": rows})

    return epoch


if __name__ == "__main__":
    measure.run("onnx", onnxruntime.__version__, forward=forward)
