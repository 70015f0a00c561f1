"""SubsetLoader is a DataLoader: options, workers, items of any structure, whose the epoch is."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from loaders import LABELS, NUMBERED, Sure, loader, rows, undisturbed
from torch import nn
from torch.utils.data import DataLoader, Dataset, IterableDataset

from subsel_automl.core.errors import BadInput
from subsel_automl.core.feed import SoftTargets
from subsel_automl.hosting.loader import SubsetLoader


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
