"""The built-in data sets by name; `catalog.dataset` is the public door."""

from __future__ import annotations

from collections.abc import Callable

from .fashion import fashion_mnist
from .images import Splits, cifar10_sprites, digits

LOADERS: dict[str, Callable[[], Splits]] = {
    "fashion-mnist": fashion_mnist,
    "digits": digits,
    "cifar10-sprites": cifar10_sprites,
}
