"""Second-order DARTS against the exact gradient of the architecture, on two small convex problems.

    step   L_train = logistic regression of [n, d] inputs scaled by a, with ridge; L_val its
           held-out loss. Exact: autograd through one step of the weights (Eq. 7 with no finite
           difference).
    solved L_train = ||w - B a||^2 / 2: one step of rate 1 reaches w*(a) from anywhere, so Eq. 7 is
           the gradient of L_val(w*(a), a) itself, B' (w* - t) + a in closed form, for
           L_val = (||w - t||^2 + ||a||^2) / 2.

First order misses both; it is the control. Bar: second order within 1 %, first order 5 % off or
more. All in double precision; the numbers come from the code that searches with `darts2`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from subsel_automl.search.bilevel import first_order, second_order

BAR, CONTROL = 0.01, 0.05
SEEDS = 5
Loss = Callable[[Mapping[str, Tensor]], Tensor]


def measure() -> dict[str, Any]:
    """Relative errors, the worst of both problems over the seeds."""
    rows = [_stepped(seed) for seed in range(SEEDS)] + [_solved(seed) for seed in range(SEEDS)]
    worst = max(row["second"] for row in rows)
    control = min(row["first"] for row in rows)
    return {
        "relative_error": worst,
        "relative_error_step": max(row["second"] for row in rows[:SEEDS]),
        "relative_error_solved": max(row["second"] for row in rows[SEEDS:]),
        "relative_error_first_order_least": control,
        "seeds": SEEDS,
        "holds": worst <= BAR and control >= CONTROL,
    }


def _stepped(seed: int, eta: float = 0.5, decay: float = 0.01) -> dict[str, float]:
    draw = torch.Generator().manual_seed(seed)
    n, d = 40, 6
    x, held_x = (torch.randn(n, d, generator=draw, dtype=torch.float64) for _ in range(2))
    truth = torch.randn(d, generator=draw, dtype=torch.float64)
    y, held_y = ((part @ truth > 0).double() for part in (x, held_x))
    weights = {"w": torch.randn(d, generator=draw, dtype=torch.float64)}
    a = torch.randn(d, generator=draw, dtype=torch.float64).requires_grad_()

    def loss_of(inputs: Tensor, labels: Tensor) -> Loss:
        def loss(at: Mapping[str, Tensor]) -> Tensor:
            logits = (inputs * a) @ at["w"]
            return torch.nn.functional.binary_cross_entropy_with_logits(logits, labels)

        return loss

    train, held = loss_of(x, y), loss_of(held_x, held_y)
    w = weights["w"].clone().requires_grad_()
    slope = torch.autograd.grad(train({"w": w}), w, create_graph=True)[0]
    stepped = w - eta * (slope + decay * w)
    exact = torch.autograd.grad(held({"w": stepped}), a)[0]
    return _errors(train, held, weights, a, exact, eta, decay)


def _solved(seed: int) -> dict[str, float]:
    draw = torch.Generator().manual_seed(seed)
    mixing = torch.randn(6, 4, generator=draw, dtype=torch.float64)
    aim = torch.randn(6, generator=draw, dtype=torch.float64)
    weights = {"w": torch.randn(6, generator=draw, dtype=torch.float64)}
    a = torch.randn(4, generator=draw, dtype=torch.float64).requires_grad_()

    def train(at: Mapping[str, Tensor]) -> Tensor:
        return (at["w"] - mixing @ a).square().sum() / 2

    def held(at: Mapping[str, Tensor]) -> Tensor:
        return (at["w"] - aim).square().sum() / 2 + a.square().sum() / 2

    exact = (mixing.T @ (mixing @ a - aim) + a).detach()
    return _errors(train, held, weights, a, exact, 1.0, 0.0)


def _errors(
    train: Loss,
    held: Loss,
    weights: dict[str, Tensor],
    a: Tensor,
    exact: Tensor,
    eta: float,
    decay: float,
) -> dict[str, float]:
    second = second_order(train, held, weights, [a], eta=eta, decay=decay)[0]
    first = first_order(held, weights, [a])[0]
    norm = exact.norm()
    return {
        "second": float((second - exact).norm() / norm),
        "first": float((first - exact).norm() / norm),
    }


if __name__ == "__main__":
    print(json.dumps(measure()))
