"""The command `python -m benchmarks.correlation`."""

from __future__ import annotations

import argparse

from benchmarks import correlation, settings
from benchmarks.correlation.run import measure
from benchmarks.correlation.table import table


def main() -> None:
    parser = argparse.ArgumentParser(
        "python -m benchmarks.correlation", description=correlation.__doc__
    )
    settings.add_scale(parser)
    parser.add_argument("what", choices=("run", "show"))
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=1e9)
    parser.add_argument("--methods", default="")
    asked = parser.parse_args()
    if asked.what == "run":
        only = [name for name in asked.methods.split(",") if name]
        measure(asked.workers, asked.minutes, only)
    print(table())


if __name__ == "__main__":
    main()
