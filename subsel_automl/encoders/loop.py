"""The steps of a pre-training, from where its checkpoint stands to the last.

A killed run ends with the weights of an undisturbed one: batches follow from the seed, what a step
draws from the generator that the checkpoint keeps, dropout from seed and number of the step.

Deviations:
    [1] Gradients are clipped at 5, as arch2vec's released code does, for every kind.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np
from torch import Tensor, nn

from ..training.seeded import seeded
from .checkpoint import Learner
from .objective import Objective
from .place import Place

CLIP = 5.0  # [1]
REPORT_EVERY = 50  # steps
CHECKPOINT_EVERY = 100  # steps
Progress = Callable[[int, int, float], None]


def learn(
    objective: Objective,
    learner: Learner,
    batches: Sequence[Tensor],
    place: Place,
    progress: Progress | None,
) -> None:
    """One step a batch; the learner's model is left in evaluation mode."""
    place.load(learner)
    model, steps = learner.model, len(batches)
    wall, cpu = time.perf_counter(), time.process_time()
    begun = (learner.seconds, learner.cpu_seconds)
    model.train()
    for rows in batches[learner.step :]:
        with seeded(_step_seed(objective.seed, learner.step)):  # of dropout
            loss = objective.loss(model, rows, learner.generator)
        learner.optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), CLIP)  # [1]
        learner.optimiser.step()
        learner.rate.step()
        learner.step += 1
        learner.seconds = begun[0] + time.perf_counter() - wall
        learner.cpu_seconds = begun[1] + time.process_time() - cpu
        if learner.step % CHECKPOINT_EVERY == 0 or learner.step == steps:
            place.save(learner)
        if progress is not None and (learner.step % REPORT_EVERY == 0 or learner.step == steps):
            progress(learner.step, steps, loss.item())
    model.eval()


def _step_seed(seed: int, step: int) -> int:
    return int(np.random.SeedSequence([seed, step]).generate_state(1, np.uint64)[0] >> np.uint64(1))
