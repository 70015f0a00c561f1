"""What a provider cost before it was asked anything, written into the ledger of whoever uses it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from .ledger import AmortizationLedger, Stage

if TYPE_CHECKING:
    from .pool import Pool


class Prepared:
    """The part of a provider that was paid for before the search.

    Attributes:
        fit_seconds, fit_cpu_seconds: of the last `fit`.
    """

    name: ClassVar[str]
    fit_seconds: float = 0.0
    fit_cpu_seconds: float = 0.0
    _pool: Pool | None

    def options(self) -> Mapping[str, Any]:
        """What distinguishes this instance."""
        return {}

    def charge_preparation(self, ledger: AmortizationLedger) -> None:
        """Charge what was spent before the first question; twice is once.

        The seconds of `fit` go to FIT_SAMPLER. Providers that learned from reference networks
        charge those too.
        """
        self._charge_fit(ledger, self.fit_seconds, self.fit_cpu_seconds)

    def _charge_fit(self, ledger: AmortizationLedger, seconds: float, cpu_seconds: float) -> None:
        if seconds > 0 or cpu_seconds > 0:
            event = f"{self._prepared_as()}/fit"
            ledger.record(Stage.FIT_SAMPLER, seconds, cpu_seconds=cpu_seconds, event=event)

    def _prepared_as(self) -> str:
        """Name of this preparation: the same in every process that makes the same provider."""
        told = json.dumps(dict(self.options()), sort_keys=True, default=lambda v: type(v).__name__)
        pool = "" if self._pool is None else self._pool.fingerprint[:16]
        return f"prepared/{self.name}/{pool}/{hashlib.sha256(told.encode()).hexdigest()[:16]}"
