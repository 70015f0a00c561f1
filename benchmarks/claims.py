"""Every promise of the README: name, command, bar; measured afresh on demand.

    python -m benchmarks.claims list
    python -m benchmarks.claims run NAME [--quick]     one JSON document; exit 1 below the bar

A full run is kept in results/claims.jsonl; the README's table is rendered from the last of each by
`python -m benchmarks.render`. --quick takes at most a minute and keeps nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from typing import Any

from benchmarks.promised import CLAIMS, Claim
from benchmarks.run import RESULTS, stamp
from subsel_automl.core.errors import SubselError

KEPT = RESULTS / "claims.jsonl"


def run(claim: Claim, quick: bool) -> dict[str, Any]:
    """Measure, and keep a full run."""
    began, cpu = time.perf_counter(), time.process_time()
    measured = claim.measure(quick)
    document = {
        "claim": claim.name,
        "bar": claim.bar,
        "quick": quick,
        "holds": bool(measured.pop("holds")),
        "measured": measured,
        "seconds": round(time.perf_counter() - began, 1),
        "cpu_seconds": round(time.process_time() - cpu, 1),
        **stamp(),
    }
    if not quick:
        KEPT.parent.mkdir(exist_ok=True)
        with open(KEPT, "a") as out:
            out.write(json.dumps(document) + "\n")
    return document


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.claims")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list")
    running = commands.add_parser("run")
    running.add_argument("name", choices=CLAIMS)
    running.add_argument("--quick", action="store_true")
    asked = parser.parse_args()
    if asked.command == "list":
        rows = [
            {
                "claim": claim.name,
                "bar": claim.bar,
                "command": f"python -m benchmarks.claims run {claim.name}",
            }
            for claim in CLAIMS.values()
        ]
        print(json.dumps(rows, indent=1))
        return 0
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    try:
        document = run(CLAIMS[asked.name], asked.quick)
    except SubselError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    print(json.dumps(document, indent=1))
    return 0 if document["holds"] else 1


if __name__ == "__main__":
    sys.exit(main())
