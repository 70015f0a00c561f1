"""Fixed networks by name: the masters and proxies that baselines train to score a pool.

    mlp         two hidden layers over a vector (pools without images; flattens images)
    lenet       two convolutions and two dense layers (LeCun et al. 1998)
    vgg-8       three stages of two convolutions, 32-64-128 channels, two dense layers
                (Simonyan & Zisserman 2015, small)
    resnet-8    three stages of one basic block, 16-32-64 channels, stem of stride 2
    resnet-20   three stages of three basic blocks, 16-32-64 channels (He et al. 2016, CIFAR)
    resnet-18   four stages of two basic blocks, 64-128-256-512 channels (He et al. 2016)
    timm/NAME   any image classifier of the package timm, when it is installed

Each has `features(x)`, the vector that its last linear layer `dense` reads. Deviations:
    [1] mlp normalises its input by batch norm: features come in any scale.
    [2] lenet has ReLU, max-pooling, padded convolutions and a pooled 4 x 4 map, so that images of
        any size fit.
    [3] Shortcuts that change the shape are 1x1 projections in all three ResNets.
    [4] resnet-18 has the stem that is usual for 32 pixels: 3x3, stride 1, no pooling.
    [5] vgg-8 has batch norm and a global pool before its dense layers, so that images of any size
        fit.
"""

from __future__ import annotations

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from ..core.errors import BadInput, MissingData, UnknownName
from .cell_network import ConvBnRelu

RESNETS = {  # channels of the stages, blocks a stage, stride of the stem
    "resnet-8": ((16, 32, 64), 1, 2),
    "resnet-20": ((16, 32, 64), 3, 1),
    "resnet-18": ((64, 128, 256, 512), 2, 1),
}
NETWORKS = ("mlp", "lenet", "vgg-8", *RESNETS)
TIMM = "timm/"


class Network(nn.Module):
    """A body that ends in a vector, and one linear layer: x -> logits."""

    def __init__(self, body: nn.Module, width: int, classes: int) -> None:
        super().__init__()
        self.body = body
        self.dense = nn.Linear(width, classes)

    def features(self, x: Float[Tensor, "n ..."]) -> Float[Tensor, "n d"]:
        """What the last layer reads."""
        return self.body(x)

    def forward(self, x: Float[Tensor, "n ..."]) -> Float[Tensor, "n classes"]:
        return self.dense(self.features(x))


class BasicBlock(nn.Module):
    """Two 3x3 convolutions around a shortcut: [n, inputs, h, w] -> [n, outputs, h', w']."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.first = ConvBnRelu(inputs, outputs, 3, stride)
        self.second = _conv_bn(outputs, outputs, 3, 1)
        same = stride == 1 and inputs == outputs
        self.shortcut = nn.Identity() if same else _conv_bn(inputs, outputs, 1, stride)  # [3]

    def forward(self, x: Float[Tensor, "n c h w"]) -> Float[Tensor, "n k i j"]:
        return F.relu(self.second(self.first(x)) + self.shortcut(x))


def network(
    name: str, *, classes: int, in_channels: int | None = None, features: int | None = None
) -> Network:
    """A fixed network with fresh weights from torch's generator.

    Args:
        in_channels: of the images; for every network but mlp.
        features: numbers an example; for mlp.

    Raises:
        UnknownName: the nearest known name is offered.
        BadInput: the size that the network reads is missing, the other one is given, or below one.
        MissingData: a name of timm, which is not installed.
    """
    if name not in NETWORKS and not name.startswith(TIMM):
        raise UnknownName("network", name, NETWORKS)
    wanted, other = (features, in_channels) if name == "mlp" else (in_channels, features)
    size = "features" if name == "mlp" else "in_channels"
    if wanted is None or other is not None or wanted < 1 or classes < 1:
        raise BadInput(
            f"network {name!r} needs classes and {size}, both at least 1, and nothing else; got "
            f"classes={classes}, in_channels={in_channels}, features={features}"
        )
    if name == "mlp":
        return Network(_mlp(wanted), 128, classes)
    if name == "lenet":
        return Network(_lenet(wanted), 84, classes)
    if name == "vgg-8":
        return Network(_vgg(wanted), 128, classes)
    if name.startswith(TIMM):
        return _of_timm(name, wanted, classes)
    channels, blocks, stride = RESNETS[name]
    return Network(_resnet(wanted, channels, blocks, stride), channels[-1], classes)


def _mlp(inputs: int) -> nn.Sequential:
    layers: list[nn.Module] = [nn.Flatten(), nn.BatchNorm1d(inputs)]  # [1]
    for before, width in ((inputs, 256), (256, 128)):
        layers += [nn.Linear(before, width, bias=False), nn.BatchNorm1d(width), nn.ReLU()]
    return nn.Sequential(*layers)


def _lenet(inputs: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for before, width in ((inputs, 6), (6, 16)):  # [2]
        layers += [nn.Conv2d(before, width, 5, padding=2), nn.ReLU()]
        layers.append(nn.MaxPool2d(2, ceil_mode=True))
    layers += [nn.AdaptiveAvgPool2d(4), nn.Flatten()]
    for before, width in ((256, 120), (120, 84)):
        layers += [nn.Linear(before, width), nn.ReLU()]
    return nn.Sequential(*layers)


def _vgg(inputs: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    before = inputs
    for width in (32, 64, 128):
        layers += [ConvBnRelu(before, width, 3, 1), ConvBnRelu(width, width, 3, 1)]
        layers.append(nn.MaxPool2d(2, ceil_mode=True))
        before = width
    layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten()]  # [5]
    return nn.Sequential(*layers, nn.Linear(before, 128), nn.ReLU())


def _of_timm(name: str, inputs: int, classes: int) -> Network:
    """timm's body without its classifier, under a linear layer of ours; no trained weights."""
    try:
        import timm
    except ImportError as error:
        raise MissingData(
            f"network {name!r} comes from the package timm, which cannot be imported here "
            f"({error}); install it (pip install timm), or take one of {', '.join(NETWORKS)}"
        ) from error
    inner = name.removeprefix(TIMM)
    if not timm.is_model(inner):
        raise UnknownName("timm network", inner, timm.list_models())
    body = timm.create_model(inner, pretrained=False, num_classes=0, in_chans=inputs)
    return Network(body, getattr(body, "head_hidden_size", body.num_features), classes)


def _resnet(inputs: int, channels: tuple[int, ...], blocks: int, stride: int) -> nn.Sequential:
    layers: list[nn.Module] = [ConvBnRelu(inputs, channels[0], 3, stride)]  # [4]
    before = channels[0]
    for stage, width in enumerate(channels):
        for block in range(blocks):
            halved = 2 if stage and not block else 1
            layers.append(BasicBlock(before, width, halved))
            before = width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten())


def _conv_bn(inputs: int, outputs: int, kernel: int, stride: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, padding=kernel // 2, bias=False),
        nn.BatchNorm2d(outputs),
    )
