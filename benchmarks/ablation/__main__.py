"""The command `python -m benchmarks.ablation`."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks import ablation, settings
from benchmarks.ablation import run
from benchmarks.ablation.table import everything
from benchmarks.trials import FASHION


def main() -> None:
    parser = argparse.ArgumentParser("python -m benchmarks.ablation", description=ablation.__doc__)
    settings.add_scale(parser)
    parser.add_argument("what", choices=("fit", "encoders", "run", "references", "show"))
    parser.add_argument("zoo", nargs="?", type=Path)
    parser.add_argument("epochs", nargs="?", type=int)
    parser.add_argument("--data", choices=settings.DATA, default=FASHION)
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    if asked.what == "fit":
        run.fit(asked.zoo, asked.data)
    elif asked.what == "encoders":
        run.fit_encoders(asked.zoo, asked.data)
    elif asked.what == "references":
        run.measure_references(asked.zoo, asked.epochs, asked.data, asked.workers)
    elif asked.what == "run":
        run.measure_hybrid(asked.data, asked.workers)
        run.measure_models(asked.data, asked.workers)
    print(everything(asked.data))


if __name__ == "__main__":
    main()
