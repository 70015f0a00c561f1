"""The command `python -m benchmarks.trial_table`."""

from __future__ import annotations

import argparse
import json

from benchmarks import trial_table

from . import claim
from .build import build, measure
from .problems import PROBLEMS


def main() -> None:
    parser = argparse.ArgumentParser(
        "python -m benchmarks.trial_table", description=trial_table.__doc__
    )
    parser.add_argument("what", choices=("run", "build", "show"))
    parser.add_argument("--problem", default="", choices=("", *PROBLEMS))
    parser.add_argument("--minutes", type=float, default=1e9)
    parser.add_argument("--workers", type=int, default=0)
    asked = parser.parse_args()
    if asked.what == "run":
        measure(asked.problem, asked.minutes, asked.workers)
    if asked.what != "show":
        build()
    print(json.dumps(claim.measure(quick=True), indent=1))


if __name__ == "__main__":
    main()
