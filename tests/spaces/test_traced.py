"""Truths of a space of the reader's own networks."""

from __future__ import annotations

import pickle
import subprocess
import sys
import types
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from subsel_automl.core.errors import (
    ArchitectureError,
    BadInput,
    MissingData,
    SubselError,
    UnknownName,
)
from subsel_automl.core.feed import SubsetFeed
from subsel_automl.data.images import digits
from subsel_automl.selectors.random import RandomPerClass
from subsel_automl.spaces.networks import network
from subsel_automl.spaces.traced import TracedSpace
from subsel_automl.training.recipes import Recipe
from subsel_automl.training.trial import network as trial_network
from subsel_automl.training.trial import run_trial
from subsel_automl.worlds import clump_pool, some_cells

POOL = clump_pool(60)
VARIANTS = [{"width": 4}, {"width": 8}, {"width": 8, "depth": 2}]
SOURCE = """
from torch import nn

def build(classes, in_channels, width=4, depth=1):
    body = [nn.Conv2d(in_channels, width, 3, padding=1), nn.ReLU()]
    for _ in range(depth - 1):
        body += [nn.Conv2d(width, width, 3, padding=1), nn.ReLU()]
    return nn.Sequential(*body, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, classes))
"""


def build(classes, in_channels, width=4, depth=1):
    scope = {}
    exec(SOURCE, scope)
    return scope["build"](classes, in_channels, width, depth)


def flat(classes):
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, classes))


@pytest.fixture
def file(tmp_path):
    (tmp_path / "mine.py").write_text(SOURCE)
    return f"{tmp_path / 'mine.py'}:build"


def space(made=build, variants=VARIANTS):
    return TracedSpace.for_pool(made, POOL, variants)


def sizes(found):
    return {"classes": found.classes, "in_channels": found.in_channels}


def test_every_variant_is_an_architecture_and_its_network_is_built_from_its_options():
    found = space()
    widths = [found.module(a, **sizes(found))[0].out_channels for a in found.architectures]
    assert widths == [4, 8, 8]
    assert [len(a) for a in found.architectures] == [5, 5, 6]


def test_weights_are_fresh_each_time_and_follow_the_seed_of_a_trial():
    found = space()
    (one, two, three) = (
        trial_network(found, found.architectures[0], POOL, {}, seed)[0].weight for seed in (0, 0, 1)
    )
    assert torch.equal(one, two)
    assert not torch.equal(one, three)


def test_a_trial_trains_the_reader_s_own_network_on_a_subset():
    splits = digits()
    found = TracedSpace.for_pool(flat, splits.train)
    feed = SubsetFeed(RandomPerClass().fit(splits.train), 0.2)
    result = run_trial(
        found, found.architectures[0], feed, Recipe(batch=32), steps=60, test=splits.test,
        sizes={}, seed=0,
    )  # fmt: skip
    assert result.accuracy > 0.3


def test_pickled_in_another_process_it_finds_the_function_by_its_file(file, tmp_path):
    found = space(file)
    (tmp_path / "space.bin").write_bytes(pickle.dumps(found))  # as Ray does, to a worker
    code = (
        "import pickle, sys; s = pickle.loads(open(sys.argv[1], 'rb').read()); "
        "a = s.architectures[2]; "
        "print(s.module(a, classes=3, in_channels=1)[0].out_channels, a.key)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "space.bin")],
        capture_output=True, text=True, check=True, cwd=Path.cwd(),
    )  # fmt: skip
    assert done.stdout.split() == ["8", found.architectures[2].key]


def test_a_worker_without_the_file_says_so(file):
    found = pickle.loads(pickle.dumps(space(file)))
    Path(file.rpartition(":")[0]).unlink()
    sys.modules.pop(next(name for name in sys.modules if name.startswith("subsel_user_")), None)
    for name in [name for name in sys.modules if name.startswith("subsel_user_")]:
        del sys.modules[name]
    with pytest.raises(MissingData, match="in every worker"):
        found.module(found.architectures[0], **sizes(found))


@pytest.mark.parametrize("name", ["lenet", "vgg-8", "mlp"])
def test_fixed_networks_are_spaces_by_name(name):
    found = space(name, [{}])
    made = found.module(found.architectures[0], **sizes(found))
    assert made(torch.zeros(2, 1, 4, 4)).shape == (2, 4)


