"""The command `python -m benchmarks.approximator`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from benchmarks import approximator
from benchmarks.approximator.claim import measure
from benchmarks.approximator.run import collect


def main() -> None:
    parser = argparse.ArgumentParser(
        "python -m benchmarks.approximator", description=approximator.__doc__
    )
    parser.add_argument("--zoo", type=Path)
    asked = parser.parse_args()
    if asked.zoo:
        collect(asked.zoo)
    print(json.dumps(measure(), indent=1))


if __name__ == "__main__":
    main()
