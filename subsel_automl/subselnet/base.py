"""What all SubSelNet providers share: a fitted model, predicted losses, the draw, soft targets.

An architecture that the encoder does not know (another space, another operation, too many nodes) is
answered by the mean of the zoo: a warning names it once, and the subset's notes hold
`prediction` = "zoo-mean: ...".
"""

from __future__ import annotations

import hashlib
import warnings
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from ..core.errors import BadInput, UnknownName
from ..core.ledger import AmortizationLedger, Stage
from ..core.pool import Pool
from ..core.provider import Needs, Request, SubsetProvider
from ..core.subset import Provenance, Subset
from ..core.zoo import Zoo
from ..maths import answers, draws
from .model import SubSelNetModel
from .solvers import SOLVERS, chosen_rows
from .temperatures import Choice, Choices

if TYPE_CHECKING:
    from typing_extensions import Self

    from .policy import Policy

LogProbabilities = npt.NDArray[np.float32]
Losses = npt.NDArray[np.float32]


class PredictingProvider(SubsetProvider):
    """Chooses by what a trained network would answer, predicted before it is trained.

    Args:
        temperature: lambda of Eq. 2; None takes what was chosen on the validation architectures.
        per_class: even numbers of every class; None takes what was chosen.
        solver: "gibbs", "exact" or "reinforce".
        class_floor: at least one of every class once b is large enough; False, with
            per_class=False, draws by Eq. 8 alone.
    """

    needs: ClassVar[Needs] = Needs.LABELS | Needs.ARCHITECTURE | Needs.ZOO
    cost: ClassVar[str] = "zoo"
    solvers: ClassVar[tuple[str, ...]] = SOLVERS

    def __init__(
        self,
        temperature: float | None = None,
        per_class: bool | None = None,
        solver: str = "gibbs",
        class_floor: bool = True,
    ) -> None:
        super().__init__()
        if not isinstance(class_floor, bool):
            raise BadInput(f"class_floor is {class_floor!r}; give True or False")
        self.class_floor = class_floor
        if solver not in self.solvers:
            raise UnknownName(f"solver of {self.name!r}", solver, self.solvers)
        if temperature is not None and (temperature == 0 or not np.isfinite(temperature)):
            raise BadInput(f"temperature is {temperature}; give a finite number other than 0")
        self.temperature, self.per_class, self.solver = temperature, per_class, solver
        self.choices = Choices()
        self.model: SubSelNetModel | None = None
        self.policy: Policy | None = None
        self.record: Mapping[str, Any] | None = None  # of the bundle that it came from
        self._zoo_seconds: dict[str, float] = {}  # an architecture, where it was fitted to a zoo
        self._told: set[str] = set()  # keys of unknown architectures that a warning has named
        self._noise: tuple[tuple[int, ...], npt.NDArray[np.float64]] | None = None

    def options(self) -> Mapping[str, Any]:
        return {
            "temperature": self.temperature,
            "per_class": self.per_class,
            "solver": self.solver,
            "class_floor": self.class_floor,
        }

    @classmethod
    def from_model(
        cls,
        model: SubSelNetModel,
        pool: Pool,
        *,
        choices: Choices | None = None,
        policy: Policy | None = None,
        **options: Any,
    ) -> Self:
        """A provider around parts that are fitted already.

        Raises:
            RefusedArtefact: the parts belong to another pool.
        """
        provider = cls(**options)
        provider._require(pool, _FittedZoo(model))
        model.require(pool)
        provider.model, provider.policy, provider._pool = model, policy, pool
        provider.choices = choices or Choices()
        return provider

    @classmethod
    def from_bundle(cls, name: str | Path, pool: Pool | None = None, **options: Any) -> Self:
        """A provider from a bundle that ships with the package, or from a folder.

        Args:
            name: such as "fashion-mnist/nasbench101", or a path.
            pool: by default the data set that the bundle names is loaded.

        Raises:
            UnknownName, RefusedArtefact, DamagedArtefact, MissingData.
        """
        from .bundle import load_bundle

        bundle = load_bundle(name, pool)
        provider = cls.from_model(
            bundle.model, bundle.pool, choices=bundle.choices, policy=bundle.policy, **options
        )
        provider.record = bundle.record
        return provider

    def like(self, kind: type[PredictingProvider], **options: Any) -> PredictingProvider:
        """Another provider around the same fitted parts."""
        made = kind.from_model(
            self.fitted, self.pool, choices=self.choices, policy=self.policy, **options
        )
        made.record, made._zoo_seconds = self.record, self._zoo_seconds
        made.fit_seconds, made.fit_cpu_seconds = self.fit_seconds, self.fit_cpu_seconds
        return made

    def charge_preparation(self, ledger: AmortizationLedger) -> None:
        """What the bundle records; else the zoo's seconds (wall alone are known) and the fit's.

        Providers `like` one another share what they were made of: it is charged once.
        """
        from .bundle import charge_preparation

        if self.record is not None:
            charge_preparation(ledger, self.record)
            return
        if not self._zoo_seconds:
            super().charge_preparation(ledger)
            return
        learned_from = hashlib.sha256(repr(sorted(self._zoo_seconds)).encode()).hexdigest()[:16]
        where = f"zoo/{self.fitted.pool_fingerprint[:16]}/{learned_from}"
        for key, seconds in self._zoo_seconds.items():
            event = f"{where}/{key}"
            ledger.record(
                Stage.TRAIN_ZOO, seconds, cpu_seconds=0.0, architecture_key=key, event=event
            )
        ledger.record(
            Stage.FIT_APPROXIMATOR,
            self.fit_seconds,
            cpu_seconds=self.fit_cpu_seconds,
            event=f"{where}/fit",
        )

    @property
    def fitted(self) -> SubSelNetModel:
        """The fitted parts."""
        if self.model is None:
            raise BadInput(f"provider {self.name!r} is not fitted; call fit, or from_bundle")
        return self.model

    def learned(self) -> str:
        if self.model is None:
            return ""
        digest = hashlib.sha256(repr(self.choices.rows).encode())
        for part in (self.model.encoder, self.model.approximator, self.policy):
            for value in () if part is None else part.state_dict().values():
                digest.update(value.numpy())
        digest.update(self.model.mean.numpy())
        return digest.hexdigest()

    def _fit(self, pool: Pool, zoo: Zoo | None) -> None:
        from .pipeline import train_pipeline

        assert zoo is not None  # Needs.ZOO
        self.choices, self._told, self._noise = Choices(), set(), None
        self.record = None
        self._zoo_seconds = {cell.key: zoo.seconds(cell.key) for cell in zoo.architectures}
        self.model, self.policy = train_pipeline(pool, zoo, ledger=self.ledger)

    def _predict(self, requests: Sequence[Request]) -> list[LogProbabilities]:
        """[n, c] for each request; `zoo-mean` overrides it."""
        unknown = [self._unknown(request) for request in requests]
        known = [
            r.architecture
            for r, reason in zip(requests, unknown, strict=True)
            if r.architecture is not None and not reason
        ]
        found = iter(self.fitted.log_probabilities(self.pool, known) if known else ())
        mean = self.fitted.mean_log_probabilities()
        for request, reason in zip(requests, unknown, strict=True):
            self._tell(request, reason)
        return [mean if reason else next(found) for reason in unknown]

    def _unknown(self, request: Request) -> str:
        """What the encoder does not know of the architecture, in words; "" when it knows it, or
        is not asked."""
        if request.architecture is None or Needs.ARCHITECTURE not in self.needs:
            return ""
        return self.fitted.encoder.unknown(request.architecture)

    def _tell(self, request: Request, reason: str) -> None:
        assert request.architecture is not None
        key = request.architecture.key
        if not reason or key in self._told:
            return
        self._told.add(key)
        warnings.warn(
            f"provider {self.name!r} does not know architecture {key[:8]} and takes the mean of "
            f"the zoo for it: {reason}",
            UserWarning,
            stacklevel=2,
        )

    @abstractmethod
    def _rows(
        self, request: Request, log_p: LogProbabilities, losses: Losses, choice: Choice
    ) -> npt.NDArray[np.int64]:
        """The chosen rows, from predicted losses [n]."""

    def _select(self, request: Request) -> Subset:
        return self._select_many([request])[0]

    def _select_many(self, requests: Sequence[Request]) -> list[Subset]:
        predictions = self._predict(requests)
        return [self._chosen(r, p) for r, p in zip(requests, predictions, strict=True)]

    def _chosen(self, request: Request, log_p: LogProbabilities) -> Subset:
        choice = self._choice(request)
        losses = answers.losses(log_p, request.pool)
        rows = self._rows(request, log_p, losses, choice)
        notes: dict[str, Any] = {
            "temperature": choice.temperature,
            "per_class": choice.per_class,
            "target_temperature": choice.target_temperature,
            "label_share": choice.label_share,
        }
        reason = self._unknown(request)
        if reason:
            notes["prediction"] = f"zoo-mean: {reason}"
        soft = answers.soft_targets(log_p[rows], request.pool.task)
        return Subset(rows, targets=soft, provenance=Provenance(notes=notes))

    def _choice(self, request: Request) -> Choice:
        found = self.choices.nearest(request.count / len(request.pool), request.mode)
        return Choice(
            found.budget,
            found.redraw,
            found.targets,
            found.temperature_after(request.draw * request.count)
            if self.temperature is None
            else self.temperature,
            found.per_class if self.per_class is None else self.per_class,
            found.target_temperature,
            found.label_share,
        )

    def _draw_key(self, request: Request) -> tuple[int, ...]:
        """What a draw's chance depends on."""
        return request.seed, request.draw

    def _drawn(
        self, request: Request, logits: npt.NDArray[np.floating], choice: Choice
    ) -> npt.NDArray[np.int64]:
        key = self._draw_key(request)
        if self._noise is None or self._noise[0] != (*key, len(logits)):
            self._noise = ((*key, len(logits)), draws.gumbels(0, len(logits), key))
        return chosen_rows(
            logits,
            request.pool.groups,
            request.count,
            key,
            solver=self.solver,
            per_class=choice.per_class,
            floor=self.class_floor,
            noise=self._noise[1],
        )


class _FittedZoo:
    """Stands for the zoo that a fitted model has already learned from."""

    def __init__(self, model: SubSelNetModel) -> None:
        self.pool_fingerprint = model.pool_fingerprint
