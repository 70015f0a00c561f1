"""What a search asks about: an architecture in, an accuracy and its cost out.

    TableObjective(Nasbench101Table())                     accuracies that others have measured
    TrialObjective(recipe, feed, space="nasbench201")      a training on the subset chosen for it

A search does not know which it asks (`queries.py`). A table's answer is read with noise of a given
standard deviation, the same whenever a cell is read, since a training that is looked up twice is
one training; `truth` is what a cell that was found is scored by.

Source: Ying et al. 2019; Dong and Yang 2020.

Deviations:
    [1] NAS-Bench-101's file has test accuracies alone: a search reads what it is scored by (without
        noise a "noiseless reading"), and no seconds. NAS-Bench-201 is read by its validation
        accuracy after 12 epochs of CIFAR-10, or after 200 of one seed on the other data sets, and
        scored by its test accuracy after 200.
    [2] Its seconds are of 200 epochs; 12 epochs are charged as 12/200 of them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from ..core.architecture import Architecture
from ..core.errors import BadInput
from ..core.provider import SubsetProvider
from ..spaces.base import SearchSpace
from ..spaces.named import search_space
from ..spaces.tables import Nasbench101Table, Nasbench201Table

SHORT, LONG = 12, 200  # epochs


@dataclass(frozen=True)
class Answer:
    """What is known of an architecture once it was asked about.

    Attributes:
        value: accuracy in 0..1 that the search reads; more is better.
        costs: by the names of `run.COSTS`; what is left out is 0.
        curve: an entry an epoch, of a training.
        lesson: whether the training taught the provider; `untaught` why not, where one was due.
    """

    value: float
    costs: Mapping[str, float] = field(default_factory=dict)
    curve: tuple[Mapping[str, Any], ...] = ()
    lesson: bool = False
    untaught: str = ""


class Objective(ABC):
    """Answers about the architectures of a space.

    Attributes:
        space: where the architectures come from.
        kind: in words, for messages and records.
    """

    kind: ClassVar[str]
    space: SearchSpace

    @abstractmethod
    def ask(self, architecture: Architecture) -> Answer:
        """The same answer whenever, and in whatever process, it is asked.

        Raises:
            ArchitectureError: no architecture of the space.
        """

    @abstractmethod
    def about(self) -> dict[str, Any]:
        """What tells this objective from others, in JSON's types: a search goes on with the same
        one only."""

    @property
    def provider(self) -> SubsetProvider | None:
        """Who chooses what trainings train on, where anybody does."""
        return None

    def facts(self, answer: Answer) -> dict[str, Any]:
        """Of an answer's bill: what was trained on, where it was a training."""
        return {}

    def check_resume(self) -> None:  # noqa: B027  (most can always)
        """Refuse to go on with a search whose answers depended on what is not kept.

        Raises:
            BadInput: says what that is.
        """


class TableObjective(Objective):
    """The accuracies of a table [1].

    Args:
        table: `Nasbench101Table` or `Nasbench201Table`.
        noise: standard deviation of a reading, in points of accuracy.
        seed: of the noise.
        data: data set of NAS-Bench-201's table.

    Raises:
        BadInput: another table, or noise below 0. UnknownName: no such data set.
    """

    kind = "table"

    def __init__(
        self,
        table: Nasbench101Table | Nasbench201Table,
        noise: float = 0.0,
        seed: int = 0,
        data: str = "cifar10",
    ) -> None:
        if not np.isfinite(noise) or noise < 0:
            raise BadInput(f"noise is {noise!r}; give a standard deviation in points, from 0")
        if not isinstance(table, (Nasbench101Table, Nasbench201Table)):
            raise BadInput(
                f"{type(table).__name__} is no table that can be asked; give Nasbench101Table or "
                "Nasbench201Table"
            )
        self.table, self.noise, self.seed, self.data = table, float(noise), seed, data
        if isinstance(table, Nasbench101Table):
            self.space = search_space("nasbench101")
            self._read = self._truth = table.percent / 100
        else:
            self.space = search_space("nasbench201")
            self._truth = table.test_percents(data) / 100
            self._read = table.read_percents(data) / 100

    def ask(self, architecture: Architecture) -> Answer:
        value = float(self._read[self._row(architecture)])
        if self.noise:
            drawn = np.random.default_rng([self.seed, int(architecture.key[:16], 16)])
            value += self.noise / 100 * float(drawn.standard_normal())
        costs = {}
        if isinstance(self.table, Nasbench201Table):
            share = SHORT / LONG if self.data == "cifar10" else 1.0  # [2]
            costs["seconds"] = share * self.table.seconds(architecture, self.data)
        return Answer(value, costs)

    def truth(self, architecture: Architecture) -> float:
        """Test accuracy in 0..1."""
        return float(self._truth[self._row(architecture)])

    def regret(self, architecture: Architecture) -> float:
        """Points of test accuracy below the best cell of the table."""
        return 100 * (float(self._truth.max()) - self.truth(architecture))

    def about(self) -> dict[str, Any]:
        about: dict[str, Any] = {"objective": self.kind, "noise": self.noise}
        if self.noise:
            about["noise_seed"] = self.seed
        if isinstance(self.table, Nasbench201Table):
            about["data"] = self.data
        return about

    def _row(self, architecture: Architecture) -> int:
        return self.table.cells.row_of(architecture.key)