def test_a_pool_without_images_is_read_as_vectors_and_a_cell_space_refuses_it():
    from dataclasses import replace

    from subsel_automl.spaces.nasbench101 import NASBench101

    vectors = replace(POOL, images=None, fingerprint="")
    found = TracedSpace.for_pool("mlp", vectors)
    made = trial_network(found, found.architectures[0], vectors, {}, 0)
    assert made(torch.zeros(2, 16)).shape == (2, 4)
    with pytest.raises(BadInput, match="'nasbench101' read images"):
        trial_network(NASBench101(), some_cells(1)[0], vectors, {}, 0)


def test_sample_draws_variants_and_neighbours_differ_in_one_option():
    found, rng = space(), np.random.default_rng(0)
    assert {found.sample(rng).key for _ in range(40)} == {a.key for a in found.architectures}
    four, eight, deep = found.architectures
    assert found.neighbours(eight) == [four, deep]
    assert found.neighbours(four) == [eight]
    assert space(variants=[{}]).neighbours(space(variants=[{}]).architectures[0]) == []
    with pytest.raises(SubselError, match="no table of cells"):
        found.enumerate()


def test_an_architecture_is_found_by_its_graph_and_a_foreign_one_refused():
    found = space()
    mine = found.architectures[1]
    assert found.architecture(mine.ops, mine.edges) is mine
    with pytest.raises(ArchitectureError, match="none of the 3 networks"):
        found.module(some_cells(1)[0], **sizes(found))


def test_parameters_are_the_trainable_ones():
    found = space()
    assert found.parameters(found.architectures[0]) == 4 * 9 + 4 + 4 * 4 + 4


class Fixed(nn.Linear):
    def __init__(self):
        super().__init__(16, 4)


def test_a_network_that_takes_no_sizes_serves_the_sizes_it_was_traced_with():
    found = TracedSpace(Fixed, torch.zeros(2, 16), classes=4)
    assert found.module(found.architectures[0], classes=4, in_channels=16)
    with pytest.raises(BadInput, match="build takes no classes and was traced with 4"):
        found.module(found.architectures[0], classes=5, in_channels=16)


@pytest.mark.parametrize(
    ("made", "variants", "says"),
    [
        (build, [], "no variant"),
        (build, [{"widht": 4}], "takes no option widht; it takes classes, in_channels, width"),
        (build, [{}, {"width": 4}], "could not tell them apart"),
        (lambda classes: 7, [{}], "return an nn.Module"),
        (lambda in_channels: nn.Flatten(), [{}], r"answers \(2, 16\); give logits \[n, 4\]"),
        ("mine.txt", [{}], "give file.py:function"),
    ],
)
def test_what_cannot_be_a_space_is_refused(made, variants, says):
    with pytest.raises(BadInput, match=says):
        space(made, variants)


def test_an_unknown_function_offers_the_nearest(file):
    with pytest.raises(UnknownName, match="Did you mean 'build'"):
        space(file + "s")


def test_a_file_that_does_not_run_says_why(tmp_path):
    (tmp_path / "bad.py").write_text("import nothing_like_this")
    with pytest.raises(BadInput, match=r"bad\.py does not run: ModuleNotFoundError"):
        space(f"{tmp_path / 'bad.py'}:build")


def test_timm_that_is_not_installed_is_missing_data(monkeypatch):
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(MissingData, match="pip install timm"):
        network("timm/resnet18", classes=4, in_channels=1)


def test_timm_s_names_are_networks_when_it_is_installed(monkeypatch):
    fake = types.ModuleType("timm")
    asked = {}

    def create_model(name, **options):
        asked.update(options, name=name)
        body = nn.Sequential(nn.Flatten(), nn.Linear(16, 6))
        body.num_features = 6
        return body

    fake.is_model, fake.list_models = ["tiny"].__contains__, lambda: ["tiny"]
    fake.create_model = create_model
    monkeypatch.setitem(sys.modules, "timm", fake)
    found = space("timm/tiny", [{}])
    assert asked == {"name": "tiny", "pretrained": False, "num_classes": 0, "in_chans": 1}
    assert found.architectures[0].ops == ("input", "linear:6", "linear:4", "output")
    with pytest.raises(UnknownName, match="Did you mean 'tiny'"):
        network("timm/tinny", classes=4, in_channels=1)


def test_lazy_layers_have_their_weights_when_a_trial_gets_them():
    def lazy(classes):
        return nn.Sequential(nn.Flatten(), nn.LazyBatchNorm1d(), nn.LazyLinear(classes))

    space = TracedSpace(lazy, torch.zeros(2, 3, 4, 4), classes=5)
    (one,) = space.architectures
    model = space.module(one, classes=5, in_channels=3)
    assert model.training
    assert [p.numel() for p in model.parameters()] == [48, 48, 240, 5]
    assert model(torch.zeros(2, 3, 4, 4)).shape == (2, 5)
