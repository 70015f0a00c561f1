"""`subselnet-online` from a standing start against all data for equal steps, trial by trial.

    python -m benchmarks.online run  [--minutes 60]
    python -m benchmarks.online show

48 trials, ASHA, at most 6 epochs of a redrawn 10 %; configurations are drawn at random from D.4's
space with the search's seed, so that trial i trains the same configuration in every arm. Quarters
of the search compare the accuracy after the first epoch (which every trial reaches), in points:
mean over the quarter's 12 pairs, and its interval over searches, whose trials teach each other. The
same gain is told where the rival comes to 60 %, and elsewhere: there a bad configuration was
rescued. Everything is counted: the lessons are in the trials' REFRESH seconds. `full` is the same
search on all data, a pass an epoch.
"""
