"""The command `python -m benchmarks.architecture_matters`."""

from benchmarks import architecture_matters
from benchmarks.command import run_or_show

from . import claim
from .run import measure


def main() -> None:
    run_or_show(architecture_matters, measure, lambda: claim.measure(quick=True))


if __name__ == "__main__":
    main()
