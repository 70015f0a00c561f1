"""How to spend a search's budget: our plan against schedulers, simulated on the table of trials.

python -m benchmarks.claims run plan [--quick]
"""
