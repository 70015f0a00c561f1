"""The command `python -m benchmarks.untrained`."""

from benchmarks import untrained
from benchmarks.command import run_or_show

from .run import measure
from .table import tables


def main() -> None:
    run_or_show(untrained, measure, tables)


if __name__ == "__main__":
    main()
