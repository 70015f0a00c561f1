"""The command `python -m benchmarks.tune`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from benchmarks import settings, tune
from benchmarks.trials import FASHION
from benchmarks.tune.run import choose


def main() -> None:
    parser = argparse.ArgumentParser("python -m benchmarks.tune", description=tune.__doc__)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--data", choices=settings.DATA, default=FASHION)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=1e9)
    asked = parser.parse_args()
    choices = choose(asked.bundle, asked.data, asked.workers, asked.minutes)
    print(json.dumps([row.__dict__ for row in choices.rows], indent=1))


if __name__ == "__main__":
    main()
