"""Searches that train: NAS-Bench-201 cells on CIFAR-10 sprites, each on the subset chosen for it,
scored by the table.

    python -m benchmarks.trial_search run [--minutes 30]     goes on where it stopped
    python -m benchmarks.trial_search show

Every search makes the same number of trainings; they are compared where all have spent as many CPU
seconds as the cheapest of a seed and provider spends in all.
"""
