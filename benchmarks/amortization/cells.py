"""Which methods and numbers of queries Table 6 has here, and where its rows are."""

from __future__ import annotations

from benchmarks.run import RESULTS

DATA, BUDGET = "fashion-mnist", 0.1
QUERIES = (1, 2, 5, 10, 20, 50, 100, 200, 300, 400)
PAPER = {"full": "Full", "glister": "GLISTER", "grad-match": "GRAD-MATCH", "subselnet": "Our"}
METHODS = (*PAPER, "random", "subselnet-online")
PATH = RESULTS / "amortization.jsonl"
