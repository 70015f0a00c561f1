"""A small search of every kind of task, on real data.

python -m benchmarks.claims run tasks
"""
