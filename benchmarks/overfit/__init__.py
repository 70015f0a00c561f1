"""Table 11: accuracy on the training, validation and test folds of CIFAR-10 by budget.

    python -m benchmarks.overfit run | show

Trials as in the trade-off (30 passes at lite scale); the training fold is the whole pool, of which
the subset is a part.
"""
