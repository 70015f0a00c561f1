"""Tables and claims of architecture searches, from rows with known answers."""

from __future__ import annotations

import pytest
from nas_rows import row, write

from benchmarks.nas import cells as nas
from benchmarks.nas import charts as nas_charts
from benchmarks.nas import claim as nas_claim
from benchmarks.nas import groups as nas_groups
from benchmarks.nas import subselnet as nas_subselnet
from benchmarks.nas import table as nas_table
from subsel_automl.core.errors import BadInput

ERRORS = {nas.FULL: 6.0, nas.OURS: 6.5}


@pytest.fixture
def path(tmp_path, monkeypatch):
    monkeypatch.setattr(nas, "PATH", tmp_path / "nas.jsonl")
    monkeypatch.setattr(nas, "AGAIN", tmp_path / "again.jsonl")
    return nas.PATH


def main_rows(errors, cpu=None, searches=("spos",), seeds=nas.SEEDS):
    """Rows of Table 4 at 10 %: errors by mode, 8 by default; full costs 100, all others 10."""
    return [
        row(
            cell,
            errors.get(mode := nas_groups.mode_of(cell), 8.0),
            (cpu or {}).get(mode, 100.0 if mode == nas.FULL else 10.0),
        )
        for cell in nas.subselnet_cells(0.1)
        if cell["search"] in searches and cell["seed"] in seeds
    ]


def test_nothing_measured_is_not_run(path):
    assert all("not run" in body() for body in nas_table.SECTIONS.values())
    assert nas_charts.costs() == nas_charts.edges() == ""


def test_a_row_has_mean_error_share_of_cost_and_the_papers_numbers(path):
    write(path, main_rows(ERRORS))
    text = nas_subselnet.subselnet()
    line = "| 10% | subselnet, soft, redrawn | 6.50 ± 0.00 | 2.82 ± 0.166 | 70.00 ± 0.00 |"
    assert line in text
    assert "| 10.0 ± 0.0 | 0.100 | 0.100 | 3 |" in text
    assert "| 100% | full, labels | 6.00 ± 0.00 | 2.78 |" in text


def test_a_search_that_spells_no_none_has_a_table_of_its_own(path):
    write(path, [row(cell, 6.0) for cell in nas.no_none_cells(0.1)])
    assert "| 10% | subselnet, soft, redrawn | 6.00 ± 0.00 |" in nas_subselnet.no_none()
    assert "subselnet, soft, redrawn" not in nas_subselnet.subselnet()


def test_edges_that_compute_nothing_and_convolutions_are_counted(path):
    rows = main_rows(ERRORS)
    ours = [one for one in rows if nas_groups.mode_of(one["cell"]) == nas.OURS]
    ours[0]["genotype"] = {"cell": ["none"] * 5 + ["nor_conv_3x3"]}
    write(path, rows)
    assert "| 40.00 ± 0.00 |  | 1.7 | 4.3 | 10.0 ± 0.0 |" in nas_subselnet.subselnet()


def test_a_slower_machine_is_told_and_the_share_of_steps_does_not_follow_it(path):
    rows = main_rows(ERRORS)
    for one in rows:
        if nas_groups.mode_of(one["cell"]) == nas.OURS:
            one["cpu_seconds"] *= 1.5
    write(path, rows)
    text = nas_subselnet.subselnet()
    assert "| 15.0 ± 0.0 | 0.150 | 0.100 | 3 |" in text
    assert "took up to 1.5 times the CPU seconds" in text


