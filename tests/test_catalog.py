"""The catalog's tables agree with what is on disk."""

from __future__ import annotations

import pytest

from subsel_automl import catalog, provider, search_space
from subsel_automl.core.errors import BadInput, UnknownName
from subsel_automl.data.sources import LOADERS
from subsel_automl.subselnet.bundle import SHIPPED, shipped_names


def test_data_sets_are_the_loaders_that_bundles_use() -> None:
    assert set(catalog.DATASETS) == set(LOADERS)


def test_bundles_are_listed_from_disk() -> None:
    on_disk = {path.parent.relative_to(SHIPPED).as_posix() for path in SHIPPED.rglob("bundle.json")}
    assert set(shipped_names()) == on_disk
    assert len(on_disk) >= 3


def test_a_wrapper_is_made_by_its_name() -> None:
    made = provider("class-balanced", of="el2n", refresh_every=3)
    assert made.name == "class-balanced(el2n)"
    assert made.refresh_every == 3


def test_a_wrapper_of_nothing_says_what_to_give() -> None:
    with pytest.raises(BadInput, match="of='el2n'"):
        provider("class-balanced")


def test_a_provider_that_wraps_none_refuses_of() -> None:
    with pytest.raises(BadInput, match="wraps none"):
        provider("random", of="el2n")


@pytest.mark.parametrize("name", catalog.PROVIDERS)
def test_a_provider_goes_by_its_catalog_name(name: str) -> None:
    assert catalog.provider_class(name).name == name


def test_an_unknown_provider_offers_the_nearest_name() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'subselnet'"):
        provider("subselnett")


def test_an_unknown_space_lists_the_known_ones() -> None:
    with pytest.raises(UnknownName, match="known: darts, nasbench101"):
        search_space("nasbench301")


def test_an_option_that_a_provider_lacks_is_refused() -> None:
    with pytest.raises(BadInput, match="refused options"):
        provider("random", temperature=1.0)
