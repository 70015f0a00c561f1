"""Stopping trials by their curves: on orders of the NAS-Bench-NLP curves, and in real searches of
Optuna and Ray whose trials train on subsets.

    python -m benchmarks.stopper run [--minutes M]     what is missing
    python -m benchmarks.stopper show                  the tables
"""
