"""Weighted features: what a network sees of an image's own class, comparable among networks.

    w = W_y sorted downwards, x its features in the same order;  out = (w_1 x_1, ..., w_k x_k)

With k = d the sum is the logit of class y less its bias. The order is that of the weights alone, so
a network whose channels are listed otherwise has the same answer.

Source: Suchopárová and Neruda 2022 (info-NAS), section 3; k = 10.

Deviations: none.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..core.errors import BadInput

TOP = 10


def weighted_features(
    features: npt.NDArray[np.floating],
    weight: npt.NDArray[np.floating],
    labels: npt.NDArray[np.integer],
    top: int = TOP,
) -> npt.NDArray[np.float32]:
    """The first `top` products of each example, [n, top].

    Args:
        features: [n, d]. weight: [c, d]. labels: [n], of 0..c-1.

    Raises:
        BadInput: more than there are features, or fewer than one.
    """
    width = weight.shape[1]
    if not 1 <= top <= width:
        raise BadInput(f"the {top} first of {width} weighted features; give 1..{width}")
    order = np.argsort(-weight, axis=1, kind="stable")[:, :top]  # [c, top], once a class
    chosen = order[labels]
    own = np.take_along_axis(weight[labels], chosen, 1)
    found: npt.NDArray[np.float32] = own * np.take_along_axis(features, chosen, 1)
    return found.astype(np.float32)
