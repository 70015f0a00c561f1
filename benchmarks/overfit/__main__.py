"""The command `python -m benchmarks.overfit`."""

from __future__ import annotations

import argparse

from benchmarks import overfit, settings
from benchmarks.overfit.cells import summary
from benchmarks.overfit.run import measure


def main() -> None:
    parser = argparse.ArgumentParser("python -m benchmarks.overfit", description=overfit.__doc__)
    settings.add_scale(parser)
    parser.add_argument("what", choices=("run", "show"))
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    if asked.what == "run":
        measure(asked.workers)
    for row in summary():
        print(row)


if __name__ == "__main__":
    main()
