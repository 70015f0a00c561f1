"""The command `python -m benchmarks.architecture_matters`."""

from benchmarks import architecture_matters
from benchmarks.command import run_or_show

from . import claim
from .run import measure

if __name__ == "__main__":
    run_or_show(architecture_matters, measure, lambda: claim.measure(quick=True))
