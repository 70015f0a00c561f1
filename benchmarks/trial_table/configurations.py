"""48 configurations a problem, 16 a network: half from the space of SubSelNet D.4, half from a
wider one with traps: rates that diverge or do not move, momentum near 1, no decay, heavy decay,
schedules that anneal late or never."""

from __future__ import annotations

from typing import Any

import numpy as np
from subsel_automl.integrations.hpo_space.nodes import Categorical, Choice, Float
from subsel_automl.integrations.hpo_space.optimizer import OptimizerSpace

EACH = 16
LR, MOMENTUM, DECAY = Float(1e-4, 1.0, log=True), Float(0.0, 0.999), Float(1e-6, 0.1, log=True)
WIDER = OptimizerSpace(
    Choice(
        {
            "sgd": {"lr": LR, "momentum": MOMENTUM, "weight_decay": DECAY},
            "adam": {"lr": LR, "weight_decay": DECAY},
            "rmsprop": {"lr": LR, "momentum": MOMENTUM, "weight_decay": DECAY},
        }
    ),
    Choice(
        {
            "step": {"step_size": Categorical((10, 20, 30, 40)), "gamma": Float(0.05, 0.5)},
            "cosine": {},
            "constant": {},
        }
    ),
)


def configurations(network: str) -> list[dict[str, Any]]:
    """Sorted by optimizer, which is how they are trained together."""
    rng = np.random.default_rng([ord(letter) for letter in network])
    spaces = [OptimizerSpace()] * (EACH // 2) + [WIDER] * (EACH // 2)
    drawn = [{"network": network, **space.sample(rng)} for space in spaces]
    order = ("adam", "rmsprop", "sgd")
    return sorted(drawn, key=lambda one: order.index(one["optimizer"]["name"]))
