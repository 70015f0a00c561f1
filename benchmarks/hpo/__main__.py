"""The command `python -m benchmarks.hpo`."""

from __future__ import annotations

import argparse

from benchmarks import hpo, settings
from benchmarks.hpo.run import measure
from benchmarks.hpo.table import table


def main() -> None:
    parser = argparse.ArgumentParser("python -m benchmarks.hpo", description=hpo.__doc__)
    settings.add_scale(parser)
    parser.add_argument("what", choices=("run", "show"))
    parser.add_argument("--minutes", type=float, default=1e9)
    parser.add_argument("--methods", default="")
    parser.add_argument("--cpus", type=int, default=1, help="of the Ray that is started")
    asked = parser.parse_args()
    if asked.what == "run":
        measure(asked.minutes, [n for n in asked.methods.split(",") if n], asked.cpus)
    print(table())


if __name__ == "__main__":
    main()
