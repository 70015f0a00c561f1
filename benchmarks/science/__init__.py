"""The two comparisons on unseen architectures: fixed subsets, and equal cost.

    python -m benchmarks.science fixed       equal steps on fixed subsets of 0.5, 2, 10 %
    python -m benchmarks.science equal-cost  75 to 600 steps, `full` against redrawn subsets

Every row is one training; test accuracy is on the first 6,000 examples of the test fold.
"""
