"""The command `python -m benchmarks.encoders`."""

from benchmarks import encoders
from benchmarks.command import run_or_show

from .run import measure
from .table import table


def main() -> None:
    run_or_show(encoders, measure, table)


if __name__ == "__main__":
    main()
