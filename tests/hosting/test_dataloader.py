"""SubsetLoader is a DataLoader: options, workers, items of any structure, whose the epoch is."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, IterableDataset, TensorDataset

from subsel_automl.core.errors import BadInput
from subsel_automl.core.feed import SoftTargets, SubsetFeed
from subsel_automl.core.provider import Request, SubsetProvider
from subsel_automl.core.subset import Subset
from subsel_automl.hosting.loader import SubsetLoader
from subsel_automl.selectors.el2n import El2n
from subsel_automl.selectors.grad_match import GradMatch
from subsel_automl.selectors.random import Random
from subsel_automl.training.inputs import PoolDataset
from subsel_automl.worlds import clump_pool

POOL = clump_pool(150)
LABELS = torch.from_numpy(POOL.labels)
NUMBERED = TensorDataset(torch.arange(150.0)[:, None], LABELS)  # x is the row's own number


class Sure(SubsetProvider):
    """Predicts 0.7 for the label and 0.1 for each other class, and weighs by place."""

    name, source, weighs = "sure", "this test", True

    def _select(self, request: Request) -> Subset:
        rows = request.rng().permutation(150)[: request.count]
        targets = np.full((len(rows), 4), 0.1, np.float32)
        targets[np.arange(len(rows)), POOL.labels[rows]] = 0.7
        return Subset(rows, np.arange(1, len(rows) + 1, dtype=np.float32), targets)


def feed(provider: SubsetProvider | None = None, budget=40, **options) -> SubsetFeed:
    return SubsetFeed((provider or Random()).fit(POOL), budget, **options)


def loader(provider: SubsetProvider | None = None, plan: dict[str, Any] | None = None, **options):
    made = feed(provider, **{"redraw_every": 1, **(plan or {})})
    return SubsetLoader(made, None, **{"dataset": NUMBERED, "batch_size": 16, **options})


def rows(batches: Any) -> list[int]:
    return [int(value) for batch in batches for value in batch[0][:, 0]]


def step() -> None:
    """What a training loop does in every step."""
    weight = nn.Parameter(torch.ones(1))
    weight.sum().backward()
    torch.optim.SGD([weight], 0.1).step()


def undisturbed(epochs: int) -> list[list[int]]:
    whole = loader()
    return [rows(whole) for _ in range(epochs)]


def test_whoever_looks_sees_a_dataloader():
    made = loader(num_workers=0, drop_last=True)
    assert isinstance(made, DataLoader)
    assert (made.batch_size, made.drop_last, len(made.dataset)) == (16, True, 150)
    assert made.dataset[7][0] == 7
    assert made.dataset.tensors is NUMBERED.tensors


# options
@pytest.mark.parametrize(
    "option",
    [
        {"shuffle": True},
        {"shuffle": False},
        {"sampler": range(3)},
        {"batch_sampler": [[0]]},
        {"in_order": False},
    ],
    ids=str,
)
def test_what_the_feed_decides_is_refused_by_name(option):
    (name,) = option
    with pytest.raises(BadInput, match=rf"takes no {name}: \w+"):
        loader(**option)


def test_an_option_that_nobody_knows_is_refused():
    with pytest.raises(BadInput, match=r"takes no batchsize; .*batch_size"):
        loader(batchsize=3)


class Noisy(Dataset):
    """A random augmentation, drawn where the item is read, beside the worker's number."""

    def __len__(self) -> int:
        return 150

    def __getitem__(self, row: int) -> Any:
        worker = torch.utils.data.get_worker_info()
        return torch.tensor([row, torch.rand(1).item(), -1 if worker is None else worker.id])


def noise(made: SubsetLoader) -> list[float]:
    return sorted(float(v) for batch in made for v in batch[:, 1])


@pytest.mark.parametrize("options", [{}, {"persistent_workers": True}], ids=str)
def test_workers_get_another_seed_every_epoch_and_the_same_in_another_run(options):
    one, two = (loader(dataset=Noisy(), num_workers=2, **options) for _ in range(2))
    first, second = noise(one), noise(one)
    assert not set(first) & set(second)
    assert [noise(two), noise(two)] == [first, second]


def test_a_resumed_run_repeats_the_augmentation_of_its_epoch():
    whole, resumed = (loader(dataset=Noisy(), num_workers=2) for _ in range(2))
    expected = [noise(whole) for _ in range(3)][2]
    resumed.epoch = 2
    assert noise(resumed) == expected


def test_the_users_generator_is_the_users():
    generator = torch.Generator().manual_seed(9)
    made = loader(generator=generator)
    list(made)
    assert made.generator is generator


