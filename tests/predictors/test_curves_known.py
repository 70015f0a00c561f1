"""Predictors of curves in worlds whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from subsel_automl.core.errors import BadInput, MissingNeed, UnknownName
from subsel_automl.maths.divergence import kl_of_gaussians
from subsel_automl.predictors.coefficients import REGRESSORS, mlp, regression
from subsel_automl.predictors.compression import CurveVae, Svd
from subsel_automl.predictors.curve_noise import NOISES, in_windows, noise_of
from subsel_automl.predictors.last import Last
from subsel_automl.predictors.lcsvr import LcSvr
from subsel_automl.predictors.surrogate import Surrogate
from subsel_automl.predictors.wpm import Wpm
from subsel_automl.testing.curve_predictor import falling_world

WORLD = falling_world()
X = np.arange(1.0, 201)


def test_curves_of_rank_two_are_rebuilt_from_two_numbers():
    svd = Svd(WORLD.known, 2)
    np.testing.assert_allclose(svd.curves(svd.code(WORLD.other)), WORLD.other, atol=1e-6)


def test_one_number_is_too_few_for_them():
    svd = Svd(WORLD.known, 1)
    assert np.abs(svd.curves(svd.code(WORLD.other)) - WORLD.other).max() > 1e-2


def test_last_says_what_was_seen_last():
    found = Last().fit(WORLD.known).predict(WORLD.other[:, :7])
    np.testing.assert_allclose(found.final, WORLD.other[:, 6])


def test_last_needs_no_finished_curve():
    found = Last().fit(np.zeros((0, 9))).predict([[3.0, 2.0]])
    assert found.mean.tolist() == [[3.0, 2.0, *[2.0] * 7]]


def test_lcsvr_learns_where_the_last_value_misleads():
    early = np.linspace(0, 1, 60)[:, None]  # who is ahead early is behind in the end
    curves = early + (1 - 2 * early) * np.linspace(0, 1, 12)
    held = np.arange(60) % 3 == 0
    found = LcSvr(draws=30).fit(curves[~held]).predict(curves[held, :3]).final
    assert np.corrcoef(found, curves[held, -1])[0, 1] > 0.95
    assert np.corrcoef(curves[held, 2], curves[held, -1])[0, 1] < -0.9


def test_more_draws_are_never_worse_in_their_own_folds():
    few, many = (LcSvr(draws=draws).fit(WORLD.known) for draws in (2, 40))
    seen = WORLD.other[:, :5]
    assert many.predict(seen).sd[:, -1].mean() <= few.predict(seen).sd[:, -1].mean()


@pytest.mark.parametrize("turn", [1.0, -1.0], ids=["accuracy", "loss"])
def test_wpm_follows_an_exact_power_law_to_epoch_200(turn):
    y = turn * (0.9 - 0.5 * X**-0.5)
    found = Wpm(sweeps=20).fit(np.zeros((0, 200))).predict(y[None, :20])
    assert found.final[0] == pytest.approx(y[-1], abs=1e-2)


def test_a_loss_is_an_accuracy_upside_down_to_wpm():
    """Most families only rise: a falling curve is turned before it is fitted."""
    noisy = 0.9 - 0.5 * X[:40] ** -0.5 + np.random.default_rng(0).normal(0, 0.005, 40)
    model = Wpm(sweeps=10).fit(np.zeros((0, 40)))
    up, down = (model.predict(turn * noisy[None, :12]) for turn in (1, -1))
    np.testing.assert_allclose(down.mean, -up.mean, atol=1e-9)
    np.testing.assert_allclose(down.sd, up.sd, atol=1e-9)


def test_wpm_is_surer_of_what_it_saw_longer():
    noisy = 0.9 - 0.5 * X[:60] ** -0.5 + np.random.default_rng(0).normal(0, 0.005, 60)
    model = Wpm(sweeps=20).fit(np.zeros((0, 60)))
    short, long = (model.predict(noisy[None, :seen]).sd[0, -1] for seen in (5, 50))
    assert long < short


def test_wpm_of_few_epochs_is_the_last_value():
    assert Wpm().fit(WORLD.known).predict([[3.0, 1.0]]).final[0] == pytest.approx(1.0)


@pytest.mark.parametrize("regressor", sorted(REGRESSORS))
def test_every_regressor_learns_the_codes(regressor):
    pytest.importorskip({"lgb": "lightgbm", "xgb": "xgboost"}.get(regressor, "numpy"))
    world = falling_world(runs=150)
    model = Surrogate(rank=2, regressor=regressor).fit(world.known)
    off = model.predict(world.other[:, :3]).final - world.other[:, -1]
    assert np.square(off).mean() < 0.15 * world.other[:, -1].var()


@pytest.mark.parametrize(("regressor", "package"), [("lgb", "lightgbm"), ("xgb", "xgboost")])
def test_a_package_that_is_not_there_is_named(regressor, package, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, package, None)
    with pytest.raises(MissingNeed, match=r"pip install 'subsel_automl\[curves\]'"):
        regression(regressor, np.eye(12), np.eye(12), 0)


def test_hidden_layers_of_the_network_are_trained():
    x = np.random.default_rng(0).normal(size=(80, 3))
    y = np.sin(3 * x[:, :1]) * x[:, 1:2]
    errors = [np.square(mlp(x, y, 0, trained)(x) - y).mean() for trained in (True, False)]
    assert errors[0] < 0.5 * errors[1]


@pytest.mark.parametrize("trained", [True, False])
def test_hidden_layers_of_the_vae_move_only_if_trained(trained):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        untouched = torch.nn.Linear(WORLD.known.shape[1], 64).weight
    moved = CurveVae(WORLD.known, 2, 5, trained).encoder[0].weight
    assert bool(torch.equal(moved, untouched)) is not trained


def test_a_vae_rebuilds_curves():
    vae = CurveVae(WORLD.known - WORLD.known.mean(), 2, 0)
    other = WORLD.other - WORLD.known.mean()
    off = vae.curves(vae.code(other)) - other
    assert np.square(off).mean() < 0.1 * other.var()


def test_a_surrogate_reads_what_is_known_before_a_run():
    curves = np.concatenate([WORLD.known, WORLD.other])
    x = np.stack([curves[:, 0], curves[:, -1]], 1)
    model = Surrogate(rank=2).fit(curves[:40], x[:40])
    found = model.predict(np.zeros((len(curves) - 40, 0)), x[40:]).final
    assert np.corrcoef(found, curves[40:, -1])[0, 1] > 0.9


@pytest.mark.parametrize("kind", ["std", "gkde"])
def test_noise_of_a_known_spread_is_found(kind):
    residuals = np.random.default_rng(0).normal(0, 0.1, (4_000, 8))
    codes = np.zeros((4_000, 1))
    found = noise_of(kind, residuals, codes, 0)
    kl = kl_of_gaussians(
        np.zeros((1, 8)), np.full((1, 8), 0.1), np.zeros((1, 8)), found.sd(codes[:1])
    )
    if kind == "std":
        assert kl.mean() < 0.01
    drawn = found.draw(codes, np.random.default_rng(1))
    assert drawn.std() == pytest.approx(found.sd(codes[:1]).mean(), rel=0.02)


def test_a_kernel_keeps_what_epochs_share():
    shared = np.random.default_rng(0).normal(0, 0.1, (500, 1)) * np.ones((1, 6))
    codes = np.zeros((500, 1))
    drawn = noise_of("gkde", shared, codes, 0).draw(codes, np.random.default_rng(1))
    alone = noise_of("std", shared, codes, 0).draw(codes, np.random.default_rng(1))
    assert np.corrcoef(drawn[:, 0], drawn[:, 5])[0, 1] > 0.9
    assert abs(np.corrcoef(alone[:, 0], alone[:, 5])[0, 1]) < 0.2


def test_a_window_tells_noisy_runs_from_quiet_ones():
    rng, codes = np.random.default_rng(0), np.repeat([[0.0], [1.0]], 100, 0)
    residuals = rng.normal(size=(200, 20)) * (0.01 + 0.2 * codes)
    sd = noise_of("window", residuals, codes, 0).sd(np.array([[0.0], [1.0]]))
    assert sd[1].mean() > 5 * sd[0].mean()


def test_a_window_is_ten_epochs_cut_at_the_ends():
    found = in_windows(np.arange(20.0)[None])
    assert found[0, 10] == pytest.approx(np.sqrt(np.square(np.arange(5, 15)).mean()))
    assert found[0, 0] == pytest.approx(np.sqrt(np.square(np.arange(5)).mean()))


@pytest.mark.parametrize("noise", sorted(NOISES))
def test_trainings_that_are_drawn_differ_by_the_noise(noise):
    rng = np.random.default_rng(0)
    noisy = WORLD.known + rng.normal(0, 0.05, WORLD.known.shape)
    model = Surrogate(rank=2, noise=noise).fit(noisy)
    seen = WORLD.other[:, :3]
    one, two = (model.sample(seen, seed=seed) for seed in (0, 1))
    assert np.array_equal(one[:, :3], seen)
    assert not np.array_equal(one, two)
    spread = (one - two)[:, 3:].std() / np.sqrt(2)
    assert spread == pytest.approx(0.05, rel=0.4)
    assert model.noise_sd(seen)[:, 3:].mean() == pytest.approx(0.05, rel=0.4)


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"rank": 0}, BadInput, "rank is 0; give 1 or more"),
        ({"compress": "pca"}, UnknownName, "pca"),
        ({"regressor": "lgbm"}, UnknownName, "mean 'lgb'"),
        ({"noise": "st"}, UnknownName, "mean 'std'"),
    ],
)
def test_options_of_the_surrogate_are_refused_at_the_door(options, error, words):
    with pytest.raises(error, match=words):
        Surrogate(**options)
