"""`python -m benchmarks.STUDY run [--minutes M] [--workers W] | show`: of the studies of cells."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from types import ModuleType
from typing import Any


def run_or_show(
    study: ModuleType, measure: Callable[[float, int], Any], shown: Callable[[], Any]
) -> None:
    """Parse the command line; measure what is missing when asked to, then print.

    Args:
        study: the package, whose docstring is the help.
        measure: takes minutes and workers.
        shown: a text, or what JSON holds.
    """
    parser = argparse.ArgumentParser(f"python -m {study.__name__}", description=study.__doc__)
    parser.add_argument("what", choices=("run", "show"))
    parser.add_argument("--minutes", type=float, default=1e9)
    parser.add_argument("--workers", type=int, default=0)
    asked = parser.parse_args()
    if asked.what == "run":
        measure(asked.minutes, asked.workers)
    found = shown()
    print(found if isinstance(found, str) else json.dumps(found, indent=1))
