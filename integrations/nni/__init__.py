"""NNI 3.0: its one-shot strategies on subsets (`search`), loaders for scripts of its own."""

from .loaders import SubsetDataModule
from .one_shot import SPACES, search

__all__ = ["SPACES", "SubsetDataModule", "search"]
