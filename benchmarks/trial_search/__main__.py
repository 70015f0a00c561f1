"""The command `python -m benchmarks.trial_search`."""

from __future__ import annotations

import argparse
import json

from benchmarks import trial_search

from . import claim
from .run import measure


def main() -> None:
    parser = argparse.ArgumentParser(
        "python -m benchmarks.trial_search", description=trial_search.__doc__
    )
    parser.add_argument("what", choices=("run", "show"))
    parser.add_argument("--minutes", type=float, default=1e9)
    parser.add_argument("--workers", type=int, default=0)
    asked = parser.parse_args()
    if asked.what == "run":
        measure(asked.minutes, asked.workers)
    print(json.dumps(claim.measure(quick=True), indent=1))


if __name__ == "__main__":
    main()
