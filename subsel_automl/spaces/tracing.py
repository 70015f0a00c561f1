"""Any network with an example input as a graph: what is computed, in words of `vocabulary.py`.

torch.fx traces first; a network whose control flow it cannot follow is traced by torch.export, and
a warning says so. Deviations: none. What the graph holds:
    [1] The evaluation mode is traced; the network's own modes and the random state are put back.
    [2] Shape-only operations and what does not depend on the input (parameters, constants) have no
        node; several inputs are one node, so are several outputs.
    [3] Runs of rising rank (convolution or linear, normalisation, activation), each read by the
        next alone, are one node: "conv3x3-bn-relu:64".
    [4] Names, order of definition and weights do not enter: a network made anew, or with its
        submodules renamed, has the same key.
"""

from __future__ import annotations

import copy
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.fx.passes.shape_prop import ShapeProp
from torch.utils import _pytree

from ..core.architecture import Architecture
from ..core.errors import ArchitectureError, BadInput
from .base import prune
from .quiet import quiet
from .vocabulary import OTHER, Word, word_of_function, word_of_module

SPACE = "traced"
MAX_NODES = 4096
Example = Tensor | tuple[Tensor, ...]
CALLS = ("call_module", "call_function", "call_method")


_one_at_a_time = threading.Lock()  # torch.fx patches nn.Module for the whole process


class _OwnThread(fx.Tracer):
    """Records what its own thread calls; networks that other threads run meanwhile just run."""

    def __init__(self) -> None:
        super().__init__()
        self.thread = threading.get_ident()

    def call_module(self, m: nn.Module, forward: Any, args: Any, kwargs: Any) -> Any:
        if threading.get_ident() != self.thread:
            return forward(*args, **kwargs)
        return super().call_module(m, forward, args, kwargs)

    def getattr(self, attr: str, attr_val: Any, parameter_proxy_cache: Any) -> Any:
        if threading.get_ident() != self.thread:
            return attr_val
        return super().getattr(attr, attr_val, parameter_proxy_cache)


class TracedWarning(UserWarning):
    """A network holds operations without a word, or torch.fx could not trace it."""


def trace(model: nn.Module, example: Example) -> Architecture:
    """The graph of a network.

    Args:
        example: one batch as the network reads it, or a tuple of its inputs.

    Raises:
        BadInput: the network does not run on the example.
        ArchitectureError: neither torch.fx nor torch.export can trace it, its output does not
            depend on its input, or it has more than 4,096 nodes.
    """
    inputs = example if isinstance(example, tuple) else (example,)
    name = type(model).__name__
    with _evaluating(model):
        try:
            model(*inputs)
        except Exception as error:
            shapes = ", ".join(str(tuple(part.shape)) for part in inputs)
            raise BadInput(
                f"{name} does not run on the example of shape {shapes}: {error}; give an example "
                "of the shape that it reads"
            ) from error
        found = _traced(model, inputs, name)
    if found.unknown:
        warnings.warn(
            f'{name} uses operations without a word, written as "{OTHER}": '
            f"{', '.join(sorted(found.unknown))}",
            TracedWarning,
            stacklevel=2,
        )
    return found.architecture(name)


def _traced(model: nn.Module, inputs: tuple[Tensor, ...], name: str) -> _Graph:
    try:
        return _by_fx(model, inputs)
    except Exception as first:
        try:
            found = _by_export(model, inputs)
        except Exception as second:
            raise ArchitectureError(
                f"{name} cannot be traced; torch.fx: {_line(first)}; torch.export: "
                f"{_line(second)}. Take control flow that depends on values out of its forward"
            ) from second
        warnings.warn(
            f"torch.fx could not trace {name} ({_line(first)}); torch.export did",
            TracedWarning,
            stacklevel=3,
        )
        return found


