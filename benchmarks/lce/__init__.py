"""Searches of several fidelities (Yan 2022, 5, Figs. 5.4 and 5.8): any search with and without an
extrapolator of learning curves, on the curves of NAS-Bench-NLP.

    python -m benchmarks.lce run [--minutes M]     goes on where it stopped
    python -m benchmarks.lce show                  regret by epochs spent, differences seed by seed

Regret is of the final validation loss in nats, against the best of all 261 architectures. Without
an extrapolator every training has all its 50 epochs.
"""
