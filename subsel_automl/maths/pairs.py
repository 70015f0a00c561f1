"""Pairs (i, j) with d_ij < r_j: all that is left to gain in facility location, both ways round.

A pick lowers r_j for the j near it; the gains sum_j max(0, r_j - d_ij) of the candidates near those
j fall by just that, and no other gain changes. 16 bytes a pair.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .dissimilarity import Dissimilarity, Floats, Rows

BYTES = 16  # int32 and float32, both ways round
BATCH = 256
SAMPLE = 128


@dataclass(frozen=True, eq=False)
class Lists:
    """Lists of (name, d) one behind the other; list k is starts[k] : starts[k + 1]."""

    starts: npt.NDArray[np.int64]
    names: npt.NDArray[np.int32]
    d: Floats

    def entries(self, lists: npt.NDArray[np.integer]) -> tuple[Rows, Rows]:
        """Places of all entries of some lists, and each list's length."""
        first = self.starts[lists]
        lengths = self.starts[lists + 1] - first
        ends = np.cumsum(lengths)
        total = int(ends[-1]) if len(ends) else 0
        return np.repeat(first - (ends - lengths), lengths) + np.arange(total), lengths


@dataclass(eq=False)
class Pairs:
    """The pairs with d_ij < r_j: by j (whose list names i) and by i, and the gains of all i."""

    by_j: Lists
    by_i: Lists
    gains: npt.NDArray[np.float64]

    @classmethod
    def of(cls, space: Dissimilarity, r: Floats, cap: int) -> Pairs | None:
        """None when there are more than `cap`; a sample of columns is looked at first."""
        n = len(r)
        some = np.unique(np.linspace(0, n - 1, SAMPLE).astype(np.int64))
        share = np.mean([np.mean(space.between(np.array([j]), slice(None)) < r[j]) for j in some])
        if share * n * n > cap:
            return None
        counts, columns, values, found = [], [], [], 0
        for start in range(0, n, BATCH):
            block = space.between(slice(start, start + BATCH), slice(None))
            near = block < r[start : start + BATCH, None]
            counts.append(near.sum(1))
            columns.append((np.flatnonzero(near) % n).astype(np.int32))
            values.append(block[near])
            found += len(values[-1])
            if found > cap:
                return None
        starts = _starts(np.concatenate(counts))
        names, columns = np.concatenate(columns), []
        d, values = np.concatenate(values), []
        return cls._made(Lists(starts, names, d), r)

    @classmethod
    def _made(cls, by_j: Lists, r: Floats) -> Pairs:
        from scipy.sparse import csr_array

        n = len(r)
        starts = by_j.starts.astype(np.int32)  # int64 would widen the names too
        other = csr_array((by_j.d, by_j.names, starts), shape=(n, n)).tocsc()
        by_i = Lists(
            other.indptr.astype(np.int64), other.indices.astype(np.int32, copy=False), other.data
        )
        gains = np.zeros(n)
        for start in range(0, n, BATCH):
            part = slice(by_j.starts[start], by_j.starts[min(start + BATCH, n)])
            counts = np.diff(by_j.starts[start : start + BATCH + 1])
            saved = np.repeat(r[start : start + BATCH], counts) - by_j.d[part]
            gains += np.bincount(by_j.names[part], saved, n)
        return cls(by_j, by_i, gains)

    def alive(self, r: Floats) -> Pairs:
        """Without the pairs that an earlier pick has settled; gains afresh."""
        counts = np.diff(self.by_j.starts)
        keep = self.by_j.d < np.repeat(r, counts)
        before = np.concatenate([[0], np.cumsum(keep)])
        starts = before[self.by_j.starts].astype(np.int64)
        return self._made(Lists(starts, self.by_j.names[keep], self.by_j.d[keep]), r)

    def take(self, row: int, r: Floats) -> Rows:
        """Choose a row: r falls, gains follow. -> the rows that it is now nearest to."""
        part = slice(self.by_i.starts[row], self.by_i.starts[row + 1])
        near, new = self.by_i.names[part], np.maximum(self.by_i.d[part], 0)
        better = new < r[near]
        near, new = near[better], new[better]
        old = r[near]
        flat, lengths = self.by_j.entries(near)
        d = self.by_j.d[flat]
        lost = np.maximum(np.repeat(old, lengths) - d, 0)
        lost -= np.maximum(np.repeat(new, lengths) - d, 0)
        if len(flat) > len(r) // 8:
            self.gains -= np.bincount(self.by_j.names[flat], lost, len(r))
        else:
            np.subtract.at(self.gains, self.by_j.names[flat], lost)
        r[near] = new
        self.gains[row] = -np.inf
        return near.astype(np.int64)


def _starts(counts: npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
