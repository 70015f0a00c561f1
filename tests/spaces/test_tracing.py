"""Truths of traced networks: words, fusing, stability, the fall back, what is unknown."""

from __future__ import annotations

import sys
import threading
import warnings

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from subsel_automl.core.errors import ArchitectureError, BadInput
from subsel_automl.spaces.networks import network
from subsel_automl.spaces.tracing import TracedWarning, trace

IMAGES = torch.zeros(2, 3, 8, 8)


class Net(nn.Module):
    """A stem, two branches that are added, a head; layers are defined in a given order."""

    def __init__(self, names=("stem", "norm", "left", "right", "head"), order=None):
        super().__init__()
        made = {
            names[0]: nn.Conv2d(3, 8, 3, padding=1),
            names[1]: nn.BatchNorm2d(8),
            names[2]: nn.Conv2d(8, 8, 1),
            names[3]: nn.Conv2d(8, 8, 3, padding=1, groups=8),
            names[4]: nn.Linear(8, 4),
        }
        for name in order or made:
            self.add_module(name, made[name])
        self.names, self.swapped = names, False

    def forward(self, x):
        stem, norm, left, right, head = (getattr(self, name) for name in self.names)
        x = F.relu(norm(stem(x)))
        if self.swapped:
            b = right(x)
            a = left(x)
        else:
            a = left(x)
            b = right(x)
        return head((a + b).mean((2, 3)))


OPS = (
    "input",
    "conv3x3-bn-relu:8",
    "conv1x1:8",
    "dwconv3x3:8",
    "add",
    "avgpool-global",
    "linear:4",
    "output",
)


def test_a_run_of_convolution_norm_and_activation_is_one_node_and_branches_stay():
    found = trace(Net(), IMAGES)
    assert found.ops == OPS
    assert found.edges == ((0, 1), (1, 2), (1, 3), (2, 4), (3, 4), (4, 5), (5, 6), (6, 7))


def test_renamed_reordered_and_made_anew_it_has_the_same_key():
    other = Net(tuple("zyxwv"), order=tuple("vwxyz"))
    other.swapped = True
    assert trace(other, IMAGES).key == trace(Net(), IMAGES).key


class Functional(nn.Module):
    """What the layers of `layered` do, by functions and other spellings."""

    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.randn(6, 3, 3, 3))
        self.v = nn.Parameter(torch.randn(5, 6))

    def forward(self, x):
        x = torch.conv2d(x, self.w, stride=2).relu()
        x = F.max_pool2d(x, kernel_size=3, stride=1)
        return F.linear(x.view(x.size(0), -1), weight=self.v)


def test_functions_and_layers_are_the_same_words():
    layered = nn.Sequential(
        nn.Conv2d(3, 6, 3, 2), nn.ReLU(), nn.MaxPool2d(3, 1), nn.Flatten(), nn.Linear(6, 5)
    )
    assert trace(Functional(), IMAGES) == trace(layered, IMAGES)
    assert trace(layered, IMAGES).ops[1:3] == ("conv3x3-s2-relu:6", "maxpool3x3")


@pytest.mark.parametrize(
    ("layer", "word"),
    [
        (nn.Conv2d(3, 4, (1, 3), dilation=2), "conv1x3-d2:4"),
        (nn.ConvTranspose2d(3, 4, 2, stride=(2, 1)), "deconv2x2-s2x1:4"),
        (nn.Conv2d(3, 6, 3, groups=3), "dwconv3x3:6"),
        (nn.AdaptiveAvgPool2d((2, 3)), "avgpool-to2x3"),
        (nn.AdaptiveMaxPool2d(1), "maxpool-global"),
        (nn.AvgPool2d(2), "avgpool2x2-s2"),
        (nn.GroupNorm(3, 3), "gn"),
        (nn.GELU(), "gelu"),
        (nn.Upsample(scale_factor=2), "upsample"),
    ],
)
def test_a_layer_has_its_word(layer, word):
    assert trace(nn.Sequential(layer), IMAGES).ops == ("input", word, "output")


