"""A table of trials: what training a configuration for so long, on so much data, came to.

    accuracy[c, k, l, s, p, z]   of configuration c on kind of data k, trained with a schedule of
                                 lengths[l] steps and seed s, after points[p] <= lengths[l] steps,
                                 on the first sizes[z] validation examples; NaN where not measured
    truth[c]                     mean test accuracy after the longest training on all data

One npz a problem, without pickled objects: arrays, and configurations as JSON.
"""

from __future__ import annotations

import functools
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.errors import BadInput, DamagedArtefact, MissingData, UnknownName
from ..core.files import write_atomic

FULL = "all"
MEASURES = {"accuracy": 1, "cross_entropy": -1, "scaled_cross_entropy": -1}  # more is better or not
SPENT = ("training", "selection", "validation")
VERSION = 1
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class TrialTable:
    """Trials of one problem.

    Args:
        name: of the problem.
        configs: a configuration each, JSON values.
        kinds: of data; "all" is the whole pool.
        lengths: steps of the schedules, ascending.
        points: steps at which a trial was validated, ascending.
        sizes: validation examples, ascending, nested.
        accuracy, cross_entropy, scaled_cross_entropy: [c, k, l, s, p, z]; in 0..1; in nats; in nats
            at the temperature that is best on the same examples.
        test_accuracy: [c, k, l, s], in 0..1.
        seconds: CPU seconds of training, selection and validation, each [c, k, l, s].
    """

    name: str
    configs: tuple[Mapping[str, Any], ...]
    kinds: tuple[str, ...]
    lengths: tuple[int, ...]
    points: tuple[int, ...]
    sizes: tuple[int, ...]
    accuracy: Floats
    cross_entropy: Floats
    scaled_cross_entropy: Floats
    test_accuracy: Floats
    seconds: Mapping[str, Floats]

    @classmethod
    def load(cls, path: Path | str) -> TrialTable:
        """Raises MissingData without the file, DamagedArtefact where it is another."""
        if not Path(path).exists():
            raise MissingData(f"there is no table {path}; python -m benchmarks.trial_table build")
        try:
            with np.load(path, allow_pickle=False) as kept:
                about = json.loads(str(kept["about"]))
                arrays = {name: kept[name].astype(np.float32) for name in kept if name != "about"}
            if about["version"] != VERSION:
                raise DamagedArtefact(f"{path} is of version {about['version']}, not {VERSION}")
            return cls(
                about["name"],
                tuple(about["configs"]),
                tuple(about["kinds"]),
                *(tuple(about[part]) for part in ("lengths", "points", "sizes")),
                **{name: arrays[name] for name in MEASURES},
                test_accuracy=arrays["test_accuracy"],
                seconds={part: arrays[f"{part}_seconds"] for part in SPENT},
            )
        except (ValueError, KeyError, OSError) as error:
            raise DamagedArtefact(f"{path} is no table of trials: {error!r}") from error

    def save(self, path: Path | str) -> None:
        """Whole or not at all; cross-entropies and seconds in half precision."""
        about = {
            "version": VERSION,
            "name": self.name,
            "configs": list(self.configs),
            "kinds": self.kinds,
            "lengths": self.lengths,
            "points": self.points,
            "sizes": self.sizes,
        }
        halved = {name: getattr(self, name) for name in MEASURES if name != "accuracy"}
        halved |= {f"{part}_seconds": self.seconds[part] for part in SPENT}
        out = io.BytesIO()
        np.savez_compressed(
            out,
            about=np.array(json.dumps(about)),
            accuracy=self.accuracy,
            test_accuracy=self.test_accuracy,
            **{name: np.clip(one, -6e4, 6e4).astype(np.float16) for name, one in halved.items()},
        )
        write_atomic(Path(path), out.getvalue())

    @property
    def seeds(self) -> int:
        return int(self.test_accuracy.shape[3])

    @functools.cached_property
    def truth(self) -> npt.NDArray[np.float64]:
        """[c]."""
        longest = self.test_accuracy[:, self._kind(FULL), -1]
        found: npt.NDArray[np.float64] = np.nanmean(longest.astype(np.float64), 1)
        return found

    @functools.cached_property
    def _known(self) -> dict[Any, npt.NDArray[np.float64]]:
        """Scores that were asked for."""
        return {}

    def share(self, length: int) -> float:
        """Of a full training."""
        return length / self.lengths[-1]

    def length_of(self, share: float) -> int:
        """The schedule whose length is nearest to a share of a full training, by their ratio."""
        ratios = [abs(np.log(self.share(one) / share)) for one in self.lengths]
        return self.lengths[int(np.argmin(ratios))]

    def scores(
        self,
        length: int,
        kind: str = FULL,
        seed: int = 0,
        *,
        at: int | None = None,
        measure: str = "accuracy",
        size: int | None = None,
    ) -> npt.NDArray[np.float64]:
        """What the trials of all configurations were judged by, more is better, [c].

        Args:
            length: steps of the schedule.
            at: steps so far; by default at its end.
            measure: one of MEASURES; cross-entropies with their sign turned.
            size: validation examples; by default the most.

        Raises:
            UnknownName, BadInput: of what the table has not.
        """
        asked = (length, kind, seed, at, measure, size)
        if asked in self._known:
            return self._known[asked]
        if measure not in MEASURES:
            raise UnknownName("measure", measure, MEASURES)
        where = (
            self._kind(kind),
            self._place("length", length, self.lengths),
            self._seed(seed),
            self._place("point", length if at is None else at, self.points),
            self._place("size", self.sizes[-1] if size is None else size, self.sizes),
        )
        values = getattr(self, measure)[(slice(None), *where)].astype(np.float64)
        found: npt.NDArray[np.float64] = MEASURES[measure] * values
        found.flags.writeable = False
        self._known[asked] = found
        return found

    def missing(self) -> int:
        """Cells without a test accuracy; of seeds beyond the second, the truth alone is planned."""
        planned = np.zeros(self.test_accuracy.shape[1:], bool)
        planned[:, :, :2] = True
        planned[self._kind(FULL), -1] = True
        return int(np.isnan(self.test_accuracy[:, planned]).sum())

    def _kind(self, kind: str) -> int:
        if kind not in self.kinds:
            raise UnknownName("kind of data", kind, self.kinds)
        return self.kinds.index(kind)

    def _seed(self, seed: int) -> int:
        if not 0 <= seed < self.seeds:
            raise BadInput(f"seed is {seed}; the table has 0..{self.seeds - 1}")
        return seed

    def _place(self, what: str, value: int, known: tuple[int, ...]) -> int:
        if value not in known:
            raise BadInput(f"{what} {value} is not in the table of {self.name!r}; it has {known}")
        return known.index(value)
