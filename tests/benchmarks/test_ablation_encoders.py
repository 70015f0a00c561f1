"""g_beta with every encoder: which encoder a row is of, and what its table says of known rows."""

from __future__ import annotations

import json

import pytest
import torch

from benchmarks.ablation import encoders, run

NETWORKS = {f"network-{place}": 0.03 + 0.01 * place for place in range(5)}


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Rows of the GVAE and of arch2vec, which is 0.002 better on every network."""
    monkeypatch.setattr(encoders, "PATH", tmp_path / "rows.jsonl")
    gain = {"gvae": 0.0, "arch2vec": 0.002}
    found = [
        {
            "cell": cell,
            "kl_unseen": {n: kl - gain[cell["encoder"]] for n, kl in NETWORKS.items()},
            "zoo_mean_unseen": 0.075,
            "kl_validation": 0.06,
        }
        for cell in encoders.cells()
        if cell["encoder"] in gain
    ]
    encoders.PATH.write_text("".join(json.dumps(row) + "\n" for row in found))
    return encoders.table()


def line(text, start):
    return next(one for one in text.splitlines() if one.startswith(f"| {start} |"))


def test_an_encoder_stands_beside_the_gvae_network_by_network(written):
    said = line(written, "arch2vec")
    assert "| -0.0020 (-0.0020 to -0.0020) | 0.0600 | 3 |" in said


def test_the_networks_are_the_units_of_the_interval(written):
    low, high = line(written, "gvae (H)").split("(")[2].split(")")[0].split(" to ")
    assert float(high) - float(low) > 0.02  # of five networks, not of fifteen runs


def test_h_and_a_stand_beside_table_14_and_what_has_no_rows_is_not_run(written):
    assert line(written, "gvae (H)").endswith("| 0.089 |")
    assert line(written, "adjacency (A)") == (
        "| adjacency (A) | not run | not run | not run | 0 | 0.198 |"
    )


def test_what_knows_no_architecture_stands_below(written):
    assert written.splitlines()[-1].startswith("| none: the mean of the zoo | 0.0750 |")


@pytest.mark.parametrize(
    ("name", "kind"),
    [("gvae", "gvae"), ("adjacency", "adjacency"), ("arch2vec", "arch2vec"), ("cate", "cate")],
)
def test_an_encoder_is_what_its_name_says(name, kind):
    assert run.encoder_for(name, None, 0).kind == kind


def test_the_untrained_one_has_new_weights_for_every_seed():
    def weights(name, seed):
        encoder = run.encoder_for(name, None, seed)
        return torch.cat([value.flatten().float() for value in encoder.state_dict().values()])

    fresh = weights("arch2vec, untrained", 0)
    assert torch.equal(fresh, weights("arch2vec, untrained", 0))
    assert not torch.equal(fresh, weights("arch2vec, untrained", 1))
    assert not torch.equal(fresh, weights("arch2vec", 0))
    assert torch.equal(weights("arch2vec", 0), weights("arch2vec", 1))
