"""The command `python -m benchmarks.guard`."""

from benchmarks import guard
from benchmarks.command import run_or_show

from . import claim
from .run import measure


def main() -> None:
    run_or_show(guard, measure, lambda: claim.measure(quick=True))


if __name__ == "__main__":
    main()