def test_a_search_that_ran_twice_is_one_seed_and_how_far_apart_is_told(path):
    rows = main_rows(ERRORS)
    ours = [one for one in rows if nas_groups.mode_of(one["cell"]) == nas.OURS]
    write(path, rows)
    assert "ran twice" not in nas_subselnet.subselnet()
    write(nas.AGAIN, [row(one["cell"], 8.5) for one in ours])
    text = nas_subselnet.subselnet()
    assert "| 10% | subselnet, soft, redrawn | 7.50 ± 0.00 |" in text
    assert "3 searches ran twice" in text
    assert "mean errors 6.50 and 8.50 %" in text
    assert "lie 2.0 points apart (median 2.0)" in text
    found = nas_claim.measure_tables(quick=True)["searches"]["spos"]
    assert found["subselnet"]["test_error"][0] == 7.5
    assert (found["subselnet"]["searches"], found["subselnet"]["seeds"]) == (6, 3)


def test_a_single_seed_has_no_error(path):
    write(path, [one for one in main_rows(ERRORS) if one["cell"]["seed"] == 0])
    assert "| 10% | subselnet, soft, redrawn | 6.50 | 2.82 ± 0.166 | 70.00 |" in (
        nas_subselnet.subselnet()
    )


def test_how_well_the_judge_ranks_is_beside_what_it_found(path):
    rows = main_rows(ERRORS)
    ours = [one for one in rows if nas_groups.mode_of(one["cell"]) == nas.OURS]
    for one, tau in zip(ours, (0.1, 0.2, 0.3), strict=True):
        one["judge_tau"] = tau
    write(path, rows)
    assert "| 0.20 ± 0.06 | 0.0 | 6.0 | 10.0 ± 0.0 |" in nas_subselnet.subselnet()
    del ours[0]["judge_tau"]
    write(path, rows)
    assert "| 0.25 ± 0.05 (2) | 0.0 | 6.0 | 10.0 ± 0.0 |" in nas_subselnet.subselnet()


def test_the_bars_hold_when_ours_is_near_cheap_and_ahead(path):
    write(path, main_rows(ERRORS))
    found = nas_claim.measure_tables(quick=True)
    assert found["holds"]
    assert found["searches"]["spos"]["cost_of_full"] == pytest.approx(0.1)
    once = found["searches"]["spos"]["zoo_and_fit_cpu_seconds"]
    paid = found["searches"]["spos"]["searches_until_they_paid"]
    assert (paid - 1) * 90 < once <= paid * 90


def test_how_the_published_way_stands_is_told_over_all_seeds_and_over_the_new_ones(path):
    write(
        path,
        main_rows({**ERRORS, nas.PUBLISHED: 7.0})
        + main_rows({**ERRORS, nas.PUBLISHED: 8.5}, seeds=nas.NEW_SEEDS),
    )
    found = nas_claim.measure_tables(quick=True)["searches"]["spos"]["as_published"]
    assert found["all_seeds"]["subselnet"]["test_error"][0] == 7.75
    assert not found["all_seeds"]["rivals_ahead"]
    assert found["new_seeds"]["subselnet"]["searches"] == 3
    assert set(found["new_seeds"]["rivals_ahead"]) == {*map(nas_groups.named, nas_claim.BARRED)}


@pytest.mark.parametrize(
    ("errors", "cpu", "bar"),
    [
        ({nas.OURS: 7.5}, {}, "within_a_point_of_full"),
        ({}, {nas.OURS: 30.0}, "at_most_a_fifth_of_its_cost"),
    ],
)
def test_a_bar_that_is_missed_is_named(path, errors, cpu, bar):
    write(path, main_rows({**ERRORS, **errors}, cpu))
    found = nas_claim.measure_tables(quick=True)
    assert not found["searches"]["spos"][bar]
    assert not found["holds"]


@pytest.mark.parametrize(
    "rival",
    nas_claim.BARRED,
    ids=lambda mode: nas_groups.named(mode),
)
def test_any_barred_rival_that_is_ahead_breaks_the_claim(path, rival):
    write(path, main_rows({**ERRORS, rival: 6.4}))
    found = nas_claim.measure_tables(quick=True)
    assert found["searches"]["spos"]["rivals_ahead"] == [nas_groups.named(rival)]
    assert not found["holds"]


