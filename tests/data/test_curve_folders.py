"""Folders of runs, in the files that the hosts' own writers leave."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from subsel_automl.core.errors import BadInput, MissingData, UnknownName
from subsel_automl.data.curve_files import read_reports
from subsel_automl.data.curve_rows import Asked

EPOCHS = 3


def trial(folder: Path, number: int, values: list, seed: int = 0, **more: object) -> Path:
    """A trial of Ray: result.json with a line a report, as ray.tune.logger writes it."""
    home = folder / f"train_{number:05d}_lr={number},seed={seed}"
    home.mkdir(parents=True)
    lines = [
        {
            "val_loss": value,
            "nested": {"acc": 1.0},
            "checkpoint_dir_name": None,
            "done": False,
            "training_iteration": place,
            "trial_id": f"ab_{number:05d}",
            "time_total_s": 2.0 * place,
            "pid": 9,
            "node_ip": "192.0.2.2",
            "config": {"lr": number // 2, "seed": seed},
        }
        | more
        for place, value in enumerate(values, 1)
    ]
    (home / "result.json").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return home


def loss(path: Path, **asked: object):
    return read_reports(path, Asked(metric="val_loss", **asked))


def test_trials_of_ray_are_runs_and_equal_configurations_a_group(tmp_path: Path) -> None:
    trial(tmp_path, 0, [0.9, 0.8, 0.7], seed=0)
    trial(tmp_path, 1, [0.9, 0.8], seed=1)
    trial(tmp_path, 2, [0.5, 0.4, 0.3], seed=0)
    found = loss(tmp_path)
    assert list(found.runs) == ["ab_00000", "ab_00001", "ab_00002"]
    assert found.groups["ab_00000"] == found.groups["ab_00001"] != found.groups["ab_00002"]
    assert found.seconds["ab_00001"] == 4.0
    assert found.curves("min").curves.lengths.tolist() == [3, 2, 3]


def test_nested_names_of_ray_are_joined_and_its_own_are_no_metrics(tmp_path: Path) -> None:
    trial(tmp_path, 0, [0.9])
    with pytest.raises(BadInput, match="has 2 metrics: nested/acc, val_loss;"):
        read_reports(tmp_path)
    assert read_reports(tmp_path, Asked(metric="nested/acc")).runs == {"ab_00000": [(1.0, 1.0)]}


@pytest.mark.parametrize("value", [float("nan"), "null", None])
def test_a_nan_of_ray_is_a_run_that_diverged(value, tmp_path: Path) -> None:
    trial(tmp_path, 0, [0.9, value, 0.7])
    trial(tmp_path, 1, [0.9, 0.8, 0.7])
    assert loss(tmp_path).curves("min").curves.names == ("ab_00001",)


def test_a_trial_without_a_report_or_with_half_a_line_is_said(tmp_path: Path) -> None:
    (trial(tmp_path, 0, []) / "progress.csv").touch()
    home = trial(tmp_path, 1, [0.9, 0.8])
    with (home / "result.json").open("a") as out:
        out.write('{"val_loss": 0.')
    found = loss(tmp_path)
    assert found.runs == {"ab_00001": [(1.0, 0.9), (2.0, 0.8)]}
    assert "1 trials have no report: left out" in found.notes
    assert "the last line of ab_00001 is cut off: left out" in found.notes


def test_one_trials_file_is_that_trial(tmp_path: Path) -> None:
    home = trial(tmp_path, 0, [0.9, 0.8])
    trial(tmp_path, 1, [0.5])
    assert list(loss(home / "result.json").runs) == ["ab_00000"]


def test_a_trial_with_a_table_alone_is_read_from_it(tmp_path: Path) -> None:
    home = tmp_path / "train_0"
    home.mkdir()
    (home / "params.json").write_text('{"lr": 0.1, "seed": 3}')
    (home / "progress.csv").write_text(
        "val_loss,training_iteration,trial_id,config/lr,config/seed\n0.9,1,x_0,0.1,3\n0.8,2,x_0,0.1,3\n"
    )
    found = read_reports(tmp_path)
    assert found.runs == {"x_0": [(1.0, 0.9), (2.0, 0.8)]}
    assert found.groups == {"x_0": '{"lr": "0.1"}'}


@pytest.mark.parametrize("name", ["run", "group"])
def test_a_run_of_ray_is_a_trial_whatever_is_asked(name: str, tmp_path: Path) -> None:
    trial(tmp_path, 0, [0.9])
    with pytest.raises(BadInput, match=f"--{name} x is of no use"):
        loss(tmp_path, **{name: "x"})


def test_versions_of_lightning_are_runs_and_a_gap_in_a_column_is_none(tmp_path: Path) -> None:
    for version in range(2):
        home = tmp_path / "logs" / f"version_{version}"
        home.mkdir(parents=True)
        (home / "metrics.csv").write_text(
            "epoch,step,train_loss,val_acc\n0,4,1.5,\n0,9,1.4,\n0,9,,0.5\n1,14,1.3,\n1,19,,0.6\n"
        )
    found = read_reports(tmp_path, Asked(metric="val_acc"))
    assert found.runs == {f"version_{v}": [(0.0, 0.5), (1.0, 0.6)] for v in range(2)}
    last = read_reports(tmp_path, Asked(metric="train_loss")).curves("min").curves
    assert last.values.tolist() == [[1.4, 1.3]] * 2


def test_the_last_checkpoint_of_a_run_of_transformers_tells_it(tmp_path: Path) -> None:
    for run, step in (("a", 10), ("a", 20), ("b", 10)):
        home = tmp_path / run / f"checkpoint-{step}"
        home.mkdir(parents=True)
        log = [{"epoch": k, "step": 10 * k, "eval_loss": 1 / k} for k in range(1, step // 10 + 1)]
        state = {"global_step": step, "log_history": [{"loss": 2.0, "step": 5}, *log]}
        (home / "trainer_state.json").write_text(json.dumps(state))
    found = read_reports(tmp_path, Asked(metric="eval_loss"))
    assert found.runs == {"a": [(1.0, 1.0), (2.0, 0.5)], "b": [(1.0, 1.0)]}


def test_tables_of_one_run_each_are_called_by_their_files(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.csv").write_text("epoch,loss\n0,0.9\n1,0.8\n")
    assert list(read_reports(tmp_path).runs) == ["a", "b"]


@pytest.fixture
def events(tmp_path: Path) -> Path:
    """Two runs of TensorBoard, of two scalars each."""
    from tensorboardX import SummaryWriter

    for run, epochs in (("a", EPOCHS), ("b/deep", EPOCHS - 1)):
        with SummaryWriter(str(tmp_path / run)) as writer:
            for epoch in range(epochs):
                writer.add_scalar("val/loss", 1 / (epoch + 1), epoch)
                writer.add_scalar("lr", 0.5, epoch)
    return tmp_path


def test_runs_of_tensorboard_are_its_folders(events: Path) -> None:
    found = read_reports(events, Asked(metric="val/loss"))
    assert list(found.runs) == ["a", "b/deep"]
    assert [step for step, _ in found.runs["a"]] == [0, 1, 2]
    np.testing.assert_allclose([value for _, value in found.runs["a"]], [1, 1 / 2, 1 / 3])


def test_an_event_file_is_its_run(events: Path) -> None:
    (file,) = (events / "a").iterdir()
    assert list(read_reports(file, Asked(metric="val/loss")).runs) == ["a"]


def test_an_unknown_tag_is_answered_with_the_tags(events: Path) -> None:
    with pytest.raises(UnknownName, match=r"known: lr, val/loss\. Did you mean 'val/loss'"):
        read_reports(events, Asked(metric="val/los"))


def test_event_files_without_their_package_say_what_to_install(
    events: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tensorboard.backend.event_processing", None)
    with pytest.raises(MissingData, match=r"pip install 'subsel_automl\[tensorboard\]'"):
        read_reports(events)


def test_a_broken_event_file_has_no_scalar(tmp_path: Path) -> None:
    (tmp_path / "events.out.tfevents.1").write_bytes(b"not events")
    with pytest.raises(BadInput, match="none has a scalar"):
        read_reports(tmp_path)


def test_a_folder_of_two_kinds_says_which_was_read(events: Path) -> None:
    trial(events, 0, [0.9])
    found = loss(events)
    assert "read as ray; it has tensorboard too (--format)" in found.notes[0]
    named = read_reports(events, Asked(metric="val/loss"), "tensorboard")
    assert list(named.runs) == ["a", "b/deep"]


def test_a_folder_without_runs_says_what_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no runs below it; looked for result.json"):
        read_reports(tmp_path)


def test_a_format_that_a_folder_lacks_is_refused(tmp_path: Path) -> None:
    trial(tmp_path, 0, [0.9])
    with pytest.raises(BadInput, match=r"without files of lightning; it has \['ray'\]"):
        read_reports(tmp_path, form="lightning")
