"""Every bundle that ships is whole, and is called after its pool and space."""

from __future__ import annotations

import hashlib

import pytest

from subsel_automl.core.files import read_json
from subsel_automl.subselnet.bundle import RECORD, SHIPPED, WEIGHTS, shipped_names


def test_both_cell_spaces_and_nasbench101_have_one() -> None:
    assert {name.split("/")[1] for name in shipped_names()} == {
        "darts",
        "nasbench101",
        "nasbench201",
    }


def test_searches_on_fashion_mnist_need_no_bundle_of_their_own() -> None:
    assert {"fashion-mnist/darts", "fashion-mnist/nasbench201"} <= set(shipped_names())


@pytest.mark.parametrize("name", shipped_names())
def test_a_bundle_is_whole_and_is_called_after_its_pool_and_space(name: str) -> None:
    record = read_json(SHIPPED / name / RECORD)
    assert name == f"{record['pool']}/{record['encoder']['space']}"
    raw = (SHIPPED / name / WEIGHTS).read_bytes()
    assert hashlib.sha256(raw).hexdigest() == record["sha256"]
    assert record["made"]["networks"] >= 2
