"""Chooses the temperatures of a bundle on the validation architectures, two processes at once.

    python -m benchmarks.tune BUNDLE [--data cifar10] [--workers 2]

Rows go to results/tuning.jsonl (tuning_cifar10.jsonl); the bundle's table is rewritten from them.
"""