def test_worker_init_fn_runs_in_every_worker():
    def begin(number: int) -> None:
        torch.manual_seed(number)  # the same in every epoch: the user's own choice

    made = loader(dataset=Noisy(), num_workers=1, worker_init_fn=begin, plan={"redraw_every": 0})
    assert noise(made) == noise(made)


@pytest.mark.parametrize("persistent", [False, True])
def test_workers_read_every_redraw(persistent):
    made = loader(num_workers=2, persistent_workers=persistent)
    assert [rows(made) for _ in range(3)] == undisturbed(3)


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_workers_of_every_start_method_join_targets_and_weights(method):
    options = {"multiprocessing_context": method, "num_workers": 1, "persistent_workers": True}
    plan = {"targets": "soft"}
    made = loader(Sure(), plan, with_weights=True, **options)
    plain = loader(Sure(), plan, with_weights=True)
    for _ in range(2):
        for here, there in zip(plain, made, strict=True):
            assert all(torch.equal(a, b) for a, b in zip(here, there, strict=True))


def test_a_share_of_the_label_that_changes_reaches_persistent_workers():
    made = loader(Sure(), {"targets": "soft"}, with_weights=True, num_workers=1,
                  persistent_workers=True)  # fmt: skip
    for share in (0.0, 1.0):
        made.feed._soft = SoftTargets(label_share=share)
        assert all(float(y.max()) == pytest.approx(0.7 + 0.3 * share) for _, y, _ in made)


# items
Pair = namedtuple("Pair", ["image", "label"])


@dataclass
class Record:
    image: Any
    label: Any


ITEMS = {
    "pair": (lambda x, y: (x, y), lambda b: (b[0], b[1]), None),
    "triple": (lambda x, y: (x, "meta", y), lambda b: (b[0], b[2]), 2),
    "label first": (lambda x, y: (y, x), lambda b: (b[1], b[0]), 0),
    "dict": (lambda x, y: {"pixels": x, "labels": y}, lambda b: (b["pixels"], b["labels"]), None),
    "own key": (lambda x, y: {"x": x, "klass": y}, lambda b: (b["x"], b["klass"]), "klass"),
    "named": (Pair, lambda b: (b.image, b.label), None),
    "alone": (lambda x, y: x, lambda b: (b, None), None),
}


class Items(Dataset):
    def __init__(self, shape: Any) -> None:
        self.shape = shape

    def __len__(self) -> int:
        return 150

    def __getitem__(self, row: int) -> Any:
        return self.shape(torch.tensor([float(row)]), int(LABELS[row]))


@pytest.mark.parametrize("name", ITEMS)
@pytest.mark.parametrize("workers", [0, 1])
def test_items_of_any_structure_come_as_the_user_has_them(name, workers):
    shape, parts, label = ITEMS[name]
    made = loader(dataset=Items(shape), label=label, num_workers=workers)
    chosen = made.feed.at(0, None).indices
    seen = []
    for batch in made:
        x, y = parts(batch)
        seen += x[:, 0].int().tolist()
        assert y is None or torch.equal(y, LABELS[x[:, 0].long()])
    assert sorted(seen) == sorted(chosen)


@pytest.mark.parametrize("name", [name for name in ITEMS if name != "alone"])
def test_soft_targets_stand_where_the_label_stood(name):
    shape, parts, label = ITEMS[name]
    made = loader(Sure(), {"targets": "soft"}, dataset=Items(shape), label=label, with_weights=True)
    for batch in made:
        weighed = (
            batch if name in ("pair", "triple", "label first", "dict", "own key") else batch[0]
        )
        x, y = parts(weighed)
        assert torch.allclose(y[torch.arange(len(y)), LABELS[x[:, 0].long()]], torch.tensor(0.7))


def test_a_dataclass_goes_through_the_users_collate():
    def collate(items: list[Record]) -> Record:
        x, y = zip(*((one.image, one.label) for one in items), strict=True)
        return Record(torch.stack(x), torch.tensor(y))

    made = loader(Sure(), {"targets": "soft"}, dataset=Items(Record), collate_fn=collate,
                  with_weights=True)  # fmt: skip
    batch, weights = next(iter(made))
    assert isinstance(batch, Record)
    assert batch.label.shape == (16, 4)
    assert weights.shape == (16,)


def test_a_label_that_is_not_there_is_refused_by_name():
    with pytest.raises(BadInput, match=r"label='klass'.*pixels, labels"):
        list(loader(dataset=Items(ITEMS["dict"][0]), label="klass"))


def test_rows_of_several_lengths_go_through_the_users_collate():
    class Texts(Dataset):
        def __len__(self) -> int:
            return 150

        def __getitem__(self, row: int) -> Any:
            return torch.full((1 + row % 5,), float(row)), int(LABELS[row])

    def pad(items: Any) -> Any:
        x = nn.utils.rnn.pad_sequence([x for x, _ in items], batch_first=True)
        return x, torch.tensor([y for _, y in items])

    made = loader(dataset=Texts(), collate_fn=pad)
    assert sorted(rows(made)) == sorted(made.feed.subset.indices)


