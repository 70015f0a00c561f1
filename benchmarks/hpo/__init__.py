"""Hyper-parameter search on subsets: SubSelNet Tables 5 and 13, and the rivals that they leave out.

    python -m benchmarks.hpo run  [--minutes 60] [--methods full,random]
    python -m benchmarks.hpo show

One cell is one Ray Tune search (Hyperopt's TPE, ASHA, 10 trials of at most 6 epochs, the space of
D.4) for an unseen architecture on Fashion-MNIST, and then the winner's training on all data (3
passes), tested. TE is that test error; the speed-up is the full search's cost over its own,
in CPU seconds of its trials, selections and refreshes (the ledger's), and in wall seconds. The zoo
of SubSelNet is not in it, as in the paper; `subselnet-online` has none. Searches that found the
same winner share its retraining: intervals are over searches, and distinct trainings are counted.

`full, equal steps` is all data with the epochs of a 10 % (5 %) subset: the rival at equal cost.

Deviations: the paper's search space for CIFAR-10, ours on Fashion-MNIST with fewer trials and
epochs; AUTOMATA's and ASP's first epochs on the whole pool have the length of all others here.
"""
