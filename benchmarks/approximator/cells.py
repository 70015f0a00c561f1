"""The sample of trained networks' predictions that g_beta is held against."""

from __future__ import annotations

import numpy as np
import torch

from benchmarks.run import RESULTS
from subsel_automl.subselnet.fitting import FLOOR

SAMPLE = RESULTS / "network_sample.npz"


def clean(stored: np.ndarray) -> torch.Tensor:
    """Log-probabilities, normalised after clipping."""
    return torch.log_softmax(torch.from_numpy(stored).float().clamp_min(FLOOR), 2)
