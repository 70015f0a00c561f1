"""The command `python -m benchmarks.walks`."""

from benchmarks import walks
from benchmarks.command import run_or_show

from .run import measure
from .table import tables


def main() -> None:
    run_or_show(walks, measure, tables)


if __name__ == "__main__":
    main()
