"""Every name that users type, and where it leads: "name" -> "module:object", loaded when asked for.

A new selector is one file and one line here, a new predictor in `predictors/named.py`. Packages
outside add theirs with the entry-point groups `subsel_automl.providers`, `subsel_automl.predictors`
and `subsel_automl.curve_predictors` (name -> class).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .core.errors import BadInput, UnknownName
from .core.open_table import OpenTable
from .core.open_table import loaded as _load
from .core.provider import SubsetProvider
from .encoders.kinds import ENCODERS
from .predictors.named import (
    PREDICTORS,
    curve_predictor,
    curve_predictor_class,
    curve_predictor_names,
    predictor,
    predictor_class,
    predictor_names,
)
from .spaces.named import SPACES, search_space

if TYPE_CHECKING:
    from .data.images import Splits
    from .search.base import Search
    from .search.by_trials import ByTrials

__all__ = [
    "DATASETS",
    "ENCODERS",
    "PREDICTORS",
    "PROVIDERS",
    "SEARCHES",
    "SPACES",
    "WRAPPERS",
    "curve_predictor",
    "curve_predictor_class",
    "curve_predictor_names",
    "dataset",
    "predictor",
    "predictor_class",
    "predictor_names",
    "provider",
    "provider_class",
    "provider_names",
    "search_class",
    "search_space",
]

USUAL = "guarded"  # random-per-class redrawn, guarded; the row: claims `trial-table`, `guard`
PROVIDERS: dict[str, str] = {
    "guarded": "budgeting.guard:Guarded",
    "full": "selectors.full:Full",
    "random": "selectors.random:Random",
    "random-per-class": "selectors.random:RandomPerClass",
    "outliers-kmeans": "selectors.outliers:OutliersKMeans",
    "outliers-per-class": "selectors.outliers:OutliersPerClass",
    "autoencoder": "selectors.autoencoder:Autoencoder",
    "transfer": "selectors.transfer:Transfer",
    "proxy-entropy": "selectors.proxy_entropy:ProxyEntropy",
    "pruning": "selectors.pruning:Pruning",
    "via-proxy": "selectors.via_proxy:ViaProxy",
    "el2n": "selectors.el2n:El2n",
    "el2n-once": "selectors.el2n:El2nOnce",
    "grand": "selectors.grand:Grand",
    "grand-once": "selectors.grand:GrandOnce",
    "forgetting": "selectors.forgetting:Forgetting",
    "ccs": "selectors.ccs:CCS",
    "facility-location": "selectors.facility_location:FacilityLocation",
    "facility-location-whole": "selectors.facility_location:FacilityLocationWhole",
    "k-center": "selectors.k_center:KCenter",
    "herding": "selectors.herding:Herding",
    "craig": "selectors.craig:Craig",
    "glister": "selectors.glister:Glister",
    "grad-match": "selectors.grad_match:GradMatch",
    "grad-match-per-class": "selectors.grad_match:GradMatchPerClass",
    "automata": "selectors.automata:Automata",
    "asp": "selectors.asp:Asp",
    "asp-loss": "selectors.asp:AspLoss",
    "asp-entropy": "selectors.asp:AspEntropy",
    "asp-gradient": "selectors.asp:AspGradient",
    "asp-prediction": "selectors.asp:AspPrediction",
    "asp-random": "selectors.asp:AspRandom",
    "moderate": "selectors.moderate:Moderate",
    "milo": "selectors.milo:Milo",
    "subselnet": "subselnet.transductive:SubSelNet",
    "subselnet-inductive": "subselnet.inductive:InductiveSubSelNet",
    "subselnet-hybrid": "subselnet.hybrid:HybridSubSelNet",
    "subselnet-online": "subselnet.online.provider:OnlineSubSelNet",
    "predicted-loss": "subselnet.rules:PredictedLoss",
    "predicted-loss-gumbel": "subselnet.rules:PredictedLossGumbel",
    "predicted-uncertainty": "subselnet.rules:PredictedUncertainty",
    "zoo-mean": "subselnet.rules:ZooMean",
}
WRAPPERS: dict[str, str] = {"class-balanced": "selectors.wrappers:ClassBalanced"}
SEARCHES: dict[str, str] = {
    "darts": "search.darts:Darts",
    "darts2": "search.darts:Darts2",
    "gdas": "search.gdas:Gdas",
    "enas": "search.enas:Enas",
    "spos": "search.spos:Spos",
    "hm-nas": "search.hm_nas:HmNas",
    "evolution": "search.evolution:Evolution",
    "local": "search.local_search:LocalSearch",
    "bo": "search.bayes:Bayes",
    "bo-local": "search.bayes_local:BayesLocal",
    "rl": "search.reinforce:Reinforce",
    "random": "search.random_search:RandomSearch",
}
DATASETS: dict[str, str] = {
    "fashion-mnist": "data.fashion:fashion_mnist",
    "digits": "data.images:digits",
    "cifar10-sprites": "data.images:cifar10_sprites",
}
_PROVIDERS: OpenTable[SubsetProvider] = OpenTable(
    "provider", SubsetProvider, PROVIDERS, "subsel_automl.providers", also=WRAPPERS
)


def provider_names() -> list[str]:
    """Names of the package's providers and of installed plug-ins."""
    return _PROVIDERS.names()


def provider_class(name: str) -> type[SubsetProvider]:
    """The class behind a provider's name.

    Raises:
        UnknownName: the nearest known name is offered.
        BadInput: a plug-in that is no SubsetProvider.
    """
    return _PROVIDERS.found(name)


def provider(
    name: str = USUAL, *, of: str | SubsetProvider | None = None, **options: Any
) -> SubsetProvider:
    """A provider, not yet fitted; without a name the one that a search is usually best given.

    Args:
        of: what a wrapper wraps, by name or made already: provider("class-balanced", of="el2n").
        options: of the provider; of the inner one, where a wrapper is given a name.

    Raises:
        UnknownName: no such provider.
        BadInput: options that the provider does not take; a wrapper of nothing, or `of` for a
            provider that wraps none.
    """
    if name in WRAPPERS:
        return _wrapped(name, of, options)
    if of is not None:
        raise BadInput(f"provider {name!r} wraps none; `of` is for {', '.join(WRAPPERS)}")
    return _PROVIDERS.made(name, options)


def _wrapped(name: str, of: str | SubsetProvider | None, options: dict[str, Any]) -> SubsetProvider:
    if of is None:
        raise BadInput(f"{name!r} wraps a provider; name it: provider({name!r}, of='el2n')")
    if isinstance(of, SubsetProvider) and options:
        raise BadInput(f"{name!r} takes no options {sorted(options)}; give them to the inner one")
    inner = provider(of, **options) if isinstance(of, str) else of
    wrapped: SubsetProvider = _load(WRAPPERS[name])(inner)
    return wrapped


def search_class(name: str) -> type[Search | ByTrials]:
    """The class behind a search's name.

    Raises:
        UnknownName: the nearest known name is offered.
    """
    if name not in SEARCHES:
        raise UnknownName("search", name, SEARCHES)
    kind: type[Search | ByTrials] = _load(SEARCHES[name])
    return kind


def dataset(name: str) -> Splits:
    """Training, validation and test pools of a built-in data set.

    Raises:
        UnknownName: no such data set.
        MissingData: it is not on this machine and cannot be fetched.
    """
    if name not in DATASETS:
        raise UnknownName("data set", name, DATASETS)
    splits: Splits = _load(DATASETS[name])()
    return splits
