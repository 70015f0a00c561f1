"""Several configurations of one network trained at once on the same batches, on the CPU.

Weights are rows of one matrix [configurations, parameters]; a step is one forward and one backward
pass of grouped convolutions and batched products, and the update formulas of torch's SGD, Adam and
RMSprop with a rate a row. One that diverges spoils its own row alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

Config = Mapping[str, Any]


@dataclass(frozen=True)
class Network:
    """A small network: convolutions of stride 2 or hidden layers, and a linear layer.

    Args:
        widths: of the layers before the last.
        kernel: of convolutions; 0 for hidden layers of a multi-layer perceptron.
        norm: batch norm after every layer but the last, which then have no bias.
    """

    name: str
    widths: tuple[int, ...]
    kernel: int = 0
    norm: bool = False


PICTURES = (
    Network("cnn-8-16", (8, 16), 3),
    Network("cnn-8-16-norm", (8, 16), 3, True),
    Network("cnn-16-32", (16, 32), 3),
)
ROWS = (Network("mlp-64", (64,)), Network("mlp-64-64-norm", (64, 64), 0, True),
        Network("mlp-128-64", (128, 64)))  # fmt: skip


class Together:
    """Networks of one kind, one a configuration, with the same initial weights.

    Args:
        shape: of one example, (c, h, w) or (d,).
        steps: of the schedules.
    """

    def __init__(
        self,
        network: Network,
        shape: Sequence[int],
        classes: int,
        configs: Sequence[Config],
        steps: int,
        seed: int,
    ) -> None:
        self.network, self.configs, self.steps, self.step = network, configs, steps, 0
        self.shapes = list(_shapes(network, shape, classes))
        weights = _initial(self.shapes, seed)
        self.weights = weights.expand(len(configs), -1).clone().requires_grad_()
        count = len(configs)
        self.running = [(torch.zeros(count * w), torch.ones(count * w)) for w in network.widths]
        self.optimizers = _optimizers(configs, self.weights)
        self.rates = torch.tensor([c["optimizer"]["lr"] for c in configs])[:, None]
        self.decay = torch.tensor([c["optimizer"]["weight_decay"] for c in configs])[:, None]

    def forward(self, x: Tensor, training: bool = False) -> Tensor:
        """[b, ...] to logits [configurations, b, classes]."""
        count, b = len(self.weights), len(x)
        parts = self.weights.split([math.prod(shape) for shape in self.shapes], 1)
        layers = iter(
            part.reshape(count, *shape) for part, shape in zip(parts, self.shapes, strict=True)
        )
        convolves, first = self.network.kernel > 0, True
        h = x
        for mean, variance in self.running:
            weight = next(layers)
            scale = next(layers).reshape(-1) if self.network.norm else None
            shift = next(layers).reshape(-1)
            bias = None if self.network.norm else shift
            if convolves:  # channels of all networks side by side, [b, count * c, h, w]
                flat = weight.reshape(-1, *weight.shape[2:])
                groups = 1 if first else count
                h = F.conv2d(h, flat, bias, 2, self.network.kernel // 2, 1, groups)
            else:  # [count, b, c]
                h = torch.matmul(h, weight)
                h = h if bias is None else h + bias.reshape(count, 1, -1)
            if self.network.norm:
                if not convolves:
                    h = h.transpose(1, 0).reshape(b, -1)
                h = F.batch_norm(h, mean, variance, scale, shift, training, 0.1)
                if not convolves:
                    h = h.reshape(b, count, -1).transpose(0, 1)
            h, first = F.relu(h), False
        if convolves:
            h = h.reshape(b, count, -1).transpose(0, 1)
        weight, bias = next(layers), next(layers)
        return torch.matmul(h, weight) + bias[:, None]

    def train(self, x: Tensor, targets: Tensor) -> None:
        """One step on labels [b] or distributions [b, classes], for all of them."""
        logits = self.forward(x, True)
        count, b, classes = logits.shape
        aimed = targets.repeat(count, *[1] * (targets.ndim - 1))
        loss = F.cross_entropy(logits.reshape(-1, classes), aimed, reduction="sum") / b
        (gradient,) = torch.autograd.grad(loss, self.weights)
        with torch.no_grad():
            gradient = gradient.add_(self.decay * self.weights)
            rates = self.rates * _annealed(self.configs, self.step, self.steps)
            for rows, update in self.optimizers:
                self.weights[rows] -= rates[rows] * update(gradient[rows])
        self.step += 1

    @torch.no_grad()
    def logits(self, x: Tensor, batch: int = 500) -> Tensor:
        """As after training, [configurations, n, classes]; what is not finite is 0."""
        found = torch.cat([self.forward(part) for part in x.split(batch)], 1)
        return torch.nan_to_num(found, 0.0, 0.0, 0.0).clamp(-1e4, 1e4)


def _shapes(network: Network, shape: Sequence[int], classes: int) -> list[tuple[int, ...]]:
    """Weight and bias a layer; of one with a norm, weight, scale and shift."""
    found: list[tuple[int, ...]] = []
    inner, side = shape[0], list(shape[1:])
    for width in network.widths:
        if network.kernel:
            found.append((width, inner, network.kernel, network.kernel))
            side = [(one + 1) // 2 for one in side]
        else:
            found.append((inner, width))
        found += [(width,)] * (2 if network.norm else 1)
        inner = width
    return [*found, (inner * math.prod(side), classes), (classes,)]


def _initial(shapes: Sequence[tuple[int, ...]], seed: int) -> Tensor:
    """He's normal; biases and shifts 0, scales 1."""
    generator = torch.Generator().manual_seed(seed)
    parts = []
    for place, shape in enumerate(shapes):
        if len(shape) > 1:
            fan = math.prod(shape[1:]) if len(shape) == 4 else shape[0]
            parts.append(torch.randn(shape, generator=generator) * math.sqrt(2 / fan))
        else:
            after = shapes[place + 1] if place + 1 < len(shapes) else ()
            scale = len(after) == 1  # a shift follows it
            parts.append(torch.ones(shape) if scale else torch.zeros(shape))
    return torch.cat([part.reshape(-1) for part in parts])[None]


