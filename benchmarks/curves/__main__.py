"""The command `python -m benchmarks.curves`."""

from benchmarks import curves
from benchmarks.command import run_or_show

from .run import measure
from .table import tables


def main() -> None:
    run_or_show(curves, measure, tables)


if __name__ == "__main__":
    main()
