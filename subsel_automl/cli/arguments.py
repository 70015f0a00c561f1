"""What is typed, turned into the package's own values; errors say what is allowed."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..catalog import USUAL
from ..core.errors import BadInput

if TYPE_CHECKING:
    from ..core.architecture import Architecture
    from ..core.budget import Budget
    from ..core.provider import SubsetProvider
    from ..data.images import Splits
    from ..spaces.base import SearchSpace

BUNDLE = "fashion-mnist/nasbench101"
SPACE = "nasbench101"
KEY_DIGITS = 32

Seed = Annotated[int, typer.Option(help="Of every random draw.")]
ArchitectureText = Annotated[
    str | None,
    typer.Option(
        "--architecture",
        help='{"ops": [...], "edges": [[0, 1], ...]}, @file.json, or a key of 32 hex digits.',
    ),
]
BudgetText = Annotated[
    str, typer.Option("--budget", help="A count (500), or a fraction with a point (0.02; 1.0).")
]
ProviderName = Annotated[str, typer.Option("--provider", help="See `subsel list providers`.")]
BundleName = Annotated[str, typer.Option("--bundle", help="A name, or a folder of `subsel fit`.")]
DataName = Annotated[
    str | None,
    typer.Option(
        "--data", help="Data set, npz file or folder of images; by default that of the bundle."
    ),
]
ModelName = Annotated[
    str | None,
    typer.Option("--model", help="A network of your own: file.py:build, or a fixed one's name."),
]
BundleOrModel = Annotated[
    str | None,
    typer.Option("--bundle", help=f"A name, or a folder of `subsel fit`; {BUNDLE} by default."),
]
ProviderOrDefault = Annotated[
    str | None,
    typer.Option(
        "--provider",
        help=f"See `subsel list providers`; {USUAL} by default.",
    ),
]
Targets = Annotated[str, typer.Option(help='"labels", or "soft": the predicted distributions.')]


def option_of(text: str) -> tuple[str, Any]:
    """ "delta=2e6" -> ("delta", 2000000.0); whole numbers, numbers, true, false, or text.

    Raises:
        BadInput: no name or no value.
    """
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise BadInput(f"{text!r} is no option: write name=value, as in delta=2e6")
    if value.lower() in ("true", "false"):
        return name, value.lower() == "true"
    for kind in (int, float):
        try:
            return name, kind(value)
        except ValueError:
            continue
    return name, value


def budget_of(text: str) -> Budget:
    """ "500" and "1" are counts, "0.02" and "1.0" are fractions.

    Raises:
        BudgetError: no number, or out of range.
    """
    from ..core.budget import Budget

    for kind in (int, float):
        try:
            return Budget(kind(text))
        except ValueError as error:
            if isinstance(error, BadInput):
                raise
    return Budget(text)  # type: ignore[arg-type]  # refused, with what is allowed


def architecture_of(space: SearchSpace, text: str) -> Architecture:
    """From JSON, `@file.json`, or the key of a cell of the enumerated space.

    Raises:
        BadInput: none of them. ArchitectureError: no cell of the space.
    """
    if text.startswith("@"):
        try:
            text = Path(text[1:]).read_text()
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput(f"the architecture's file {text[1:]!r} cannot be read: {error}") from (
                error
            )
    if len(text) == KEY_DIGITS and not set(text) - set("0123456789abcdef"):
        cells = space.enumerate()
        return cells[cells.row_of(text)]
    ops, edges = _graph(text, space.name)
    return space.architecture(ops, edges)


def _graph(text: str, space: str) -> tuple[list[str], list[tuple[int, int]]]:
    allowed = '{"ops": ["input", ..., "output"], "edges": [[0, 1], ...]}'
    try:
        value = json.loads(text)
    except ValueError as error:
        raise BadInput(
            f"architecture {text[:60]!r} is neither JSON ({error}) nor a key of {KEY_DIGITS} hex "
            f"digits; give {allowed}, @file.json or a key"
        ) from error
    fits = isinstance(value, dict) and {"ops", "edges"} <= set(value) <= {
        "ops",
        "edges",
        "space",
        "key",
        "role",
        "parameters",
    }
    fits = fits and isinstance(value["ops"], list) and isinstance(value["edges"], list)
    if not fits or not all(map(_is_edge, value["edges"])):
        raise BadInput(f"architecture {text[:60]!r} is no graph; give {allowed}")
    if value.get("space", space) != space:
        raise BadInput(f"the architecture is of space {value['space']!r}, not of {space!r}")
    return value["ops"], [(u, v) for u, v in value["edges"]]


def _is_edge(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(type(end) is int for end in value)


def spelled(architecture: Architecture) -> dict[str, Any]:
    """JSON that `architecture_of` reads."""
    return {
        "space": architecture.space,
        "key": architecture.key,
        "ops": list(architecture.ops),
        "edges": [list(edge) for edge in architecture.edges],
    }


def provider_of(
    name: str,
    bundle: str,
    data: str | None,
    splits: Splits | None = None,
    *,
    epochs: int | None = None,
) -> SubsetProvider:
    """A provider that is ready to be asked: from a bundle when it predicts, else fitted here.

    Args:
        splits: the data set, when it is loaded already.
        epochs: of a trial, told to a provider that plans with them.
    """
    from ..catalog import provider_class
    from ..subselnet.base import PredictingProvider

    kind = provider_class(name)
    if splits is None and data is not None:
        splits = splits_of(data)
    if issubclass(kind, PredictingProvider):
        return kind.from_bundle(bundle, None if splits is None else splits.train)
    splits = splits or splits_of(bundle_record(bundle)["pool"])
    return _made(name, epochs).fit(splits.train)


def provider_of_model(name: str, splits: Splits, *, epochs: int) -> SubsetProvider:
    """A provider for a network of the reader's own, which no zoo knows.

    Raises:
        MissingNeed: the provider predicts from a zoo.
    """
    from ..catalog import provider_class, provider_names
    from ..core.errors import MissingNeed
    from ..core.provider import Needs

    if Needs.ZOO in provider_class(name).needs:
        free = [n for n in provider_names() if Needs.ZOO not in provider_class(n).needs]
        raise MissingNeed(
            f"provider {name!r} needs a zoo of reference networks, and there is none for a --model "
            f"of your own; leave --provider out ({USUAL}), or use one of: "
            f"{', '.join(free)}"
        )
    return _made(name, epochs).fit(splits.train)


def _made(name: str, epochs: int | None) -> SubsetProvider:
    from ..catalog import provider, provider_class

    planned = "trial_epochs" in inspect.signature(provider_class(name)).parameters
    return provider(name, trial_epochs=epochs) if planned and epochs else provider(name)


def splits_of(data: str) -> Splits:
    """A built-in data set by name, an npz file, or a folder of images a class."""
    from ..catalog import DATASETS, dataset
    from ..data.own import from_folder, from_npz

    if data in DATASETS:
        return dataset(data)
    if Path(data).is_dir():
        return from_folder(data)
    return from_npz(data) if data.endswith(".npz") else dataset(data)


def bundle_record(bundle: str) -> dict[str, Any]:
    """What a bundle says of itself."""
    from ..core.files import read_json
    from ..subselnet.bundle import RECORD, bundle_folder

    return read_json(bundle_folder(bundle) / RECORD)


def space_of(bundle: str) -> SearchSpace:
    """The search space that a bundle was made for."""
    from ..catalog import search_space

    return search_space(bundle_record(bundle)["encoder"]["space"])
