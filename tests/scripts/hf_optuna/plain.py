"""transformers: Trainer.hyperparameter_search with Optuna over a small BERT."""

import os

import numpy as np
from torch.utils.data import Dataset
from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments

SMOKE = os.environ.get("SUBSEL_SMOKE") == "1"
TRIALS, EPOCHS, ROWS = (2, 2, 240) if SMOKE else (10, 4, 2000)


class Sentences(Dataset):
    """Twelve tokens each; a sentence of class c has more of the tokens 10c .. 10c + 9."""

    def __init__(self, rows, seed):
        rng = np.random.default_rng(seed)
        self.labels = rng.integers(0, 4, rows)
        topical = 10 * self.labels[:, None] + rng.integers(0, 10, (rows, 12))
        anything = rng.integers(0, 60, (rows, 12))
        self.tokens = np.where(rng.random((rows, 12)) < 0.3, topical, anything)

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        return {"input_ids": self.tokens[i], "labels": int(self.labels[i])}


def model_init(trial):
    size = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = BertConfig(vocab_size=60, intermediate_size=64, num_labels=4, **size)
    return BertForSequenceClassification(config)


def compute_metrics(prediction):
    hits = np.argmax(prediction.predictions, axis=-1) == prediction.label_ids
    return {"accuracy": float(hits.mean())}


def hp_space(trial):
    return {"learning_rate": trial.suggest_float("learning_rate", 1e-4, 1e-2, log=True)}


train_set, eval_set = Sentences(ROWS, seed=0), Sentences(500, seed=1)
args = TrainingArguments(
    output_dir="hf-out",
    eval_strategy="epoch",
    save_strategy="no",
    num_train_epochs=EPOCHS,
    per_device_train_batch_size=32,
    use_cpu=True,
    disable_tqdm=True,
    report_to="none",
)
trainer = Trainer(
    model_init=model_init,
    args=args,
    train_dataset=train_set,
    eval_dataset=eval_set,
    compute_metrics=compute_metrics,
)
best = trainer.hyperparameter_search(
    direction="maximize",
    backend="optuna",
    hp_space=hp_space,
    n_trials=TRIALS,
    compute_objective=lambda metrics: metrics["eval_accuracy"],
)
print(f"best: {best.objective:.4f} with {best.hyperparameters}")
