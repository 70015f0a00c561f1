"""The command `python -m benchmarks.io_model`."""

from __future__ import annotations

import argparse

from benchmarks import io_model

from .run import measure
from .table import tables


def main() -> None:
    parser = argparse.ArgumentParser("python -m benchmarks.io_model", description=io_model.__doc__)
    parser.add_argument("what", choices=("run", "show"))
    parser.add_argument("--minutes", type=float, default=1e9)
    parser.add_argument("--workers", type=int, default=0)
    asked = parser.parse_args()
    if asked.what == "run":
        measure(asked.minutes, asked.workers)
    print(tables())


if __name__ == "__main__":
    main()
