"""70:10:20 splits of the data D and of the architectures M (SubSelNet 5.1), both by seed.

The role of an architecture follows from its key, so that a space of any size is split without
being listed, and every process agrees.
"""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt

from ..core.architecture import Architecture

FRACTIONS = (0.7, 0.1, 0.2)  # training, validation, test: SubSelNet 5.1
ROLES = ("training", "validation", "test")


def split_indices(
    n: int, seed: int, fractions: tuple[float, float, float] = FRACTIONS
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Three sorted, disjoint index arrays that cover 0..n-1."""
    order = np.random.default_rng(seed).permutation(n)
    first = round(n * fractions[0])
    second = first + round(n * fractions[1])
    parts = np.split(order, [first, second])
    return np.sort(parts[0]), np.sort(parts[1]), np.sort(parts[2])


def architecture_role(
    architecture: Architecture | str,
    seed: int = 0,
    fractions: tuple[float, float, float] = FRACTIONS,
) -> str:
    """ "training", "validation" or "test", by a hash of (seed, key)."""
    key = architecture if isinstance(architecture, str) else architecture.key
    digest = hashlib.blake2b(f"{seed}\0{key}".encode(), digest_size=8).digest()
    place = int.from_bytes(digest, "little") / 2**64
    if place < fractions[0]:
        return ROLES[0]
    return ROLES[1] if place < fractions[0] + fractions[1] else ROLES[2]
