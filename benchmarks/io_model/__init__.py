"""The IO and the Accuracy model on a zoo of 64 networks: Tables 4 to 7 of info-NAS, small.

    python -m benchmarks.io_model run  [--minutes 30]    builds the zoo first, if it is not whole
    python -m benchmarks.io_model show
    python -m benchmarks.io_model.features ZOO         Figs. 2 to 4 in numbers, of any such zoo

One cell is a model (io, accuracy, or arch2vec without labels) and a seed, trained on 20,000 cells
of NAS-Bench-101 and 64 networks of 205 steps each on CIFAR-10 sprites. 16 networks of the test fold
and a fifth of the 1,250 validation images are unseen.
"""
