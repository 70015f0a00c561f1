"""The command `python -m benchmarks.nas101`."""

from benchmarks import nas101
from benchmarks.command import run_or_show

from .run import measure
from .table import tables


def main() -> None:
    run_or_show(nas101, measure, tables)


if __name__ == "__main__":
    main()
