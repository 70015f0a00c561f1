"""A selector or predictor of another distribution is one like any other, as CONTRIBUTING.md says.

The code blocks and the entry points of CONTRIBUTING.md are installed as a distribution in a folder
of their own; every look at them is a fresh interpreter that has the folder on its path.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib
from pathlib import Path
from textwrap import dedent

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
NAME = "far-from-mean"
MODULES = {
    "selector": "far_from_mean.py",
    "predictor": "nearest.py",
    "curve predictor": "moved.py",
}
CONTRACT = """
from subsel_automl.testing import ProviderContract

class TestFarFromMean(ProviderContract):
    name = "far-from-mean"
"""
PREDICTOR_CONTRACT = """
from subsel_automl.testing import PredictorContract

class TestNearest(PredictorContract):
    name = "nearest"
"""
CURVE_CONTRACT = """
from subsel_automl.testing import CurvePredictorContract

class TestMoved(CurvePredictorContract):
    name = "moved"
"""
STOP = """
from subsel_automl.budgeting.stopping import Judge, StoppingRule
rule = StoppingRule(predictor="moved", after=2)
curves = {str(n): [n + 1.0, n] * 4 for n in range(6)} | {"x": [9.0]}
print(Judge(rule, "min").verdict("x", curves, 8).by)
"""
PREDICT = """
import json, sys
from subsel_automl.catalog import predictor
mean, sd = predictor("nearest", k=1).fit([[0.0], [1.0], [5.0]], [3, 7, 8]).predict([[0.9], [4.0]])
json.dump([mean.round(6).tolist(), bool(sd[1] > sd[0])], sys.stdout)
"""
ASK = """
import json, sys
import numpy as np
from subsel_automl import Pool, catalog, provider
x = np.zeros((30, 2)); x[[3, 17]] = [[9, 9], [-9, -9]]
subset = provider("far-from-mean").fit(Pool("two apart", x)).subset_for(None, 2)
kind = catalog.provider_class("far-from-mean")
json.dump([sorted(subset.indices.tolist()), kind.__module__], sys.stdout)
"""


def block(language: str, kind: str) -> str:
    """The first code block of this language under "Add a (kind)" in CONTRIBUTING.md."""
    text = (ROOT / "CONTRIBUTING.md").read_text().partition(f"## Add a {kind}\n")[2]
    found = re.search(rf"^( *)```{language}\n(.*?)^\1```", text, re.MULTILINE | re.DOTALL)
    assert found is not None
    return dedent(found[2])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the distribution installed in it."""
    folder = tmp_path_factory.mktemp("site")
    written = []
    for kind, file in MODULES.items():
        (group,) = tomllib.loads(block("toml", kind))["project"]["entry-points"].items()
        code = block("python", kind).replace("from ..", "from subsel_automl.")  # as it says
        (folder / file).write_text(code)
        written += [f"[{group[0]}]", *(f"{name} = {at}" for name, at in group[1].items())]
    info = folder / "far_from_mean-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: far-from-mean\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("\n".join([*written, ""]))
    return folder


def run(site: Path, *arguments: str, cwd: Path = ROOT) -> str:
    """Standard output of a fresh interpreter."""
    path = os.pathsep.join([str(site), os.environ.get("PYTHONPATH", "")]).strip(os.pathsep)
    done = subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_subsel_list_names_it_with_its_source(site: Path) -> None:
    code = "from subsel_automl.cli import main; main()"
    rows = json.loads(run(site, "-c", code, "list", "providers", "--json"))["providers"]
    (row,) = [row for row in rows if row["name"] == NAME]
    assert row == {**row, "source": "CONTRIBUTING.md", "needs": "nothing", "drawn": False}


def test_the_catalog_makes_it_and_it_chooses(site: Path) -> None:
    assert json.loads(run(site, "-c", ASK)) == [[3, 17], "far_from_mean"]


def test_it_passes_the_contract(site: Path, tmp_path: Path) -> None:
    (tmp_path / "test_far_from_mean.py").write_text(CONTRACT)
    out = run(site, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path), cwd=tmp_path)
    assert int(re.search(r"(\d+) passed", out)[1]) > 15


def test_the_catalog_makes_a_predictor_of_another_distribution(site: Path) -> None:
    assert json.loads(run(site, "-c", PREDICT)) == [[7, 8], True]


def test_a_predictor_of_another_distribution_passes_the_contract(
    site: Path, tmp_path: Path
) -> None:
    (tmp_path / "test_nearest.py").write_text(PREDICTOR_CONTRACT)
    out = run(site, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path), cwd=tmp_path)
    assert int(re.search(r"(\d+) passed", out)[1]) > 15


def test_a_curve_predictor_of_another_distribution_passes_the_contract(
    site: Path, tmp_path: Path
) -> None:
    (tmp_path / "test_moved.py").write_text(CURVE_CONTRACT)
    out = run(site, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path), cwd=tmp_path)
    assert int(re.search(r"(\d+) passed", out)[1]) > 15


def test_a_stopper_takes_a_curve_predictor_of_another_distribution(site: Path) -> None:
    assert run(site, "-c", STOP).strip() == "moved"


def test_the_benchmarks_offer_it_as_a_method(site: Path) -> None:
    code = "from benchmarks.methods import method_names; print(*method_names())"
    assert NAME in run(site, "-c", code).split()


def test_without_the_distribution_the_name_is_unknown(tmp_path: Path) -> None:
    code = "from subsel_automl import catalog; print(*catalog.provider_names())"
    assert NAME not in run(tmp_path, "-c", code).split()
