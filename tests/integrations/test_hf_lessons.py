"""Each `train` of a Trainer is a trial that teaches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("transformers", reason="extra [hf] is not installed")
pytest.importorskip("accelerate", reason="extra [hf] is not installed")

import torch
import torch.nn.functional as F
from subsel_automl.integrations.hf import SubsetDataset
from torch import nn
from transformers import Trainer, TrainingArguments

from subsel_automl import provider
from subsel_automl.core.feed import SubsetFeed
from subsel_automl.worlds import clump_pool

POOL = clump_pool(120)
ROWS = [
    {"x": torch.from_numpy(x), "labels": int(y)}
    for x, y in zip(POOL.features, POOL.labels, strict=True)  # type: ignore[arg-type]
]


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(16, 4)

    def forward(self, x: torch.Tensor, labels: torch.Tensor | None = None) -> Any:
        logits = self.layer(x)
        loss = None if labels is None else F.cross_entropy(logits, labels)
        return {"loss": loss, "logits": logits}


@pytest.mark.slow
def test_two_trains_with_one_dataset_are_two_trials_that_teach(tmp_path: Path) -> None:
    online: Any = provider("subselnet-online").fit(POOL)
    train_set = SubsetDataset(ROWS, SubsetFeed(online, 40, redraw_every=1))
    arguments = TrainingArguments(
        str(tmp_path), num_train_epochs=2, per_device_train_batch_size=8, report_to=[],
        use_cpu=True, save_strategy="no", disable_tqdm=True, dataloader_pin_memory=False,
        eval_strategy="epoch",
    )  # fmt: skip
    for _ in range(2):
        Trainer(
            Net(), arguments, train_dataset=train_set, eval_dataset=ROWS[:40],
            callbacks=[train_set.callback()],
            compute_metrics=lambda said: {
                "accuracy": float((said.predictions.argmax(1) == said.label_ids).mean())
            },
        ).train()  # fmt: skip
    assert len(online.teachers.lessons()) == 2
    assert [one.examples for one in online.teachers.lessons()] == [80, 80]
    found = train_set.summary()
    assert found.states == {"complete": 2}
    assert found.winner is not None
    assert found.winner.metric == "eval_accuracy"
