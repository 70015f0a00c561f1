"""What is run: searches, their options, tables, noises, seeds; the simple ones first."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Iterator, Mapping
from typing import Any

import torch

from benchmarks.data import ROOT
from subsel_automl.encoders.store import load_encoder, save_encoder

NB101, NB201 = "nasbench101", "nasbench201"
QUERIES = {NB101: 150, NB201: 100}
SEEDS = {NB101: 30, NB201: 100}
NOISES = (0.0, 0.25)
DATA = ("cifar10", "cifar100", "imagenet16-120")
SIMPLE = ("random", "local", "evolution")
EVOLUTION = {NB101: {"population": 30, "tournament": 10}, NB201: {}}
FOLDERS = ROOT / "benchmarks" / "bundles" / "encoders"
ENCODED = {  # encoder and pooling of vectors; a folder where it is no name of the package
    "gvae, listed": ("gvae", "listed"),
    "gvae, listed, values": ("gvae", "listed"),
    "adjacency, listed": ("adjacency", "listed"),
    "arch2vec, listed": ("arch2vec", "listed"),
    "cate": ("cate", "own"),
    "cate, untrained": ("cate, untrained", "own"),  # the control of its pre-training
    "gvae": ("gvae", "flat"),
    "adjacency": ("adjacency", "flat"),
    "arch2vec": ("arch2vec", "own"),
}
UNTRAINED = "cate, untrained"
OWN = ("arch2vec", "cate")  # pre-trained here
VALUES = "gvae, listed, values"  # the first definition of bo, before normal scores
MODELLED = (
    ("bo", ("gvae, listed",)),
    ("bo-local", ("gvae, listed", "adjacency, listed", "cate")),
    ("rl", ("gvae", "arch2vec")),
    ("bo", ("adjacency, listed", "cate", "cate, untrained")),
)
FIRST_SEEDS = 30
MODEL_SEEDS = {NB101: 30, NB201: 30}
Cell = Mapping[str, Any]


def cells() -> list[dict[str, Any]]:
    first = [_cell(NB101, "cifar10", "bo", VALUES, 0.0, seed) for seed in range(FIRST_SEEDS)]
    return [*_simple(), *first, *_models()]


def _simple() -> Iterator[dict[str, Any]]:
    for space in (NB101, NB201):
        for data in DATA if space == NB201 else ("cifar10",):
            for noise in NOISES if space == NB101 else (0.0,):
                for name in SIMPLE:
                    for seed in range(SEEDS[space]):
                        yield _cell(space, data, name, "", noise, seed)


def _models() -> Iterator[dict[str, Any]]:
    for name, encoders in MODELLED:
        for encoder in encoders:
            for seed in range(MODEL_SEEDS[NB101]):
                yield _cell(NB101, "cifar10", name, encoder, 0.0, seed)
    for seed in range(MODEL_SEEDS[NB101]):
        yield _cell(NB101, "cifar10", "bo", "gvae, listed", NOISES[1], seed)
    for name in ("bo-local", "rl", "bo"):
        for seed in range(MODEL_SEEDS[NB201]):
            yield _cell(
                NB201,
                "cifar10",
                name,
                "adjacency" if name == "rl" else "adjacency, listed",
                0.0,
                seed,
            )


def _cell(
    space: str, data: str, name: str, encoder: str, noise: float, seed: int
) -> dict[str, Any]:
    return {
        "space": space,
        "data": data,
        "search": name,
        "encoder": encoder,
        "noise": noise,
        "seed": seed,
        "queries": QUERIES[space],
    }


@functools.cache
def untrained() -> str:
    """A folder with a CATE of the same sizes and new weights, of the process."""
    kept = load_encoder(FOLDERS / "cate")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        fresh = type(kept).from_config(kept.config())
    folder = tempfile.mkdtemp()
    save_encoder(fresh, folder)
    return folder


def options(cell: Cell) -> dict[str, Any]:
    """Of the search."""
    found: dict[str, Any] = {"queries": cell["queries"]}
    if cell["search"] == "evolution":
        found |= EVOLUTION[cell["space"]]
    if cell["encoder"]:
        encoder, pooling = ENCODED[cell["encoder"]]
        folder = str(FOLDERS / encoder) if encoder in OWN else encoder
        if encoder == UNTRAINED:
            folder = untrained()
        flat = cell["search"] != "rl" or pooling == "own"
        found |= {"encoder": folder, "pooling": pooling if flat else "mean"}
    if cell["encoder"] == VALUES:
        found["scores"] = "values"
    return found