@dataclass
class _Graph:
    """Nodes as they are found; node 0 is the input."""

    words: list[Word] = field(default_factory=lambda: [Word("input")])
    edges: set[tuple[int, int]] = field(default_factory=set)
    ends: frozenset[int] = frozenset()
    unknown: set[str] = field(default_factory=set)

    def add(self, word: Word | None, sources: frozenset[int], spelled: str) -> frozenset[int]:
        """-> the nodes whose values the result holds"""
        if word is None or not sources:  # [2]
            return sources
        if word.name == OTHER:
            self.unknown.add(spelled)
        node = len(self.words)
        self.words.append(word)
        self.edges |= {(source, node) for source in sources}
        return frozenset({node})

    def architecture(self, name: str) -> Architecture:
        """Runs fused [3], and pruned to what lies between input and output."""
        if not self.ends:
            raise ArchitectureError(f"the output of {name} does not depend on its input")
        before: dict[int, set[int]] = {v: set() for v in range(len(self.words))}
        after: dict[int, set[int]] = {v: set() for v in range(len(self.words))}
        for u, v in self.edges:
            before[v].add(u)
            after[u].add(v)
        home: dict[int, int] = {}
        rank: dict[int, int] = {}
        width: dict[int, int] = {}
        labels: list[list[str]] = []
        for v, word in enumerate(self.words):
            last = next(iter(before[v])) if len(before[v]) == 1 else -1
            alone = last >= 0 and after[last] == {v} and last not in self.ends
            if alone and 0 <= rank[home[last]] < word.rank:
                home[v] = home[last]
                labels[home[v]].append(word.name)
            else:
                home[v] = len(labels)
                labels.append([word.name])
                width[home[v]] = word.width
            rank[home[v]] = word.rank
        names = ["-".join(part) + f":{width[i]}" * bool(width[i]) for i, part in enumerate(labels)]
        edges = {(home[u], home[v]) for u, v in self.edges if home[u] != home[v]}
        edges |= {(home[end], len(names)) for end in self.ends}
        ops, kept = prune((*names, "output"), tuple(edges))
        if len(ops) > MAX_NODES:
            raise ArchitectureError(f"{name} has {len(ops)} nodes; at most {MAX_NODES} are told")
        return Architecture(SPACE, ops, kept)


def _by_fx(model: nn.Module, inputs: tuple[Tensor, ...]) -> _Graph:
    with _one_at_a_time:
        traced = fx.GraphModule(model, _OwnThread().trace(model))
    ShapeProp(traced).propagate(*inputs)
    graph = _Graph()
    held: dict[fx.Node, frozenset[int]] = {}
    for node in traced.graph.nodes:
        sources = _sources(node, held)
        if node.op == "placeholder":
            held[node] = frozenset({0})
        elif node.op == "output":
            graph.ends = sources
        elif node.op in CALLS and "tensor_meta" in node.meta:
            held[node] = graph.add(*_fx_word(traced, node, sources))
    return graph


def _fx_word(
    traced: fx.GraphModule, node: fx.Node, sources: frozenset[int]
) -> tuple[Word | None, frozenset[int], str]:
    if node.op == "call_module":
        module = traced.get_submodule(str(node.target))
        return word_of_module(module), sources, type(module).__name__
    name = str(node.target) if node.op == "call_method" else node.target.__name__  # type: ignore[union-attr]
    weight: Any = node.args[1] if len(node.args) > 1 else node.kwargs.get("weight")
    shape = weight.meta.get("tensor_meta") if isinstance(weight, fx.Node) else None
    word = word_of_function(name, node.args, node.kwargs, getattr(shape, "shape", None))
    return word, sources, name


def _by_export(model: nn.Module, inputs: tuple[Tensor, ...]) -> _Graph:
    with quiet():
        exported = torch.export.export(copy.deepcopy(model), inputs, strict=False)  # it may write
    given = set(exported.graph_signature.user_inputs)
    graph = _Graph()
    held: dict[fx.Node, frozenset[int]] = {}
    for node in exported.graph.nodes:
        sources = _sources(node, held)
        if node.op == "placeholder" and node.name in given:
            held[node] = frozenset({0})
        elif node.op == "output":
            graph.ends = sources
        elif node.op == "call_function" and _holds_tensor(node.meta.get("val")):
            target: Any = node.target
            packet = getattr(target, "overloadpacket", target)
            weight = node.args[1] if len(node.args) > 1 else None
            value = weight.meta.get("val") if isinstance(weight, fx.Node) else None
            word = word_of_function(
                packet.__name__, node.args, node.kwargs, getattr(value, "shape", None)
            )
            held[node] = graph.add(word, sources, packet.__name__)
    return graph


def _holds_tensor(value: Any) -> bool:
    return any(isinstance(leaf, Tensor) for leaf in _pytree.tree_leaves(value))


def _sources(node: fx.Node, held: dict[fx.Node, frozenset[int]]) -> frozenset[int]:
    parts: Sequence[frozenset[int]] = [held.get(n, frozenset()) for n in node.all_input_nodes]
    return frozenset().union(*parts)


def _line(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"[:200]


@contextmanager
def _evaluating(model: nn.Module) -> Iterator[None]:
    """[1]"""
    modes = {module: module.training for module in model.modules()}
    model.eval()
    try:
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            yield
    finally:
        for module, mode in modes.items():
            module.training = mode
