"""What the last dense layer of a network reads of some examples, and its weights.

logits = features @ weight.T + bias
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class LastLayer:
    """Float32 arrays of one network.

    Attributes:
        features: [n, d], what the layer reads of each example.
        weight, bias: [c, d] and [c]; a layer without a bias has zeros.
    """

    features: Floats
    weight: Floats
    bias: Floats

    def logits(self) -> Floats:
        """[n, c]."""
        said: Floats = self.features @ self.weight.T + self.bias
        return said
