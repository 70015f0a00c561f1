"""The command `python -m benchmarks.science`."""

from __future__ import annotations

import argparse

from benchmarks import science
from benchmarks.science.cells import BUNDLE, path_of
from benchmarks.science.run import measure


def main() -> None:
    parser = argparse.ArgumentParser("python -m benchmarks.science", description=science.__doc__)
    parser.add_argument("which", choices=("fixed", "equal-cost"))
    parser.add_argument("--bundle", default=BUNDLE)
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    rows = measure(asked.which, asked.bundle, asked.workers)
    print(f"{len(rows)} rows in {path_of(asked.which)}")


if __name__ == "__main__":
    main()
