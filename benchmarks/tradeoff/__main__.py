"""The command `python -m benchmarks.tradeoff`."""

from __future__ import annotations

import argparse
import sys

from benchmarks import settings, tradeoff
from benchmarks.tradeoff.cells import SEEDS
from benchmarks.tradeoff.run import measure
from benchmarks.tradeoff.table import table
from subsel_automl.core.errors import SubselError


def main() -> int:
    parser = argparse.ArgumentParser("python -m benchmarks.tradeoff", description=tradeoff.__doc__)
    parser.add_argument("what", choices=("run", "show"))
    parser.add_argument("data", choices=settings.DATA)
    parser.add_argument("--scale", choices=settings.SCALES, default="lite")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=1e9)
    parser.add_argument("--methods", default="", help="names, separated by commas")
    parser.add_argument("--seeds", type=int, default=len(SEEDS))
    asked = parser.parse_args()
    if asked.what == "run":
        only = [name for name in asked.methods.split(",") if name]
        seeds = tuple(range(asked.seeds))
        try:
            measure(asked.data, asked.scale, asked.workers, asked.minutes, only, seeds)
        except SubselError as error:
            print(f"error: {error}", file=sys.stderr)
            return error.exit_code
    print(table(asked.data, asked.scale))
    return 0


if __name__ == "__main__":
    sys.exit(main())
