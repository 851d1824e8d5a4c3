"""PyTorch: eager with fused optimizers, and the same network compiled; each as installed and tuned.

    python peer_torch.py tuned-compiled exp01:128 --threads 2
    python peer_torch.py compiled exp01:1 --threads 2 --task eval

Tuned: with tcmalloc, and with MKL's AVX-512 kernels on any maker's processor (measure.preload). Data stays bytes.
"""

import measure

MODES = ["eager", "tuned", "compiled", "tuned-compiled"]
options = measure.arguments(MODES, MODES)
if options.mode.startswith("tuned"):
    measure.preload()

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

    def forward(self, x):
        return F.softmax(self.stack(x), dim=1)

    def loss(self, x, labels):
        return F.cross_entropy(self.stack(x), labels)


class Heads(nn.Module):
    def __init__(self):
        super().__init__()
        widths = (784, *measure.HIDDEN["exp06"])
        self.encoder = relu_stack(widths)
        self.decoder = nn.Sequential(relu_stack(widths[:0:-1]), nn.Linear(widths[1], 784), nn.Sigmoid())
        self.classifier = nn.Linear(widths[-1], measure.CLASSES)

    def forward(self, x):
        code = self.encoder(x)
        return self.decoder(code), F.softmax(self.classifier(code), dim=1)

    def loss(self, x, labels):
        code = self.encoder(x)
        return F.mse_loss(self.decoder(code), x) + F.cross_entropy(self.classifier(code), labels)


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        widths = (784, *measure.HIDDEN["exp11"])
        self.forth = nn.ModuleList(nn.Linear(a, b) for a, b in zip(widths, widths[1:]))
        self.back = nn.ParameterList(nn.Parameter(torch.zeros(a)) for a in widths[:-1])

    def logits(self, h):
        for layer in self.forth:
            h = F.relu(layer(h))
        for at in (3, 2, 1):
            h = F.relu(F.linear(h, self.forth[at].weight.T, self.back[at]))
        return F.linear(h, self.forth[0].weight.T, self.back[0])

    def forward(self, x):
        return torch.sigmoid(self.logits(x))

    def loss(self, x, _labels):
        return F.binary_cross_entropy_with_logits(self.logits(x), x)


NETWORKS = {"exp01": Mlp, "exp06": Heads, "exp11": Tied}


def network_of(cell):
    torch.manual_seed(1)
    torch.set_num_threads(options.threads)
    network = NETWORKS[cell]()
    for part in network.modules():
        if isinstance(part, nn.Linear):
            nn.init.xavier_uniform_(part.weight)
            nn.init.zeros_(part.bias)
    return network


def train(mode, cell, batch, images, labels):
    network = network_of(cell)
    wanted = measure.optimizer(cell)
    if wanted.name == "adam":
        optimizer = torch.optim.Adam(network.parameters(), lr=wanted.rate, eps=1e-7, fused=True)
    else:
        optimizer = torch.optim.SGD(network.parameters(), lr=wanted.rate, momentum=wanted.momentum, fused=True)
    images, labels = torch.from_numpy(images), torch.from_numpy(labels).long()

    def loss_of(rows):
        return network.loss(images[rows].float() / 255, labels[rows])

    if mode.endswith("compiled"):
        # Fixed shapes: the smaller last batch gets code of its own, all others theirs.
        loss_of = torch.compile(loss_of, dynamic=False)

    def step(rows):
        loss = loss_of(rows)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.detach()

    def epoch():
        mean = torch.stack([step(rows) for rows in torch.randperm(measure.SAMPLES).split(batch)]).mean().item()
        assert mean == mean, "the loss is not finite"
        return mean

    def first():
        step(torch.arange(batch))

    return measure.Training(sum(p.numel() for p in network.parameters()), first, epoch)


def forward(mode, cell, batch, images):
    network = network_of(cell).eval()
    images = torch.from_numpy(images)

    def outputs_of(rows):
        return network(rows.float() / 255)

    if mode.endswith("compiled"):
        # Parameters become constants of the compiled code, packed as its products like them best.
        torch._inductor.config.freezing = True
        outputs_of = torch.compile(outputs_of, dynamic=False)
    batches = images.split(batch)

    @torch.inference_mode()
    def epoch():
        for rows in batches:
            outputs_of(rows)

    return epoch


if __name__ == "__main__":
    measure.run("torch", torch.__version__, train, forward)