def test_one_search_that_holds_is_enough(path):
    write(path, main_rows({**ERRORS, nas.OURS: 9.0}) + main_rows(ERRORS, searches=("gdas",)))
    assert nas_claim.measure_tables(quick=True)["holds"]


def test_a_rival_that_was_not_run_leaves_the_claim_open(path):
    random = ("random", "labels", 0)
    rows = [one for one in main_rows(ERRORS) if nas_groups.mode_of(one["cell"]) != random]
    write(path, rows)
    found = nas_claim.measure_tables(quick=True)
    assert found["searches"]["spos"]["rivals_not_run"] == ["random, labels, fixed"]
    assert not found["holds"]


@pytest.mark.parametrize(
    "measure",
    [nas_claim.measure_tables, nas_claim.measure_hm_nas, nas_claim.measure_collapse],
)
def test_a_claim_without_rows_says_what_to_run(path, measure):
    with pytest.raises(BadInput, match=r"benchmarks\.nas run"):
        measure(quick=True)


def test_collapse_is_counted_by_sampler_and_search(path):
    cells = nas.moser_cells(0)
    write(path, [row(c, collapsed=c["search"] == "darts") for c in cells])
    found = nas_claim.measure_collapse(quick=True)
    assert found["collapsed_of_searches"]["darts"]["transfer"] == [3, 3]
    assert found["collapsed_of_searches"]["gdas"]["transfer"] == [0, 3]
    assert "| transfer | 3 of 3 | 0 of 3 | 0 of 3 | 0 of 3 |" in nas_table.collapse()


def test_less_is_mores_numbers_stand_beside_its_samplers(path):
    write(path, [row(c) for c in nas.moser_cells(0)])
    text = nas_table.moser()
    assert "| outliers-kmeans | 0.5 | 93.00 | KM-OR 27.3 ± 0.8 | 0 of 1 |" in text
    assert "| random | 0.5 | 93.00 | RS 15.9 ± 0.7* | 0 of 1 |" in text


def test_asps_numbers_stand_beside_its_metrics(path):
    both = [*nas.TABLES["asp"](), *nas.TABLES["asp-darts"]()]
    write(path, [row(c) for c in both])
    assert "| asp, labels | 50% | 93.00 ± 0.00 | 70.00 ± 0.00 | 40.00 ± 0.00 | 93.79 ± 0.17 |" in (
        nas_table.asp()
    )
    assert "| asp, labels | 10% | 7.00 ± 0.00 | 97.31 ± 0.12 |" in nas_table.asp("asp-darts")


def hm_written(path, errors):
    levels = [level for _ in nas.SEEDS for level in nas.LEVELS]
    pairs = zip(nas.hm_cells(), levels, strict=True)
    write(path, [row(cell, errors[level]) for cell, level in pairs])


def test_hm_nas_holds_when_its_rows_fall_in_order(path):
    hm_written(path, {"single level": 9.0, "multi level": 8.0, "masks": 7.0})
    assert nas_claim.measure_hm_nas(quick=True)["holds"]
    assert "| masks | 7.00 ± 0.00 | 1,000 | 25.0 % | 2.41 | 1.8 M |" in nas_table.hm_nas()


def test_hm_nas_out_of_order_is_a_miss(path):
    hm_written(path, {"single level": 8.0, "multi level": 9.0, "masks": 7.0})
    assert not nas_claim.measure_hm_nas(quick=True)["holds"]


def test_charts_are_drawn_from_the_rows(path):
    pytest.importorskip("matplotlib", reason="extra [report] is not installed")
    write(path, main_rows(ERRORS) + [row(c) for c in nas.moser_cells(0)])
    costs = nas_charts.costs()
    assert "spos on NAS-Bench-201" in costs
    assert all(nas_groups.named(mode) in costs for mode in nas_charts.FIRST)
    assert nas_charts.edges().count("<figure>") == len(nas.MOSER_SEARCHES)
