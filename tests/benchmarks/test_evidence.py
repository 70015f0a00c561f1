"""Every number that the READMEs show stands on a row, and is what the rows come to today."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import evidence
from benchmarks.claims import CLAIMS
from benchmarks.sections import SECTIONS

ROOT = Path(__file__).resolve().parent.parent.parent
TABLE = evidence.table_of((ROOT / "README.md").read_text())
TABLES = (ROOT / "benchmarks" / "README.md").read_text()
COMPUTED = [name for name, claim in CLAIMS.items() if claim.rows]


def numbers(found):
    """Every value of a document, by its path."""
    if isinstance(found, dict):
        return {f"{k}.{path}": v for k, one in found.items() for path, v in numbers(one).items()}
    if isinstance(found, list):
        return {f"{k}.{path}": v for k, one in enumerate(found) for path, v in numbers(one).items()}
    return {"": pytest.approx(found, rel=1e-6) if isinstance(found, float) else found}


@pytest.mark.parametrize("name", COMPUTED)
def test_what_was_kept_of_a_claim_is_what_its_rows_come_to(name):
    kept = evidence.last()[name]
    found = evidence.again(name)
    assert numbers({"holds": kept["holds"], "measured": kept["measured"]}) == numbers(found)


def test_every_line_of_the_claims_table_is_its_kept_run():
    assert evidence.unfounded(TABLE) == []


@pytest.mark.parametrize(
    ("said", "instead"),
    [("+5.29", "+9.29"), ("| **no** |", "| yes |"), ("423,624 cells in", "423,625 cells in")],
)
def test_a_number_without_a_row_is_found(said, instead):
    assert said in TABLE
    assert evidence.unfounded(TABLE.replace(said, instead)) != []


def test_a_line_of_no_claim_and_a_claim_without_a_line_are_found():
    lines = TABLE.splitlines()
    name = lines[2].split("`")[1]
    invented = "| `invented` | none | 100 % | yes | abc | 0 |"
    assert evidence.unfounded("\n".join([*lines[:2], *lines[3:], invented])) == ["invented", name]


def test_a_commit_that_no_row_is_of_and_one_that_is_nearer_than_said_are_found():
    line = next(line for line in TABLE.splitlines() if line.startswith("| `space`"))
    commit, far = line.strip(" |").split(" | ")[-2:]
    assert evidence.unfounded(TABLE.replace(line, line.replace(commit, "f" * 10))) == ["space"]
    closer = f"{line.removesuffix(f'| {far} |')}| 9999999 |"
    assert evidence.unfounded(TABLE.replace(line, closer)) == ["space"]


@pytest.mark.parametrize(("title", "body"), [(s[1], s[3]) for s in SECTIONS], ids=[s[0] for s in SECTIONS])  # fmt: skip  # noqa: E501
def test_every_section_of_the_benchmarks_is_what_its_rows_come_to(title, body):
    shown = TABLES.split(f"### {title}\n", 1)[1]
    assert body() in shown
