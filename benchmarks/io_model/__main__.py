"""The command `python -m benchmarks.io_model`."""

from benchmarks import io_model
from benchmarks.command import run_or_show

from .run import measure
from .table import tables


def main() -> None:
    run_or_show(io_model, measure, tables)


if __name__ == "__main__":
    main()
