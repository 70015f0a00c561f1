"""Every promise and report of the README: name, command, bar; measured afresh on demand.

    python -m benchmarks.claims list
    python -m benchmarks.claims run NAME [--quick | --rows]    a JSON document; exit 1 below the bar

A full run is kept in results/claims.jsonl; the README's table is rendered from the last of each by
`python -m benchmarks.render`. --quick takes at most a minute and keeps nothing. --rows computes a
claim that stands on rows from those that are there, trains nothing, and is kept.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from typing import Any

from benchmarks.promised import CLAIMS
from benchmarks.run import RESULTS, stamp
from benchmarks.standing import Claim
from subsel_automl.core.errors import BadInput, SubselError

KEPT = RESULTS / "claims.jsonl"


def run(claim: Claim, quick: bool, rows: bool = False) -> dict[str, Any]:
    """Measure, and keep a full run, or what the rows that are there come to.

    Raises:
        BadInput: `rows` of a claim that stands on none.
    """
    if rows and not claim.rows:
        raise BadInput(f"claim {claim.name!r} stands on no rows; run it without --rows")
    began, cpu = time.perf_counter(), time.process_time()
    measured = claim.measure(quick or rows)
    holds = claim.holds(measured)
    measured.pop("holds", None)
    document = {
        "claim": claim.name,
        "bar": claim.bar,
        "quick": quick,
        "holds": holds,
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
    how = running.add_mutually_exclusive_group()
    how.add_argument("--quick", action="store_true")
    how.add_argument("--rows", action="store_true")
    asked = parser.parse_args()
    if asked.command == "list":
        rows = [
            {
                "claim": claim.name,
                "report" if claim.report else "bar": claim.bar,
                "command": f"python -m benchmarks.claims run {claim.name}",
            }
            for claim in CLAIMS.values()
        ]
        print(json.dumps(rows, indent=1))
        return 0
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    try:
        document = run(CLAIMS[asked.name], asked.quick, asked.rows)
    except SubselError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    print(json.dumps(document, indent=1))
    return 1 if document["holds"] is False else 0


if __name__ == "__main__":
    sys.exit(main())
