"""Contracts as tests to inherit (pytest and Hypothesis), and worlds to compare plans in.

ProviderContract     every provider keeps it
PredictorContract    every predictor of results keeps it
CurvePredictorContract    every predictor of learning curves keeps it
EncoderContract      every encoder keeps it
TrialTable, SimulatedSearch    trials that are on disk, and searches over them
"""

from __future__ import annotations

from ..budgeting.simulation import SimulatedSearch
from ..budgeting.table import TrialTable
from .curve_predictor import CurvePredictorContract
from .encoder import EncoderContract
from .predictor import PredictorContract
from .provider import ProviderContract

__all__ = [
    "CurvePredictorContract",
    "EncoderContract",
    "PredictorContract",
    "ProviderContract",
    "SimulatedSearch",
    "TrialTable",
]
