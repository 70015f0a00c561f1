"""The gradient of architecture parameters through one step of the weights.

    min_a L_val(w*(a), a),  w*(a) = argmin_w L_train(w, a)                           (Eqs. 3, 4)
    first order   grad_a L_val(w, a)
    second order  grad_a L_val(w', a) - eta grad_a,w L_train(w, a) grad_w' L_val(w', a)      (Eq. 7)
                  w' = w - eta (momentum v + grad_w L_train(w, a) + decay w)
                  ~ (grad_a L_train(w+, a) - grad_a L_train(w-, a)) / (2 epsilon)            (Eq. 8)
                  w+- = w +- epsilon grad_w' L_val(w', a), epsilon = 0.01 / ||grad_w' L_val||

Source: Liu et al. 2019, 2.3.

Deviations: none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

Weights = dict[str, Tensor]
Loss = Callable[[Mapping[str, Tensor]], Tensor]  # of weights, at the architecture as it stands
RADIUS = 0.01


def first_order(
    held: Loss, weights: Mapping[str, Tensor], alphas: Sequence[Tensor]
) -> list[Tensor]:
    """grad_a L_val(w, a)."""
    return gradients(held({k: w.detach() for k, w in weights.items()}), alphas)


def second_order(
    train: Loss,
    held: Loss,
    weights: Mapping[str, Tensor],
    alphas: Sequence[Tensor],
    *,
    eta: float,
    velocity: Mapping[str, Tensor] | None = None,
    momentum: float = 0.0,
    decay: float = 0.0,
) -> list[Tensor]:
    """Eq. 7 by finite differences, Eq. 8.

    Args:
        train, held: L_train and L_val as functions of the weights.
        weights: w.
        alphas: a; both losses must depend on them.
        eta: the current learning rate.
        velocity: v, the optimizer's momentum buffers; those missing are zero.
    """
    here = {k: w.detach().requires_grad_() for k, w in weights.items()}
    slopes = gradients(train(here), list(here.values()))
    with torch.no_grad():
        moved = {}
        for (k, w), slope in zip(here.items(), slopes, strict=True):
            push = momentum * velocity[k] if velocity and k in velocity else 0.0
            moved[k] = (w - eta * (push + slope + decay * w)).requires_grad_()  # w'
    found = gradients(held(moved), [*alphas, *moved.values()])
    direct, v = found[: len(alphas)], found[len(alphas) :]
    epsilon = RADIUS / torch.stack([part.norm() for part in v]).norm().clamp_min(1e-12)
    sides = []
    for sign in (1, -1):
        pairs = zip(here.items(), v, strict=True)
        beside = {k: w.detach() + sign * epsilon * part for (k, w), part in pairs}
        sides.append(gradients(train(beside), alphas))
    return [
        d - eta * (plus - minus) / (2 * epsilon)
        for d, plus, minus in zip(direct, *sides, strict=True)
    ]


def gradients(loss: Tensor, of: Sequence[Tensor]) -> list[Tensor]:
    """By each of them; zero for what the loss does not depend on."""
    found = torch.autograd.grad(loss, list(of), allow_unused=True)
    return [torch.zeros_like(x) if g is None else g for g, x in zip(found, of, strict=True)]
