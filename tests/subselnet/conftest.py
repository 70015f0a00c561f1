"""One small world: 120 examples in 4 clumps, a synthetic zoo, SubSelNet fitted on it once."""

from __future__ import annotations

import pytest

from subsel_automl.encoders.gvae import GVAE
from subsel_automl.spaces.nasbench101 import NASBench101
from subsel_automl.subselnet.fitting import fit_approximator, read_predictions, zoo_mean
from subsel_automl.subselnet.model import SubSelNetModel
from subsel_automl.training.seeded import seeded
from subsel_automl.worlds import clump_pool, some_cells, synthetic_zoo


@pytest.fixture(scope="session")
def pool():
    return clump_pool(120)


@pytest.fixture(scope="session")
def encoder():
    with seeded(0):
        return GVAE(space="nasbench101", operations=NASBench101.operations, max_nodes=7).eval()


@pytest.fixture(scope="session")
def folds():
    return {
        role: some_cells(count, role=role)
        for role, count in {"training": 16, "validation": 2, "test": 3}.items()
    }


@pytest.fixture(scope="session")
def zoo(pool, folds):
    return synthetic_zoo(pool, [cell for cells in folds.values() for cell in cells])


@pytest.fixture(scope="session")
def model(pool, zoo, encoder, folds):
    training, validation = folds["training"], folds["validation"]
    approximator, report = fit_approximator(
        encoder, pool, zoo, training, validation, epochs=50, batch=24
    )
    mean = zoo_mean(read_predictions(zoo, training))
    keys = tuple(a.key for a in training)
    return SubSelNetModel(encoder, approximator, mean, pool.name, pool.fingerprint, keys, report)
