"""Figures 2 and 3, Tables 1 and 8: accuracy lost against time and memory saved, every selector.

    python -m benchmarks.tradeoff run fashion-mnist | cifar10  [--scale lite] [--minutes 60]
        [--methods full,random,my-selector]
    python -m benchmarks.tradeoff show fashion-mnist | cifar10

The paper's protocol: every method trains for the same number of passes over its subset, so a subset
of a tenth takes a tenth of the steps. T counts fitting the selector (a master network, a proxy),
selection, refreshes, warm-up and training in CPU seconds of one thread (training: the steps, at the
architecture's mean rate over all rows); the zoo of SubSelNet and
its controls is not in it, as in the paper (`benchmarks.ablation` says what it costs). GB-min is the
mean memory of the trial times T.

Deviations: lite scale trains for 10 (Fashion-MNIST) or 30 (CIFAR-10) passes and counts refreshes
and warm-up in proportion (D.2: every 10, and 5, of 50). Budgets above 10 %, and selectors that the
paper does not compare, run on one seed.
"""
