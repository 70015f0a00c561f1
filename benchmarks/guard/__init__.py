"""The default, guarded: what it costs and what it wins, on clean, noisy, imbalanced and tabular
data.

    python -m benchmarks.guard run  [--minutes 60]
    python -m benchmarks.guard show

One cell is a problem, a mode and a seed: the three best configurations of the table of trials
(`benchmarks/trial_table`; those of Fashion-MNIST for its imbalanced twin) train for 1,024 steps on
a tenth of the pool a pass, drawn afresh, or on all data for as many steps; tested on clean labels.
Teachers of `subselnet-online` are those of `benchmarks/taught`.
"""
