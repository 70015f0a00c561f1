"""Tables and JSON of runs in the shapes that people have; trouble is refused with its place."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import numpy as np
import pytest

from subsel_automl.core.errors import BadInput, SubselError, UnknownName
from subsel_automl.data.curve_files import read_reports
from subsel_automl.data.curve_rows import Asked
from subsel_automl.data.reports import Reports

TWO = {"a": [(1, 0.9), (2, 0.7)], "b": [(1, 0.8)]}
LONG = "run,epoch,val_loss\na,1,0.9\na,2,0.7\nb,1,0.8\n"


@pytest.fixture
def read(tmp_path: Path):
    """What is read from a file of this name and content."""

    def reports(name: str, content: str | bytes, **asked: object) -> Reports:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_reports(path, Asked(**asked))

    return reports


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("long.csv", LONG),
        ("long.tsv", LONG.replace(",", "\t")),
        ("crlf.csv", LONG.replace("\n", "\r\n")),
        ("mark.csv", b"\xef\xbb\xbf" + LONG.encode()),
        ("wide16.csv", LONG.encode("utf-16")),
        ("packed.csv.gz", gzip.compress(LONG.encode())),
        ("decimal.csv", "run;epoch;val_loss\na;1;0,9\na;2;0,7\nb;1;0,8\n"),
        ("order.csv", "trial_id,step,loss\na,2,0.7\nb,1,0.8\na,1,0.9\n"),
        ("index.csv", ",Run,Epoch,loss\n0,a,1,0.9\n1,a,2,0.7\n2,b,1,0.8\n"),
        ("wide.csv", "run,1,2\na,0.9,0.7\nb,0.8,\n"),
        ("named.csv", "name,epoch_1,epoch_2\na,0.9,0.7\nb,0.8,\n"),
        ("frame.csv", ",e1,e2\na,0.9,0.7\nb,0.8,\n"),
        ("prefix.csv", "run,loss_1,loss_2\na,0.9,0.7\nb,0.8,NA\n"),
        ("chart.csv", "Step,a - loss,a - loss__MIN,b - loss\n1,0.9,0.1,0.8\n2,0.7,0.1,\n"),
        ("given.csv", "run,lr,batch,1,2\na,0.1,8,0.9,0.7\nb,0.1,8,0.8,\n"),
        ("lists.json", '{"a": [0.9, 0.7], "b": [0.8, null]}'),
        ("nested.json", '{"a": {"loss": [0.9, 0.7]}, "b": {"loss": [0.8]}}'),
        ("records.json", '[{"name": "a", "loss": [0.9, 0.7]}, {"name": "b", "loss": "[0.8]"}]'),
        (
            "lines.jsonl",
            '{"run": "a", "epoch": 1, "loss": 0.9}\n{"run": "a", "epoch": 2, "loss": 0.7}\n'
            '{"run": "b", "epoch": 1, "loss": 0.8}\n',
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 16 else "",
)
def test_each_shape_of_two_runs_is_those_two_runs(name: str, content, read) -> None:
    found = read(name, content).curves("min").curves
    assert found.names == ("a", "b")
    np.testing.assert_array_equal(found.values, [[0.9, 0.7], [0.8, np.nan]])


def test_columns_can_be_named(read) -> None:
    text = "model,k,epoch,a,b\nx,1,9,0.1,5\nx,2,8,0.2,6\n"
    found = read("own.csv", text, run="model", epoch="k", metric="b")
    assert (found.metric, found.runs) == ("b", {"x": [(1.0, 5.0), (2.0, 6.0)]})


def test_what_was_guessed_is_said(read) -> None:
    assert read("long.csv", LONG).notes == (
        "the metric is 'val_loss'",
        "epochs are in column 'epoch'",
    )


def test_runs_of_one_configuration_are_a_group_by_a_column(read) -> None:
    text = "run,epoch,recipe,loss\na,1,x,0.9\nb,1,x,0.8\nc,1,y,0.7\n"
    assert read("g.csv", text).groups == {"a": "x", "b": "x", "c": "y"}


def test_the_column_of_groups_can_be_named(read) -> None:
    text = "run,epoch,size,loss\na,1,3,0.9\nb,1,3,0.8\n"
    assert read("g.csv", text, group="size", metric="loss").groups == {"a": "3", "b": "3"}


def test_a_metric_of_a_wide_table_is_what_its_columns_begin_with(read) -> None:
    text = "run,loss_1,loss_2,acc_1,acc_2\na,0.9,0.7,0.1,0.2\n"
    assert read("w.csv", text, metric="acc").runs == {"a": [(1.0, 0.1), (2.0, 0.2)]}


def test_two_top_accuracies_are_metrics_of_a_long_table(read) -> None:
    text = "run,epoch,top1,top5\na,1,0.1,0.5\na,2,0.2,0.6\n"
    assert read("t.csv", text, metric="top1").runs == {"a": [(1.0, 0.1), (2.0, 0.2)]}


def test_an_empty_cell_is_no_report_and_nan_is_one(read) -> None:
    text = "epoch,step,train_loss,val_loss\n0,9,1.5,\n0,9,,0.9\n1,19,1.2,\n1,19,,nan\n"
    ((run, reported),) = read("metrics.csv", text, metric="val_loss").runs.items()
    assert [step for step, _ in reported] == [0, 1]
    assert np.isnan(reported[-1][1])
    assert run != "metrics"


def test_fractional_epochs_are_no_epochs(read) -> None:
    text = "run,epoch,step,loss\na,0.5,10,0.9\na,1.0,20,0.8\n"
    assert read("f.csv", text).runs == {"a": [(10.0, 0.9), (20.0, 0.8)]}


def test_records_of_a_benchmark_are_read_as_they_are(read) -> None:
    rows = [
        {"recepie_id": 1, "recepie": "{x}", "val_losses": [5.0, 4.0], "wall_times": [10.0, 11.0]},
        {"recepie_id": 1, "recepie": "{x}", "val_losses": [5.0, float("nan")], "epochs": 2},
    ]
    found = read("b.json.gz", gzip.compress(json.dumps(rows).encode()), metric="val_losses")
    assert found.groups == {"0": "{x}", "1": "{x}"}
    assert found.seconds == {"0": 21.0}
    assert found.curves("min").diverged == 1


def test_a_table_whose_first_column_does_not_tell_rows_apart_numbers_them(read) -> None:
    found = read("w.csv", "lr,1,2\n0.1,0.9,0.7\n0.1,0.8,0.6\n")
    assert found.runs == {"1": [(1.0, 0.9), (2.0, 0.7)], "2": [(1.0, 0.8), (2.0, 0.6)]}


def test_a_history_of_metrics_is_one_run(read) -> None:
    text = '{"loss": [0.9, 0.7], "val_accuracy": [0.5, 0.6], "lr": [0.1, 0.1]}'
    assert list(read("h.json", text, metric="loss").runs.values()) == [[(1.0, 0.9), (2.0, 0.7)]]
    assert list(read("h.json", text, metric="loss").runs) == ["h"]


def test_a_line_that_is_cut_off_is_said(read) -> None:
    found = read("c.jsonl", '{"run": "a", "epoch": 1, "loss": 0.9}\n{"run": "a", "ep')
    assert found.runs == {"a": [(1.0, 0.9)]}
    assert found.notes[0] == "the last line is cut off: left out"


def test_a_result_that_is_not_rays_is_read_as_it_is(read) -> None:
    assert read("result.json", '{"a": [0.9]}').runs == {"a": [(1.0, 0.9)]}


@pytest.mark.shared
def test_the_curves_of_nasbench_nlp_are_341_of_289_recipes() -> None:
    if not (data := os.environ.get("SUBSEL_DATA")):
        pytest.skip("SUBSEL_DATA names no folder of tables")
    path = Path(data) / "nasbench_nlp_wikitext2_345.json.gz"
    found = read_reports(path, Asked(metric="val_losses")).curves("min")
    assert found.curves.values.shape == (341, 50)
    assert (len(set(found.curves.groups)), found.diverged) == (289, 4)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is empty"),
        ("run,epoch,loss\n", "only a header"),
        ("run,epoch,loss\na,1,oops\n", "no column of numbers"),
        ("run,epoch,loss\na,1,0.5\na,2,oops\n", "'loss' of run 'a' in row 2 .* 'oops', .* number"),
        ("run,epoch,loss\na,1,0.5\na,x,0.4\n", "'epoch' of run 'a' in row 2 .* 'x'"),
        ("run,epoch,loss\na,1,0.5\na,,0.4\n", "'epoch' of run 'a' in row 2"),
        ("run,epoch,loss\n,1,0.5\n", "row 1 of .* has no 'run'"),
        ("run,epoch,loss\na,1,0.5,7\n", "row 1 of .* has 4 cells"),
        ("run,loss,loss\na,1,2\n", "two columns called 'loss'"),
        ("run,1,2\na,3,4\na,5,6\n", "two rows of run 'a'"),
        ("run,epoch,loss,acc\na,1,0.5,0.6\n", "2 metrics: acc, loss; name one with --metric"),
        (b"run,epoch,loss\n\xe9,1,0.5\n", "no utf-8 text"),
        (b"SQLite format 3\0rest", "sqlite:///"),
        (b"\x1f\x8bnope", "no whole gzip"),
    ],
)
def test_trouble_in_a_table_is_named(content, said: str, read) -> None:
    with pytest.raises(BadInput, match=said):
        read("t.csv", content)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[]", "holds nothing"),
        ("3", "holds int, no runs"),
        ('{"a": [1, 2', "is no JSON"),
        ('{"a": ["x"]}', "run 'a' .* 'x' at epoch 1"),
        ('[{"name": "a", "loss": [1]}, {"name": "a", "loss": [2]}]', "two records of run 'a'"),
        ('[{"name": "a", "loss": [1], "acc": [2]}]', "2 metrics: acc, loss"),
        ('{"a": []}', "no run has a report"),
        ('{"run": "a", "loss": 1}\n[3]\n', "line 2 .* is list"),
    ],
)
def test_trouble_in_json_is_named(content: str, said: str, read) -> None:
    with pytest.raises(BadInput, match=said):
        read("t.json", content)


@pytest.mark.parametrize("name", ["metric", "run", "epoch", "group"])
def test_an_unknown_column_is_answered_with_those_that_are_there(name: str, read) -> None:
    text = "run,epoch,group,loss,acc\na,1,g,0.5,0.6\n"
    near = {"metric": "los", "run": "rum", "epoch": "epoc", "group": "grup"}[name]
    with pytest.raises(UnknownName, match=f"'{near}'; known: .*Did you mean '{near[:2]}"):
        read("t.csv", text, **{"metric": "loss", name: near})


@pytest.mark.parametrize("name", ["metric", "run", "epoch", "group"])
def test_an_option_of_no_use_is_refused(name: str, read) -> None:
    with pytest.raises(BadInput, match=f"--{name} x is of no use"):
        read("t.json", '{"a": [1]}', **{name: "x"})


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(SubselError, match="is not there"):
        read_reports(tmp_path / "no.csv")


def test_another_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="'tensorboard'"):
        read_reports(tmp_path, form="tensorbord")
