"""The contract over every name of ENCODERS, and that it notices an encoder that breaks it."""

from __future__ import annotations

import pytest
import torch

from subsel_automl import catalog
from subsel_automl.encoders.base import ArchitectureEncoder
from subsel_automl.encoders.gvae import GVAE
from subsel_automl.encoders.kinds import encoder_class
from subsel_automl.spaces.nasbench101 import NASBench101
from subsel_automl.testing.encoder import EncoderContract, relisted

UNDRAWN = {"adjacency"}


def contract(name: str, on: str) -> type[EncoderContract]:
    said = f"Test{name.title()}On{on.title()}"
    return type(said, (EncoderContract,), {"kind": name, "space": on, "drawn": name not in UNDRAWN})


for _name in catalog.ENCODERS:
    for _space in ("nasbench101", "nasbench201"):
        globals()[f"Test{_name.title()}On{_space.title()}"] = contract(_name, _space)


@pytest.mark.parametrize("name", catalog.ENCODERS)
def test_an_encoder_goes_by_its_catalog_name(name: str) -> None:
    assert encoder_class(name).kind == name


class Leaking(GVAE):
    """Breaks the promise of its padding."""

    def embed_nodes(self, graphs):
        return super().embed_nodes(graphs) + 1


class Listed(GVAE):
    """Depends on how nodes are listed."""

    def embed_nodes(self, graphs):
        place = torch.arange(self.max_nodes)[:, None]
        return super().embed_nodes(graphs) * (place + 1)


class Stuck(GVAE):
    """Stays in evaluation mode."""

    def embed(self, architectures):
        self.eval()
        return super().embed(architectures)


class Broken(EncoderContract):
    made: type[ArchitectureEncoder]

    def make(self, seed: int = 0) -> ArchitectureEncoder:
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            return self.made(
                space=self.space, operations=NASBench101.operations, max_nodes=NASBench101.max_nodes
            )


@pytest.mark.parametrize(
    ("kind", "promise"),
    [
        (Leaking, "test_the_mask_counts_nodes_and_padding_is_zero"),
        (Listed, "test_isomorphic_listings_have_one_vector_and_the_same_nodes"),
    ],
)
def test_the_contract_notices_a_broken_promise(kind, promise) -> None:
    tried = Broken()
    tried.made = kind
    with pytest.raises(AssertionError):
        getattr(tried, promise)()


def test_the_contract_notices_a_mode_that_is_not_put_back() -> None:
    tried = Broken()
    tried.made = Stuck
    with pytest.raises(AssertionError):
        tried.test_the_training_mode_is_put_back_and_no_gradient_is_kept(True)


def test_another_listing_is_the_same_cell_in_another_order() -> None:
    cells = EncoderContract().cells(20)
    others = [relisted(cell, seed) for seed, cell in enumerate(cells)]
    assert [cell.key for cell in others] == [cell.key for cell in cells]
    assert sum(a.ops != b.ops for a, b in zip(cells, others, strict=True)) > 3
