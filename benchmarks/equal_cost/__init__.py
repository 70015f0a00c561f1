"""Equal cost: accuracy against steps, every provider that can redraw, and `full` as the rival.

    python -m benchmarks.equal_cost run [fashion-mnist | cifar10]  [--minutes 60] [--main]
    python -m benchmarks.equal_cost show [fashion-mnist | cifar10]

Every method trains for the same steps of the same batch, 75 to 2,400; subsets of 10 % (and of 2 %,
up to 600 steps) are redrawn at every pass. The steps that a method saves at a share of full
accuracy are those of `full` divided by its own for that accuracy, both read off lines through the
means over the pairs of architecture and seed, steps on a logarithmic scale. Full accuracy is the
trade-off's (ten or thirty passes over all data).
"""
