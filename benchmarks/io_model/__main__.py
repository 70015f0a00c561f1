"""The command `python -m benchmarks.io_model`."""

from benchmarks import io_model
from benchmarks.command import run_or_show

from .run import measure
from .table import tables

if __name__ == "__main__":
    run_or_show(io_model, measure, tables)
