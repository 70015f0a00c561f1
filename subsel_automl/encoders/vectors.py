"""One vector an architecture, from an encoder's node embeddings.

    own    what the encoder's source takes (of CATE the output node's, else the mean)
    sum, mean   over nodes;   flat   all nodes in BFS order, 0 where there is none

Source: Yan 2022 (thesis), 3 and 4, and info-NAS, which compare them.

Deviations: none.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ..core.architecture import Architecture
from ..core.errors import UnknownName
from .base import ArchitectureEncoder

POOLINGS = ("flat", "sum", "mean", "own")


def vectors(
    encoder: ArchitectureEncoder, architectures: Sequence[Architecture], pooling: str = "flat"
) -> npt.NDArray[np.float32]:
    """Vectors [m, d].

    Raises:
        UnknownName: another pooling. ArchitectureError: what the encoder's space lacks.
    """
    if pooling not in POOLINGS:
        raise UnknownName("pooling", pooling, POOLINGS)
    if pooling == "own":
        own: npt.NDArray[np.float32] = encoder.embed_architectures(architectures).cpu().numpy()
        return own
    h, mask = encoder.embed(architectures)
    nodes = h * mask[..., None]
    if pooling == "flat":
        found = nodes.flatten(1)
    else:
        found = nodes.sum(1) if pooling == "sum" else nodes.sum(1) / mask.sum(1, keepdim=True)
    rows: npt.NDArray[np.float32] = found.cpu().numpy()
    return rows