def _annealed(configs: Sequence[Config], step: int, steps: int) -> Tensor:
    """Each configuration's rate at a step, as a share of its first, [configurations, 1]."""
    shares = []
    for config in configs:
        plan = config["scheduler"]
        if plan["name"] == "cosine":
            shares.append(0.5 * (1 + math.cos(math.pi * step / steps)))
        elif plan["name"] == "step":
            size = max(1, round(steps * plan["step_size"] / 100))
            shares.append(plan["gamma"] ** (step // size))
        else:
            shares.append(1.0)
    return torch.tensor(shares)[:, None]


class Adam:
    def __init__(self, like: Tensor, momentum: Tensor) -> None:
        self.first, self.second, self.step = torch.zeros_like(like), torch.zeros_like(like), 0

    def __call__(self, gradient: Tensor) -> Tensor:
        self.step += 1
        self.first.lerp_(gradient, 0.1)
        self.second.mul_(0.999).addcmul_(gradient, gradient, value=0.001)
        root = (self.second / (1 - 0.999**self.step)).sqrt_().add_(1e-8)
        return self.first / (1 - 0.9**self.step) / root


class RMSprop:
    def __init__(self, like: Tensor, momentum: Tensor) -> None:
        self.square, self.buffer = torch.zeros_like(like), torch.zeros_like(like)
        self.momentum = momentum

    def __call__(self, gradient: Tensor) -> Tensor:
        self.square.mul_(0.99).addcmul_(gradient, gradient, value=0.01)
        self.buffer.mul_(self.momentum).add_(gradient / self.square.sqrt().add_(1e-8))
        return self.buffer


class SGD:
    def __init__(self, like: Tensor, momentum: Tensor) -> None:
        self.buffer, self.momentum = torch.zeros_like(like), momentum

    def __call__(self, gradient: Tensor) -> Tensor:
        return self.buffer.mul_(self.momentum).add_(gradient)


KINDS = {"adam": Adam, "rmsprop": RMSprop, "sgd": SGD}


def _optimizers(configs: Sequence[Config], weights: Tensor) -> list[tuple[slice, Any]]:
    """One a kind, over the rows that it trains; configurations are sorted by kind."""
    names = [config["optimizer"]["name"] for config in configs]
    assert names == sorted(names)
    found = []
    for name in sorted(set(names)):
        rows = slice(names.index(name), names.index(name) + names.count(name))
        momentum = [config["optimizer"].get("momentum", 0.0) for config in configs[rows]]
        found.append((rows, KINDS[name](weights.detach()[rows], torch.tensor(momentum)[:, None])))
    return found