class Words(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(20, 8)
        self.place = nn.Parameter(torch.zeros(5, 8))
        self.attend = nn.MultiheadAttention(8, 2, batch_first=True)
        self.read = nn.LSTM(8, 6, batch_first=True)

    def forward(self, x):
        x = self.embed(x) + self.place
        x = torch.cat([x, self.attend(x, x, x)[0]], 1)
        return self.read(x)[0][:, -1]


def test_words_of_sequence_models():
    found = trace(Words(), torch.zeros(2, 5, dtype=torch.long))
    assert found.ops == (
        "input", "embedding:8", "add", "attention:8", "concat", "lstm:6", "output"
    )  # fmt: skip


class Asserting(Net):
    def forward(self, x):
        assert x.shape[1] == 3
        return super().forward(x)


def test_torch_export_takes_over_openly_and_finds_the_same_graph():
    model = Asserting()
    with pytest.warns(TracedWarning, match=r"torch\.fx could not trace Asserting .*control flow"):
        found = trace(model, IMAGES)
    assert found.ops == OPS
    assert model(IMAGES).shape == (2, 4)


class Deciding(nn.Module):
    def forward(self, x):
        return x * 2 if x.sum() > 0 else x


def test_control_flow_on_values_is_refused_with_both_reasons():
    with pytest.raises(ArchitectureError, match=r"torch\.fx: .*torch\.export: "):
        trace(Deciding(), IMAGES)


def test_a_network_that_is_refused_is_so_in_silence_and_others_are_heard(capfd):
    """torch.export printed its graph and a log line: 40 lines, twice a trial."""
    heard = threading.Thread(target=lambda: print("still here", file=sys.stderr))

    class Telling(Deciding):
        def forward(self, x):
            if not heard.ident:
                heard.start()
                heard.join()
            return super().forward(x)

    with pytest.raises(ArchitectureError):
        trace(Telling(), torch.zeros(2, 3))
    assert capfd.readouterr().err == "still here\n"


class Odd(nn.Module):
    def forward(self, x):
        return torch.special.i0(torch.fft.fft(x).real)


def test_operations_without_a_word_are_named_in_one_warning():
    with pytest.warns(TracedWarning, match="Odd uses .*: fft_fft, special_i0") as caught:
        found = trace(Odd(), IMAGES)
    assert len(caught) == 1
    assert found.ops == ("input", "other", "other", "output")


def test_two_widths_are_two_architectures():
    one, two = (trace(nn.Linear(8, width), torch.zeros(2, 8)) for width in (4, 5))
    assert one.key != two.key


def test_the_network_and_the_random_state_are_left_as_they_were():
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Dropout(0.5)).train()
    model[1].eval()
    before, state = model[1].running_mean.clone(), torch.get_rng_state()
    trace(model, torch.ones(2, 3, 8, 8))
    assert [part.training for part in model] == [True, False, True]
    assert torch.equal(model[1].running_mean, before)
    assert torch.equal(torch.get_rng_state(), state)


def test_an_example_of_another_shape_is_refused_with_its_shape():
    with pytest.raises(BadInput, match=r"Net does not run on the example of shape \(2, 1, 8, 8\)"):
        trace(Net(), torch.zeros(2, 1, 8, 8))


class Constant(nn.Module):
    def forward(self, x):
        return torch.ones(2, 4)


def test_an_answer_that_does_not_depend_on_the_input_is_refused():
    with pytest.raises(ArchitectureError, match="does not depend on its input"):
        trace(Constant(), IMAGES)


@pytest.mark.parametrize("name", ["lenet", "vgg-8", "resnet-8", "resnet-20", "resnet-18"])
def test_fixed_networks_are_known_through_and_through(name):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = trace(network(name, classes=10, in_channels=3), IMAGES)
    assert found.ops[-2] == "linear:10"


def test_networks_that_other_threads_run_are_left_alone():
    """torch.fx patches nn.Module for the whole process while it traces."""
    x, failed, stop = torch.zeros(2, 6), [], threading.Event()

    def run() -> None:
        model = nn.Sequential(nn.Linear(6, 6), nn.ReLU(), nn.Linear(6, 3))
        while not stop.is_set():
            try:
                assert isinstance(model(x), torch.Tensor)
            except Exception as error:
                failed.append(repr(error))
                return

    def look() -> None:
        for _ in range(40):
            graphs.append(trace(nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 3)), x).key)

    graphs: list[str] = []
    others = [threading.Thread(target=run) for _ in range(2)]
    tracers = [threading.Thread(target=look) for _ in range(2)]
    for one in (*others, *tracers):
        one.start()
    for one in tracers:
        one.join()
    stop.set()
    for one in others:
        one.join()
    assert not failed
    assert len(set(graphs)) == 1
    assert len(graphs) == 80
