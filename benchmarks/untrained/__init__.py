"""Networks that nobody trained: who ranks them as their accuracy does?

    python -m benchmarks.untrained run [--minutes 30]     goes on where it stopped
    python -m benchmarks.untrained show

Rank correlation with the true accuracy of what g_beta foretells, beside the parameter count, a
Gaussian process and a forest on networks that were trained, and zero-cost proxies. Three studies:

    zoo           24 cells of NAS-Bench-101, trained here on Fashion-MNIST as the bundle's zoo was:
                  test accuracy. The bundle keeps no accuracy of its own networks: process and
                  forest are cross-validated on the 24.
    nasbench101   300 cells of the table (CIFAR-10, 108 epochs) by the same bundle, which knows
                  Fashion-MNIST; process and forest on the table's accuracies of the bundle's 32
    nasbench201   300 cells of the table (CIFAR-10, 200 epochs) by the bundle of 16 networks on
                  8,750 sprites; process and forest on the table's accuracies of the 16
"""
