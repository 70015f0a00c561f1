"""A cluster that RAY_ADDRESS names is joined, as Ray's own jobs expect, and not told of CPUs."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

ray = pytest.importorskip("ray", reason="extra [ray] is not installed")
START = """
from subsel_automl.integrations.ray.presets import start_ray
import ray
start_ray(3)
print(ray.get_runtime_context().gcs_address, ray.cluster_resources()["CPU"])
"""
BUILD = """
import ray
from subsel_automl.zoo.cluster import _running
with _running(ray, 3):
    print(ray.get_runtime_context().gcs_address, ray.cluster_resources()["CPU"])
"""


@pytest.mark.slow
@pytest.mark.parametrize("script", [START, BUILD], ids=["search", "zoo"])
def test_the_named_cluster_is_joined(script: str, ray_here: None) -> None:
    address = ray.get_runtime_context().gcs_address
    ran = subprocess.run(
        [sys.executable, "-c", script], env={**os.environ, "RAY_ADDRESS": address},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert not ran.returncode, ran.stderr[-2000:]
    assert ran.stdout.split() == [address, "2.0"]
