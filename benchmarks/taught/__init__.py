"""The winner learns from the losers: full training with the search's own trials as teachers.

    python -m benchmarks.taught run  [--minutes 60]
    python -m benchmarks.taught show

Teachers are what a search by rungs leaves behind: all 48 configurations for a 32nd of the length,
the best eight for a quarter, each on one half of the pool, so that every example has teachers that
did not train on it. Pupils are all 48, for the full length and for half of it, on all data: with
labels, and with the soft targets of `subselnet-online`, whose share of the label grows as the pupil
gets as good as its teachers.
"""
