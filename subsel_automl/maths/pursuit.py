"""Orthogonal matching pursuit with non-negative weights: few gradients that add up to all of them.

    min_{w >= 0, |S| <= b}  |sum_{i in S} w_i g_i - g|^2 + lambda |w|^2

Each step adds the atom of the largest <g_i, g - sum w g> and solves for w again. The inverse of
K_SS + lambda I grows by a row and shrinks by a row (bordering), so that a step costs |S|^2. Atoms
whose weight would turn negative leave S, as in Lawson & Hanson 1974.

Source: Killamsetty et al. 2021a (Grad-Match), Algorithm 2. Deviations:
    [1] S holds positive weights only. The pursuit ends at b atoms, when |g - sum w g| falls to the
        tolerance times |g|, when no atom points along the rest, or after 3 b steps; `filled` atoms
        then make up the b: the ones of the largest <g_i, g>, at the mean weight found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]


class Atoms(Protocol):
    """Gradients g_i, which need not be in memory."""

    def __len__(self) -> int: ...

    def sum(self, rows: Rows | slice, weights: Array) -> Floats:
        """sum_i w_i g_i over some rows, in the shape of one atom."""
        ...

    def along(self, vector: Floats) -> Array:
        """<g_i, vector> for all i, [n]."""
        ...

    def gram(self, rows: Rows, row: int) -> Array:
        """<g_i, g_row> for some rows i."""
        ...


@dataclass(frozen=True, eq=False)
class Vectors:
    """Atoms as rows of a matrix [n, k]."""

    rows: Floats

    def __len__(self) -> int:
        return len(self.rows)

    def sum(self, rows: Rows | slice, weights: Array) -> Floats:
        out: Floats = weights.astype(np.float32) @ self.rows[rows]
        return out

    def along(self, vector: Floats) -> Array:
        out: Array = (self.rows @ vector).astype(np.float64)
        return out

    def gram(self, rows: Rows, row: int) -> Array:
        out: Array = (self.rows[rows] @ self.rows[row]).astype(np.float64)
        return out


@dataclass(frozen=True, eq=False)
class OuterProducts:
    """Atoms e_i h_i^T of last-layer gradients, from errors [n, c] and inner inputs [n, k]."""

    error: Floats
    inner: Floats

    def __len__(self) -> int:
        return len(self.error)

    def sum(self, rows: Rows | slice, weights: Array) -> Floats:
        errors, scale = self.error[rows], weights.astype(np.float32)
        return np.asarray((errors * scale[:, None]).T @ self.inner[rows], np.float32)

    def along(self, vector: Floats) -> Array:
        out: Array = np.einsum("nc,nc->n", self.inner @ vector.T, self.error).astype(np.float64)
        return out

    def gram(self, rows: Rows, row: int) -> Array:
        """(e_i . e_j) (h_i . h_j)"""
        errors = self.error[rows] @ self.error[row]
        out: Array = (errors * (self.inner[rows] @ self.inner[row])).astype(np.float64)
        return out


@dataclass(frozen=True, eq=False)
class Pursuit:
    """Atoms in order of choice; the last `filled` of them were not found by the pursuit.  [1]

    `error` is |g - sum w g| / |g| of the found ones.
    """

    rows: Rows
    weights: Floats
    filled: int
    error: float


def pursue(
    atoms: Atoms,
    target: Floats,
    b: int,
    *,
    regulariser: float = 1.0,
    tolerance: float = 1e-4,
) -> Pursuit:
    """Exactly b atoms and their weights, all above 0.

    Raises:
        ValueError: b out of range.
    """
    n = len(atoms)
    if not 0 < b <= n:
        raise ValueError(f"cannot take {b} of {n} atoms")
    wanted, length = atoms.along(target), float(np.linalg.norm(target))
    active = _Active(min(b, 64), regulariser)
    open_ = np.ones(n, bool)
    rest, error = target, 1.0 if length > 0 else 0.0
    for _ in range(3 * b):
        if len(active.rows) >= b or error <= tolerance:
            break
        along = np.where(open_, atoms.along(rest), -np.inf)
        row = int(along.argmax())
        if along[row] <= 1e-9 * max(float(np.abs(wanted).max()), 1e-300):
            break
        open_[row] = False  # also when it is no use: it depends on the others
        left = active.add(atoms, row, float(wanted[row]))
        open_[left] = True
        rest = target - atoms.sum(np.array(active.rows, np.int64), active.weights)
        error = float(np.linalg.norm(rest)) / length
    return _filled(active, wanted, b, error)


def _filled(active: _Active, wanted: Array, b: int, error: float) -> Pursuit:
    found = np.array(active.rows, np.int64)
    others = np.where(np.isin(np.arange(len(wanted)), found), -np.inf, wanted)
    more = np.argsort(-others, kind="stable")[: b - len(found)]
    weight = float(active.weights.mean()) if len(found) else 1.0
    weights = np.concatenate([active.weights, np.full(len(more), weight)])
    return Pursuit(np.concatenate([found, more]), weights.astype(np.float32), len(more), error)


class _Active:
    """The atoms of positive weight, and the inverse of K + lambda I over them."""

    def __init__(self, room: int, regulariser: float) -> None:
        self.rows: list[int] = []
        self.weights: Array = np.zeros(0)
        self.regulariser = regulariser
        self._wanted: Array = np.zeros(0)
        self._inverse: Array = np.zeros((room, room))

    def add(self, atoms: Atoms, row: int, wanted: float) -> list[int]:
        """Take an atom in, if it is of use, and solve. -> the atoms that leave"""
        t = len(self.rows)
        both = atoms.gram(np.array([*self.rows, row], np.int64), row)
        k, own = both[:-1], float(both[-1]) + self.regulariser
        inverse = self._room(t + 1)
        u = inverse[:t, :t] @ k
        schur = own - float(k @ u)
        if schur <= 1e-6 * own:  # it adds nothing that the others do not span
            return []
        inverse[:t, :t] += np.outer(u, u / schur)
        inverse[:t, t] = inverse[t, :t] = -u / schur
        inverse[t, t] = 1 / schur
        self.rows.append(row)
        self._wanted = np.append(self._wanted, wanted)
        return self._solve(np.append(self.weights, 0.0))

    def _solve(self, before: Array) -> list[int]:
        """Weights of least objective that are not negative, from a point `before` that is not."""
        leaving: list[int] = []
        while True:
            t = len(self.rows)
            after = self._inverse[:t, :t] @ self._wanted
            if (after > 0).all():
                self.weights = after
                return leaving
            down = after <= 0
            drop = np.maximum(before[down] - after[down], 1e-300)
            reach = float((before[down] / drop).min())
            before = before + reach * (after - before)
            gone = np.flatnonzero(down & (before <= 1e-12 * max(float(before.max()), 1e-300)))
            for place in gone[::-1]:
                leaving.append(self.rows.pop(place))
                self._forget(int(place), t)
                t -= 1
            before = np.delete(before, gone)
            self._wanted = np.delete(self._wanted, gone)

    def _forget(self, place: int, t: int) -> None:
        inverse = self._inverse
        keep = np.delete(np.arange(t), place)
        column = inverse[keep, place]
        smaller = inverse[np.ix_(keep, keep)] - np.outer(column, column / inverse[place, place])
        inverse[: t - 1, : t - 1] = smaller

    def _room(self, size: int) -> Array:
        if size > len(self._inverse):
            larger = np.zeros((2 * size, 2 * size))
            old = len(self._inverse)
            larger[:old, :old] = self._inverse
            self._inverse = larger
        return self._inverse
