"""The command `python -m benchmarks.trial_search`."""

from benchmarks import trial_search
from benchmarks.command import run_or_show

from . import claim
from .run import measure


def main() -> None:
    run_or_show(trial_search, measure, lambda: claim.measure(quick=True))


if __name__ == "__main__":
    main()
