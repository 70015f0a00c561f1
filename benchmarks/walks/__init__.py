"""Are near vectors near cells? Figs. 3.3 and 3.5 of the thesis, on all of NAS-Bench-101.

    python -m benchmarks.walks run [--minutes 30]     goes on where it stopped
    python -m benchmarks.walks show

Fig. 3.5: from a cell to the nearest in L2 that was not visited, 15 times; the edits of a step.
Fig. 3.3: 1,000 cells of a random walk; the rank correlation of L2 and edits over all pairs.
"""
