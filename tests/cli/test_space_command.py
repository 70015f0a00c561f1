"""`subsel space` and `subsel list`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from cli_running import CELL, Subsel

from subsel_automl.catalog import ENCODERS, predictor_names, provider_names, search_space


def test_list_names_everything_in_clean_json(subsel: Subsel) -> None:
    found = subsel("list", "--json").document
    assert [row["name"] for row in found["providers"]] == provider_names()
    assert {"spaces", "datasets", "bundles", "encoders", "predictors"} < set(found)


def test_list_of_one_kind_holds_that_kind_alone(subsel: Subsel) -> None:
    found = subsel("list", "encoders", "--json").document
    assert [row["name"] for row in found.pop("encoders")] == list(ENCODERS)
    assert not found


def test_list_names_predictors_with_their_source(subsel: Subsel) -> None:
    rows = {
        row["name"]: row for row in subsel("list", "predictors", "--json").document["predictors"]
    }
    assert set(rows) == set(predictor_names())
    assert "Snoek et al. 2015" in rows["dngo"]["source"]
    assert "regression" in rows["dngo"]["what"]


def test_list_says_what_a_provider_needs_and_whether_it_adapts(subsel: Subsel) -> None:
    rows = {row["name"]: row for row in subsel("list", "providers", "--json").document["providers"]}
    assert rows["subselnet"]["needs"] == "classes, architecture, zoo"
    assert rows["subselnet"]["cost"] == "zoo"
    assert rows["subselnet-online"]["needs"] == "labels"
    assert rows["random"] == {**rows["random"], "needs": "nothing", "adaptive": False}
    assert all(row["source"] for row in rows.values())


def test_list_says_how_often_an_adaptive_provider_looks_and_what_follows_the_seed(
    subsel: Subsel,
) -> None:
    rows = {row["name"]: row for row in subsel("list", "providers", "--json").document["providers"]}
    assert rows["el2n"] == {
        "name": "el2n",
        "needs": "classes, probe",
        "adaptive": True,
        "refresh_every": 5,
        "warm_epochs": 5,
        "cost": "scores",
        "drawn": True,
        "source": rows["el2n"]["source"],
    }
    assert rows["pruning"] == {
        **rows["pruning"],
        "adaptive": False,
        "refresh_every": 0,
        "warm_epochs": 0,
        "drawn": False,
    }


def test_list_as_tables_has_a_column_for_everything_that_json_says(subsel: Subsel) -> None:
    out = subsel("list", "providers").out
    row = next(line for line in out.splitlines() if "el2n-once" not in line and "el2n" in line)
    assert all(word in out for word in ("needs", "adaptive", "cost", "drawn", "source"))
    cells = [cell.strip() for cell in row.strip("│┃ ").split("│")]
    assert cells[:7] == ["el2n", "classes, probe", "yes", "5", "5", "scores", "yes"]


def test_list_as_tables_names_the_providers(subsel: Subsel) -> None:
    assert "random-per-class" in subsel("list", "providers").out


def test_list_of_an_unknown_kind_is_bad_input(subsel: Subsel) -> None:
    assert subsel("list", "provider").code == 3


def test_show_reads_json_and_gives_its_key(subsel: Subsel) -> None:
    ran = subsel("space", "show", "nasbench101", "--architecture", CELL, "--json")
    cell = search_space("nasbench101").architecture(**json.loads(CELL))
    assert ran.document["key"] == cell.key
    assert ran.document["bfs_order"] == list(cell.bfs_order())


def test_show_reads_a_file(subsel: Subsel, tmp_path: Path) -> None:
    (tmp_path / "cell.json").write_text(CELL)
    one = subsel("space", "show", "nasbench101", "--architecture", CELL, "--json")
    at = f"@{tmp_path / 'cell.json'}"
    assert subsel("space", "show", "nasbench101", "--architecture", at, "--json").out == one.out


def test_what_sample_writes_show_reads(subsel: Subsel) -> None:
    drawn = subsel("space", "sample", "nasbench101", "--count", 2, "--seed", 3, "--json").document
    one = drawn["architectures"][1]
    shown = subsel("space", "show", "nasbench101", "--architecture", json.dumps(one), "--json")
    assert shown.document["key"] == one["key"]


def test_sample_follows_the_seed(subsel: Subsel) -> None:
    draws = [subsel("space", "sample", "nasbench101", "--seed", s, "--json").out for s in (1, 1, 2)]
    assert draws[0] == draws[1] != draws[2]


@pytest.mark.parametrize(
    "given",
    [
        "",
        "nonsense",
        "[1, 2]",
        '{"ops": ["input", "output"]}',
        '{"ops": ["input", "output"], "edges": [[0, 1, 2]]}',
        '{"ops": ["input", "output"], "edges": [["0", "1"]]}',
        '{"ops": ["input", "conv9x9", "output"], "edges": [[0, 1], [1, 2]]}',
        '{"ops": ["input", "output"], "edges": [[0, 1]], "space": "darts"}',
        "@no-such-file.json",
    ],
)
def test_an_architecture_that_is_none_is_bad_input(given: str, subsel: Subsel) -> None:
    ran = subsel("space", "show", "nasbench101", "--architecture", given)
    assert (ran.code, ran.out) == (3, "")


@pytest.mark.slow
def test_enumerate_writes_every_cell_and_show_finds_one_by_its_key(
    subsel: Subsel, tmp_path: Path
) -> None:
    file = tmp_path / "cells.npz"
    found = subsel("space", "enumerate", "nasbench101", "--out", file, "--json").document
    assert found["cells"] == 423_624 == sum(found["by_nodes"].values())
    with np.load(file) as cells:
        assert len(cells["n_vertices"]) == 423_624
    cell = search_space("nasbench101").architecture(**json.loads(CELL))
    shown = subsel("space", "show", "nasbench101", "--architecture", cell.key, "--json")
    assert shown.document["ops"] == list(cell.ops)
    assert subsel("space", "show", "nasbench101", "--architecture", "0" * 32).code == 3


def test_a_space_that_is_listed_cell_by_cell_is_written_too(subsel: Subsel, tmp_path: Path) -> None:
    file = tmp_path / "cells.npz"
    found = subsel("space", "enumerate", "nasbench201", "--out", file, "--json").document
    with np.load(file) as written:
        assert len(set(written["keys"])) == found["cells"] == 15_625
        assert written["ops"][0].split(" ")[0] == "input"
