"""ENAS's controller: an LSTM that writes a cell, one choice after the other.

For every kind of cell, node by node: the edges that the node keeps (where the space keeps some
only), then an operation for each. Logits are 2.5 tanh(u / 5).

Source: Pham et al. 2018 (ENAS), 2.2 and 2.4, 3.2.

Deviations:
    [1] Edges are chosen by a linear layer over places, not by attention over earlier nodes' states.
    [2] The second edge of a node differs from the first: the space reads no input twice.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from .cells import CellPlan, Cells

HIDDEN, TANH, HEAT = 64, 2.5, 5.0


class Controller(nn.Module):
    """Writes cells of a space."""

    def __init__(self, plan: CellPlan) -> None:
        super().__init__()
        self.plan = plan
        most = max(len(plan.into(v)) for v in range(plan.inputs, plan.nodes))
        self.start = nn.Parameter(0.1 * torch.randn(HIDDEN))
        self.lstm = nn.LSTMCell(HIDDEN, HIDDEN)
        self.operation = nn.Linear(HIDDEN, len(plan.operations), bias=False)
        self.edge = nn.Linear(HIDDEN, most, bias=False)
        self.written = nn.Embedding(len(plan.operations) + most, HIDDEN)
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -0.1, 0.1)

    def write(self, rng: np.random.Generator | None) -> tuple[Cells, Tensor, Tensor]:
        """Cells, their log-probability and the entropy on the way; the likeliest without rng."""
        pen = _Pen(self, rng)
        plan = self.plan
        cells = np.zeros((len(plan.kinds), len(plan.edges)), np.int64)
        for kind in range(len(plan.kinds)):
            for node in range(plan.inputs, plan.nodes):
                edges = plan.into(node)
                if plan.kept:
                    places: list[int] = []
                    for _ in range(plan.kept):
                        places.append(pen.edge(len(edges), places))
                    edges = [edges[place] for place in places]
                for edge in edges:
                    cells[kind, edge] = pen.operation(plan.first)
        return cells, torch.stack(pen.log_p).sum(), torch.stack(pen.entropy).sum()


class _Pen:
    """One writing: the LSTM's state and what was chosen."""

    def __init__(self, controller: Controller, rng: np.random.Generator | None) -> None:
        self.controller, self.rng = controller, rng
        self.given = controller.start[None]
        zeros = torch.zeros(1, HIDDEN)
        self.state = zeros, zeros
        self.log_p: list[Tensor] = []
        self.entropy: list[Tensor] = []

    def operation(self, first: int) -> int:
        """An operation, from the `first` on."""
        return self._choose(self.controller.operation, list(range(first)), 0)

    def edge(self, count: int, taken: list[int]) -> int:
        """A place among `count` that is not taken."""  # [2]
        layer = self.controller.edge
        beyond = list(range(count, layer.out_features))
        return self._choose(layer, [*taken, *beyond], len(self.controller.plan.operations))

    def _choose(self, layer: nn.Linear, barred: list[int], offset: int) -> int:
        self.state = self.controller.lstm(self.given, self.state)
        logits = TANH * torch.tanh(layer(self.state[0])[0] / HEAT)
        if barred:
            logits = logits.index_fill(0, torch.tensor(barred), -1e9)
        log_p = torch.log_softmax(logits, 0)
        p = log_p.exp()
        if self.rng is None:
            choice = int(log_p.argmax())
        else:
            odds = p.detach().double().numpy()
            choice = int(self.rng.choice(len(odds), p=odds / odds.sum()))
        self.log_p.append(log_p[choice])
        self.entropy.append(-(p * log_p).sum())
        self.given = self.controller.written(torch.tensor([offset + choice]))
        return choice
