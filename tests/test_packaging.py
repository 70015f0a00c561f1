"""The wheel holds what stands on disk, and nothing at the top but the package."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parent.parent
JUNK = shutil.ignore_patterns("__pycache__", "*.egg-info", "build")


def run(*command: str, cwd: Path) -> str:
    done = subprocess.run(command, capture_output=True, text=True, cwd=cwd)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """Built from a copy, so that nothing is left in the sources."""
    source = tmp_path_factory.mktemp("source")
    for folder in ("subsel_automl", "integrations"):
        shutil.copytree(ROOT / folder, source / folder, ignore=JUNK)
    for file in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / file, source / file)
    out = source / "dist"
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", str(out), cwd=source)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def inside(wheel) -> set[str]:
    names = set(zipfile.ZipFile(wheel).namelist())
    return {name for name in names if ".dist-info/" not in name}


def on_disk(pattern: str) -> set[str]:
    package = {p.relative_to(ROOT).as_posix() for p in (ROOT / "subsel_automl").rglob(pattern)}
    beside = {
        f"subsel_automl/{p.relative_to(ROOT).as_posix()}"
        for p in (ROOT / "integrations").rglob(pattern)
    }
    return package | beside


def test_the_wheels_modules_are_those_on_disk(inside):
    assert {name for name in inside if name.endswith(".py")} == on_disk("*.py")


@pytest.mark.parametrize("pattern", ["*.json", "*.safetensors", "py.typed"])
def test_data_files_are_in_the_wheel(inside, pattern):
    assert on_disk(pattern) <= inside


def test_nothing_but_the_package_stands_at_the_top(inside):
    assert {name.split("/")[0] for name in inside} == {"subsel_automl"}


def test_the_license_is_in_the_wheel(wheel):
    assert any(name.endswith("LICENSE") for name in zipfile.ZipFile(wheel).namelist())


def test_the_wheel_stays_small(wheel):
    assert wheel.stat().st_size < 6e6


def test_an_installed_wheel_imports_and_has_no_global_integrations(wheel, tmp_path):
    target = tmp_path / "site"
    pip = (sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--quiet")
    run(*pip, "--target", str(target), str(wheel), cwd=tmp_path)
    assert not (target / "integrations").exists()
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import subsel_automl, "
        "subsel_automl.integrations, importlib.util as u; from pathlib import Path;"
        "assert Path(subsel_automl.__file__).is_relative_to(sys.argv[1]);"
        "assert u.find_spec('integrations') is None;"
        "from subsel_automl import Budget, Pool, provider; import numpy as np;"
        "pool = Pool('p', np.eye(4)); print(len(provider('random').fit(pool).subset_for(None, 2)))"
    )
    assert run(sys.executable, "-c", code, str(target), cwd=tmp_path).strip() == "2"


def test_the_integrations_refuse_to_be_imported_from_the_top():
    done = subprocess.run(
        [sys.executable, "-c", "import integrations"], capture_output=True, text=True, cwd=ROOT
    )
    assert done.returncode != 0
    assert "subsel_automl.integrations" in done.stderr
