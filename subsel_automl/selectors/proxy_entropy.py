"""Proxy data by entropy: examples drawn by the height of their bin in a histogram of log entropy.

    f(x) = -sum_c p_c log p_c of a trained network;  h(x) = examples in the bin of log10 f(x)
    P(x) = W(x) / h(x) / sum,  W = max h - h(x) + 1 (P1),  1 (P2),  1 / h(x) (P3)

b are drawn without replacement. P2 gives every bin the same share, P1 and P3 more to low bins: to
the easiest and the hardest examples, which lie in the tails.

Source: Na et al. 2021 (Accelerating NAS via Proxy Data), section 4; bin width 0.5 on CIFAR-10.
Deviations:
    [1] The network is resnet-8 for images and mlp for features alone, for five epochs; they take a
        ResNet-20 trained to the end: network="resnet-20", epochs=..., or its entropies in a file.
    [2] Entropies below 1e-10 count as 1e-10: log 0 has no bin.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.errors import BadInput, DamagedArtefact, MissingData
from ..core.pool import Pool
from ..core.provider import Needs, Request
from ..core.subset import Subset
from ..maths import draws
from ..maths import scores as formulas
from .options import number, one_of
from .scored import ScoredByMaster, Scores

SCHEMES = ("P1", "P2", "P3")
LEAST = 1e-10  # [2]


def log_weights(entropies: Scores, scheme: str, width: float) -> Scores:
    """log P(x) but for a constant, [n]; see the module's docstring."""
    places = np.floor(np.log10(np.maximum(entropies, LEAST)) / width)
    _, own, heights = np.unique(places, return_inverse=True, return_counts=True)
    h = heights[own].astype(np.float64)
    w = {"P1": heights.max() - h + 1, "P2": np.ones_like(h), "P3": 1 / h}[scheme]
    out: Scores = np.log(w / h)
    return out


class ProxyEntropy(ScoredByMaster):
    """A draw by the histogram of entropies.

    Args:
        scheme: "P1", "P2" or "P3".
        width: of a bin, in powers of ten.
        entropies: a csv or csv.gz file with a column whose name starts with "entropy", a row an
            example of the pool in the pool's order, and perhaps "label", which is compared.
            Nothing is trained then.
        rows: the file's row of each example; None takes the file as it is.
        network, epochs, master_seed: as in ScoredByMaster.

    Raises:
        UnknownName, BadInput: unusable options.
    """

    name = "proxy-entropy"
    source = "Na et al. 2021, section 4"
    drawn = True

    def __init__(
        self,
        scheme: str = "P1",
        width: float = 0.5,
        entropies: str | Path | None = None,
        rows: list[int] | None = None,
        network: str | None = None,
        epochs: int = 5,
        master_seed: int = 0,
    ) -> None:
        super().__init__(network, epochs, master_seed)
        self.scheme = one_of(self.name, "scheme", scheme, SCHEMES)
        self.width = number(self.name, "width", width, open_=True)
        self.entropies = None if entropies is None else str(entropies)
        self.rows = None if rows is None else [int(row) for row in rows]
        if self.rows is not None and self.entropies is None:
            raise BadInput(f"rows of provider {self.name!r} are of a file; give entropies too")
        if self.entropies is not None:
            self.needs = Needs.NOTHING  # type: ignore[misc]

    def options(self) -> Mapping[str, Any]:
        training = {name: value for name, value in super().options().items() if name != "per_class"}
        about = {"scheme": self.scheme, "width": self.width}
        return {**about, "entropies": self.entropies, "rows": self.rows, **training}

    def _score(self, pool: Pool) -> Scores:
        if self.entropies is None:
            entropies = formulas.entropy(self.master(pool).log_probabilities)
        else:
            entropies = entropies_of(Path(self.entropies), pool, self.rows)
        return log_weights(entropies, self.scheme, self.width)

    def _select(self, request: Request) -> Subset:
        key = (request.seed, request.draw)
        return Subset(draws.draw(self.scores, request.count, key))


def entropies_of(path: Path, pool: Pool, rows: list[int] | None) -> Scores:
    """The pool's entropies from a file.

    Raises:
        MissingData: no such file. DamagedArtefact: no column of entropies, or no numbers in it.
        BadInput: not a row an example, or labels that are not the pool's.
    """
    if not path.is_file():
        raise MissingData(f"the file of entropies {path} is not there; give its path")
    found, labels = _columns(path)
    if rows is not None:
        if rows and not 0 <= min(rows) <= max(rows) < len(found):
            raise BadInput(f"rows reach {min(rows)}..{max(rows)}; {path} has 0..{len(found) - 1}")
        found, labels = found[rows], None if labels is None else labels[rows]
    if len(found) != len(pool):
        raise BadInput(
            f"{len(found)} entropies of {path} for the {len(pool)} examples of pool "
            f"{pool.name!r}; give rows=[...], the file's row of each example"
        )
    if labels is not None and pool.labels is not None and (labels != pool.labels).any():
        wrong = np.flatnonzero(labels != pool.labels)
        raise BadInput(
            f"{len(wrong)} labels of {path} are not those of pool {pool.name!r} (first: row "
            f"{wrong[0]}); the rows are of other examples. Give rows=[...] that fit"
        )
    return found


def _columns(path: Path) -> tuple[Scores, npt.NDArray[np.int64] | None]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", newline="") as text:
        header, *lines = csv.reader(text)
    places = [place for place, name in enumerate(header) if name.startswith("entropy")]
    if len(places) != 1:
        raise DamagedArtefact(f"{path} has {len(places)} columns 'entropy...', not one: {header}")
    try:
        found = np.array([float(line[places[0]]) for line in lines])
        labels = None
        if "label" in header:
            labels = np.array([int(line[header.index("label")]) for line in lines], np.int64)
    except (ValueError, IndexError) as error:
        raise DamagedArtefact(f"{path} cannot be read as a table of numbers: {error}") from error
    if not (np.isfinite(found).all() and (found >= 0).all()):
        raise DamagedArtefact(f"{path} holds entropies that are negative or no finite numbers")
    return found, labels
