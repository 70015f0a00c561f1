"""The command `python -m benchmarks.stopper`."""

from benchmarks import stopper
from benchmarks.command import run_or_show

from .run import measure
from .table import tables


def main() -> None:
    run_or_show(stopper, measure, tables)


if __name__ == "__main__":
    main()
