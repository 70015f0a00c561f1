"""The winner learns from the losers: full training with the search's own trials as teachers.

    python -m benchmarks.taught run  [--minutes 60]
    python -m benchmarks.taught show

Pupils of one kind of network and of many: `run.py` trains the tiny networks of the table of trials,
`family.py` ten kinds of network on CIFAR-10 sprites.

Teachers of the first are what a search by rungs leaves behind: all 48 configurations for a 32nd of
the length, the best eight for a quarter, each on one half of the pool, so that every example has
teachers that did not train on it. Pupils are the best three and three of the mid-field, for the
full length and for half of it, on all data: with labels, with the teachers' answers at a share of
the label of 0.3, and as the guard says (`share_at_end`). It looks at a pupil's own trials of an
eighth of the length or more, and lets it learn from labels alone where it will end clearly better
than its teachers, or nothing is known of it.
"""
