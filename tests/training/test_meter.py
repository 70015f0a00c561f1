"""The meter against worlds whose memory and time are known."""

from __future__ import annotations

import mmap
import sys
import time
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subsel_automl.core.errors import BadInput
from subsel_automl.core.ledger import AmortizationLedger
from subsel_automl.training import meter
from subsel_automl.training.meter import Meter, Trapezoid

times = st.lists(st.floats(0, 1e4), min_size=2, max_size=20).map(sorted)


@given(times, st.floats(-1e3, 1e3), st.floats(-1e3, 1e3))
def test_the_trapezoid_is_exact_for_straight_lines_however_sampled(when, slope, level):
    trapezoid = Trapezoid()
    for moment in when:
        trapezoid.add(moment, slope * moment + level)
    first, last = when[0], when[-1]
    exact = slope * (last**2 - first**2) / 2 + level * (last - first)
    assert trapezoid.area == pytest.approx(exact, rel=1e-6, abs=1e-3)


def test_constant_memory_gives_gigabytes_times_minutes():
    with Meter(read=lambda: 6e9) as watch:
        time.sleep(0.1)
    assert watch.gb_minutes == pytest.approx(6 * watch.seconds / 60, rel=0.05)
    assert watch.peak_gb == 6


def test_memory_that_is_held_for_half_of_the_time_counts_half():
    held = [0.0]
    with Meter(hertz=200, read=lambda: held[0]) as watch:
        time.sleep(0.15)
        held[0] = 60e9
        time.sleep(0.15)
    assert watch.gb_minutes == pytest.approx(0.15, rel=0.2)


def test_a_real_allocation_is_seen():
    before = meter.resident_bytes()
    with Meter() as watch:
        block = mmap.mmap(-1, 200_000_000, mmap.MAP_PRIVATE)  # never memory that was freed before
        block[::4096] = b"\1" * len(range(0, 200_000_000, 4096))
        began = watch.seconds
        time.sleep(0.3)
        held = watch.seconds - began
    extra = watch.gb_minutes - before / 1e9 * watch.seconds / 60
    assert len(block) == 200_000_000
    assert watch.peak_gb - before / 1e9 == pytest.approx(0.2, rel=0.1)
    assert 0.9 * 0.2 * held / 60 <= extra <= 1.1 * 0.2 * watch.seconds / 60


def test_sleep_costs_wall_seconds_and_work_costs_cpu_seconds():
    with Meter() as idle:
        time.sleep(0.1)
    with Meter() as busy:
        until = time.process_time() + 0.1
        while time.process_time() < until:
            pass
    assert idle.seconds >= 0.1 > 0.08 > idle.cpu_seconds
    assert busy.cpu_seconds >= 0.1


def test_readings_grow_while_the_block_runs_and_stand_still_after_it():
    with Meter(read=lambda: 1e9) as watch:
        first = (watch.seconds, watch.gb_minutes)
        time.sleep(0.02)
        second = (watch.seconds, watch.gb_minutes)
    after = (watch.seconds, watch.gb_minutes)
    time.sleep(0.02)
    assert first < second < after == (watch.seconds, watch.gb_minutes)


def test_a_meter_starts_from_zero_when_used_again():
    watch = Meter(read=lambda: 1e9)
    with watch:
        time.sleep(1.0)  # long against what a busy machine adds to an empty block
    with watch:
        pass
    assert watch.seconds < 0.9
    assert watch.gb_minutes < 1 * 0.9 / 60


def test_hertz_sets_how_often_memory_is_read():
    calls = []
    for hertz in (100, 5):
        count = [0]

        def read(count=count):
            count[0] += 1
            return 0.0

        with Meter(hertz=hertz, read=read):
            time.sleep(1.0)
        calls.append(count[0])
    assert calls[0] > 3 * calls[1] > 3


def test_a_sampler_that_dies_is_reported():
    answers = iter([1.0])
    with pytest.raises(StopIteration), Meter(hertz=1000, read=lambda: next(answers)):
        time.sleep(0.05)


def test_the_error_of_the_block_comes_first():
    with pytest.raises(KeyError), Meter():
        raise KeyError


def test_a_running_meter_cannot_be_entered_again():
    with Meter() as watch, pytest.raises(BadInput, match="another one"):
        watch.__enter__()


@pytest.mark.parametrize("hertz", [0, -1, float("nan"), float("inf")])
def test_an_impossible_rate_is_refused(hertz):
    with pytest.raises(BadInput, match="hertz is"):
        Meter(hertz=hertz)


def test_without_proc_the_peak_stands_in(monkeypatch):
    monkeypatch.setattr(meter, "_STATM", "/nowhere/statm")
    assert meter.resident_bytes() >= 10e6


def test_gpu_tensors_are_added_when_torch_has_used_a_gpu(monkeypatch):
    cuda = SimpleNamespace(
        is_available=lambda: True,
        is_initialized=lambda: True,
        device_count=lambda: 2,
        memory_allocated=lambda index: 3e9 + index,
    )
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(cuda=cuda))
    assert meter.memory_bytes() - meter.resident_bytes() == pytest.approx(6e9, rel=0.01)


def test_a_gpu_that_nobody_used_is_not_woken(monkeypatch):
    cuda = SimpleNamespace(is_available=lambda: True, is_initialized=lambda: False)
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(cuda=cuda))
    assert meter.gpu_bytes() == 0


def test_the_ledger_charges_what_the_meter_measures():
    ledger = AmortizationLedger()
    with Meter(read=lambda: 60e9) as watch:
        time.sleep(0.05)
        with ledger.charge("TRAIN", meter=watch):
            time.sleep(0.1)
    train = ledger.totals()["TRAIN"]
    assert train["gb_minutes"] == pytest.approx(train["wall"], rel=0.1)
