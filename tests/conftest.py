"""One thread, and Hypothesis with the same examples every time."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch: waiting threads cost more than work

import numpy as np
import torch
from hypothesis import HealthCheck, settings
from threadpoolctl import threadpool_limits

# a plugin of pytest may have loaded libraries before, with threads, whose sums differ in a last bit
threadpool_limits(int(os.environ["OMP_NUM_THREADS"]))

if torch.backends.cpu.get_cpu_capability() == "AVX2":
    # torch 2.13's oneDNN corrupts the heap there in the backward pass of convolutions of 2
    # channels; told by the environment, so that other processes (Ray's workers) compute as this one
    os.environ.setdefault("ONEDNN_MAX_CPU_ISA", "AVX")

SMALLEST = float(np.nextafter(0.0, 1.0))

settings.register_profile(
    "ci",
    derandomize=True,
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("thorough", max_examples=500, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(autouse=True)
def numbers_as_they_were() -> Iterator[None]:
    """No test leaves the process flushing denormal numbers, which the next one would meet."""
    yield
    flushed = SMALLEST * 1.0 == 0
    if flushed:
        torch.set_flush_denormal(False)
    assert not flushed, "this test left torch.set_flush_denormal(True) behind"


@pytest.fixture(scope="session")
def ray_here() -> Iterator[None]:
    """One small Ray for all tests that need a real one."""
    ray = pytest.importorskip("ray", reason="extra [ray] is not installed")
    os.environ.setdefault("RAY_TMPDIR", tempfile.gettempdir())
    os.environ.setdefault("RAY_worker_niceness", "0")
    if not ray.is_initialized():
        ray.init(
            num_cpus=2,
            include_dashboard=False,
            object_store_memory=150 * 2**20,
            log_to_driver=False,
        )
    yield
    ray.shutdown()
