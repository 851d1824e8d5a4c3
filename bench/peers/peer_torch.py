"""PyTorch: eager with fused Adam, and the same network compiled; data stays bytes.

    python peer_torch.py --cells exp01:128 --threads 2
"""

import measure

options = measure.arguments(["eager", "compiled"])

import torch
from torch import nn
from torch.nn import functional as F


def relu_stack(widths):
    return nn.Sequential(*(part for a, b in zip(widths, widths[1:]) for part in (nn.Linear(a, b), nn.ReLU())))


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        widths = (784, *measure.HIDDEN["exp01"])
        parts = []
        for a, b in zip(widths, widths[1:]):
            # Keras' momentum 0.99 is 0.01 here.
            norm = nn.BatchNorm1d(b, eps=1e-3, momentum=0.01)
            parts += [nn.Linear(a, b), nn.ReLU(), norm, nn.Dropout(measure.DROP)]
        self.stack = nn.Sequential(*parts, nn.Linear(widths[-1], measure.CLASSES))

    def forward(self, x, labels):
        return F.cross_entropy(self.stack(x), labels)


class Heads(nn.Module):
    def __init__(self):
        super().__init__()
        widths = (784, *measure.HIDDEN["exp06"])
        self.encoder = relu_stack(widths)
        self.decoder = nn.Sequential(relu_stack(widths[:0:-1]), nn.Linear(widths[1], 784), nn.Sigmoid())
        self.classifier = nn.Linear(widths[-1], measure.CLASSES)

    def forward(self, x, labels):
        code = self.encoder(x)
        return F.mse_loss(self.decoder(code), x) + 0.5 * F.cross_entropy(self.classifier(code), labels)


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        widths = (784, *measure.HIDDEN["exp11"])
        self.forth = nn.ModuleList(nn.Linear(a, b) for a, b in zip(widths, widths[1:]))
        self.back = nn.ParameterList(nn.Parameter(torch.zeros(a)) for a in widths[:-1])

    def forward(self, x, _labels):
        h = x
        for layer in self.forth:
            h = F.relu(layer(h))
        for at in (3, 2, 1):
            h = F.relu(F.linear(h, self.forth[at].weight.T, self.back[at]))
        logits = F.linear(h, self.forth[0].weight.T, self.back[0])
        return F.binary_cross_entropy_with_logits(logits, x)


NETWORKS = {"exp01": Mlp, "exp06": Heads, "exp11": Tied}


def prepare(mode, cell, batch, images, labels):
    torch.manual_seed(1)
    torch.set_num_threads(options.threads)
    # One compilation must not count against the next one's limit of variants.
    torch._dynamo.reset()
    network = NETWORKS[cell]()
    loss_of = torch.compile(network) if mode == "compiled" else network
    adam = torch.optim.Adam(network.parameters(), lr=measure.RATE, eps=1e-7, fused=True)
    images, labels = torch.from_numpy(images), torch.from_numpy(labels).long()

    def epoch():
        total = torch.zeros(())
        for rows in torch.randperm(measure.SAMPLES).split(batch):
            loss = loss_of(images[rows].float() / 255, labels[rows])
            adam.zero_grad()
            loss.backward()
            adam.step()
            total += loss.detach()
        assert torch.isfinite(total), "the loss is not finite"

    return epoch


if __name__ == "__main__":
    measure.run("torch", torch.__version__, options, prepare)
