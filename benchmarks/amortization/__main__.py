"""The command `python -m benchmarks.amortization`."""

from __future__ import annotations

import argparse

from benchmarks import amortization
from benchmarks.amortization.run import measure
from benchmarks.amortization.table import table


def main() -> None:
    parser = argparse.ArgumentParser(
        "python -m benchmarks.amortization", description=amortization.__doc__
    )
    parser.add_argument("what", choices=("run", "show"))
    if parser.parse_args().what == "run":
        measure()
    print(table())


if __name__ == "__main__":
    main()
