"""Claim: a fault put into the code is caught by a test: three that none had noticed, and ten more.

    python -m benchmarks.claims run mutations [--quick]

Each mutation changes one line of a copy of the project; the tests named beside it must fail there,
and pass on the copy as it is.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.run import ROOT


@dataclass(frozen=True)
class Mutation:
    """One line of a file, what it becomes, and the tests that see it."""

    name: str
    file: str
    before: str
    after: str
    tests: str


MUTATIONS = (
    Mutation(
        "ease_examples turned round", "subsel_automl/subselnet/temperatures.py",
        "examples < self.ease_examples:", "examples >= self.ease_examples:",
        "tests/subselnet/test_providers.py tests/subselnet/test_bundle.py",
    ),
    Mutation(
        "entropy bonus of enas", "subsel_automl/search/enas.py",
        "+ self.entropy * entropy)", "- self.entropy * entropy)",
        "tests/search/test_strategies.py",
    ),
    Mutation(
        "regulariser of the policy", "subsel_automl/subselnet/policy.py",
        "value + LAMBDA_PRIME * size", "value - LAMBDA_PRIME * size",
        "tests/subselnet/test_floor.py",
    ),
    Mutation(
        "workers' seed", "subsel_automl/hosting/loader.py",
        "worker_seed(self.seed, self.epoch)", "worker_seed(self.seed, 0)",
        "tests/hosting/test_dataloader.py",
    ),
    Mutation(
        "a look counts as an epoch", "subsel_automl/hosting/sampler.py",
        "self.given < self.batches and", "self.given < 0 and",
        "tests/hosting/test_passes.py",
    ),
    Mutation(
        "ranks read the same", "subsel_automl/hosting/sampler.py",
        "order[rank::world]", "order[0::world]",
        "tests/hosting/test_ranks.py",
    ),
    Mutation(
        "a late refresh is lost", "subsel_automl/core/feed.py",
        "return period > last or", "return (period > last and (epoch - warm) % every == 0) or",
        "tests/core/test_feed.py",
    ),
    Mutation(
        "wall seconds as CPU seconds", "subsel_automl/core/feed.py",
        "return self.provider.spent_seconds, self.provider.spent_cpu_seconds",
        "return self.provider.spent_seconds, self.provider.spent_seconds",
        "tests/core/test_feed.py",
    ),
    Mutation(
        "the last layer by its shape", "subsel_automl/training/probe.py",
        "(output is logits or _same(output, logits))", "output.shape == logits.shape",
        "tests/training/test_probe.py",
    ),
    Mutation(
        "a kept loader is not adopted", "subsel_automl/hosting/session.py",
        "loader.attach(self.feed, self.clock)", "pass",
        "tests/hosting/test_session.py tests/integrations/test_ray_pbt.py",
    ),
    Mutation(
        "the host's epochs are not told", "subsel_automl/selectors/options.py",
        "return given or request.epochs or UNTOLD", "return given or UNTOLD",
        "tests/selectors/test_automata.py",
    ),
    Mutation(
        "the prior is weighed the wrong way", "subsel_automl/core/classes.py",
        "weights * ratio[chosen]", "weights / ratio[chosen]",
        "tests/core/test_classes.py tests/core/test_feed_prior.py",
    ),
    Mutation(
        "16 bits are cut at the wrong end", "subsel_automl/data/pixels.py",
        "(images >> shift).astype", "(images & 255).astype",
        "tests/data/test_pixels.py",
    ),
    Mutation(
        "a new option is taken silently", "subsel_automl/core/same_plan.py",
        'if name != "options":', 'if name == "options":\n            continue\n        if True:',
        "tests/core/test_feed_state.py",
    ),
    Mutation(
        "a trained network of another thread is traced", "subsel_automl/spaces/tracing.py",
        "return forward(*args, **kwargs)", "return super().call_module(m, forward, args, kwargs)",
        "tests/spaces/test_tracing.py",
    ),
    Mutation(
        "a pruned trial teaches nothing", "integrations/optuna.py",
        "                session.teach()\n                raise", "                raise",
        "tests/integrations/test_optuna_lessons.py",
    ),
    Mutation(
        "all trials draw the same examples", "subsel_automl/subselnet/online/provider.py",
        "request.draw, len(self.teachers.lessons())", "request.draw",
        "tests/subselnet/test_online_lessons.py",
    ),
    Mutation(
        "what is said early counts", "subsel_automl/core/learning.py",
        "heard.ages >= min(OLDEST, heard.ages.max())", "heard.ages >= 0",
        "tests/subselnet/test_online_lessons.py",
    ),
    Mutation(
        "soft targets go to nll_loss", "subsel_automl/hosting/soft.py",
        "if name in BY_NUMBER:", "if not name:",
        "tests/hosting/test_soft.py",
    ),
    Mutation(
        "a loop's shape is forgotten", "subsel_automl/hosting/given.py",
        "None if value.shape == part.shape else tuple(value.shape[1:])", "None",
        "tests/hosting/test_given.py",
    ),
    Mutation(
        "one logit speaks for the other class", "subsel_automl/training/outputs.py",
        "for sign in (-1, 1)", "for sign in (1, -1)",
        "tests/training/test_outputs.py",
    ),
    Mutation(
        "squared errors are not scaled", "subsel_automl/maths/answers.py",
        ".mean(1) / variance(pool)", ".mean(1)",
        "tests/maths/test_answers.py",
    ),
    Mutation(
        "validation is left out of the estimate", "subsel_automl/core/summary.py",
        "return train.times(ratio) + held", "return train.times(ratio)",
        "tests/core/test_summary.py",
    ),
    Mutation(
        "threads are charged several times over", "subsel_automl/hosting/clock.py",
        "/ max(1, len(self._clocks))", "",
        "tests/hosting/test_clock.py",
    ),
)  # fmt: skip


def measure(quick: bool = False) -> dict[str, Any]:
    """Which mutations the tests caught."""
    chosen = MUTATIONS[:4] if quick else MUTATIONS
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        ignored = shutil.ignore_patterns(".git", ".venv*", "results", "*.egg-info", "__pycache__")
        shutil.copytree(ROOT, copy, ignore=ignored)
        (copy / "subsel_automl" / "integrations").symlink_to(copy / "integrations")
        sound = {tests: _passes(copy, tests) for tests in sorted({one.tests for one in chosen})}
        caught = {one.name: _caught(copy, one) for one in chosen}
    missed = [name for name, seen in caught.items() if not seen]
    broken = [tests for tests, passed in sound.items() if not passed]
    return {
        "mutations": len(caught),
        "caught": sum(caught.values()),
        "missed": missed,
        "tests_that_fail_without": broken,
        "holds": not missed and not broken,
    }


def _caught(copy: Path, one: Mutation) -> bool:
    path = copy / one.file
    text = path.read_text()
    if text.count(one.before) != 1:
        raise ValueError(f"{one.file} has {one.before!r} {text.count(one.before)} times, not once")
    path.write_text(text.replace(one.before, one.after))
    try:
        return not _passes(copy, one.tests)
    finally:
        path.write_text(text)


def _passes(copy: Path, tests: str) -> bool:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-p", "no:cacheprovider", *tests.split()],
        cwd=copy, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(copy), "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    if done.returncode not in (0, 1):
        raise ValueError(f"pytest ended with {done.returncode}: {done.stdout[-500:]}")
    return done.returncode == 0
