"""The command `python -m benchmarks.lce`."""

from benchmarks import lce
from benchmarks.command import run_or_show

from .run import measure
from .table import tables


def main() -> None:
    run_or_show(lce, measure, tables)


if __name__ == "__main__":
    main()
