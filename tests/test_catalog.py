"""The catalog's tables agree with what is on disk."""

from __future__ import annotations

import pytest

from subsel_automl import catalog, provider, search_space
from subsel_automl.core.errors import BadInput, UnknownName
from subsel_automl.data.sources import LOADERS
from subsel_automl.subselnet.bundle import SHIPPED


def test_data_sets_are_the_loaders_that_bundles_use() -> None:
    assert set(catalog.DATASETS) == set(LOADERS)


@pytest.mark.parametrize("name", catalog.BUNDLES)
def test_every_bundle_ships(name: str) -> None:
    assert (SHIPPED / name / "bundle.json").is_file()


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
