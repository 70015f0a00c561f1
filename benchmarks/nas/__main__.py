"""The command `python -m benchmarks.nas`."""

from __future__ import annotations

import argparse

from benchmarks import nas, settings
from benchmarks.nas.cells import cells
from benchmarks.nas.run import measure
from benchmarks.nas.table import everything


def main() -> None:
    parser = argparse.ArgumentParser(
        "python -m benchmarks.nas",
        description=nas.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    settings.add_scale(parser)
    parser.add_argument("what", choices=("run", "show"))
    parser.add_argument("--minutes", type=float, default=1e9)
    parser.add_argument("--workers", type=int, default=2)
    for name in ("tables", "methods", "searches"):
        parser.add_argument(f"--{name}", default="", help="names, with commas; all when left out")
    asked = parser.parse_args()
    if asked.what == "run":
        given = (asked.tables, asked.methods, asked.searches)
        chosen = cells(*([n for n in text.split(",") if n] for text in given))
        if not chosen:
            parser.error("no cell has such a table, method and search")
        measure(asked.minutes, asked.workers, chosen)
    print(everything())


if __name__ == "__main__":
    main()
