"""The command `python -m benchmarks.equal_cost`."""

from __future__ import annotations

import argparse

from benchmarks import equal_cost, settings
from benchmarks.equal_cost.run import measure
from benchmarks.equal_cost.table import table
from benchmarks.trials import FASHION


def main() -> None:
    parser = argparse.ArgumentParser(
        "python -m benchmarks.equal_cost", description=equal_cost.__doc__
    )
    settings.add_scale(parser)
    parser.add_argument("what", choices=("run", "show"))
    parser.add_argument("data", nargs="?", choices=settings.DATA, default=FASHION)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=1e9)
    parser.add_argument("--main", action="store_true", help="the main rivals alone")
    parser.add_argument("--methods", default="", help="names, separated by commas")
    asked = parser.parse_args()
    if asked.what == "run":
        only = [name for name in asked.methods.split(",") if name]
        measure(asked.data, asked.workers, asked.minutes, asked.main, only)
    print(table(asked.data))


if __name__ == "__main__":
    main()
