"""Lightning with two processes: disjoint parts of the subset that one process trains on."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("lightning", reason="extra [lightning] is not installed")

from subsel_automl.core.feed import SubsetFeed
from subsel_automl.selectors.random import Random
from subsel_automl.worlds import clump_pool


@pytest.mark.slow
@pytest.mark.long
def test_two_processes_of_lightning_read_disjoint_parts(tmp_path: Path) -> None:
    script = Path(__file__).parent / "lightning_ranks.py"
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path)],
        capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    one, two = (json.loads((tmp_path / f"rank-{rank}.json").read_text()) for rank in (0, 1))
    feed = SubsetFeed(Random().fit(clump_pool(120)), 41, redraw_every=1)
    for epoch in range(3):
        both = one[epoch] + two[epoch]
        assert sorted(both) == sorted(feed.at(epoch, None).indices.tolist())
