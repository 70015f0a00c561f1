"""The command `python -m benchmarks.overlap`."""

from __future__ import annotations

import argparse

from benchmarks import overlap, settings
from benchmarks.overlap.cells import overlap_table, rank_table
from benchmarks.overlap.run import measure_overlap, measure_rank


def main() -> None:
    parser = argparse.ArgumentParser("python -m benchmarks.overlap", description=overlap.__doc__)
    settings.add_scale(parser)
    parser.add_argument("what", choices=("run", "show"))
    parser.add_argument("part", nargs="?", choices=("rank", "jaccard"))
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    if asked.what == "run" and asked.part != "rank":
        measure_overlap(asked.workers)
    if asked.what == "run" and asked.part != "jaccard":
        measure_rank(asked.workers)
    for row in (*rank_table(), *overlap_table()):
        print(row)


if __name__ == "__main__":
    main()
