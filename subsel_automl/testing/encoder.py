"""The contract that every encoder keeps, as tests to inherit (pytest).

    class TestMine(EncoderContract):
        kind = "mine"                      # of ENCODERS; or write make()

Fresh weights are enough: nothing is trained.
"""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import torch

from ..core.architecture import Architecture
from ..core.errors import ArchitectureError, DamagedArtefact
from ..encoders.base import ArchitectureEncoder
from ..encoders.kinds import encoder_class
from ..encoders.store import WEIGHTS, load_encoder, save_encoder
from ..spaces.named import search_space
from ..training.seeded import seeded
from .process import global_state


class EncoderContract:
    """Inherit as `class TestName(EncoderContract)`.

    Attributes:
        kind: in ENCODERS.
        space: of the cells that it is tried on.
        drawn: its weights follow from a seed.
    """

    kind: ClassVar[str] = ""
    space: ClassVar[str] = "nasbench101"
    drawn: ClassVar[bool] = True

    # surroundings: override what does not fit
    def make(self, seed: int = 0) -> ArchitectureEncoder:
        """An encoder of `space`, with fresh weights."""
        named, kind = search_space(self.space), encoder_class(self.kind)
        shape = {"space": named.name, "operations": named.operations, "max_nodes": named.max_nodes}
        taken = inspect.signature(kind).parameters
        given = {name: value for name, value in shape.items() if name in taken}
        with seeded(seed):
            return kind(**given, seed=seed) if "seed" in taken else kind(**given)

    def cells(self, count: int = 6, seed: int = 0) -> list[Architecture]:
        """Different cells of the space."""
        named, rng = search_space(self.space), np.random.default_rng(seed)
        found: dict[str, Architecture] = {}
        while len(found) < count:
            cell = named.sample(rng)
            found.setdefault(cell.key, cell)
        return list(found.values())

    # the promises
    def test_its_config_is_json_and_makes_the_same_shape(self) -> None:
        config = json.loads(json.dumps(self.make().config()))
        again = encoder_class(self.make().kind).from_config(config)
        assert json.loads(json.dumps(again.config())) == config
        assert again.width == self.make().width

    def test_saved_and_loaded_it_embeds_the_same(self, tmp_path: Path) -> None:
        made = self.make(seed=5)
        save_encoder(made, tmp_path, {"seconds": 1.0})
        loaded = load_encoder(tmp_path)
        assert torch.equal(loaded.embed(self.cells())[0], made.embed(self.cells())[0])
        assert not loaded.training

    def test_changed_weights_on_disk_are_refused(self, tmp_path: Path) -> None:
        save_encoder(self.make(), tmp_path)
        content = bytearray((tmp_path / WEIGHTS).read_bytes())
        content[-1] ^= 1
        (tmp_path / WEIGHTS).write_bytes(content)
        with pytest.raises(DamagedArtefact, match="sha256"):
            load_encoder(tmp_path)

    def test_same_seed_same_embedding(self) -> None:
        one, two = (self.make(seed=3).embed(self.cells())[0] for _ in range(2))
        assert torch.equal(one, two)

    def test_another_seed_another_embedding_where_weights_are_drawn(self) -> None:
        one, two = (self.make(seed=seed).embed(self.cells())[0] for seed in (3, 4))
        assert torch.equal(one, two) != self.drawn

    def test_the_mask_counts_nodes_and_padding_is_zero(self) -> None:
        made, cells = self.make(), self.cells()
        h, mask = made.embed(cells)
        assert h.shape == (len(cells), made.max_nodes, made.width)
        assert h.isfinite().all()
        assert mask.sum(1).tolist() == [len(cell) for cell in cells]
        assert not (mask[:, 1:] & ~mask[:, :-1]).any()  # real nodes stand first
        assert not h[~mask].any()
        assert h[mask].abs().sum(1).all()

    def test_isomorphic_listings_have_one_vector_and_the_same_nodes(self) -> None:
        made, cells = self.make(), self.cells()
        others = [relisted(cell, seed) for seed, cell in enumerate(cells)]
        assert [cell.key for cell in others] == [cell.key for cell in cells]
        vectors = (made.embed_architectures(listed) for listed in (cells, others))
        torch.testing.assert_close(*vectors, atol=1e-5, rtol=1e-4)
        nodes = (_moments(*made.embed(listed)) for listed in (cells, others))
        torch.testing.assert_close(*nodes, atol=1e-5, rtol=1e-4)

    def test_an_embedding_does_not_depend_on_its_company(self) -> None:
        made, cells = self.make(), self.cells()
        alone, together = made.embed(cells[2:3])[0], made.embed(cells)[0][2:3]
        torch.testing.assert_close(alone, together)
        one = made.embed_architectures(cells[2:3])
        torch.testing.assert_close(one, made.embed_architectures(cells)[2:3])

    def test_different_cells_have_different_vectors(self) -> None:
        vectors = self.make().embed_architectures(self.cells())
        assert len(vectors.unique(dim=0)) == len(vectors)

    def test_no_architecture_has_no_embedding(self) -> None:
        made = self.make()
        h, mask = made.embed([])
        assert (h.shape, mask.shape) == ((0, made.max_nodes, made.width), (0, made.max_nodes))
        assert made.embed_architectures([]).shape[0] == 0

    def test_an_architecture_of_another_space_is_refused(self) -> None:
        made = self.make()
        stranger = Architecture("elsewhere", ("input", "output"), ((0, 1),))
        assert "elsewhere" in made.unknown(stranger)
        assert all(made.unknown(cell) == "" for cell in self.cells())
        with pytest.raises(ArchitectureError, match="elsewhere"):
            made.embed([*self.cells(), stranger])

    @pytest.mark.parametrize("training", [True, False])
    def test_the_training_mode_is_put_back_and_no_gradient_is_kept(self, training: bool) -> None:
        made = self.make().train(training)
        h, _ = made.embed(self.cells())
        vectors = made.embed_architectures(self.cells())
        assert made.training == training
        assert not h.requires_grad
        assert not vectors.requires_grad

    def test_a_training_encoder_embeds_as_one_that_is_not(self) -> None:
        made = self.make()
        one = made.eval().embed(self.cells())[0]
        assert torch.equal(made.train().embed(self.cells())[0], one)

    def test_the_global_random_state_is_left_alone(self) -> None:
        before = global_state()
        self.make().embed_architectures(self.cells())
        assert global_state() == before


def relisted(cell: Architecture, seed: int) -> Architecture:
    """The same graph, its nodes listed in another order in which every edge points forward."""
    rng, order = np.random.default_rng(seed), list[int]()
    while len(order) < len(cell):
        blocked = {v for u, v in cell.edges if u not in order}
        free = [v for v in range(len(cell)) if v not in order and v not in blocked]
        order.append(int(rng.choice(free)))
    place = {old: new for new, old in enumerate(order)}
    edges = tuple((place[u], place[v]) for u, v in cell.edges)
    return Architecture(cell.space, tuple(cell.ops[node] for node in order), edges)


def _moments(h: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """First and third moments over the real nodes, whatever their order."""
    real = h.double() * mask[..., None]
    return torch.cat([real.sum(1), (real**3).sum(1)], dim=1)
