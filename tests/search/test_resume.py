"""A search that is stopped goes on to the cell of the undisturbed one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from smoke_search import BY_TRIALS, ENGINES, POOL, feed_of, searched, small

from subsel_automl.catalog import provider
from subsel_automl.core.errors import BadInput, DamagedArtefact
from subsel_automl.core.feed import SubsetFeed
from subsel_automl.core.files import read_json


class Stopped(Exception):
    pass


def stopped(name, folder, after, subset="random", **options):
    def stop(done, total):
        if done == after:
            raise Stopped

    with pytest.raises(Stopped):
        small(name, **options).run("nasbench201", feed_of(subset), folder=folder, progress=stop)


def gone_on(name, folder, subset="random", **options):
    search = small(name, **options)
    return search.run("nasbench201", feed_of(subset), folder=folder, resume=True)


@pytest.mark.parametrize("name", ENGINES)
def test_a_stopped_search_ends_as_the_undisturbed_one(name, tmp_path):
    options = {"epochs": 4, "trial_epochs": 2} if name in BY_TRIALS else {"epochs": 3}
    stopped(name, tmp_path, 1, **options)
    found, whole = gone_on(name, tmp_path, **options), searched(name, **options)
    assert (found.genotype, found.curve, found.notes) == (whole.genotype, whole.curve, whole.notes)


@pytest.mark.parametrize("after", [2, 3, 4])
def test_hm_nas_goes_on_in_every_phase(after, tmp_path):
    options = {"mask_epochs": 2, "tune_epochs": 2, "mask_rate": 4e-3, "weight_mask_rate": 3e-3}
    stopped("hm-nas", tmp_path, after, **options)
    found, whole = gone_on("hm-nas", tmp_path, **options), searched("hm-nas", **options)
    assert (found.curve, found.notes) == (whole.curve, whole.notes)


def test_what_an_adaptive_provider_saw_is_kept(tmp_path):
    stopped("gdas", tmp_path, 3, "asp", epochs=5)
    found = gone_on("gdas", tmp_path, "asp", epochs=5)
    assert found.curve == searched("gdas", subset="asp", epochs=5).curve


def test_a_finished_search_gives_its_cell_again(tmp_path):
    small("spos").run("nasbench201", feed_of("random"), folder=tmp_path)
    assert gone_on("spos", tmp_path).genotype == searched("spos").genotype


def test_steps_before_the_stop_stay_on_the_bill(tmp_path):
    stopped("darts", tmp_path, 1)
    assert gone_on("darts", tmp_path).costs["weight_steps"] == 2


def test_a_folder_that_holds_a_search_is_not_overwritten(tmp_path):
    stopped("darts", tmp_path, 1)
    with pytest.raises(BadInput, match="holds a search"):
        small("darts").run("nasbench201", feed_of("random"), folder=tmp_path)


def test_other_settings_are_refused_by_name(tmp_path):
    stopped("darts", tmp_path, 1)
    with pytest.raises(BadInput, match="options"):
        gone_on("darts", tmp_path, rate=0.5)


@pytest.mark.parametrize(
    ("options", "named"),
    [({"redraw_every": 1}, "redraw_every"), ({"per_class": True}, "provider_options")],
)
def test_another_plan_of_the_subset_is_refused_by_name(tmp_path, options, named):
    def feed(**changed):
        redraw = changed.pop("redraw_every", 0)
        return SubsetFeed(provider("el2n-once", **changed).fit(POOL), 0.4, redraw_every=redraw)

    small("darts", epochs=1).run("nasbench201", feed(), folder=tmp_path)
    with pytest.raises(BadInput, match=named):
        small("darts", epochs=1).run("nasbench201", feed(**options), folder=tmp_path, resume=True)


def test_a_changed_checkpoint_is_refused(tmp_path):
    stopped("darts", tmp_path, 1)
    state = tmp_path / read_json(tmp_path / "latest.json")["folder"] / "state.safetensors"
    raw = bytearray(state.read_bytes())
    raw[-1] ^= 1
    state.write_bytes(bytes(raw))
    with pytest.raises(DamagedArtefact, match="sha256"):
        gone_on("darts", tmp_path)


def test_only_the_last_checkpoint_is_kept(tmp_path):
    small("darts").run("nasbench201", feed_of("random"), folder=tmp_path)
    assert [path.name for path in tmp_path.glob("epoch-*")] == ["epoch-00002"]


def test_what_is_learned_is_not_kept_and_said(tmp_path):
    with pytest.raises(BadInput, match="learns"):
        gone_on("gdas", tmp_path, "subselnet-online")


LONG = """
import sys
sys.path.insert(0, sys.argv[2])
from smoke_search import feed_of, small
small("gdas", epochs=60).run("nasbench201", feed_of("random"), folder=sys.argv[1])
"""


@pytest.mark.slow
def test_kill_9_and_resume_finds_the_cell_of_the_undisturbed_search(tmp_path):
    here = str(Path(__file__).parent)
    running = subprocess.Popen([sys.executable, "-c", LONG, str(tmp_path), here])
    end = time.monotonic() + 60
    while not list(tmp_path.glob("epoch-0000[5-9]")) and time.monotonic() < end:
        time.sleep(0.005)
    os.kill(running.pid, signal.SIGKILL)
    assert running.wait() == -signal.SIGKILL
    found = gone_on("gdas", tmp_path, epochs=60)
    whole = searched("gdas", epochs=60)
    assert (found.genotype, found.curve) == (whole.genotype, whole.curve)
