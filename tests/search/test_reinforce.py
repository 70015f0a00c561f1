"""The policy that walks among vectors: what it learns, and what its moves are paid."""

from __future__ import annotations

import numpy as np
import pytest

from subsel_automl.catalog import search_class
from subsel_automl.search.reinforce import Agent, Purse


def test_a_policy_moves_to_a_lone_rewarded_point():
    about = search_class("rl")(hidden=16)
    agent = Agent(2, about, np.random.default_rng(0))
    point, start = np.array([2.0, -1.0]), np.zeros(2)

    missed = []
    for _ in range(150):
        moves = np.stack([agent.move(start) for _ in range(16)])
        agent.learn(np.exp(-np.square(moves - point).sum(1)).tolist())
        missed.append(float(np.linalg.norm(moves.mean(0) - point)))
    assert np.mean(missed[-20:]) < 0.5 * np.mean(missed[:5])


def test_returns_are_discounted_and_told_apart_from_their_mean():
    paid = Purse(discount=0.5, decay=0.0).gains([0.0, 0.0, 1.0])
    spread = np.std([0, 0, 1])
    centred = (np.array([0, 0, 1]) - 1 / 3) / spread
    whole = [
        centred[0] + 0.5 * centred[1] + 0.25 * centred[2],
        centred[1] + 0.5 * centred[2],
        centred[2],
    ]
    assert paid == pytest.approx([whole[0], whole[1] - whole[0], whole[2] - whole[1]])
