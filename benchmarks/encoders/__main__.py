"""The command `python -m benchmarks.encoders`."""

from benchmarks import encoders
from benchmarks.command import run_or_show

from .run import measure
from .table import table

if __name__ == "__main__":
    run_or_show(encoders, measure, table)
