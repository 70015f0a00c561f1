"""The command `python -m benchmarks.online`."""

from __future__ import annotations

import argparse

from benchmarks import online, settings
from benchmarks.online.cells import summary
from benchmarks.online.run import measure


def main() -> None:
    parser = argparse.ArgumentParser("python -m benchmarks.online", description=online.__doc__)
    settings.add_scale(parser)
    parser.add_argument("what", choices=("run", "show"))
    parser.add_argument("--minutes", type=float, default=1e9)
    parser.add_argument("--cpus", type=int, default=2, help="of the Ray that is started")
    asked = parser.parse_args()
    if asked.what == "run":
        measure(asked.minutes, asked.cpus)
    for name, value in summary().items():
        print(f"{name}: {value}")


if __name__ == "__main__":
    main()
