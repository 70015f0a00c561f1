"""Hyper-parameter search on subsets: SubSelNet Tables 5 and 13, and the rivals that they leave out.

    python -m benchmarks.hpo run  [--minutes 60] [--methods full,rungs]
    python -m benchmarks.hpo show

One cell is one Ray Tune search (Hyperopt's TPE, ASHA, 10 trials of at most 6 epochs, the space of
D.4) for an unseen architecture on Fashion-MNIST. What searches found is trained on all data (3
passes) and tested, once a seed however many searches found it (`hpo_winners.jsonl`): the test error
TE of a search is the mean over three seeds of its winner, and intervals are over searches, paired
with the full search of the same repeat. The bill is in CPU seconds of its trials, selections,
refreshes and the provider's `fit` (the ledger's); the winner's training is none of it, and is
everybody's. The zoo of SubSelNet is told beside it, as a number of its own; others have none.

`rungs`: as many configurations from the same space and searcher, by the package's plan of rungs in
the place of ASHA, on random-per-class subsets that are redrawn; `rungs-full` has all data for the
same steps. `full, equal steps` is all data with the epochs of a 10 % (5 %) subset under ASHA.

Deviations:
    [1] The paper's search space for CIFAR-10, ours on Fashion-MNIST with fewer trials and epochs;
        AUTOMATA's and ASP's first epochs on the whole pool have the length of all others here.
    [2] A full training of the plan of rungs is the winner's (3 passes), and a rung's trial is one
        epoch of its steps, validated once.
    [3] Not every rival of Tables 5 and 13 is searched six times, nor all of them at 5 %.
    [4] Repeats 0 to 2 of the older rivals are of another load of the machine (and of two trials at
        a time), on which a step took less CPU seconds. So a later row holds what an epoch on all
        data cost beside it, and speed-ups are of costs in such epochs; `as read` are plain ratios
        of CPU seconds, of the pairs that were measured at the same load.
"""
