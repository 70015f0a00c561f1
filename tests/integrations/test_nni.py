"""NNI's own one-shot strategies on our subset. Runs where extra [nni] is: `bash .ci/nni`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("nni", reason="extra [nni] is not installed: it has an environment of its own")

from nni.nas.strategy import DARTS
from subsel_automl.integrations.nni import SPACES, search
from subsel_automl.integrations.nni.loaders import SubsetDataModule, cells_of

from subsel_automl.catalog import provider
from subsel_automl.core.errors import BadInput, UnknownName
from subsel_automl.core.feed import SubsetFeed
from subsel_automl.core.pool import ArrayImages, Pool
from subsel_automl.search.supernet import plan_of
from subsel_automl.selectors.random import Random
from subsel_automl.worlds import clump_pool

SMALL = {"budget": 0.4, "epochs": 2, "batch": 8, "channels": 4}


def coloured(pool: Pool) -> Pool:
    """The same examples in three channels."""
    assert pool.images is not None
    images = ArrayImages(np.repeat(pool.images.batch(np.arange(len(pool))), 3, 3))
    return Pool(pool.name, pool.features, pool.labels, images, None, pool.classes)


POOL = coloured(clump_pool(200, 10))


class Asked(Random):
    """Random examples; remembers which cell it was asked about, and what it handed out."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: list[str] = []
        self.rows: list[set[int]] = []

    def _select(self, request: Any) -> Any:
        self.keys.append(request.architecture.key)
        found = super()._select(request)
        self.rows.append(set(found.indices.tolist()))
        return found


@pytest.mark.parametrize(("strategy", "space"), [(s, p) for p, own in SPACES.items() for s in own])
def test_every_strategy_trains_on_the_subset(strategy: str, space: str) -> None:
    cells = 3 if space == "darts" else 1
    found = search(strategy, space, POOL, cells=cells, **SMALL)
    assert found.architecture.space == space
    assert [one["examples"] for one in found.curve] == [80, 80]
    assert [one["steps"] for one in found.curve] == [5, 5]  # half of 80, batch 8


def test_only_chosen_examples_are_trained_on(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[int]] = []
    from subsel_automl.hosting import chosen

    def noted(dataset: Any, rows: Any) -> Any:
        seen.append(rows.tolist())
        return read(dataset, rows)

    read = chosen.batch_of
    monkeypatch.setattr(chosen, "batch_of", noted)
    asked = Asked().fit(POOL)
    search("darts", "nasbench201", POOL, subset=asked, cells=1, redraw_every=1, **SMALL)
    epochs = [set().union(*seen[start : start + 10]) for start in (0, 10)]
    assert len(seen) == 20
    assert [epoch == rows for epoch, rows in zip(epochs, asked.rows, strict=True)] == [True, True]


def test_the_subset_follows_the_cell_that_is_spelled() -> None:
    asked = Asked().fit(POOL)
    found = search(
        "darts", "nasbench201", POOL, subset=asked, cells=1, redraw_every=1, alpha_rate=0.5, **SMALL
    )
    assert asked.keys == [one["key"] for one in found.curve]
    assert len({*asked.keys, found.architecture.key}) > 1


def test_the_same_seed_finds_the_same_cell() -> None:
    one, again = (search("darts", "nasbench201", POOL, cells=1, seed=3, **SMALL) for _ in range(2))
    assert one.curve == again.curve
    assert one.architecture == again.architecture


def test_a_provider_that_learns_is_taught_by_the_supernet() -> None:
    chooser = provider("subselnet-online", sample=40).fit(POOL)
    search(
        "darts", "nasbench201", POOL, subset=chooser, cells=1, targets="soft", redraw_every=1,
        **{**SMALL, "epochs": 3},
    )  # fmt: skip
    assert len(chooser.teachers.lessons()) == 3  # type: ignore[attr-defined]


def test_weighted_examples_weigh_in_the_loss() -> None:
    found = search("darts", "nasbench201", POOL, subset="craig", cells=1, **SMALL)
    assert found.curve[0]["examples"] == 80


def test_a_sample_of_darts_gives_its_cells() -> None:
    plan = plan_of("darts")
    sample: dict[str, Any] = {}
    for kind in ("normal", "reduce"):
        for node in range(2, 6):
            for place in range(2):
                sample[f"{kind}/op_{node}_{place}"] = "sep_conv_3x3" if place else "skip_connect"
                sample[f"{kind}/input_{node}_{place}"] = [place]
    genotype = plan.genotype(cells_of(plan, sample))
    assert [tuple(one) for one in genotype["normal"]] == [
        ("skip_connect", 0),
        ("sep_conv_3x3", 1),
    ] * 4


def test_what_does_not_run_is_refused() -> None:
    with pytest.raises(UnknownName, match="NNI strategy"):
        search("spos", "nasbench201", POOL)
    with pytest.raises(UnknownName, match="NNI space"):
        search("darts", "nasbench101", POOL)
    with pytest.raises(BadInput, match="does not run on its space"):
        search("proxyless", "darts", POOL)
    with pytest.raises(BadInput, match="three channels"):
        search("darts", "nasbench201", clump_pool(200, 10))
    with pytest.raises(BadInput, match="ten classes"):
        search("darts", "darts", coloured(clump_pool(200, 4)))
    with pytest.raises(BadInput, match="fitted on pool"):
        search("darts", "darts", POOL, subset=Random().fit(clump_pool(200, 10, seed=1)))


def test_a_trainer_that_keeps_its_loaders_is_refused() -> None:
    feed = SubsetFeed(Random().fit(POOL), 0.4)
    with pytest.raises(BadInput, match="reload_dataloaders_every_n_epochs=1"):
        SubsetDataModule(feed, "nasbench201", DARTS()).train_dataloader()
