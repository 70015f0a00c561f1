"""Channels and parameters of NAS-Bench-101 networks, for many cells at once.

Rule (Ying et al. 2019): the output's channels are split among the inner vertices that feed it,
the remainder goes one each to the first of them; any other inner vertex takes the maximum of its
successors. An input edge to an inner vertex is a 1x1 projection; input -> output is a 1x1
projection that is added to the concatenation. A k x k convolution with batch norm has
k k ci co + 2 co weights.

Deviations: none.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
KERNEL_AREA = np.array([9, 1, 0], np.int64)  # conv3x3, conv1x1, maxpool3x3


def vertex_channels(adjacency: npt.NDArray[np.integer], in_channels: int, width: int) -> Ints:
    """Channels that each vertex puts out.

    Args:
        adjacency: [m, v, v] of 0 and 1, upper triangular, pruned, all cells with v vertices.
        in_channels: channels of the input vertex.
        width: channels of the output vertex.

    Returns:
        [m, v]
    """
    edge = np.asarray(adjacency, np.int64)
    m, v, _ = edge.shape
    channels = np.zeros((m, v), np.int64)
    channels[:, 0], channels[:, -1] = in_channels, width
    feeds_output = edge[:, 1:-1, -1]  # [m, v - 2]
    fan_in = np.maximum(feeds_output.sum(1), 1)[:, None]
    rank = np.cumsum(feeds_output, axis=1) - 1
    share = width // fan_in + (rank < width % fan_in)
    channels[:, 1:-1] = feeds_output * share
    for u in range(v - 3, 0, -1):
        successors = (edge[:, u, 1:-1] * channels[:, 1:-1]).max(1)
        channels[:, u] = np.where(edge[:, u, -1] == 1, channels[:, u], successors)
    return channels


def cell_parameters(
    adjacency: npt.NDArray[np.integer],
    op_codes: npt.NDArray[np.integer],
    in_channels: int,
    width: int,
) -> Ints:
    """Weights of one cell; op_codes [m, v - 2] index `KERNEL_AREA`. Returns [m]."""
    edge = np.asarray(adjacency, np.int64)
    inner = vertex_channels(edge, in_channels, width)[:, 1:-1]
    area = KERNEL_AREA[op_codes]
    total = (area * inner**2 + 2 * inner * (area > 0)).sum(1)  # k k c c + 2 c
    total += (edge[:, 0, 1:-1] * (in_channels * inner + 2 * inner)).sum(1)  # projections
    return total + edge[:, 0, -1] * (in_channels * width + 2 * width)


def network_parameters(
    adjacency: npt.NDArray[np.integer],
    op_codes: npt.NDArray[np.integer],
    *,
    classes: int = 10,
    in_channels: int = 3,
    channels: int = 128,
    stacks: int = 3,
    cells: int = 3,
) -> Ints:
    """Weights of the whole network: 3x3 stem, `stacks` stacks of `cells` cells, dense head.

    Args:
        adjacency: [m, v, v], all cells with v vertices.
        op_codes: [m, v - 2].
        channels: of the first stack; each further stack doubles them.

    Returns:
        [m]
    """
    total = np.full(len(adjacency), 9 * in_channels * channels + 2 * channels, np.int64)
    before = channels
    for stack in range(stacks):
        width = channels * 2**stack
        if cells:
            total += cell_parameters(adjacency, op_codes, before, width)
            total += (cells - 1) * cell_parameters(adjacency, op_codes, width, width)
            before = width
    return total + before * classes + classes