def test_a_collate_that_turns_the_order_round_is_noticed():
    def turned(items: Any) -> Any:
        return torch.utils.data.default_collate(items[::-1])

    with pytest.raises(BadInput, match="keeps the order"):
        list(loader(dataset=Items(ITEMS["pair"][0]), collate_fn=turned))


def test_an_iterable_dataset_is_told_to_be_map_style():
    class Stream(IterableDataset):
        def __iter__(self) -> Iterator[int]:
            yield 0

    with pytest.raises(BadInput, match="map-style"):
        loader(dataset=Stream())


def test_a_prior_that_is_kept_is_weighed_or_refused():
    plan = {"prior": "keep"}
    with pytest.raises(BadInput, match="prior='keep' weighs"):
        list(loader(plan=plan))
    weights = torch.cat([w for _, _, w in loader(plan=plan, with_weights=True)])
    assert float(weights.mean()) == pytest.approx(1, abs=1e-5)


# the epoch
def break_off(made: SubsetLoader) -> Any:
    batches = []
    for batch in made:
        batches.append(batch)
        step()
        if len(batches) == 2:
            return batches
    return batches


@pytest.mark.parametrize("workers", [{}, {"num_workers": 1}, {"num_workers": 1, "persistent_workers": True}], ids=str)  # fmt: skip # noqa: E501
def test_an_early_break_ends_its_epoch_and_no_other(workers):
    made = loader(**workers)
    found = [rows(break_off(made)) for _ in range(2)] + [rows(made)]
    whole = undisturbed(3)
    assert found == [whole[0][:32], whole[1][:32], whole[2]]


@pytest.mark.parametrize("looks", [1, 3])
@pytest.mark.parametrize("workers", [0, 1])
def test_a_look_before_training_changes_nothing(looks, workers):
    made = loader(num_workers=workers)
    for _ in range(looks):
        next(iter(made))
    assert made.examples == 0
    assert [rows(made) for _ in range(3)] == undisturbed(3)


def test_a_look_between_epochs_changes_nothing():
    made, found = loader(), []
    for _ in range(3):
        found.append(rows(made))
        next(iter(made))
    assert found == undisturbed(3)


def test_iterators_that_are_dropped_without_an_end_are_no_epochs_of_others():
    made = loader()
    one = iter(made)
    first = [next(one)]
    step()
    second = rows(made)  # `one` still lives
    del one
    assert rows(first) == undisturbed(1)[0][:16]
    assert [second, rows(made)] == undisturbed(3)[1:]


def test_loaders_that_are_made_anew_go_on_with_the_feeds_epoch():
    shared = feed(redraw_every=1)
    found = [rows(SubsetLoader(shared, None, NUMBERED, batch_size=16)) for _ in range(3)]
    assert found == undisturbed(3)


def test_a_host_may_set_the_epoch():
    made = loader()
    made.sampler.set_epoch(2)
    assert rows(made) == undisturbed(3)[2]


@pytest.mark.parametrize("looked", [False, True])
def test_warming_up_is_over_after_its_epochs_whatever_was_looked_at(looked):
    model = nn.Sequential(nn.Flatten(), nn.Linear(16, 4))
    made = loader(El2n(warm_epochs=2), {"redraw_every": 0}, dataset=PoolDataset(POOL), model=model)
    sizes = []
    for _ in range(4):
        if looked:
            next(iter(made))
        sizes.append(sum(len(y) for _, y in made))
    assert sizes == [150, 150, 40, 40]


def test_every_state_is_read_by_torch_load_with_its_defaults(tmp_path):
    model = nn.Sequential(nn.Flatten(), nn.Linear(16, 4))
    made = loader(GradMatch(1), {"redraw_every": 0}, dataset=PoolDataset(POOL), model=model,
                  with_weights=True)  # fmt: skip
    for _ in range(3):
        list(made)
    torch.save({"loader": made.state_dict(), "feed": made.feed.state_dict()}, tmp_path / "a.pt")
    state = torch.load(tmp_path / "a.pt")
    again = loader(GradMatch(1), {"redraw_every": 0}, dataset=PoolDataset(POOL), model=model,
                   with_weights=True)  # fmt: skip
    again.load_state_dict(state["loader"])
    assert again.epoch == 3
    assert np.array_equal(again.feed.subset.indices, made.feed.subset.indices)
    assert np.array_equal(again.feed.subset.weights, made.feed.subset.weights)
    assert again.examples == made.examples == 120
